import { ALIGN, align, moveBoxes, resizeBox, round } from "./designer_boxes.js";
import { action, ask as askServer, entry, make } from "./designer_parts.js";
// The form designer: boxes in mm over the picture of the empty form.  The server says what is right; nothing here decides it.
(() => {
  const root = document.getElementById("forms");
  if (!root) return;
  const $ = (id) => document.getElementById(id);
  const { base } = root.dataset, csrf = document.querySelector('meta[name="csrf"]').content;
  const kinds = new Map(JSON.parse(root.dataset.kinds).map((kind) => [kind.name, kind]));
  const papers = JSON.parse(root.dataset.papers), stage = $("forms-stage"), svg = $("forms-svg"), list = $("forms-items");
  const STEP = 0.5;  // mm
  let items = JSON.parse(root.dataset.items), seen = root.dataset.seen;
  let here = 0, part = 0, page = 1, together = false, dirty = false;
  let also = new Set();  // the fields that are chosen beside the one here: they move and are aligned together
  let past = [], typing = null, cells = {}, problems = [], asked = 0, timer = 0, drag = null;
  const shape = (name, values) => {
    const node = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
    for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
    return node;
  };
  const item = () => items[here], kindOf = (one) => kinds.get(one.kind), titleOf = (one) => one.name || kindOf(one).ja;
  const paper = () => {
    const sides = papers[items[0].values.size ?? "A4"] ?? papers.A4;
    return items[0].values.orientation === "landscape" ? [...sides].reverse() : sides;
  };
  const say = (textContent, tone = "") => Object.assign($("forms-told"), { textContent, className: `forms-told ${tone}` });
  // --- changes; each can be taken back ---
  function remember(key = null) {  // key: changes of one input are one change
    if (key === null || key !== typing) past.push(JSON.stringify([items, here, part, page]));
    if (past.length > 200) past.shift();
    typing = key; dirty = true; $("forms-undo").disabled = false;
  }
  function undo() {
    if (!past.length) return;
    const [before, was, which, on] = JSON.parse(past.pop());
    items = before; here = was; part = which; typing = null; also.clear(); $("forms-undo").disabled = !past.length;
    turn(on); lists(); panel(); changed();
  }
  function changed() { draw(); clearTimeout(timer); timer = setTimeout(check, 400); }
  function select(number, which = 0) {
    also.clear(); here = number; part = Math.min(which, Math.max(0, item().parts.length - 1)); typing = null;
    if (item().parts.length) turn(item().page);
    lists(); panel(); draw();
  }
  function choose(numbers) {  // these beside the one here; only boxes of one page can be chosen together
    also = new Set(numbers.filter((number) => number !== here && number && items[number].page === item().page && items[number].parts.length));
    typing = null; lists(); panel(); draw();
    say(also.size ? `${also.size + 1} 欄を選んでいます。` : "");
  }
  function toggle(number) {
    if (!here || item().page !== items[number].page || !item().parts.length) return select(number);
    choose(also.has(number) ? [...also].filter((one) => one !== number) : [...also, number]);
  }
  const chosen = () => [here, ...also].map((number) => items[number]);
  function arrange(how) { remember(); align(chosen(), how, paper()); panel(); changed(); }
  function turn(number) {
    if (number !== page) $("forms-picture").src = `${base}/page/${number}`;
    page = number; Object.assign($("forms-page") ?? {}, { value: String(page) });
  }
  function add(kind, at) {
    remember();
    const ja = kinds.get(kind).ja, names = new Set(items.map((one) => one.name));
    let name = kind === "identify" ? "" : `新しい${ja}`;
    for (let n = 2; name && names.has(name); n++) name = `新しい${ja}${n}`;
    const values = Object.fromEntries(kinds.get(kind).params.filter((one) => one.default).map((one) => [one.name, one.default]));
    if (kind === "table") Object.assign(values, { rows: "3", columns: "列1: text" });
    if (kind === "date") values.cells = "2, 2, 2";
    items.push({ kind, name, page, values, parts: [{ name: kinds.get(kind).boxes === "options" ? "選択肢1" : "", at }] });
    select(items.length - 1); changed();
    $("panel-name")?.select(); $("panel-name")?.focus();
  }
  function remove() {
    if (!here) return;
    remember();
    const gone = new Set([here, ...also]);
    items = items.filter((_, number) => !gone.has(number));
    select(Math.min(here, items.length - 1)); changed(); stage.focus();
  }
  function addPart() {
    remember();
    const { parts } = item(), [left, top, width, height] = parts.at(-1).at;
    const name = kindOf(item()).boxes === "options" ? `選択肢${parts.length + 1}` : "";
    parts.push({ name, at: [round(left + width + 4), top, width, height] });
    move(0, 0, parts.length - 1); select(here, parts.length - 1); changed();
  }
  function move(across, down, only = null) {  // the box, all of the item's, or all that are chosen
    const boxes = also.size ? chosen().flatMap((one) => one.parts) : item().parts.filter((_, n) => (only === null ? together || n === part : n === only));
    moveBoxes(boxes.map((one) => one.at), across, down, paper());
    numbers();
  }
  function resize(across, down) { resizeBox(item().parts[part].at, across, down, paper()); numbers(); }
  // --- the picture ---
  function draw() {
    svg.setAttribute("viewBox", `0 0 ${paper().join(" ")}`); svg.replaceChildren();
    const rect = ([left, top, width, height], more) => shape("rect", { x: left, y: top, width, height, ...more });
    items.forEach((one, number) => {
      if (one.page !== page) return;
      const bad = problems.some((problem) => problem.item === number) ? " bad" : "";
      one.parts.forEach(({ at }, which) => {
        const own = number === here ? (which === part ? " own here" : " own") : also.has(number) ? " own" : "";
        rect(at, { class: `box${bad}${own}`, "data-item": number, "data-part": which });
      });
      for (const [of, ...at] of number ? cells[one.name] ?? [] : []) if (of === page && number !== here) rect(at, { class: "cell" });
      const first = one.parts[0];
      if (first) shape("text", { x: first.at[0] + 0.4, y: Math.max(2.6, first.at[1] - 0.6) }).textContent = titleOf(one);
    });
    const at = item().page === page && item().parts[part]?.at;
    const side = at && !also.size && Math.min(2, at[2] / 3, at[3] / 3);
    if (side) for (let n = 0; n < 4; n++) rect([at[0] + (n % 2) * at[2] - side / 2, at[1] + (n > 1) * at[3] - side / 2, side, side], { class: "corner", "data-corner": n });
    if (drag?.fresh) rect(drag.fresh, { class: "drawn" });
  }
  const place = (event) => {
    const box = svg.getBoundingClientRect(), [wide, tall] = paper();
    return [(event.clientX - box.left) / box.width * wide, (event.clientY - box.top) / box.height * tall];
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault(); stage.focus({ preventScroll: true }); stage.setPointerCapture(event.pointerId);
    const { corner, item: number, part: which } = event.target.dataset;
    if (number !== undefined && event.shiftKey) return void toggle(Number(number));
    const one = number !== undefined && also.has(Number(number));  // of several: they are all dragged
    if (number !== undefined && !one && !(also.size && Number(number) === here)) select(Number(number), Number(which));
    const how = corner !== undefined ? Number(corner) : number !== undefined ? "move" : "new";
    drag = { how, from: place(event), was: JSON.stringify(items), remembered: false, press: number !== undefined && [Number(number), Number(which)] };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const now = place(event), snap = (mm) => Math.round(mm / STEP) * STEP;
    const [dx, dy] = [snap(now[0] - drag.from[0]), snap(now[1] - drag.from[1])];
    if (drag.how === "new") {
      const [wide, tall] = paper(), inside = (mm, most) => round(Math.max(0, Math.min(mm, most)));
      const [left, top] = [inside(Math.min(drag.from[0], now[0]), wide), inside(Math.min(drag.from[1], now[1]), tall)];
      drag.fresh = [left, top, round(inside(Math.max(drag.from[0], now[0]), wide) - left), round(inside(Math.max(drag.from[1], now[1]), tall) - top)];
      return draw();
    }
    if (!dx && !dy && !drag.remembered) return;
    if (!drag.remembered) { remember(); drag.remembered = true; }
    items = JSON.parse(drag.was);
    if (drag.how === "move") move(dx, dy);
    else {
      const at = item().parts[part].at, [left, top, width, height] = at, west = drag.how % 2 === 0, north = drag.how < 2;
      if (west) at[0] = round(Math.max(0, Math.min(left + dx, left + width - 1)));
      if (north) at[1] = round(Math.max(0, Math.min(top + dy, top + height - 1)));
      resize(west ? left - at[0] : dx, north ? top - at[1] : dy);
    }
    changed();
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => {
    const fresh = drag?.fresh;
    if (also.size && drag?.press && !drag.remembered) select(...drag.press);  // it was clicked, not dragged
    drag = null;
    if (fresh && fresh[2] > 2 && fresh[3] > 2) add($("forms-kind").value, fresh); else { panel(); draw(); }
  });
  // --- the same by keys, on the picture and on the list ---
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  for (const node of [stage, list]) node.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const arrow = ARROWS[event.key], step = event.ctrlKey ? 10 * STEP : STEP;
    const boxes = items.flatMap((one, number) => one.parts.map((_, which) => [number, which]));
    if (also.size && (ALIGN[event.key.toLowerCase()] || event.key === "Escape")) {
      if (event.key === "Escape") choose([]); else arrange(event.key.toLowerCase());
    } else if (event.ctrlKey && event.key === "a") {
      if (!item().parts.length) select(Math.max(0, items.findIndex((one) => one.page === page && one.parts.length)));
      choose([...items.keys()]);
    } else if (arrow && item().parts.length && !(also.size && event.shiftKey)) {
      remember(`keys ${event.shiftKey} ${here} ${part} ${[...also]}`);
      (event.shiftKey ? resize : move)(arrow[0] * step, arrow[1] * step);
      changed();
    } else if ((event.key === "PageDown" || event.key === "PageUp") && boxes.length) {
      const now = boxes.findIndex(([number, which]) => number === here && which === part);
      select(...boxes[(now + (event.key === "PageDown" ? 1 : now < 0 ? 0 : -1) + boxes.length) % boxes.length]);
      if (node === list) list.children[here].firstChild.focus();
    } else if (event.key === "Delete") remove();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => { if (event.ctrlKey && event.key === "z" && !event.target.matches("input, textarea")) { event.preventDefault(); undo(); } });
  // --- the list and the panel ---
  function lists() {
    const held = list.contains(document.activeElement);
    list.replaceChildren(...items.map((one, number) => {
      const wrong = problems.some((problem) => problem.item === number);
      const button = make("button", { type: "button", onclick: (event) => (event.shiftKey ? toggle(number) : select(number)) }, titleOf(one));
      button.append(make("small", { textContent: (number ? kindOf(one).ja : "名前・用紙・位置合わせ") + (wrong ? "　直すところがあります" : "") }));
      if (number === here) button.setAttribute("aria-current", "true");
      else if (also.has(number)) button.setAttribute("aria-pressed", "true");
      return make("li", { className: wrong ? "bad" : "" }, button);
    }));
    if (held) list.children[here].firstChild.focus();
    else list.children[here].scrollIntoView({ block: "nearest" });
  }
  function several() {  // the panel of several fields
    const button = ([key, words]) => make("button", { type: "button", className: "button plain small", onclick: () => arrange(key) }, words, make("kbd", { textContent: key.toUpperCase() }));
    $("forms-title").textContent = `${also.size + 1} 欄を選択中`;
    $("forms-panel").replaceChildren(
      make("p", { className: "hint", textContent: `「${titleOf(item())}」を基準にそろえます。矢印でいっしょに動き、Delete でまとめて消えます。` }),
      make("div", { className: "forms-align" }, ...Object.entries(ALIGN).map(button)),
      make("ul", { className: "plain-list" }, ...chosen().map((one) => make("li", { textContent: titleOf(one) }))),
      make("div", { id: "panel-wrong", role: "alert" }),
      action("選択をやめる（Esc）", () => { choose([]); stage.focus(); }),
    );
  }
  function panel() {
    if (also.size) return several();
    const one = item(), kind = kindOf(one);
    $("forms-title").textContent = titleOf(one);
    const set = (key, put) => (event) => { remember(`${here} ${key}`); put(event.target); changed(); };
    const nodes = [make("div", { id: "panel-wrong", role: "alert" }), make("p", { className: "hint", textContent: kind.summary })];
    if (here && one.kind !== "identify") {
      const put = (input) => { one.name = input.value; $("forms-title").textContent = titleOf(one); lists(); };
      nodes.push(entry("panel-name", "欄の名前", make("input", { value: one.name, autocomplete: "off", oninput: set("name", put) }), "", "name"));
      const choices = [...kinds.values()].filter((other) => !["form", "identify"].includes(other.name)).map((other) => make("option", { value: other.name, textContent: `${other.ja}（${other.name}）`, selected: other.name === one.kind }));
      const become = ({ value }) => {
        const to = kinds.get(value), known = new Set(to.params.map((param) => param.name));
        one.values = Object.fromEntries(Object.entries(one.values).filter(([name]) => known.has(name)));
        for (const param of to.params) if (param.default) one.values[param.name] ??= param.default;
        if (to.boxes === "one") one.parts.length = 1;
        one.parts.forEach((box, n) => { box.name = to.boxes === "options" ? box.name || `選択肢${n + 1}` : ""; });
        one.kind = value; part = 0; panel(); lists(); $("panel-kind").focus();
      };
      nodes.push(entry("panel-kind", "種類", make("select", { onchange: set("kind", become) }, ...choices), "", "kind"));
    }
    const field = (param) => {
      const value = one.values[param.name] ?? param.default, put = (input) => { one.values[param.name] = input.type === "checkbox" ? input.checked : input.value; };
      const event = { [["choice", "tick"].includes(param.shape) ? "onchange" : "oninput"]: set(param.name, put) };
      let input;
      if (param.shape === "choice") input = make("select", event, ...param.choices.map(([name, text]) => make("option", { value: name, textContent: text, selected: name === value })));
      else if (param.shape === "tick") input = make("input", { type: "checkbox", checked: value === true, ...event });
      else if (param.shape === "lines") input = make("textarea", { value, rows: 4, spellcheck: false, ...event });
      else input = make("input", { value, autocomplete: "off", ...event });
      if (param.shape === "field") input.setAttribute("list", "panel-fields");
      nodes.push(entry(`panel-${param.name}`, param.ja, input, param.hint, param.name));
    };
    const boxes = one.parts.map((box, which) => boxOf(one, kind, box, which, set)), own = kind.params.filter((param) => !param.common);
    if (boxes.length === 1) { nodes.push(...boxes); own.forEach(field); } else { own.forEach(field); nodes.push(...boxes); }
    if (one.parts.length > 1) nodes.push(entry("panel-together", "すべての枠をまとめて動かす", make("input", { type: "checkbox", checked: together, onchange: (event) => { together = event.target.checked; } })));
    if (["options", "many"].includes(kind.boxes)) nodes.push(action(kind.boxes === "options" ? "選択肢を足す" : "枠を足す", addPart));
    kind.params.filter((param) => param.common).forEach(field);
    if (here) nodes.push(action("この欄を消す", remove));
    nodes.push(make("datalist", { id: "panel-fields" }, ...items.slice(1).filter((other) => other !== one).map((other) => make("option", { value: other.name }))));
    $("forms-panel").replaceChildren(...nodes);
    wrongs();
  }
  function boxOf(one, kind, box, which, set) {
    const several = one.parts.length > 1 || kind.boxes === "options", label = several ? `枠 ${which + 1}` : "場所（mm）";
    const frame = make("fieldset", { className: which === part && several ? "here" : "" }, make("legend", { textContent: label }));
    frame.addEventListener("focusin", () => { if (part !== which) { part = which; draw(); } });
    if (kind.boxes === "options") frame.append(entry(`panel-option${which}`, "選択肢の名前", make("input", { value: box.name, autocomplete: "off", oninput: set(`option${which}`, (input) => { box.name = input.value; }) })));
    const row = make("div", { className: "forms-at" });
    ["左", "上", "幅", "高さ"].forEach((words, side) => {
      const put = (input) => { if (input.value !== "" && Number.isFinite(input.valueAsNumber)) item().parts[which].at[side] = round(Math.max(0, input.valueAsNumber)); };
      const input = make("input", { type: "number", step: "0.1", min: "0", value: box.at[side], id: `panel-at-${which}-${side}`, oninput: set(`at${which}${side}`, put) });
      row.append(make("label", {}, words, input));
    });
    frame.append(row);
    if (several && one.parts.length > 1) frame.append(action("この枠を消す", () => { remember(); one.parts.splice(which, 1); select(here); changed(); }));
    return frame;
  }
  const numbers = () => item().parts.forEach(({ at }, which) => at.forEach((mm, side) => Object.assign($(`panel-at-${which}-${side}`) ?? {}, { value: mm })));
  function wrongs() {
    for (const input of document.querySelectorAll("#forms-panel [data-param]")) input.removeAttribute("aria-invalid");
    const own = problems.filter((problem) => problem.item === here);
    for (const problem of own) $("forms-panel").querySelector(`[data-param="${CSS.escape(problem.param)}"]`)?.setAttribute("aria-invalid", "true");
    $("panel-wrong").replaceChildren(...own.map((problem) => make("p", { className: "wrong", textContent: `${problem.what}。${problem.mend}。` })));
  }
  // --- the server ---
  const ask = (what, more = {}) => askServer(base, csrf, what, { items: JSON.stringify(items), seen, ...more });
  function take(found) { problems = found; lists(); wrongs(); draw(); }
  function wrong(what, found) { take(found); select(found[0].item); say(`${what}。直すところが ${found.length} か所あります。`, "error"); }
  async function check() {
    const number = ++asked, answer = await ask("check");
    if (number !== asked) return;
    if (answer.error) return void say(answer.error, "error");
    take(answer.problems);
    if (answer.problems.length) return;
    cells = answer.cells; draw();
    const advice = answer.advice.map((one) => make("li", {}, make("b", { textContent: one.what }), make("br"), one.mend));
    $("forms-advice").replaceChildren(...(advice.length ? advice : [make("li", { textContent: "直すところはありません。" })]));
  }
  $("forms-save").addEventListener("click", async () => {
    say("保存しています…");
    const before = JSON.stringify(items), answer = await ask("save");
    if (answer.error || answer.gone) return say(answer.error ?? answer.gone, "error");
    if (answer.problems.length) return wrong("保存していません", answer.problems);
    take([]); seen = document.querySelector('#forms-blank [name="seen"]').value = answer.seen; dirty = before !== JSON.stringify(items);
    say(["保存しました。この帳票を使うには、シナリオの承認が必要です。", ...answer.left.map((one) => `シナリオも直してください: ${one}`)].join("\n"), answer.left.length ? "error" : "success");
  });
  $("forms-try").addEventListener("submit", async (event) => {
    event.preventDefault(); event.stopPropagation();
    const scan = $("forms-scan").files[0];
    say("読んでいます…");
    const answer = await ask("try", { sample: $("forms-sample")?.value ?? "", ...(scan ? { scan } : {}) });
    if (answer.error) return say(answer.error, "error");
    if (answer.problems) return wrong("読めません", answer.problems);
    say("読みました。結果は、いちばん下にあります。", "success");
    $("forms-read").innerHTML = answer.html;  // our own template, everything in it escaped
    $("forms-read").scrollIntoView();
  });
  $("forms-new").addEventListener("click", () => { const [wide, tall] = paper(); add($("forms-kind").value, [round(wide / 2 - 30), round(tall / 2 - 5), 60, 10]); });
  $("forms-undo").addEventListener("click", undo);
  $("forms-zoom").addEventListener("change", (event) => { stage.style.width = `${event.target.value * 100}%`; });
  $("forms-page")?.addEventListener("change", (event) => { turn(Number(event.target.value)); draw(); });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  lists(); panel(); draw(); check();
})();
