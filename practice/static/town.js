"use strict";
// A question before a form goes, amounts with commas, a result in a window of its own, and the exercise controls.

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

for (const form of document.querySelectorAll("form[data-popup]")) {
  form.addEventListener("submit", () => {
    window.open("about:blank", form.dataset.popup, "width=640,height=560");
    form.target = form.dataset.popup;
    // After this turn, so that the form still goes.
    setTimeout(() => {
      form.querySelector("button").disabled = true;
      document.getElementById("told").textContent = form.dataset.popupTold;
    });
  });
}

for (const button of document.querySelectorAll("button[data-close]")) {
  button.addEventListener("click", () => window.close());
}

const withCommas = (text) => {
  const digits = text.normalize("NFKC").replace(/[^0-9]/g, "").replace(/^0+(?=\d)/, "");
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
};
for (const box of document.querySelectorAll("input.amount")) {
  box.value = withCommas(box.value);
  for (const moment of ["input", "blur"]) box.addEventListener(moment, () => { box.value = withCommas(box.value); });
}

for (const box of document.querySelectorAll("input[data-pad]")) {
  box.addEventListener("blur", () => {
    if (box.value) box.value = box.value.padStart(Number(box.dataset.pad), "0");
  });
}

// As React does it: the page's state is the truth, the box only shows it. A value that comes without an input event that
// the state believes (the setter of the box itself is watched) is put back at the next rendering.
for (const box of document.querySelectorAll("input[data-controlled]")) {
  const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const shown = document.getElementById("controlled-state");
  let state = "";
  let seen = "";
  Object.defineProperty(box, "value", {
    configurable: true,
    get() { return native.get.call(this); },
    set(value) { seen = String(value); native.set.call(this, value); },
  });
  const render = () => {
    if (native.get.call(box) !== state) { seen = state; native.set.call(box, state); }
    shown.textContent = state ? `${state.length}文字` : "空";
  };
  box.addEventListener("input", () => {
    const now = native.get.call(box);
    if (now !== seen) { seen = now; state = now; }
    queueMicrotask(render);
  });
  box.addEventListener("blur", render);
  box.form.addEventListener("submit", render);
  render();
}

// A file field as many pages draw it: hidden, behind a button of their own.
for (const button of document.querySelectorAll("button[data-opens]")) {
  const box = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => box.click());
  box.addEventListener("change", () => {
    document.querySelector(`[data-names="${box.id}"]`).textContent = [...box.files].map((file) => file.name).join("、") || "選択されていません";
  });
}

// A file that takes its time to be made.
for (const button of document.querySelectorAll("button[data-makes]")) {
  button.addEventListener("click", () => {
    const told = document.getElementById("making");
    told.textContent = "作成しています";
    setTimeout(() => { told.textContent = "作成しました"; location.href = button.dataset.makes; }, 800);
  });
}
