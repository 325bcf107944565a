// How the driver would find again what a person has just used: names first, then a part of the page.  The recorder's first part, after the driver's own.
const cleaned = (name) => plain(name).replace(LEADING, '').replace(TRAILING, '').trim() || plain(name);
const SECRET = /パスワード|暗証|password|passwd/i;
const everSecret = new WeakSet();
function isSecretField(el) {
  if (el.type === 'password' || /password/.test(el.autocomplete || '')) everSecret.add(el);
  return everSecret.has(el) || [...labelNames(el), el.name || '', el.placeholder || ''].some((name) => SECRET.test(name));
}

// The frames that this document stands in, from the outside in; "" where a frame has no name at all.
function frameScopes() {
  const scopes = [];
  for (let place = window; place !== window.top; place = place.parent) {
    let el = null;
    try { el = place.frameElement; } catch { /* another site's page stands above: its frames can't be seen */ }
    if (!el) { scopes.unshift(['frame', place === window ? window.name : '']); break; }
    const called = (one) => { let title = ''; try { title = one.contentDocument.title; } catch { /* another site's */ } return [one.title, one.getAttribute('aria-label') || '', one.name, title]; };
    const others = all([el.ownerDocument], 'iframe,frame').filter((one) => one !== el && visible(one));
    const name = called(el).find((text) => text && !others.some((one) => called(one).some((other) => keyOf(other) === keyOf(text))));
    scopes.unshift(['frame', name || '']);
  }
  return scopes;
}

const rowTexts = (el) => {
  const row = el.closest('tr,[role=row]');
  const cells = row ? [...row.querySelectorAll('td,th,[role=cell],[role=gridcell]')].filter((cell) => !hasControl(cell)) : [];
  return cells.map((cell) => plain(textOf(cell))).filter((text) => text && text.length <= 60);
};

// Parts of the page that hold the element, the plainest first: dialog, section, row.
function scopesAround(el) {
  const choices = [], add = (kind, name) => { if (name && keyOf(name)) choices.push([[kind, cleaned(name)]]); };
  const dialog = el.closest(ROLE.dialog);
  if (dialog) add('dialog', groupNames(dialog)[0] || dialog.querySelector('h1,h2,h3,h4,h5,h6,[role=heading]')?.textContent);
  for (let box = el.closest('fieldset,section,form,[role=region],[role=group]'); box; box = box.parentElement?.closest('fieldset,section,form,[role=region],[role=group]'))
    groupNames(box).forEach((name) => add('section', name));
  const headings = all([document], 'h1,h2,h3,h4,h5,h6,[role=heading],legend,caption').filter((h) => visible(h) && h.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING);
  headings.reverse().slice(0, 5).forEach((h) => add('section', textOf(h)));
  rowTexts(el).forEach((text) => choices.push([['row', text]]));
  return choices;
}

function leadsTo(scopes, locator, purpose, is, memo) {
  const at = rootsOf(scopes);
  if (at.problem) return false;
  const hit = one(at.roots, locator, purpose, scopes.length ? {} : memo);
  return !hit.problem && is(hit);
}

// {scopes, locator} by which exactly this is found again, or null.
function placeFor(el, names, locators, purpose, is, memo = {}) {
  const within = (choices) => {
    for (const scopes of choices) for (const name of names) for (const make of locators)
      if (leadsTo(scopes, make(name), purpose, is, memo)) return { scopes, locator: make(name) };
    return null;
  };
  const place = within([[]]) || (names.length ? within(scopesAround(el)) : null);
  if (place) return place;
  for (const name of names) for (const make of locators) {
    const fields = () => (memo.fields ||= fieldsOf([document]));
    const at = candidates([document], make(name), purpose, fields).findIndex(is);
    if (at >= 0) return { scopes: [], locator: { ...make(name), nth: at + 1 } };
  }
  return null;
}

const sameField = (field) => (hit) => !!hit.field && hit.field.kind === field.kind && hit.field.members[0] === field.members[0];
function placeOfField(field, memo) {
  const el = field.members[0], names = [...new Set([...field.names, ...field.more].map(cleaned))].filter((name) => name && name.length <= 60);
  const place = placeFor(el, names, [(called) => ({ called })], 'field', sameField(field), memo);
  if (place || field.kind !== 'one') return place;
  const is = (hit) => hit.el === el;
  return (el.placeholder && placeFor(el, [cleaned(el.placeholder)], [(placeholder) => ({ placeholder })], 'field', is))
    || (el.dataset.testid && placeFor(el, [el.dataset.testid], [(test_id) => ({ test_id })], 'field', is)) || null;
}

function placeOfAction(el) {
  const name = cleaned(actionName(el)), is = (hit) => hit.el === el || hit.el.contains(el);
  const kind = el.matches(BUTTON) ? 'button' : el.matches(LINK) ? 'link' : 'text';
  const place = placeFor(el, name && name.length <= 60 ? [name] : [], [(text) => ({ [kind]: text })], 'click', is);
  if (!place) return null;
  // A button of a table's row belongs to whom the row is about, also where it is the only one today.
  const rows = kind === 'text' ? [] : rowTexts(el).filter((text) => leadsTo([['row', text]], { [kind]: name }, 'click', is));
  return { ...place, rows };
}

// The fields of an element: the whole date, radio or check group before the single control.
const fieldsAround = (el, fields) => fields.filter((f) => f.members.includes(el)).sort((a, b) => (a.kind === 'one') - (b.kind === 'one'));
