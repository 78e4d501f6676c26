/* What the browser does on Look up beyond Gradio. */
"use strict";

(() => {
  /** Resolves when an element is there; Gradio draws its parts some time after loading. */
  function appeared(selector) {
    return new Promise((resolve) => {
      const look = () => {
        const found = document.querySelector(selector);
        if (!found) return;
        observer.disconnect();
        resolve(found);
      };
      const observer = new MutationObserver(look);
      observer.observe(document.documentElement, { childList: true, subtree: true });
      look();
    });
  }

  async function start() {
    const box = await appeared("#pa-search textarea");
    document.body.classList.add("pa-ready");
    box.focus();
  }

  start();
})();
