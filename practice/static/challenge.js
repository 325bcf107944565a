"use strict";
// Ten forms without a page load between them: each has the same fields under other ids and in another order.

const form = document.getElementById("challenge");
const labels = JSON.parse(form.dataset.labels);
const total = Number(form.dataset.rounds);
const done = [];

const randomName = () => `f${crypto.getRandomValues(new Uint32Array(2)).join("")}`;

const shuffled = (items) => {
  const left = [...items];
  const order = [];
  while (left.length) order.push(...left.splice(Math.floor(Math.random() * left.length), 1));
  return order;
};

const render = () => {
  document.getElementById("round").textContent = `第${done.length + 1}回`;
  const cards = shuffled(labels).map((text) => {
    const card = document.createElement("div");
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.id = randomName();
    box.name = randomName();
    box.dataset.label = text;
    box.autocomplete = "off";
    label.htmlFor = box.id;
    label.textContent = text;
    card.append(label, box);
    return card;
  });
  form.querySelector(".cards").replaceChildren(...cards);
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  done.push(Object.fromEntries([...form.querySelectorAll("input")].map((box) => [box.dataset.label, box.value])));
  if (done.length < total) return render();
  const finish = document.getElementById("finish");
  finish.elements.rounds.value = JSON.stringify(done);
  finish.submit();
});

render();
