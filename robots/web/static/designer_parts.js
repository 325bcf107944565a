// What the designer is put together from: elements with their labels, and questions to the server.
export const make = (name, values = {}, ...children) => { const node = Object.assign(document.createElement(name), values); node.append(...children); return node; };

export const action = (textContent, onclick) => make("p", {}, make("button", { type: "button", className: "button plain small", textContent, onclick }));

export function entry(id, label, input, hint = "", param = null) {
  input.id = id;
  const field = make("div", { className: "field" }), words = make("label", { htmlFor: id, textContent: label });
  if (input.type === "checkbox") { words.prepend(input); field.append(words); } else field.append(words, input);
  if (hint) { field.append(make("p", { className: "hint", id: `${id}-hint`, textContent: hint })); input.setAttribute("aria-describedby", `${id}-hint`); }
  if (param) input.dataset.param = param;
  return field;
}

export async function ask(base, csrf, what, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const buttons = document.querySelectorAll("#forms-save, #forms-try button"), busy = what !== "check";
  buttons.forEach((button) => { button.disabled ||= busy; });
  const answer = await fetch(`${base}/${what}`, { method: "POST", body, headers: { "X-CSRF-Token": csrf }, credentials: "same-origin" }).catch(() => null);
  if (busy) buttons.forEach((button) => { button.disabled = false; });
  if (!answer) return { error: "つながりません。ネットワークを確かめて、もう一度行ってください。入れたものは、この画面に残っています。" };
  if (answer.headers.get("content-type")?.includes("json")) return answer.json();
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main .notice");  // our own page, of which only words are taken
  return { error: told ? [...told.querySelectorAll("p")].map((one) => one.textContent).join("") : "できませんでした。画面を読み込み直してください。" };
}
