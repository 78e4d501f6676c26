/* What the browser does on Evaluate beyond Gradio. */
"use strict";

(() => {
  function whenDrawn() {
    if (!document.querySelector("#pa-set")) return;
    observer.disconnect();
    document.body.classList.add("pa-ready");
  }

  const observer = new MutationObserver(whenDrawn);
  observer.observe(document.documentElement, { childList: true, subtree: true });
  whenDrawn();
})();
