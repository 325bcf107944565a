// Setting fields as their kind needs, with the events of a person's typing, and reading them back.  Part 4.
const setterOf = (type) => Object.getOwnPropertyDescriptor(type.prototype, 'value').set;
const SET = { INPUT: setterOf(HTMLInputElement), TEXTAREA: setterOf(HTMLTextAreaElement) };
let last = [], atoms = [];         // of the last fill: its fields, and its settings {el, kind, want, index, unit}
const entered = new Map();         // element → what was entered on this page since the last click
const secrets = new WeakSet();

const half = (s) => s.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[｡-ﾟ]+/g, (c) => c.normalize('NFKC')).replace(/　/g, ' ');
const lines = (s) => s.replace(/\r\n?/g, '\n');
const AMOUNT = /^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/, NUMBER = /^[-+]?\d+(\.\d+)?$/;

// Whether a field that was given want and shows got holds what was meant: got may only be want as the page formats it.
function same(want, got) {
  want = lines(want); got = lines(got);
  if (want === got) return true;
  const w = half(want), g = half(got).replace(/^[¥\\]|円$/g, '');
  if (w === g) return true;
  if (AMOUNT.test(g) && g.replace(/,/g, '') === w.replace(/^[¥\\]|円$|,/g, '')) return true;
  if (AMOUNT.test(w) && NUMBER.test(g) && w.replace(/,/g, '') === g) return true;
  if (/^\d+$/.test(w) && /^\d+$/.test(g) && g.length > w.length) return g.endsWith(w) && /^0+$/.test(g.slice(0, -w.length));
  return /^\d{6,}$/.test(w) && /^\d+(-\d+)+$/.test(g) && g.replace(/-/g, '') === w;
}

// Why an element can't be pressed or filled in now, as the browser's own waiting would ask; null where it can.
function hindrance(el, forInput = true) {
  const label = isTick(el) && !visible(el) ? [...el.labels].find(visible) : null;
  const seen = label || el;
  if (!visible(seen)) return { problem: 'hidden' };
  if (el.matches(':disabled') || el.getAttribute('aria-disabled') === 'true') return { problem: 'disabled' };
  if (forInput && (el.readOnly || el.getAttribute('aria-readonly') === 'true')) return { problem: 'readonly' };
  const moving = document.getAnimations().some((a) => a.playState === 'running' && a.effect?.target?.contains(el) && isFinite(a.effect.getComputedTiming().endTime)
    && a.effect.getKeyframes().some((frame) => ['transform', 'translate', 'left', 'top', 'width', 'height', 'margin'].some((name) => name in frame)));
  if (moving) return { problem: 'moving' };
  return coveredBy(seen, el);
}

// A link over two lines has a box a line, and its whole box may have another thing in the middle.
const boxOf = (el) => [...el.getClientRects()].find((box) => box.width > 0 && box.height > 0) || el.getBoundingClientRect();

function coveredBy(seen, el) {
  let box = boxOf(seen);
  if (box.top < 0 || box.left < 0 || box.bottom > innerHeight || box.right > innerWidth) {
    seen.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    box = boxOf(seen);
  }
  const hit = el.getRootNode().elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!hit || hit === el || el.contains(hit) || seen.contains(hit) || [...(el.labels || [])].some((l) => l.contains(hit))) return hit ? null : { problem: 'hidden' };
  if (hit.contains(el) && !hit.matches('body,html') && isTick(el)) return null;
  return { problem: 'covered', by: short(hit.innerText || hit.id || hit.tagName) };
}

const fire = (el, type, event = Event, more = {}) => el.dispatchEvent(new event(type, { bubbles: true, composed: true, ...more }));

function typeText(el, text) {
  el.focus({ preventScroll: true });
  fire(el, 'keydown', KeyboardEvent, { key: 'Unidentified', cancelable: true });
  SET[el.tagName].call(el, text);
  fire(el, 'input', InputEvent, { inputType: 'insertText', data: text });
  fire(el, 'keyup', KeyboardEvent, { key: 'Unidentified' });
  fire(el, 'change');
  el.blur();
}

function chooseOptions(el, options) {
  el.focus({ preventScroll: true });
  for (const option of el.options) option.selected = options.includes(option);
  fire(el, 'input');
  fire(el, 'change');
  el.blur();
}

function tick(el, on) {
  if (el.checked === on) return;
  el.focus({ preventScroll: true });
  el.click();
  el.blur();
}

// The one option that is meant: by its visible text, else by its value; width of letters counts last.
function optionOf(el, wanted) {
  const options = [...el.options].filter((o) => !o.hidden);
  for (const fits of [(o) => o.text.trim() === wanted, (o) => plain(o.text) === plain(wanted), (o) => o.value === wanted]) {
    const hits = options.filter(fits);
    if (hits.length > 1) return problem('two_options', { wanted, options: options.map((o) => short(o.text)), final: true });
    if (hits.length && hits[0].disabled) return problem('option_off', { wanted });
    if (hits.length) return { option: hits[0] };
  }
  return problem('no_option', { wanted, options: options.map((o) => short(o.text)) });
}

function numberOption(el, number) {
  const of = (o) => { const t = plain(o.text) || o.value; return /元/.test(t) ? 1 : Number((/\d+/.exec(t) || [NaN])[0]); };
  const hits = [...el.options].filter((o) => of(o) === number);
  return hits.length === 1 ? { option: hits[0] } : problem(hits.length ? 'two_options' : 'no_option', { wanted: String(number), options: [...el.options].map((o) => short(o.text)) });
}

const optionName = (el) => plain(labelNames(el)[0] || el.value);
function ticksCalled(members, wanted) {
  const picked = [];
  for (const name of wanted) {
    const hits = members.filter((el) => optionName(el) === plain(name));
    if (hits.length !== 1) return problem(hits.length ? 'two_options' : 'no_option', { wanted: name, options: members.map(optionName) });
    picked.push(hits[0]);
  }
  return { picked };
}

const atom = (el, kind, want, more) => ({ el, kind, want, ...more });
const optionAtom = (el, choice) => (choice.problem ? choice : { atoms: [atom(el, 'select', [choice.option])] });

// The settings of single controls that give a field its value: {atoms}, or a problem.
function plan(field, want) {
  const el = field.members[0];
  if (want.only === 'tick' && !(field.kind === 'one' && isTick(el))) return problem('not_a_tick', { final: true });
  if (want.only === 'choice' && !(field.kind === 'radio' || field.kind === 'checks' || el.tagName === 'SELECT')) return problem('not_a_choice', { final: true });
  if (field.kind === 'date') return planDate(field, want);
  if (field.kind === 'radio') {
    const choice = ticksCalled(field.members, [want.text]);
    return choice.problem ? choice : { atoms: [atom(choice.picked[0], 'tick', true)] };
  }
  if (field.kind === 'checks') {
    const whole = ticksCalled(field.members, want.list || (want.text ? [want.text] : []));
    const choice = whole.problem && !want.list ? ticksCalled(field.members, want.text.split(/[、，,]/)) : whole;
    return choice.problem ? whole : { atoms: field.members.map((box) => atom(box, 'tick', choice.picked.includes(box))) };
  }
  if (isTick(el)) {
    const on = want.flag ?? ((want.list ? want.list.length === 1 && want.list[0] : want.text) === optionName(el) ? true : null);
    if (on === null || (el.type === 'radio' && !on)) return problem('not_a_flag', { wanted: want.text, final: true });
    return { atoms: [atom(el, 'tick', on)] };
  }
  if (el.tagName === 'SELECT') {
    const choices = (el.multiple ? want.list || (want.text ? [want.text] : []) : [want.text]).map((text) => optionOf(el, text));
    const bad = choices.find((choice) => choice.problem);
    return bad || { atoms: [atom(el, 'select', choices.map((choice) => choice.option))] };
  }
  return planText(el, want);
}

function planText(el, want) {
  if (want.list) return problem('not_a_list', { final: true });
  let text = want.text;
  if (el.type === 'file') return problem('file', { final: true });
  if (el.type === 'date' && text) { if (!want.date) return problem('not_a_date', { wanted: text, final: true }); text = want.iso; }
  else if (el.type === 'month' && text) { if (!want.month) return problem('not_a_month', { wanted: text, final: true }); text = want.month; }
  else if (el.type === 'number' && text) { text = half(text).replace(/,/g, ''); if (!NUMBER.test(text)) return problem('not_a_number', { wanted: want.text, final: true }); }
  if (el.tagName === 'INPUT' && /\n/.test(text)) return problem('one_line', { final: true });
  if (el.maxLength >= 0 && text.length > el.maxLength) return problem('too_long', { most: el.maxLength, length: text.length, final: true });
  return { atoms: [atom(el, 'text', text)] };
}

function planDate({ parts }, want) {
  if (want.text && !want.date) return problem('not_a_date', { wanted: want.text, final: true });
  const withEra = parts.era || parts.eras, date = want.date, planned = [];
  const isEra = (text) => new RegExp(want.era + '|^' + want.letter + '$').test(plain(text));
  if (date && withEra && !want.era) return problem('no_era', { wanted: want.text, final: true });
  if (parts.era) {
    const hits = [...parts.era.options].filter((o) => (date ? isEra(o.text) : !plain(o.text) || !o.value));
    if (hits.length !== 1 && date) return problem('no_option', { wanted: want.era, options: [...parts.era.options].map((o) => o.text) });
    if (hits.length) planned.push(atom(parts.era, 'select', [hits[0]]));
  } else if (parts.eras && date) {
    const hits = parts.eras.filter((el) => isEra(optionName(el)));
    if (hits.length !== 1) return problem('no_option', { wanted: want.era, options: parts.eras.map(optionName) });
    planned.push(atom(hits[0], 'tick', true));
  }
  const numbers = date ? { 年: withEra ? want.era_year : date[0], 月: date[1], 日: date[2] } : { 年: null, 月: null, 日: null };
  for (const [unit, el] of [['年', parts.year], ['月', parts.month], ['日', parts.day]]) {
    const number = numbers[unit];
    if (el.tagName === 'SELECT') {
      const choice = number === null ? optionOf(el, '') : numberOption(el, number);
      if (choice.problem) return choice;
      planned.push(atom(el, 'select', [choice.option], { unit }));
    } else planned.push(atom(el, 'text', number === null ? '' : String(number), { unit }));
  }
  return { atoms: planned };
}

function carryOut({ el, kind, want }) {
  if (kind === 'text') typeText(el, want);
  else if (kind === 'select') chooseOptions(el, want);
  else tick(el, want);
}

const shows = ({ el, kind }) => (kind === 'text' ? el.value : kind === 'tick' ? (el.checked ? 'はい' : 'いいえ') : [...el.selectedOptions].map((o) => tidy(o.text)).join('、'));
const wants = ({ kind, want }) => (kind === 'text' ? want : kind === 'tick' ? (want ? 'はい' : 'いいえ') : want.map((o) => tidy(o.text)).join('、'));
const holds = (a) => a.el.isConnected && (a.kind === 'text' ? same(a.want, a.el.value) : shows(a) === wants(a));

// Finds a field and makes sure that it can take its value now: {field, atoms}, or a problem.
function ready(scopes, entry, memo) {
  return inScope(scopes, (roots) => {
    const hit = one(roots, entry.locator, 'field', memo);
    if (hit.problem) return hit;
    if (!hit.field) return problem('not_a_field', { final: true });
    const planned = plan(hit.field, entry.want);
    if (planned.problem) return planned;
    for (const a of planned.atoms) {
      const why = a.kind === 'tick' && a.el.checked === a.want ? null : hindrance(a.el);
      if (why) return why;
    }
    return { field: hit.field, atoms: planned.atoms };
  });
}

const usable = (a) => a.el.isConnected && !a.el.matches(':disabled') && !a.el.readOnly && shown(a.el) && (a.kind !== 'select' || a.want.every((o) => o.isConnected));

// Sets every entry, one after the other; gives the text of each, the fields that did not take, or a problem.
async function fill({ scopes, entries, ms, secret }) {
  const end = performance.now() + ms, done = [], memo = {};
  atoms = [];
  // What was found holds until the page changes under it; looking again only then spares a layout a field.
  const changes = new MutationObserver(() => {});
  changes.observe(document, { subtree: true, childList: true, attributes: true });
  let changed = false;
  const plans = entries.map((entry) => ready(scopes, entry, memo));
  const hopeless = plans.findIndex((p) => p.problem && p.final);
  if (hopeless >= 0) return { ...plans[hopeless], index: hopeless };
  for (const [index, entry] of entries.entries()) {
    let now = plans[index];
    changed = changes.takeRecords().length > 0 || changed;
    if (now.problem || (changed && !now.atoms.every(usable))) {
      now = await until(end - performance.now(), () => ready(scopes, entry, {}));
      if (now.problem) return { ...now, index };
    }
    for (const a of now.atoms) {
      carryOut(a);
      if (secret) secrets.add(a.el);
      atoms.push({ ...a, index });
    }
    done.push(now.field);
  }
  changes.disconnect();
  await turn();
  last = done;
  return report();
}

// What stands in the fields now, and which settings did not take.
function report() {
  const wrong = atoms.flatMap((a, i) => (holds(a) ? [] : [{ i, index: a.index, kind: a.kind, unit: a.unit || '', want: wants(a), got: a.el.isConnected ? shows(a) : '' }]));
  for (const a of atoms) entered.set(a.el, a);
  return { texts: last.map(fieldText), wrong };
}

const atomElement = ({ i }) => atoms[i].el;
const changedSince = () => [...entered.values()].filter((a) => a.el.isConnected && !holds(a)).map((a) => ({ name: short(labelNames(a.el)[0] || precedingText(a.el) || a.el.name), want: wants(a), got: shows(a), secret: secrets.has(a.el) || a.el.type === 'password' }));
