/* What all views of Look up share: fetching, copying, telling, and which view is shown. */
"use strict";

(() => {
  const API = "/lookup/api";
  const SHOWN_MS = 8000; // how long it is told that something was done
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const actions = {}; // what a button with that data-action does
  const starts = []; // what each view does when the page is drawn
  const shows = {}; // what a view does when it is shown

  /* --- talking with the server -------------------------------------------------------------- */

  const { query } = window.Talking;
  const send = (path, init) => window.Talking.send(`${API}${path}`, init);
  const json = (value) => ({ method: "POST", body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });

  /** The fields of a form by name. */
  const fields = (form) => Object.fromEntries(all("[name]", form).map((field) => [field.name, field.value]));

  /* --- telling ------------------------------------------------------------------------------ */

  let fading = 0;

  /** Tells what was done, or went wrong; `isQuiet` for what goes without saying, as a count. */
  function say(words, isProblem = false, isQuiet = false) {
    const said = one("#pa-l-said");
    clearTimeout(fading);
    said.textContent = words;
    said.classList.toggle("pa-l-wrong", isProblem);
    said.classList.toggle("pa-l-quiet", isQuiet);
    if (!isProblem && !isQuiet) fading = setTimeout(() => (said.textContent = ""), SHOWN_MS);
  }

  /** Runs what may fail, and tells what went wrong. */
  async function tried(step) {
    try {
      return await step();
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, true);
      return undefined;
    }
  }

  /* --- copying ------------------------------------------------------------------------------ */

  /** Puts words into the clipboard; `html` beside them for programs that take formatted text. */
  async function copy(words, html) {
    try {
      if (html === undefined) await navigator.clipboard.writeText(words);
      else await navigator.clipboard.write([new ClipboardItem({
        "text/plain": new Blob([words], { type: "text/plain" }),
        "text/html": new Blob([html], { type: "text/html" }),
      })]);
    } catch {
      copyOldWay(words, html); // where the page is not served over HTTPS
    }
  }

  function copyOldWay(words, html) {
    const put = (event) => {
      event.preventDefault();
      event.clipboardData.setData("text/plain", words);
      if (html !== undefined) event.clipboardData.setData("text/html", html);
    };
    document.addEventListener("copy", put, { once: true });
    document.execCommand("copy");
  }

  /* --- views -------------------------------------------------------------------------------- */

  function showView() {
    const views = all("[data-view]");
    const asked = location.hash.slice(1);
    const shown = views.some((view) => view.dataset.view === asked) ? asked : "search";
    for (const view of views) view.hidden = view.dataset.view !== shown;
    for (const link of all(".pa-l-views a")) {
      if (link.hash === `#${shown}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    say("");
    if (shows[shown]) shows[shown]();
  }

  /** Whether a key that is pressed there may be meant as a letter; in lists and dates "/" is none. */
  const isTyping = (target) => target.closest("textarea, input:not([type=date], [type=file])") !== null;

  /** Puts the versions of a policy into a list of them; `fixed` stand first. */
  async function fillVersions(list, policy, fixed = []) {
    const versions = policy ? await (await send(`/versions-of?${query({ policy })}`)).json() : [];
    list.replaceChildren(...[...fixed, ...versions].map(([words, value]) => new Option(words, value)));
  }

  /** Resolves when an element is there; Gradio draws its parts some time after loading. */
  function appeared(selector) {
    return new Promise((resolve) => {
      const look = () => {
        const found = one(selector);
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
    for (const view of window.Lookup.views) await appeared(`[data-view=${view}]`);
    for (const step of starts) step();
    showView();
    window.addEventListener("hashchange", showView);
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button && button.dataset.action in actions) actions[button.dataset.action](button);
    });
    document.body.classList.add("pa-ready");
  }

  window.Lookup = {
    API, one, all, actions, starts, shows, views: [],
    send, query, json, fields, say, tried, copy, isTyping, fillVersions,
  };
  document.addEventListener("DOMContentLoaded", start); // after the views' own scripts
})();
