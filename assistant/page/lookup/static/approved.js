/* Approved answers: the form that saves one, the list of all, export and import. */
"use strict";

(() => {
  const { one, actions, shows, views, send, json, fields, say, tried } = window.Lookup;
  const MAX_FILE = 10 * 1024 * 1024; // bytes, as on the server
  let resting = []; // the places that the answer in the form rests on
  views.push("approved");

  /** Shows the form for an answer that rests on these places. */
  async function approve(places, question) {
    if (!places.length) return say("Open or pick a passage that the answer rests on.", true);
    return tried(async () => {
      const html = await (await send("/approve-form", json({ places, question }))).text();
      const pane = one("#pa-l-pane");
      pane.innerHTML = html; // the server escapes all that is not its own
      resting = places;
      const empty = question ? "[name=answer]" : "[name=question]";
      one("form", pane).addEventListener("submit", (event) => event.preventDefault());
      one(empty, pane).focus();
    });
  }

  function save(button) {
    const form = button.closest("form");
    if (!form.reportValidity()) return undefined;
    const { question, answer } = fields(form);
    button.disabled = true;
    return tried(async () => {
      await send("/approved", json({ places: resting, question, answer }));
      actions["close-pane"]();
      await window.Lookup.search();
      say("Saved. It will be found again by what the question means.");
    }).finally(() => (button.disabled = false));
  }

  /** Deletes at the second press, so that none is lost by a slip. */
  function remove(button) {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = "Delete for good?";
      return undefined;
    }
    return tried(async () => {
      await send(`/approved/${encodeURIComponent(button.dataset.id)}/delete`, { method: "POST" });
      if (button.closest("#pa-l-pane")) {
        actions["close-pane"]();
        await window.Lookup.search();
      } else await list();
      say("Deleted.");
    });
  }

  function list() {
    return tried(async () => {
      one("#pa-l-all-approved").innerHTML = await (await send("/approved")).text();
    });
  }

  function chooseFile() {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".jsonl,.csv";
    input.addEventListener("change", () => input.files[0] && bring(input.files[0]));
    input.click();
  }

  function bring(file) {
    if (file.size > MAX_FILE) return say(`${file.name} is too large: up to 10 MB are read.`, true);
    return tried(async () => {
      const path = `/approved-import?name=${encodeURIComponent(file.name)}`;
      const { said } = await (await send(path, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } })).json();
      await list();
      say(said);
    });
  }

  shows.approved = list;
  actions["save-approved"] = save;
  actions["delete-approved"] = remove;
  actions["import-approved"] = chooseFile;
  window.Lookup.approve = approve;
})();
