"use strict";
// The list of questions: filters, rows that open, links to a question. Text is only ever set as text.
// The page has all rows, and only those near the reader are laid out: a filter costs the same for
// 100 questions as for 10,000.
(() => {
  const list = document.getElementById("question-list");
  if (!list) return;
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const noneShown = document.getElementById("none-shown");
  const data = JSON.parse(document.getElementById("question-data").textContent);
  const items = Array.from(list.children);
  const numbers = new Map(items.map((item, number) => [item, number]));
  const end = document.getElementById("list-end");
  const STEP = 100; // rows that are laid out at once; the tallest screens show about 60
  const QUESTION = "#q-";
  const FILTERS = "#show?";
  let haystacks = null; // the words of each row, made when first searched
  let fitting = items; // in the order of the set
  let laidOut = 0; // how many of them

  // --- filtering ---

  const wordsOf = (row) => {
    const answers = [row.answer, ...row.columns.map((column) => column.answer)];
    return [row.id, row.question, row.why, ...row.history, ...answers].join("\n").toLowerCase();
  };

  const chosen = () => {
    const values = new FormData(form);
    const words = String(values.get("words")).toLowerCase().split(/\s+/).filter(Boolean);
    return { facets: data.filters.map((name) => values.get(name) || ""), words };
  };

  const fits = (number, { facets, words }) => {
    const row = data.rows[number];
    return facets.every((value, place) => !value || row.facets[place] === value)
      && words.every((word) => haystacks[number].includes(word));
  };

  const filter = () => {
    const choice = chosen();
    if (choice.words.length && !haystacks) haystacks = data.rows.map(wordsOf);
    fitting = items.filter((item, number) => fits(number, choice));
    laidOut = Math.min(STEP, fitting.length);
    list.replaceChildren(...fitting.slice(0, laidOut));
    count.textContent = `${fitting.length} of ${items.length} shown`;
    noneShown.hidden = fitting.length > 0;
    watch();
  };

  const layOut = (upTo) => {
    list.append(...fitting.slice(laidOut, upTo));
    laidOut = Math.max(laidOut, Math.min(upTo, fitting.length));
    watch();
  };

  // Observing anew reports at once whether the end is still near.
  const watch = () => {
    nearEnd.disconnect();
    if (laidOut < fitting.length) nearEnd.observe(end);
  };

  const nearEnd = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) layOut(laidOut + STEP);
    },
    { rootMargin: "1500px" },
  );

  const remember = () => {
    const values = Array.from(new FormData(form)).filter(([, value]) => value);
    const hash = FILTERS + new URLSearchParams(values);
    history.replaceState(null, "", hash);
  };

  // What the filters do not know, as from an old link, chooses all.
  const choose = (values) => {
    for (const name of [...data.filters, "words"]) {
      const wanted = values.get(name) || "";
      const control = form.elements[name];
      if (control instanceof RadioNodeList) {
        // Setting the value of a RadioNodeList to "" checks none of them.
        const radios = Array.from(control);
        (radios.find((radio) => radio.value === wanted) || radios[0]).checked = true;
      } else {
        control.value = wanted;
        if (control.value !== wanted) control.value = "";
      }
    }
  };

  // --- what a row opens to ---

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const TAGS = { shared: "mark", removed: "del", added: "ins" };

  const quoteOf = (stretches) => {
    const quote = make("blockquote");
    for (const [text, mark] of stretches) {
      quote.append(mark ? make(TAGS[mark], "", text) : text);
    }
    return quote;
  };

  const placeOf = ([section, note, tone, stretches]) => {
    const place = make("div", "place");
    const where = make("p", "where", section);
    if (note) where.append(" ", make("span", `tag ${tone}`, note));
    place.append(where, quoteOf(stretches));
    return place;
  };

  const columnOf = ({ title, answer, empty, places }) => {
    const column = make("section");
    column.append(make("h3", "", title));
    if (answer !== null) column.append(make("p", "answer", answer || "(no words)"));
    column.append(...places.map(placeOf));
    if (!places.length && empty) column.append(make("p", "note", empty));
    return column;
  };

  const conversationOf = (row) => {
    const turns = make("ol", "turns");
    turns.setAttribute("aria-label", "Conversation");
    turns.append(...[...row.history, row.question].map((turn) => make("li", "", turn)));
    return turns;
  };

  const factsOf = (row) => {
    const facts = make("dl", "facts row-facts");
    for (const [name, value] of row.facts) {
      const fact = make("div");
      fact.append(make("dt", "", name), make("dd", "", value));
      facts.append(fact);
    }
    return facts;
  };

  const linkTo = (item) => {
    const link = make("a", "", "Link to this question");
    link.href = `#${item.id}`;
    const line = make("p", "link");
    line.append(link);
    return line;
  };

  const detailOf = (row, item) => {
    const detail = make("div", "detail");
    if (row.history.length) detail.append(conversationOf(row));
    if (row.answer !== null) {
      const answer = make("section");
      answer.append(make("h3", "", "Answer"), make("p", "answer", row.answer || "(no words)"));
      detail.append(answer);
    }
    const columns = make("div", "columns");
    columns.append(...row.columns.map(columnOf));
    detail.append(columns, factsOf(row), linkTo(item));
    return detail;
  };

  const fill = (details) => {
    if (!details.open || details.childElementCount > 1) return;
    const item = details.parentElement;
    details.append(detailOf(data.rows[numbers.get(item)], item));
  };

  // --- links ---

  const itemOf = (hash) => {
    const wanted = [hash.slice(1), decoded(hash.slice(1))];
    return items.find((item) => wanted.includes(item.id));
  };

  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch (error) {
      return text; // a lone % in an address typed by hand
    }
  };

  const openLinked = () => {
    const item = itemOf(location.hash);
    if (!item) return;
    if (!fitting.includes(item)) {
      choose(new Map());
      filter();
    }
    layOut(fitting.indexOf(item) + STEP);
    const details = item.firstElementChild;
    details.open = true;
    fill(details);
    details.firstElementChild.focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
  };

  const followHash = () => {
    if (location.hash.startsWith(QUESTION)) openLinked();
    if (!location.hash.startsWith(FILTERS)) return;
    choose(new URLSearchParams(location.hash.slice(FILTERS.length)));
    filter();
  };

  list.addEventListener("toggle", (event) => fill(event.target), true);
  form.addEventListener("input", () => {
    filter();
    remember();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("reset").addEventListener("click", () => {
    choose(new Map());
    filter();
    remember();
  });
  window.addEventListener("hashchange", followHash);
  window.addEventListener("beforeprint", () => layOut(fitting.length));
  form.hidden = false;
  filter();
  followHash();
})();
