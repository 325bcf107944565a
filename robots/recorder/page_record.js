// What a person does on the page, told to the recorder as it happens.  Only what comes of real input counts.
const send = (event) => window.__bankenRecord?.(event)?.catch(() => {});
const tell = (type, more = {}) => send({ type, title: document.title, url: location.href, frames: frameScopes(), ...more });
// What goes wrong in here is told, and never disturbs the page.
const safely = (act) => (event) => {
  try { return act(event); } catch (error) { return void send({ type: 'bug', message: String(error.stack || error) }); }
};
const on = (type, act) => window.addEventListener(type, safely(act), true);

function valueOf(field) {
  const el = field.members[0];
  if (field.kind === 'checks') return { kind: 'checks', value: field.members.filter((box) => box.checked).map(optionName), options: field.members.map(optionName) };
  if (field.kind === 'date' || field.kind === 'radio') return { kind: field.kind, value: fieldText(field), options: field.kind === 'radio' ? field.members.map(optionName) : [] };
  if (isTick(el)) return { kind: 'tick', value: el.checked };
  if (el.tagName === 'SELECT') {
    const chosen = [...el.selectedOptions];
    return { kind: el.multiple ? 'checks' : 'select', value: el.multiple ? chosen.map((o) => tidy(o.text)) : fieldText(field), codes: chosen.map((o) => o.value), options: [...el.options].map((o) => tidy(o.text)) };
  }
  if (el.type === 'file') return { kind: 'file', value: [...el.files].map((file) => file.name) };
  return { kind: el.type === 'date' ? 'date' : 'text', value: lines(el.value), typed: lines(typed.get(el) || '') };
}

// The fields of a sign-in form (nothing of them is told), or [].
function signIn() {
  const passwords = all([document], 'input').filter((el) => visible(el) && (el.type === 'password' || everSecret.has(el)));
  if (passwords.length !== 1) return [];
  const inputs = all([passwords[0].form || document], CONTROL).filter((el) => visible(el) && !isTick(el));
  return inputs.length <= 3 && inputs.indexOf(passwords[0]) > 0 ? inputs : [];
}

const edited = new WeakSet(), typed = new WeakMap();
const touched = new Set(), told = new WeakMap(), toldForms = new WeakSet();
function tellField(el, fields, final) {
  if (signIn().includes(el)) return;
  if (isSecretField(el)) { if (final) tell('secret', { names: labelNames(el).map(cleaned) }); return; }
  const memo = { fields };
  for (const field of fieldsAround(el, fields)) {
    const place = placeOfField(field, memo);
    if (!place) continue;
    // A date is certain when its last part is in.
    const now = valueOf(field), sure = final && (field.kind !== 'date' || /日$/.test(now.value) || (!now.value && edited.has(field.parts.year))), text = JSON.stringify([now.value, sure]);
    if (told.get(field.members[0]) !== text) tell('field', { place, final: sure, form: restOf(el.form || document, fields), ...now });
    told.set(field.members[0], text);
    return;
  }
  if (final) tell('nameless', { near: short(precedingText(el) || el.name || el.id) });
}

// The other fields of the same form, once a form: what stays empty today may be filled for another row.
function restOf(form, fields) {
  if (toldForms.has(form)) return null;
  toldForms.add(form);
  const memo = { fields }, grouped = new Set(fields.filter((f) => f.kind !== 'one').flatMap((f) => f.members)), rest = [];
  for (const field of fields) {
    const el = field.members[0];
    if ((el.form || document) !== form || (field.kind === 'one' && grouped.has(el)) || isSecretField(el) || el.matches(':disabled') || el.readOnly) continue;
    const place = placeOfField(field, memo);
    if (place && place.locator.called && place.locator.nth === undefined) rest.push({ place, ...valueOf(field), names: [...field.names, ...field.more].map(cleaned) });
  }
  return rest;
}

let timer = 0;
function flush(final = true) {
  clearTimeout(timer);
  if (!touched.size) return;
  const fields = fieldsOf([document]);
  for (const el of touched) if (el.isConnected) tellField(el, fields, final);
  if (final) touched.clear();
}
const soon = () => setTimeout(safely(() => flush()), 0);
const control = (event) => { const el = event.composedPath()[0]; return el instanceof Element && el.matches(CONTROL) ? el : null; };
on('input', (event) => {
  const el = control(event);
  if (!el || !event.isTrusted) return;
  edited.add(el);
  typed.set(el, el.value);
  touched.add(el);
  clearTimeout(timer);
  timer = setTimeout(safely(() => flush(false)), 300);
});
// A list or a date that is gone through by keys changes many times before it is left.
on('change', (event) => {
  const el = control(event);
  if (!el || !event.isTrusted) return;
  edited.add(el);
  touched.add(el);
  setTimeout(safely(() => flush(isTick(el) || document.activeElement !== el)), 0);
});
// The page may have put what was typed into its own form when the field is left.
on('focusout', (event) => { const el = control(event); if (el && edited.has(el)) { touched.add(el); soon(); } });
on('focusin', (event) => { const el = control(event); if (el) isSecretField(el); });
on('pagehide', () => flush());

let signedIn = false;
function tellSignIn(form) {
  const fields = signIn();
  if (!fields.length || signedIn || !fields.some((el) => edited.has(el)) || (form && fields[0].form && fields[0].form !== form)) return false;
  signedIn = true;
  tell('login');
  return true;
}

on('click', (event) => {
  const start = event.composedPath()[0];
  if (!event.isTrusted || !(start instanceof Element)) return;
  flush();
  const action = start.closest(BUTTON + ',' + LINK);
  if (!action && (start.closest(CONTROL + ',option') || start.closest('label')?.control)) return;
  if (action?.matches(BUTTON) && signIn().length && (action.form || action.closest('form')) === signIn()[0].form) { tellSignIn(); return; }
  const el = action || (getComputedStyle(start).cursor === 'pointer' || start.onclick ? start : null);
  if (!el) return;
  look();
  const place = placeOfAction(el);
  if (place) tell('click', { place, button: el.matches(BUTTON) });
  else tell('nameless', { near: short(actionName(el) || el.parentElement?.innerText) });
});

on('submit', (event) => {
  flush();
  if (tellSignIn(event.target) || event.submitter) return;
  const el = document.activeElement, field = el && fieldsAround(el, fieldsOf([document]))[0], place = field && placeOfField(field, {});
  if (place && event.isTrusted) tell('press', { key: 'Enter', place });
});
on('keydown', (event) => {
  if (event.key === 'Enter') flush();
  if (event.isTrusted && /^F([1-46-9]|10)$/.test(event.key)) { flush(); tell('press', { key: event.key, place: null }); }
});

for (const kind of ['alert', 'confirm', 'prompt']) {
  const own = window[kind];
  window[kind] = function (message = '', ...rest) {
    const answer = own.call(window, message, ...rest);
    safely(() => tell('dialog', { message: String(message), ok: kind === 'alert' || (kind === 'confirm' ? answer : answer !== null), text: kind === 'prompt' ? answer : null }))();
    return answer;
  };
}

const OUTCOME = /(?:ました|完了|受け付け|ありがとうございま)/;
function messages() {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && found.length < 10; node = walker.nextNode()) {
    const text = running(node.data);
    if (OUTCOME.test(text) && text.length <= 60 && !node.parentElement.matches(SILENT) && visible(node.parentElement)) found.push(text);
  }
  return [...new Set(found)];
}

// What the screen shows: by what it is known, what it says, and the cells of its tables.
let seen = '';
function look() {
  if (!document.body || location.href === 'about:blank') return;
  const headings = all([document], 'h1,h2,h3,legend,caption').filter(visible).map((el) => plain(textOf(el))).filter((text) => text && text.length <= 60);
  const heading = headings.find((text) => { const hit = one([document], { text }, 'read'); return !hit.problem; }) || '';
  const cells = all([document], 'td,[role=cell]').slice(0, 3000).filter(visible).map((el) => plain(actionName(el))).filter((text) => text && text.length <= 80);
  const now = { heading, messages: messages(), cells, alerts: all([document], '[role=alert],.error,.errors').some(visible), login: hasPassword() };
  const text = location.href + JSON.stringify(now);
  if (text !== seen) tell('screen', now);
  seen = text;
}
let pause = 0;
new MutationObserver(() => { clearTimeout(pause); pause = setTimeout(safely(look), 150); }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
on('load', () => setTimeout(safely(look), 0));

window.navigation?.addEventListener('navigate', safely((event) => { if (!event.destination.sameDocument && event.downloadRequest === null) tell('leaving'); }));
if (location.href !== 'about:blank') tell('arrived', { by: performance.getEntriesByType('navigation')[0]?.type || 'navigate' });
