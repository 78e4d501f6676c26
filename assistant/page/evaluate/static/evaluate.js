/* What the browser does on Evaluate: choosing a set, following a run, opening and comparing runs. */
"use strict";

(() => {
  const API = "/evaluate/api";
  const MAX_FILE = 10 * 1024 * 1024; // bytes, as on the server
  const LOOK_EVERY = 700; // milliseconds between two looks at how far a run is
  const PARTS = ["#pa-e-said", "#pa-e-form", "#pa-e-list", "#pa-e-view"];
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  let file = null; // that was dropped or chosen
  let followed = null; // the id of the evaluation that was begun here
  let previews = 0; // the number of the latest one asked for; replies to older ones are dropped
  let views = 0; // likewise of the views
  let looking = null; // the timer of the next look

  /* --- talking with the server, and telling ---------------------------------------------------- */

  const { query } = window.Talking;
  const send = (path, init) => window.Talking.send(`${API}${path}`, init);
  const fetched = async (path, init) => (await send(path, init)).text();

  function say(words, isProblem = false) {
    const said = one("#pa-e-said");
    said.textContent = words;
    said.classList.toggle("pa-e-wrong", isProblem);
    if (isProblem) said.scrollIntoView({ block: "nearest" });
  }

  async function tried(step) {
    try {
      return await step();
    } catch (error) {
      say(error.message, true);
      return undefined;
    }
  }

  /* --- the set --------------------------------------------------------------------------------- */

  const chosen = (name) => one(`#pa-e-form [name=${name}]`).value;

  /** What is asked for: the address's fields, and the body of a file. */
  function order() {
    const asked = { asked_of: chosen("asked_of"), region: chosen("region") };
    if (chosen("name")) return { ...asked, name: chosen("name") };
    return { ...asked, name: file ? file.name.slice(-120) : "", is_file: "true" };
  }

  const posted = () => ({
    method: "POST",
    ...(chosen("name") ? {} : { body: file, headers: { "Content-Type": "application/octet-stream" } }),
  });

  function take(dropped) {
    if (dropped.size > MAX_FILE) return tell(`${dropped.name} is too large: up to 10 MB are read.`);
    file = dropped;
    one("#pa-e-form [name=name]").value = "";
    return preview();
  }

  /** Shows a message in the place of the preview; without one nothing stands there. */
  function tell(words) {
    previews += 1;
    const shown = one("#pa-e-preview");
    const problem = document.createElement("p");
    problem.className = "pa-e-problem";
    problem.setAttribute("role", "alert");
    problem.textContent = words;
    shown.replaceChildren(...(words ? [problem] : []));
  }

  async function preview() {
    const { name, asked_of } = order();
    if (!chosen("name") && !file) return tell("");
    const number = (previews += 1);
    const address = `/preview?${query({ name, asked_of })}`;
    try {
      const html = await fetched(address, chosen("name") ? {} : posted());
      if (number === previews) one("#pa-e-preview").innerHTML = html; // the server escapes all that is not its own
    } catch (error) {
      if (number === previews) tell(error.message);
    }
    return undefined;
  }

  async function evaluate() {
    if (!chosen("name") && !file) return tell("Choose a file, or a set that ships.");
    const start = one("#pa-e-start");
    start.disabled = true;
    say("");
    try {
      const begun = await (await send(`/evaluate?${query(order())}`, posted())).json();
      followed = begun.id;
      show(begun);
    } catch (error) {
      start.disabled = false;
      tell(error.message);
    }
    return look();
  }

  /* --- a run under way ------------------------------------------------------------------------- */

  function show(status) {
    const isRunning = status.state === "running";
    one("#pa-e-running").hidden = !isRunning;
    one("#pa-e-start").disabled = isRunning;
    if (!isRunning) return;
    one("#pa-e-cancel").dataset.id = status.id;
    one("#pa-e-words").textContent = `${status.name}: ${status.words}.`;
    const bar = one("#pa-e-bar");
    bar.max = Math.max(status.total, 1);
    bar.value = status.done;
  }

  async function look() {
    clearTimeout(looking);
    const status = await tried(async () => (await send("/status")).json());
    if (!status || status.state === "running") looking = setTimeout(look, LOOK_EVERY);
    if (!status) return;
    const wasRunning = !one("#pa-e-running").hidden;
    show(status);
    if (status.state === "running" || !(wasRunning || status.id === followed)) return;
    await list();
    ended(status);
  }

  function ended(status) {
    const isOurs = status.id === followed;
    followed = null;
    if (status.state === "failed") return tell(status.problem);
    if (status.state === "cancelled") return say("Cancelled. Nothing of it is kept.");
    if (isOurs && !location.hash.slice(1)) location.hash = `run=${status.run}`;
    return say(`${status.name} is evaluated.`);
  }

  function cancel(button) {
    button.disabled = true;
    return tried(() => send(`/cancel/${button.dataset.id}`, { method: "POST" })).finally(() => {
      button.disabled = false;
      return look();
    });
  }

  /* --- the kept runs --------------------------------------------------------------------------- */

  const ticked = () => all("#pa-e-list input:checked");

  async function list() {
    const html = await tried(() => fetched("/runs"));
    if (html === undefined) return;
    one("#pa-e-list").innerHTML = html;
    weigh();
  }

  /** Two runs can be compared; further boxes wait until one is taken back. */
  function weigh() {
    const boxes = all("#pa-e-list input");
    const isFull = ticked().length === 2;
    one("#pa-e-compare").hidden = boxes.length < 2;
    one("#pa-e-compare").disabled = !isFull;
    for (const box of boxes) box.disabled = isFull && !box.checked;
  }

  /** The list has the latest first; the older one is A. */
  function compare() {
    const [newer, older] = ticked().map((box) => box.value);
    location.hash = `compare=${older},${newer}`;
  }

  /** Deletes at the second press, so that none is lost by a slip. */
  function remove(button) {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = "Delete for good?";
      return undefined;
    }
    return tried(async () => {
      await send(`/runs/${encodeURIComponent(button.dataset.id)}/delete`, { method: "POST" });
      await list();
      say("Deleted.");
      one("#pa-e-kept").focus();
    });
  }

  /* --- views ----------------------------------------------------------------------------------- */

  /** The address of what stands behind the hash; "" for the list of runs. */
  function wanted() {
    const [kind, value = ""] = decodeURIComponent(location.hash.slice(1)).split("=");
    if (kind === "run") return `/runs/${encodeURIComponent(value)}`;
    const [a = "", b = ""] = value.split(",");
    return kind === "compare" ? `/comparison?${query({ a, b })}` : "";
  }

  async function showView() {
    const address = wanted();
    const number = (views += 1);
    const view = one("#pa-e-view");
    one("#pa-e-all").hidden = address !== "";
    one("#pa-e-back").hidden = address === "";
    view.hidden = address === "";
    view.replaceChildren();
    say("");
    document.body.classList.toggle("pa-e-reading", address !== "");
    if (!address) return;
    const html = await tried(() => fetched(address));
    if (html === undefined || number !== views) return;
    view.innerHTML = html;
    one("h2", view).focus({ preventScroll: true });
  }

  function compareWith(menu) {
    if (menu.value) location.hash = `compare=${menu.value}`; // the older run, the newer one
  }

  /* --- start ----------------------------------------------------------------------------------- */

  const actions = { evaluate, cancel, compare, delete: remove };

  function changed({ target }) {
    if (target.id === "pa-e-file" && target.files[0]) return take(target.files[0]);
    if (target.matches("#pa-e-form [name=name], #pa-e-form [name=asked_of]")) return preview();
    if (target.matches("#pa-e-list input")) return weigh();
    return target.matches("#pa-e-view select") ? compareWith(target) : undefined;
  }

  function dropping(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    one("#pa-e-drop").classList.toggle("pa-e-dropping", event.type === "dragover");
    if (event.type === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  }

  function start() {
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-action]");
      if (button && button.dataset.action in actions) actions[button.dataset.action](button);
    });
    document.addEventListener("change", changed);
    for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, dropping);
    one("#pa-e-form").addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", showView);
    preview();
    list();
    look();
    showView();
    document.body.classList.add("pa-ready");
  }

  function whenDrawn() {
    if (!PARTS.every((part) => one(part))) return;
    observer.disconnect();
    start();
  }

  const observer = new MutationObserver(whenDrawn);
  observer.observe(document.documentElement, { childList: true, subtree: true });
  whenDrawn();
})();
