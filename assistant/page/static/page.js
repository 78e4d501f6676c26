/* What the browser does beyond Gradio: turns go below each other, citations open the policy. */
"use strict";

(() => {
  const HISTORY = 5; // questions that a follow-up may lean on, as on the server
  const MAX_SENT = 200000; // characters; the server takes no more, and would have to cut the line
  const MAX_FILE = 512 * 1024; // bytes, as on the server
  const ANSWER_WITHIN_MS = 30000;
  const NARROW = window.matchMedia("(max-width: 900px)");

  const state = { history: [], historyOf: "", own: null, waiting: null, texts: new Map(), opened: null };
  const one = (selector, root = document) => root.querySelector(selector);
  const make = (name, className, words = "") => {
    const element = document.createElement(name);
    element.className = className;
    element.textContent = words;
    return element;
  };
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));

  /* --- asking ------------------------------------------------------------------------------- */

  /** Puts a value into a Gradio text box as if it had been typed. */
  function enter(selector, value) {
    const box = one(`${selector} textarea`);
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    return box;
  }

  async function ask(question) {
    enter("#pa-question", question);
    await frame();
    await frame();
    one("#pa-ask").click();
  }

  /** Gradio's own request for an answer is the moment when a question counts as asked. */
  const fetchBefore = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const address = String(input && input.url ? input.url : input);
    const body = init && typeof init.body === "string" ? init.body : "";
    if (!address.includes("/gradio_api/queue/join")) return fetchBefore(input, init);
    const data = JSON.parse(body).data || [];
    const isQuestion = data.length === 4;
    if (isQuestion) wait(String(data[0] || ""));
    try {
      const response = body.length > MAX_SENT ? tooLong() : await fetchBefore(input, init);
      if (isQuestion && !response.ok) fail(await reason(response));
      return response;
    } catch (error) {
      if (isQuestion) fail("The page cannot be reached. Check the connection and ask again.");
      throw error;
    }
  };

  function tooLong() {
    const detail = "That is too long. A question may have 4,000 characters. Shorten it.";
    return new Response(JSON.stringify({ detail }), { status: 413 });
  }

  async function reason(response) {
    if (response.status === 503) return "Many people are asking right now. Ask again in a moment.";
    try {
      return String((await response.clone().json()).detail);
    } catch {
      return "No answer came back. Ask again.";
    }
  }

  /** Shows the question at once, and that its answer is on its way. */
  function wait(question) {
    done();
    const turn = make("article", "pa-turn pa-waiting");
    const shown = question.length > 200 ? `${question.slice(0, 200)}…` : question;
    turn.append(make("h2", "pa-question", shown), make("p", "pa-outcome", "Looking it up …"));
    one("#pa-log").append(turn);
    const box = one("#pa-question textarea");
    if (box.value === question) enter("#pa-question", "");
    const timer = setTimeout(() => fail("No answer came back. Ask again."), ANSWER_WITHIN_MS);
    state.waiting = { turn, timer, question };
    show(turn);
  }

  function done() {
    if (!state.waiting) return;
    clearTimeout(state.waiting.timer);
    state.waiting.turn.remove();
    state.waiting = null;
  }

  function fail(words) {
    const question = state.waiting ? state.waiting.question : "";
    const turn = make("article", "pa-turn pa-problem");
    const shown = question.length > 200 ? `${question.slice(0, 200)}…` : question;
    const answer = make("div", "pa-answer");
    answer.append(make("p", "pa-outcome", "That could not be asked"), make("p", "pa-why", words));
    turn.append(make("h2", "pa-question", shown), answer);
    done();
    add(turn);
    if (!one("#pa-question textarea").value && question.length <= 4000) enter("#pa-question", question);
  }

  /** Takes the turn that has arrived and puts it below the others. */
  function arrived() {
    const turn = one("#pa-arrival .pa-turn");
    if (!turn || turn.dataset.turn === state.lastTurn) return;
    state.lastTurn = turn.dataset.turn;
    done();
    const copy = turn.cloneNode(true);
    copy.dataset.history = JSON.stringify(turn.dataset.policy === state.historyOf ? state.history : []);
    add(copy);
    if (turn.dataset.policy) remember(turn.dataset);
  }

  function remember({ policy, question }) {
    if (policy !== state.historyOf) state.history = [];
    state.historyOf = policy;
    state.history = [...state.history, question].slice(-HISTORY);
    enter("#pa-context", JSON.stringify({ history: state.history }));
  }

  function add(turn) {
    one("#pa-log").append(turn);
    for (const button of document.querySelectorAll("[data-action=clear]")) button.hidden = false;
    document.body.classList.add("pa-talking");
    show(turn);
  }

  /** Scrolls so that a turn's beginning is seen, above the question box. */
  function show(turn) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }

  function clear() {
    done();
    one("#pa-log").replaceChildren();
    state.history = [];
    state.historyOf = "";
    enter("#pa-context", "{}");
    for (const button of document.querySelectorAll("[data-action=clear]")) button.hidden = true;
    document.body.classList.remove("pa-talking");
    closePanel();
    one("#pa-question textarea").focus();
    say("The conversation is cleared.");
  }

  /** Tells screen readers. */
  function say(words) {
    one("#pa-said").textContent = words;
  }

  /* --- the panel ---------------------------------------------------------------------------- */

  function buildPanel() {
    const panel = make("aside", "");
    panel.id = "pa-panel";
    panel.hidden = true;
    panel.setAttribute("aria-label", "The policy");
    const bar = make("div", "pa-panel-bar");
    const back = make("button", "pa-tool pa-back", "Back to the answers");
    back.type = "button";
    back.dataset.action = "close-panel";
    const link = make("button", "pa-tool", "Copy link to section");
    link.type = "button";
    link.dataset.action = "section-link";
    const body = make("div", "pa-panel-body");
    body.tabIndex = 0;
    body.setAttribute("role", "region");
    body.setAttribute("aria-label", "Text of the policy");
    bar.append(back, link);
    panel.append(bar, body);
    document.body.append(panel);
  }

  /** The policy's text as HTML; fetched once, but a visitor's own is never kept here. */
  async function textOf(policy, version) {
    const address = `/policy/${encodeURIComponent(policy)}/${encodeURIComponent(version)}`;
    if (state.texts.has(address)) return state.texts.get(address);
    try {
      const response = await fetchBefore(address);
      const html = await response.text();
      if (response.ok && !policy.startsWith("own-")) state.texts.set(address, html);
      return html;
    } catch {
      return '<p class="pa-notice">The text cannot be reached. Check the connection and try again.</p>';
    }
  }

  /** Opens the policy beside the chat: at a citation {start, end}, at a {section}, or at its top. */
  async function openPanel(policy, version, where, opener) {
    const panel = one("#pa-panel");
    const body = one(".pa-panel-body", panel);
    body.innerHTML = await textOf(policy, version);
    const wasOpen = !panel.hidden;
    panel.hidden = false;
    document.body.classList.add("pa-reading");
    state.opened = { policy, version, opener: opener || (state.opened && state.opened.opener) };
    one("[data-action=section-link]", panel).hidden = policy.startsWith("own-");
    if (!wasOpen && NARROW.matches) history.pushState({ ...history.state, paPanel: true }, "");
    cover();
    const target = where.section !== undefined ? sectionAt(body, where.section) : marked(body, where);
    arrive(body, target);
  }

  function arrive(body, target) {
    const focused = target || one(".pa-doc-title", body) || body;
    state.opened.section = sectionOf(body, target);
    one("[data-action=section-link]").disabled = !state.opened.section;
    if (target) target.scrollIntoView({ block: "center", inline: "nearest" });
    else body.scrollTop = 0;
    focused.focus({ preventScroll: true });
  }

  /** Where the panel covers the chat, nothing below it can be reached. */
  function cover() {
    const isCovered = NARROW.matches && !one("#pa-panel").hidden;
    for (const covered of document.querySelectorAll("gradio-app, .pa-nav")) covered.inert = isCovered;
    document.body.classList.toggle("pa-covered", isCovered);
  }

  function closePanel({ isBack = false } = {}) {
    const panel = one("#pa-panel");
    if (panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("pa-reading");
    cover();
    for (const button of document.querySelectorAll(".pa-cite[aria-current]")) button.removeAttribute("aria-current");
    if (!isBack && history.state && history.state.paPanel) history.back();
    const opener = state.opened && state.opened.opener;
    if (opener && opener.isConnected) opener.focus();
  }

  function sectionAt(body, id) {
    const heading = one(`[id="pa-section-${CSS.escape(id)}"]`, body);
    if (!heading) {
      const notice = make("p", "pa-notice", `This version of the policy has no section “${id}”.`);
      notice.setAttribute("role", "alert");
      body.prepend(notice);
    } else heading.classList.add("pa-here");
    return heading;
  }

  /** The section that the element at hand stands in: the last heading before it. */
  function sectionOf(body, target) {
    if (!target) return null;
    const before = [...body.querySelectorAll("[data-section][id]")].filter(
      (heading) => heading === target || heading.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    return before.length ? before[before.length - 1].dataset.section : null;
  }

  /** Marks the characters [start, end) and gives the first mark; null where there are none. */
  function marked(body, { start, end }) {
    if (start === undefined) return null;
    for (const piece of body.querySelectorAll("[data-start]")) {
      const from = Number(piece.dataset.start);
      const to = Number(piece.dataset.end);
      if (from < end && to > start) mark(piece, Math.max(0, start - from), Math.min(to, end) - from, to - from);
    }
    const first = one("mark", body);
    if (first) first.tabIndex = -1;
    return first;
  }

  /** Marks the characters [low, high) of a piece that stands for `length` characters. */
  function mark(piece, low, high, length) {
    const characters = [...piece.textContent]; // code points, as the offsets count
    const wrap = document.createElement("mark");
    const isWhole = (low === 0 && high === length) || characters.length !== length;
    if (isWhole) {
      wrap.append(...piece.childNodes);
      piece.append(wrap);
      return;
    }
    wrap.textContent = characters.slice(low, high).join("");
    piece.replaceChildren(characters.slice(0, low).join(""), wrap, characters.slice(high).join(""));
  }

  /* --- copying, rating, own policies -------------------------------------------------------- */

  const here = () => location.origin + location.pathname;

  async function copy(words, button) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const box = make("textarea", "pa-hidden");
      box.value = words;
      document.body.append(box);
      box.select();
      document.execCommand("copy"); // where the page is not served over HTTPS
      box.remove();
    }
    confirm(button, "Copied");
  }

  function confirm(button, words) {
    const before = button.dataset.words || button.textContent;
    button.dataset.words = before;
    button.textContent = words;
    say(words);
    setTimeout(() => (button.textContent = before), 2000);
  }

  function copyTurn(turn, button) {
    const link = turn.dataset.link ? `\n\n${here()}${turn.dataset.link}` : "";
    return copy(turn.dataset.copy + link, button);
  }

  function copySectionLink(button) {
    const { policy, version, section } = state.opened;
    return copy(`${here()}?${new URLSearchParams({ policy, version, section })}`, button);
  }

  /** Opens the small form that says why; nothing is sent before its button is pressed. */
  function rate(turn, button) {
    const isHelpful = button.dataset.action === "helpful";
    for (const thumb of turn.querySelectorAll("[aria-pressed]")) thumb.setAttribute("aria-pressed", String(thumb === button));
    const old = one(".pa-reason", turn);
    if (old) old.remove();
    const form = make("div", "pa-reason");
    const label = make("label", "", isHelpful ? "What was good? (optional)" : "What is wrong? (optional)");
    const box = document.createElement("input");
    box.type = "text";
    box.maxLength = 500;
    label.append(box);
    const send = make("button", "pa-tool", "Send");
    send.type = "button";
    send.addEventListener("click", () => sendRating(turn, form, isHelpful, box.value));
    box.addEventListener("keydown", (event) => event.key === "Enter" && send.click());
    form.append(label, send);
    one(".pa-answer", turn).append(form);
    box.focus();
  }

  async function sendRating(turn, form, isHelpful, reasonGiven) {
    const { policy, version, question, history: earlier } = turn.dataset;
    const body = { question, policy, version, history: JSON.parse(earlier), is_helpful: isHelpful, reason: reasonGiven };
    let words = "Thank you.";
    try {
      const response = await post("/feedback", JSON.stringify(body), "application/json");
      if (!response.ok) words = await reason(response);
    } catch {
      words = "That could not be sent. Check the connection and try again.";
    }
    form.replaceChildren(make("p", "pa-context", words));
    say(words);
  }

  const post = (address, body, type) => fetchBefore(address, { method: "POST", body, headers: { "Content-Type": type } });

  function chooseOwn() {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".txt,.md,.markdown,.html,.htm";
    input.addEventListener("change", () => input.files[0] && bring(input.files[0]));
    input.click();
  }

  /** Sends a policy of the visitor's own, and asks Gradio to choose it. */
  async function bring(file) {
    notice(`Reading ${file.name} … Long policies take up to a minute.`);
    if (file.size > MAX_FILE) return notice(`${file.name} is too large: up to 512 kB are read.`);
    try {
      const response = await post(`/own?name=${encodeURIComponent(file.name)}`, file, "application/octet-stream");
      if (!response.ok) return notice(await reason(response));
      const held = await response.json();
      leave();
      state.own = held.policy;
      enter("#pa-picked", JSON.stringify(held));
      notice(`${file.name} is ready. It stays in memory until this page is closed or unused for half an hour, and is not kept.`);
      one("#pa-question textarea").focus();
    } catch {
      notice("The file could not be sent. Check the connection and try again.");
    }
  }

  function leave() {
    if (state.own) navigator.sendBeacon("/own/close", state.own);
    state.own = null;
  }

  function notice(words) {
    const old = one("#pa-own-notice");
    if (old) old.remove();
    const element = make("p", "pa-notice", words);
    element.id = "pa-own-notice";
    one("#pa-log").append(element);
    show(element);
  }

  /* --- wiring ------------------------------------------------------------------------------- */

  const actions = {
    "copy": (button, turn) => copyTurn(turn, button),
    "link": (button, turn) => copy(here() + turn.dataset.link, button),
    "retry": (button, turn) => ask(turn.dataset.question),
    "helpful": (button, turn) => rate(turn, button),
    "unhelpful": (button, turn) => rate(turn, button),
    "clear": clear,
    "own": chooseOwn,
    "close-panel": () => closePanel(),
    "section-link": (button) => copySectionLink(button),
  };

  function clicked(event) {
    const button = event.target.closest("button, a");
    if (!button) return;
    const turn = button.closest(".pa-turn");
    const asked = turn || one(".pa-intro");
    const { policy, version } = asked ? asked.dataset : {};
    if (button.matches(".pa-ask")) ask(button.dataset.ask);
    else if (button.matches(".pa-cite")) openCitation(button, policy, version);
    else if (button.matches(".pa-open-section")) openPanel(policy, version, { section: button.dataset.section }, button);
    else if (button.matches(".pa-read")) openPanel(policy, version, {}, button);
    else if (button.matches(".pa-toc a")) toContents(event, button);
    else if (button.dataset.action in actions) actions[button.dataset.action](button, turn);
  }

  function openCitation(button, policy, version) {
    for (const other of document.querySelectorAll(".pa-cite[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    openPanel(policy, version, { start: Number(button.dataset.start), end: Number(button.dataset.end) }, button);
  }

  function toContents(event, link) {
    event.preventDefault();
    const body = one(".pa-panel-body");
    link.closest("details").open = false;
    arrive(body, sectionAt(body, link.dataset.section));
    one(`[id="pa-section-${CSS.escape(link.dataset.section)}"]`, body).scrollIntoView({ block: "start" });
  }

  function pressed(event) {
    if (event.key === "Escape" && !event.defaultPrevented) closePanel();
  }

  function dropped(event) {
    const file = event.dataTransfer && event.dataTransfer.files[0];
    document.body.classList.remove("pa-dropping");
    if (!file || !one("[data-action=own]")) return;
    event.preventDefault();
    bring(file);
  }

  function draggedOver(event) {
    if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("pa-dropping", event.type === "dragover");
  }

  /** What the link asked for, once Gradio has chosen the policy that it names. */
  async function followLink() {
    const link = new URLSearchParams(location.search);
    const question = link.get("q");
    if (!question && link.get("section") === null) return;
    await appeared(".pa-intro[data-linked]");
    await frame();
    const { policy, version } = one(".pa-intro").dataset;
    const isThere = !one("#pa-top .pa-notice");
    if (isThere && link.get("section") !== null) openPanel(policy, version, { section: link.get("section") });
    if (question && isThere) ask(question);
    else if (question) enter("#pa-question", question);
  }

  /** Resolves when an element is there; Gradio draws its parts some time after loading. */
  function appeared(selector) {
    return new Promise((resolve) => {
      const look = () => {
        const found = one(selector);
        if (found) {
          observer.disconnect();
          resolve(found);
        }
      };
      const observer = new MutationObserver(look);
      observer.observe(document.documentElement, { childList: true, subtree: true, attributes: true });
      look();
    });
  }

  async function start() {
    if (new URLSearchParams(location.search).get("embed")) document.documentElement.classList.add("pa-embed");
    document.addEventListener("click", clicked);
    document.addEventListener("keydown", pressed);
    document.addEventListener("dragover", draggedOver);
    document.addEventListener("dragleave", draggedOver);
    document.addEventListener("drop", dropped);
    window.addEventListener("popstate", () => closePanel({ isBack: true }));
    window.addEventListener("pagehide", leave);
    NARROW.addEventListener("change", cover);
    const arrival = await appeared("#pa-arrival");
    await appeared("#pa-question textarea");
    buildPanel();
    new MutationObserver(arrived).observe(arrival, { childList: true, subtree: true });
    document.body.classList.add("pa-ready");
    if (window.top === window) one("#pa-question textarea").focus(); // a frame leaves it to its site
    followLink();
  }

  start();
})();
