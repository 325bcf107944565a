// What the page offers by name: fields, buttons, links, headings, columns — never what anybody has entered.  Part 5.
const HEADING = 'h1,h2,h3,h4,h5,h6,[role=heading],legend,caption';
const optionsOf = (field) => {
  const el = field.members[0];
  if (field.kind === 'radio' || field.kind === 'checks') return field.members.map(optionName);
  return field.kind === 'one' && el.tagName === 'SELECT' ? [...el.options].map((o) => tidy(o.text)).filter(Boolean) : [];
};
const isListing = (table) => !!table && headRows(table, gridOf(table, new Map())) > 0;
const inListing = (el) => !!el.closest('td') && isListing(el.closest('table'));
const cut = (s, most = 80) => { const t = tidy(s); return t.length > most ? t.slice(0, most) + '…' : t; };
// The title of the innermost part with a title around an element.
function ownHome(el) {
  for (let home = el.parentElement; home; home = home.parentElement)
    if (home.matches('fieldset,section,[role=region],[role=group],form,dialog,[role=dialog]') && groupNames(home)[0]) return groupNames(home)[0];
  return '';
}

function thingsOfFields(add) {
  const fields = fieldsOf([document]), grouped = new Set(fields.filter((f) => f.kind !== 'one').flatMap((f) => f.members));
  for (const field of fields) {
    if (field.kind === 'one' && grouped.has(field.members[0])) continue;
    const name = (field.names.length ? field.names : field.more)[0];
    if (name) add(field.members[0], 'field', name, { options: optionsOf(field), data: false });
  }
}

function thingsOfTables(add) {
  for (const el of all([document], 'table').filter((one) => visible(one) && isListing(one))) {
    const grid = gridOf(el, new Map());
    if (tableTitle(el)) add(el, 'table', tableTitle(el), { data: false });
    for (const name of columnNames(grid, headRows(el, grid))) if (name) add(el.rows[0], 'column', name, { data: false });
  }
}

// Everything by name, in the order of the page: {path, things: [{role, name, inside, options, data}]}; data: it stands
// in the rows of a listing.  texts: also what is written there beside all that (for a person's eyes only).
const outline = ({ texts: wanted }) => {
  const found = [];
  const add = (el, role, name, more = {}) => found.push({ el, role, name: cut(name), options: [], data: inListing(el), ...more });
  thingsOfFields(add);
  thingsOfTables(add);
  for (const el of actions([document], BUTTON)) add(el, 'button', actionName(el));
  for (const el of actions([document], LINK)) add(el, 'link', actionName(el));
  for (const el of all([document], HEADING).filter(visible)) add(el, 'heading', textOf(el));
  for (const el of all([document], 'section,[role=region],[role=group],form').filter(visible)) for (const name of groupNames(el)) add(el, 'heading', name);
  for (const el of all([document], 'dt,th').filter(visible)) if (!isListing(el.closest('table'))) add(el, 'fact', textOf(el));
  for (const el of all([document], 'iframe,frame').filter(visible)) add(el, 'frame', el.title || el.name, { data: false });
  if (wanted) for (const el of all([document], 'p,span,li,div,td,b,strong,label,output').filter((one) => !one.firstElementChild && visible(one))) add(el, 'text', el.textContent);
  const order = (a, b) => (a.el === b.el ? 0 : a.el.compareDocumentPosition(b.el) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  let head = '';
  const things = found.filter((one) => one.name).sort(order).map(({ el, role, name, options, data }) => {
    const inside = cut(ownHome(el) || head);
    if (/^H[1-6]$/.test(el.tagName)) head = name;
    return { role, name, inside: inside === name ? '' : inside, options: options.slice(0, 300), data };
  });
  return { path: location.pathname, things };
};

// Whether each wanted thing is there: '' or the kind of the problem.
function lookFor(roots, want) {
  if (want.purpose === 'text') return found(running(roots.map((r) => (r.body || r).innerText).join('\n')), running(want.text)) === 'none' ? 'missing' : '';
  if (want.purpose === 'scope') return parts(roots, want.kind, want.text).length ? '' : 'no_scope';
  if (want.purpose === 'frame') return frameNamed(roots, want.text).length ? '' : 'no_scope';
  if (want.purpose === 'table') return tableOf(roots, want.locator).problem || '';
  if (want.purpose === 'file' && !one(roots, want.locator, 'click').problem) return '';
  const hit = one(roots, want.locator, want.purpose === 'file' ? 'field' : want.purpose);
  if (hit.problem || !want.want || !hit.field) return hit.problem || '';
  return plan(hit.field, want.want).problem === 'no_option' ? 'no_option' : '';
}
const frameNamed = (roots, text) => all(roots, 'iframe,frame').filter(visible).filter((el) => [el.title, el.name, el.getAttribute('aria-label') || '', frameTitle(el)].some((n) => n && keyOf(n) === keyOf(text)));
const frameTitle = (el) => { try { return el.contentDocument?.title || ''; } catch { return ''; } };
const ABSENT = new Set(['missing', 'no_scope', 'no_table', 'no_option']);

// The problems of all that is wanted, once nothing is absent any more or the time is over.
const look = async ({ scopes, wanted, ms }) => {
  const attempt = () => inScope(scopes, (roots) => {
    const problems = wanted.map((want) => lookFor(roots, want));
    return problems.some((kind) => ABSENT.has(kind)) ? problem('absent', { problems }) : { problems };
  });
  const result = await until(ms, attempt);
  return { problems: result.problems || wanted.map(() => result.problem) };
};

// Frames what is meant for a person's eyes; without anything: takes the frames away.
const pointOut = ({ scopes, locators }) => {
  for (const el of all([document], '[data-banken-shown]')) { el.style.removeProperty('outline'); el.removeAttribute('data-banken-shown'); }
  return inScope(scopes, (roots) => {
    let count = 0;
    for (const locator of locators) {
      const hit = one(roots, locator, 'any');
      const els = hit.problem ? [] : hit.field ? hit.field.members : [hit.el];
      for (const el of els) {
        el.style.setProperty('outline', '3px solid #d9480f', 'important');
        el.setAttribute('data-banken-shown', '');
      }
      if (els.length && !count++) els[0].scrollIntoView({ block: 'center', behavior: 'instant' });
    }
    return { count };
  });
};
