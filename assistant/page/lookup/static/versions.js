/* Two versions side by side, and the answers of both. */
"use strict";

(() => {
  const { one, starts, views, send, query, fields, say, tried, fillVersions } = window.Lookup;
  views.push("versions");
  let asked = 0;

  const view = () => one("[data-view=versions]");

  function compare(event) {
    event.preventDefault();
    return tried(async () => {
      const mine = ++asked;
      say("Comparing …");
      const html = await (await send(`/compare?${query(fields(one("form", view())))}`)).text();
      if (mine !== asked) return;
      one("#pa-l-changes").innerHTML = html; // the server escapes all that is not its own
      say("");
    });
  }

  function choosePolicy() {
    return tried(async () => {
      const form = one("form", view());
      const { policy } = fields(form);
      const [old, newer] = [one("[name=old]", form), one("[name=new]", form)];
      await fillVersions(old, policy);
      await fillVersions(newer, policy);
      old.selectedIndex = 1; // the newest stands first
      one("#pa-l-changes").replaceChildren();
    });
  }

  starts.push(() => {
    const form = one("form", view());
    if (!form) return;
    form.addEventListener("submit", compare);
    one("[name=policy]", form).addEventListener("change", choosePolicy);
  });
})();
