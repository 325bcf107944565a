"use strict";
// The verification desk by keyboard alone: an answer is sent, and once it is kept the next task, fetched beforehand, stands there.
(() => {
  const desk = document.getElementById("desk");
  const told = document.getElementById("desk-told");
  if (!desk) return;
  const base = desk.dataset.base, csrf = document.querySelector('meta[name="csrf"]').content;
  const IDLE = 30000, BEAT = 60000;  // ms: without a key for so long is no work; a hold is renewed this often
  let active = 0, last = 0, beatAt = 0, busy = false, typed = false;
  let ahead = null;  // {node, id} or a promise of it

  const turn = () => desk.querySelector("[data-task]");
  const id = () => Number(turn()?.dataset.task ?? 0);
  const wrong = (text) => {
    let line = desk.querySelector("#desk-wrong");
    if (!line) {
      line = document.createElement("p");
      line.id = "desk-wrong"; line.className = "wrong"; line.setAttribute("role", "alert");
      desk.querySelector(".desk-form, .desk-more").before(line);
    }
    line.textContent = text;
    const input = desk.querySelector("#desk-text");
    if (input) { input.setAttribute("aria-invalid", "true"); input.focus(); }
  };
  const say = (text, wrong = false) => { told.textContent = text; told.classList.toggle("error", wrong); };
  const tick = () => { const at = performance.now(); active += Math.min(at - last, IDLE); last = at; };
  const address = (query) => {
    const all = new URLSearchParams(query);
    if (desk.dataset.field) all.set("field", desk.dataset.field);
    return `${base}?${all}`;
  };
  const ask = (where, body) => fetch(where, {
    method: body ? "POST" : "GET", body, headers: { "X-Desk": "1", "X-CSRF-Token": csrf }, credentials: "same-origin",
  });

  async function fetched(query) {
    const answer = await ask(address(query));
    if (!answer.ok) throw new Error(String(answer.status));
    const node = document.createElement("div");
    node.innerHTML = await answer.text();  // our own template, everything in it escaped
    await Promise.allSettled([...node.querySelectorAll("img")].map((image) => image.decode()));
    return { node, id: Number(node.querySelector("[data-task]").dataset.task) };
  }

  function show({ node }) {
    desk.replaceChildren(...node.childNodes);
    begin();
  }

  function begin() {
    active = 0; last = performance.now(); typed = false;
    const first = ["#desk-text", ".desk-options input:checked", ".desk-options input", ".desk-form button", "#desk-why", ".desk-done"]
      .map((one) => desk.querySelector(one)).find((one) => one);
    first?.focus({ preventScroll: true });
    if (innerHeight < 700) desk.querySelector("h2")?.scrollIntoView();  // enlarged to 200 %: the cell and its field together
    if (first?.id === "desk-text") first.select();
    const here = id();
    ahead = here ? fetched({ after: here, keep: here }).catch(() => null) : null;
  }

  async function go(query, instead = null, answered = false) {
    const before = id();
    busy = true;
    try {
      let next = instead ? await instead : null;
      if (!next || next.id === before || !next.id) next = await fetched(query);
      else if (answered) {  // it was fetched before that
        const left = next.node.querySelector("[data-open]");
        if (left) left.textContent = `残り ${left.dataset.open - 1} か所`;
      }
      show(next);
    } catch { lost(); }
    busy = false;
  }

  const lost = () => say("つながりません。ネットワークを確かめて、もう一度同じキーを押してください。入力は残っています。", true);

  async function send(form) {
    if (busy) return;
    busy = true; tick(); say("");
    const here = id(), excluding = form.classList.contains("desk-out");
    form.elements.seconds.value = (active / 1000).toFixed(3);
    let answer;
    try { answer = await ask(form.getAttribute("action"), new FormData(form)); } catch { busy = false; lost(); return; }
    if (answer.ok) {
      const { told: more } = await answer.json();
      say(more);
      await go({ after: here }, excluding ? null : ahead, true);
    } else if (answer.status === 422 || answer.status === 409) {
      const { wrong: why, gone } = await answer.json();
      if (gone) { say(gone, true); await go({ after: here }); } else wrong(why);
    } else {
      say("サインアウトしたか、画面が古くなりました。この入力はまだ登録されていません。別の窓でサインインし、読み込み直してください。", true);
    }
    busy = false;
  }

  async function takeBack(form) {
    if (busy) return;
    busy = true;
    try {
      const answer = await ask(form.getAttribute("action"), new FormData(form));
      const { task, told: more } = await answer.json();
      say(more || (task ? "前の答えを取り消しました。" : ""), !task);
      if (task) await go({ task });
    } catch { lost(); }
    busy = false;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!desk.contains(form)) return;
    event.preventDefault(); event.stopPropagation();
    if (form.hasAttribute("data-undo")) takeBack(form); else send(form);
  });
  desk.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go]"), fill = event.target.closest("[data-fill]");
    if (fill) { const input = desk.querySelector("#desk-text"); input.value = fill.dataset.fill; input.focus(); input.select(); }
    if (!link || busy) { if (link) event.preventDefault(); return; }
    event.preventDefault(); say("");
    if (link.dataset.go === "next") go({ after: id() }, ahead); else go({ before: id() });
  });
  desk.addEventListener("input", () => { typed = true; });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    const input = event.target, text = input.id === "desk-text", mine = desk.contains(input) || input === document.body;
    const to = { PageDown: "next", PageUp: "back", ...(text ? { ArrowDown: "next", ArrowUp: "back" } : {}) }[event.key];
    if (to && mine && !event.ctrlKey) { event.preventDefault(); desk.querySelector(`[data-go="${to}"]`)?.click(); return; }
    if (event.ctrlKey && event.key === "z" && mine && !typed) { event.preventDefault(); desk.querySelector("form[data-undo]")?.requestSubmit(); return; }
    const options = [...desk.querySelectorAll(".desk-options input")];
    if (!options.length || text || event.ctrlKey || input.id === "desk-why" || !mine) return;
    if (/^[0-9]$/.test(event.key)) {
      const wanted = options.find((one) => one.nextElementSibling?.textContent === event.key);
      if (wanted) { event.preventDefault(); typed = true; wanted.checked = wanted.type === "radio" || !wanted.checked; wanted.focus(); }
    } else if (event.key === "Enter" && input.type !== "submit" && input.tagName !== "A" && input.tagName !== "BUTTON" && input.tagName !== "SUMMARY") {
      event.preventDefault(); desk.querySelector(".desk-form")?.requestSubmit();
    }
  });

  for (const kind of ["keydown", "pointermove", "pointerdown", "wheel"]) {
    addEventListener(kind, () => {
      tick();
      if (performance.now() - beatAt < BEAT) return;
      beatAt = performance.now();
      const body = new FormData();
      body.append("task", id());
      ask(`${base}/beat`, body).catch(() => {});
    }, { passive: true, capture: true });
  }
  addEventListener("pagehide", () => {
    const body = new FormData();
    body.append("csrf", csrf);
    navigator.sendBeacon(`${base}/leave`, body);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.getElementById("desk-field").addEventListener("change", (event) => event.target.form.requestSubmit());
  beatAt = performance.now();
  begin();
})();
