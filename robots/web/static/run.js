"use strict";
// How far a run is, asked for every few seconds while the page is looked at; it is read again as a whole once that ends.
const live = document.querySelector("[data-live]");
const state = () => document.getElementById("progress").dataset.state;
const first = state();
async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(live.dataset.live, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;  // signed out, or gone: the page stays as it is
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("progress");
      document.getElementById("progress").replaceWith(next);
      if (state() !== first) { location.replace(location.pathname); return; }
    } catch { /* the server is away for a moment: asked again */ }
  }
  setTimeout(look, 3000);
}
setTimeout(look, 3000);
