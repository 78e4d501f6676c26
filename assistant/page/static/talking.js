/* What the pages for staff share: talking with the server, in words for a person where it fails. */
"use strict";

(() => {
  async function reason(response) {
    try {
      return String((await response.json()).detail);
    } catch {
      return "That did not work. Try again.";
    }
  }

  window.Talking = {
    /** A response that is fine; what is wrong with another one is thrown as words for a person. */
    async send(address, init = {}) {
      let response;
      try {
        response = await fetch(address, init);
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("The page cannot be reached. Check the connection and try again.");
      }
      if (response.status === 401) location.reload(); // the login is over
      if (!response.ok) throw new Error(await reason(response));
      return response;
    },

    /** Fields as an address carries them, without those that are empty. */
    query: (fields) => new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== "")).toString(),
  };
})();
