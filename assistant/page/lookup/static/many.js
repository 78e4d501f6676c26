/* Many questions at once: a list or a file goes out, progress is told, the table comes back. */
"use strict";

(() => {
  const { API, one, all, actions, starts, views, send, query, fields, say, tried } = window.Lookup;
  const MAX_FILE = 10 * 1024 * 1024; // bytes, as on the server
  const ASK_AGAIN_MS = 400;
  const state = { job: null };
  views.push("many");

  const view = () => one("[data-view=many]");
  const form = () => one("form", view());

  async function start(body, name) {
    if (body.size > MAX_FILE) return say(`${name} is too large: up to 10 MB are read. Split it.`, true);
    return tried(async () => {
      const { policy, as_of, region } = fields(form());
      say(name ? `Reading ${name} …` : "");
      const sent = await send(`/many?${query({ name, policy, as_of, region })}`, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });
      const job = await sent.json();
      state.job = job.id;
      one("#pa-l-answers").replaceChildren();
      await follow(job.id, job);
    });
  }

  /** Tells how far the list is until it is over; another list that is sent takes its place. */
  async function follow(id, first) {
    let now = first;
    while (state.job === id) {
      show(now);
      if (!["waiting", "running"].includes(now.state)) return finish(id, now);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      now = await (await send(`/many/${id}`)).json();
    }
  }

  function show({ state: step, done, total, left_s }) {
    const isOver = !["waiting", "running"].includes(step);
    const box = one("#pa-l-progress");
    box.hidden = false;
    one("progress", box).max = total;
    one("progress", box).value = done;
    const left = left_s === null ? "" : `, about ${time(left_s)} left`;
    one("#pa-l-left").textContent = step === "waiting" ? "Waiting for another list …" : `${done} of ${total} answered${isOver ? "" : left}`;
    one("[data-action=cancel-list]", box).hidden = isOver;
    for (const link of all("[data-download]", box)) link.hidden = !isOver || done === 0;
  }

  const time = (seconds) => (seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`);

  async function finish(id, { state: step, done, total, problem }) {
    for (const link of all("[data-download]")) link.href = `${API}/many/${id}/answers.${link.dataset.download}`;
    if (done) one("#pa-l-answers").innerHTML = await (await send(`/many/${id}/table`)).text();
    if (step === "failed") return say(problem, true);
    return say(step === "cancelled" ? `Cancelled after ${done} of ${total}.` : `All ${total} questions are done.`);
  }

  function paste() {
    const { questions } = fields(form());
    if (!questions.trim()) return say("Paste some questions first, one on each line.", true);
    return start(new Blob([questions]), "");
  }

  function choose() {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".csv,.tsv,.xlsx,.txt,.jsonl";
    input.addEventListener("change", () => input.files[0] && start(input.files[0], input.files[0].name));
    input.click();
  }

  function dragged(event) {
    if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault(); // in other views, too: the browser would leave the page for the file
    if (view().hidden) return;
    view().classList.toggle("pa-l-dropping", event.type === "dragover");
    const file = event.type === "drop" && event.dataTransfer.files[0];
    if (file) start(file, file.name);
  }

  starts.push(() => {
    form().addEventListener("submit", (event) => event.preventDefault());
    for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, dragged);
  });
  actions["answer-list"] = paste;
  actions["choose-list"] = choose;
  actions["cancel-list"] = () => tried(() => send(`/many/${state.job}/cancel`, { method: "POST" }));
})();
