/* Searching while somebody types, the list that the keyboard walks through, and the reply. */
"use strict";

(() => {
  const { one, all, actions, starts, shows, views, send, query, json, fields, say, tried, copy, isTyping, fillVersions } = window.Lookup;
  const NARROW = window.matchMedia("(max-width: 1000px)");
  const PAUSE_MS = 60; // of typing; a search takes about as long
  const MAX_PICKED = 12; // passages in a reply, as on the server
  const NEWEST = [["Newest", ""], ["All versions", "all"]];
  const state = { seq: 0, shown: 0, timer: 0, request: null, picked: new Map(), opened: null };
  views.push("search");

  const form = () => one("[data-view=search] form");
  const box = () => one("#pa-l-words");
  const options = () => all("#pa-l-list [role=option]");
  const filters = () => fields(form());

  /* --- searching ---------------------------------------------------------------------------- */

  function soon() {
    clearTimeout(state.timer);
    state.timer = setTimeout(search, PAUSE_MS);
  }

  /** Searches; a reply that a later search has overtaken is dropped. */
  async function search() {
    clearTimeout(state.timer);
    const seq = ++state.seq;
    if (state.request) state.request.abort();
    state.request = new AbortController();
    const { words: q, policy, version, as_of, region } = filters();
    await tried(async () => {
      const path = `/search?${query({ q, policy, version, as_of, region, seq })}`;
      const reply = await (await send(path, { signal: state.request.signal })).json();
      if (reply.seq < state.seq || reply.seq <= state.shown) return;
      state.shown = reply.seq;
      draw(reply);
    });
  }

  function draw({ html, count }) {
    one("#pa-l-found").innerHTML = html; // the server escapes all that is not its own
    state.picked.clear();
    options().forEach((option, n) => (option.id = `pa-l-option-${n}`));
    const first = options()[0];
    if (first) first.tabIndex = 0;
    const words = count === 1 ? "1 passage" : `${count} passages`;
    say(box().value.trim() ? words : "", false, true);
  }

  async function choosePolicy() {
    await tried(() => fillVersions(one("[name=version]", form()), filters().policy, NEWEST));
    search();
  }

  /** A day stands for a version, and a version for a day: only one of them can be chosen. */
  function chooseDay() {
    one("[name=version]", form()).disabled = filters().as_of !== "";
    if (state.opened) close(); // what is opened may not have applied on that day
    one("[name=as_of]", form()).focus();
    search();
  }

  /* --- the list ----------------------------------------------------------------------------- */

  const current = () => document.activeElement.closest("#pa-l-list [role=option]");

  function focusOn(option) {
    for (const other of options()) other.tabIndex = -1;
    option.tabIndex = 0;
    option.focus();
    option.scrollIntoView({ block: "nearest" });
  }

  function walk(step) {
    const list = options();
    const at = list.indexOf(current());
    if (at + step < 0) return box().focus();
    if (list.length) focusOn(list[Math.min(at + step, list.length - 1)]);
  }

  const placeOf = ({ dataset }) => ({ policy: dataset.policy, version: dataset.version, start: Number(dataset.start), end: Number(dataset.end) });

  function pick(option) {
    if (option.dataset.approved) return say("An approved answer is copied by itself: press c.");
    if (state.picked.size >= MAX_PICKED && !state.picked.has(option)) return say(`Up to ${MAX_PICKED} passages make a reply.`, true);
    const isPicked = !state.picked.delete(option);
    if (isPicked) state.picked.set(option, placeOf(option));
    option.setAttribute("aria-selected", String(isPicked));
    say(`${state.picked.size} picked. c copies them together.`);
  }

  /** The places that a reply quotes: those picked, or the one at hand. */
  function places(option) {
    if (state.picked.size) return [...state.picked.values()];
    if (option) return option.dataset.approved ? [] : [placeOf(option)];
    return state.opened && state.opened.place ? [state.opened.place] : [];
  }

  /* --- the reply ---------------------------------------------------------------------------- */

  async function copyReply(option) {
    const approved = option ? option.dataset.approved : state.opened && state.opened.approved;
    const { form: kind, as_of } = filters();
    await tried(async () => {
      const path = approved && !state.picked.size ? send(`/approved/${encodeURIComponent(approved)}/reply`) : send("/reply", json({ places: places(option), as_of }));
      const made = await (await path).json();
      await copy(kind === "markdown" ? made.markdown : made.text, kind === "html" ? made.html : undefined);
      say(`Copied as ${{ text: "plain text", markdown: "Markdown", html: "HTML" }[kind]}.`);
    });
  }

  /* --- the pane ----------------------------------------------------------------------------- */

  async function open(option) {
    await tried(async () => {
      const { approved } = option.dataset;
      const { as_of } = filters();
      const path = approved ? `/approved/${encodeURIComponent(approved)}` : `/passage?${query({ ...placeOf(option), as_of })}`;
      const html = await (await send(path)).text();
      const pane = one("#pa-l-pane");
      pane.innerHTML = html; // the server escapes all that is not its own
      pane.hidden = false;
      document.body.classList.add("pa-l-reading");
      state.opened = { option, approved, place: approved ? null : placeOf(option) };
      for (const other of options()) other.classList.toggle("pa-l-opened", other === option);
      show(pane);
      one("h2", pane).focus({ preventScroll: true });
      if (NARROW.matches) window.scrollTo(0, 0);
    });
  }

  /** Marks what is opened in the policy, and scrolls to it. */
  function show(pane) {
    const body = one(".pa-l-document", pane);
    if (!body || !state.opened.place) return;
    const { start, end } = state.opened.place;
    const inside = all("[data-start]", body).filter((piece) => Number(piece.dataset.start) >= start && Number(piece.dataset.end) <= end);
    for (const piece of inside) piece.classList.add("pa-here");
    if (inside.length) body.scrollTop = inside[0].getBoundingClientRect().top - body.getBoundingClientRect().top - body.clientHeight / 3;
    body.addEventListener("click", toContents);
  }

  function toContents(event) {
    const link = event.target.closest(".pa-toc a");
    if (!link) return;
    event.preventDefault();
    one(`[id="pa-section-${CSS.escape(link.dataset.section)}"]`, event.currentTarget).scrollIntoView();
  }

  function close() {
    const pane = one("#pa-l-pane");
    if (pane.hidden) return box().focus();
    pane.hidden = true;
    document.body.classList.remove("pa-l-reading");
    const { option } = state.opened;
    state.opened = null;
    for (const other of options()) other.classList.remove("pa-l-opened");
    if (option.isConnected) focusOn(option);
    else box().focus();
  }

  /* --- keys --------------------------------------------------------------------------------- */

  const onOption = {
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    Home: () => focusOn(options()[0]),
    End: () => focusOn(options()[options().length - 1]),
    Enter: (option) => open(option),
    " ": (option) => pick(option),
  };

  function pressed(event) {
    if (one("[data-view=search]").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const option = current();
    if (option && event.key in onOption) return done(event, () => onOption[event.key](option));
    if (event.target === box()) return inBox(event);
    if (event.key === "Escape") return done(event, close);
    if (event.key === "/" && !isTyping(event.target)) return done(event, () => box().select());
    if (isTyping(event.target) || event.target.matches("select")) return undefined;
    if (event.key === "c" && (option || state.opened)) return done(event, () => copyReply(option));
    if (event.key === "a" && (option || state.opened)) return done(event, () => approve(option));
    return undefined;
  }

  async function inBox(event) {
    if (event.key === "ArrowDown") done(event, () => walk(1));
    if (event.key !== "Enter") return;
    event.preventDefault();
    await search();
    if (options().length) open(options()[0]);
  }

  async function approve(option) {
    if (option && !state.picked.size && (!state.opened || state.opened.option !== option)) await open(option);
    window.Lookup.approve(places(option), box().value.trim());
  }

  function done(event, step) {
    event.preventDefault();
    step();
  }

  function clicked(event) {
    const option = event.target.closest("#pa-l-list [role=option]");
    if (!option) return;
    if (event.ctrlKey || event.metaKey) pick(option);
    else open(option);
  }

  starts.push(() => {
    const kept = localStorage.getItem("pa-l-form");
    if (["text", "markdown", "html"].includes(kept)) one("[name=form]", form()).value = kept;
    form().addEventListener("submit", (event) => event.preventDefault());
    box().addEventListener("input", soon);
    one("[name=policy]", form()).addEventListener("change", choosePolicy);
    one("[name=as_of]", form()).addEventListener("change", chooseDay);
    for (const name of ["version", "region"]) one(`[name=${name}]`, form()).addEventListener("change", search);
    one("[name=form]", form()).addEventListener("change", () => localStorage.setItem("pa-l-form", filters().form));
    document.addEventListener("keydown", pressed);
    one("#pa-l-found").addEventListener("click", clicked);
  });
  shows.search = () => box().focus();
  actions["copy-reply"] = () => copyReply(null);
  actions["copy-link"] = (button) => tried(() => copy(button.dataset.link)).then(() => say("Link copied."));
  actions["close-pane"] = close;
  actions.approve = () => approve(null);
  window.Lookup.search = search;
})();
