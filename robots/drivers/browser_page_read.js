// Reading, expecting, tables, and the driver's door into the page.  Part 5.
function fieldText(field) {
  const el = field.members[0];
  if (field.kind === 'date') {
    const { era, eras, year, month, day } = field.parts;
    const value = (part) => (part.tagName === 'SELECT' ? (part.value === '' ? '' : tidy(part.selectedOptions[0]?.text)) : part.value.trim());
    const number = (part, unit) => (value(part) ? value(part).replace(new RegExp(unit + '$'), '') + unit : '');
    const eraText = era ? value(era) : eras ? eras.filter((e) => e.checked).map(optionName).join() : '';
    const rest = number(year, '年') + number(month, '月') + number(day, '日');
    return rest ? eraText + rest : '';
  }
  if (field.kind !== 'one') return field.members.filter((e) => e.checked).map(optionName).join('、');
  if (isTick(el)) return el.checked ? 'はい' : 'いいえ';
  if (el.tagName === 'SELECT') return [...el.selectedOptions].map((o) => tidy(o.text)).join('、');
  return lines(el.value);
}

const cellText = (el) => (el.innerText || '').replace(/[ \t\r\f\v\u00a0]+/g, ' ').replace(/ ?\n ?/g, '\n').trim();
const isPassword = (el) => el.type === 'password';

const read = ({ scopes, locator, ms }) => until(ms, () => inScope(scopes, (roots) => {
  const hit = one(roots, locator, 'read');
  if (hit.problem) return hit;
  if (isPassword(hit.el)) return problem('password', { final: true });
  return { text: hit.field ? fieldText(hit.field) : hit.el.matches(CONTROL) ? lines(hit.el.value) : cellText(hit.el), choice: hit.choice };
}));

// What to press, ready for the driver's real click: the point in the window, or the element itself; or a problem.
async function target({ scopes, locator, ms, point, saving }) {
  const result = await until(ms, () => inScope(scopes, (roots) => {
    const hit = one(roots, locator, 'click');
    if (hit.problem) return hit;
    if (hit.field && hit.field.kind !== 'one') return problem('group', { options: hit.field.members.map(optionName), final: true });
    return hindrance(hit.el, false) || { el: visible(hit.el) ? hit.el : [...hit.el.labels].find(visible) };
  }));
  if (result.problem) return result;
  const changed = changedSince();
  if (changed.length) return problem('changed', { changed });
  leaving = null;
  if (saving) keepFromViewing(result.el);
  if (!point) return result.el;
  aim = { el: result.el, hit: false, missed: false };
  const box = boxOf(result.el);
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

// A browser with a window shows a PDF or a picture where it should save it.
const VIEWED = /\.(?:pdf|png|jpe?g|gif|svg|txt|xml|json)$/i;
function keepFromViewing(el) {
  const link = el.closest('a[href]');
  if (link && !link.hasAttribute('download') && VIEWED.test(link.pathname)) link.setAttribute('download', '');
}

// Before a key is pressed: what was entered still stands, and the field that is meant (else the one filled in last) has the focus.
async function aside({ scopes, locator, ms }) {
  const result = await until(ms, () => inScope(scopes, (roots) => {
    const hit = locator ? one(roots, locator, 'field') : {};
    return hit.problem ? hit : (hit.el && hindrance(hit.el, false)) || { el: hit.el };
  }));
  if (result.problem) return result;
  const changed = changedSince();
  if (changed.length) return problem('changed', { changed });
  leaving = aim = null;
  const idle = !document.activeElement || document.activeElement === document.body;
  const el = result.el || (idle && [...entered.keys()].filter((one) => one.isConnected).at(-1));
  if (el) el.focus({ preventScroll: true });
  else window.focus();
  return { ready: true };
}

// The file field that a locator means (people see the label of a hidden one), else the button that opens the chooser.
const FILE = 'input[type=file]';
const fileField = ({ scopes, locator, ms }) => until(ms, () => inScope(scopes, (roots) => {
  let hit = one(roots, locator, 'field');
  if (hit.problem === 'missing') {
    const key = keyOf(locator.label ?? locator.called ?? '');
    const hidden = all(roots, FILE).filter((el) => [...(el.labels || [])].some(visible) && labelNames(el).some((name) => keyOf(name) === key));
    const pressed = hidden.length ? hidden.map((el) => ({ el })) : [one(roots, locator, 'click')];
    if (pressed.length === 1 && !pressed[0].problem) hit = pressed[0];
  }
  if (hit.problem) return hit;
  const el = hit.el.matches(FILE) ? hit.el : hit.el.querySelector(FILE) || [hit.el.closest('label')?.control].find((other) => other?.matches(FILE)) || hit.el;
  if (!el.matches(FILE) && !el.matches(BUTTON + ',' + LINK)) return problem('no_file', { final: true });
  if (el.matches(':disabled')) return problem('disabled');
  leaving = aim = null;
  return el;
}));

// What within() has narrowed the page to, as a box of the window, scrolled into view; null for all of it.
const box = ({ scopes, ms }) => until(ms, () => inScope(scopes, (roots) => {
  const els = roots.filter((root) => root.nodeType === 1 && visible(root));
  if (!els.length) return { box: null, scrolled: [scrollX, scrollY] };
  els[0].scrollIntoView({ block: 'start', inline: 'start', behavior: 'instant' });
  const boxes = els.map((el) => el.getBoundingClientRect());
  const [left, top] = [Math.min(...boxes.map((b) => b.left)), Math.min(...boxes.map((b) => b.top))];
  const [right, bottom] = [Math.max(...boxes.map((b) => b.right)), Math.max(...boxes.map((b) => b.bottom))];
  return { box: { x: left, y: top, width: right - left, height: bottom - top }, scrolled: [scrollX, scrollY] };
}));

// The page may move between aiming and pressing: a press that would meet anything else is kept from the page.
let aim = null;
for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) {
  window.addEventListener(type, (event) => {
    if (!aim || !event.isTrusted) return;
    const path = event.composedPath();
    if (path.includes(aim.el) || (aim.el.control && path.includes(aim.el.control))) aim.hit = true;
    else {
      aim.missed = true;
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
}

// What a press set off, seen when all of the page's own listeners have had their say: {target} of a navigation, or null.
let leaving = null;
const targetOf = (el) => el.target || document.querySelector('base[target]')?.target || '_self';
window.addEventListener('submit', (event) => {
  if (!event.defaultPrevented && event.target.method !== 'dialog') leaving = { target: event.submitter?.formTarget || targetOf(event.target) };
});
window.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!event.defaultPrevented && link && targetOf(link) !== '_self' && !/^javascript:/i.test(link.href)) leaving = { target: targetOf(link) };
});
window.navigation?.addEventListener('navigate', (event) => {
  if (!event.destination.sameDocument && event.downloadRequest === null) leaving = { target: '_self' };
});

const pressed = async ({ keep }) => {
  await turn();
  await turn();
  const missed = !!aim && aim.missed && !aim.hit;
  aim = null;
  if (!missed && !keep) entered.clear();
  return { missed, leaving: leaving && !window.navigation?.transition ? leaving.target : '' };
};

// Whether the part that calls are narrowed to is there.
const part = ({ scopes, ms }) => until(ms, () => inScope(scopes, () => ({ there: true })));

const frame = ({ scopes, text, ms }) => until(ms, () => inScope(scopes, (roots) => {
  const frames = all(roots, 'iframe,frame').filter(visible);
  const title = (el) => { try { return el.contentDocument?.title || ''; } catch { return ''; } };
  const hits = frames.filter((el) => [el.title, el.name, el.getAttribute('aria-label') || '', title(el)].some((n) => n && keyOf(n) === keyOf(text)));
  if (hits.length === 1) return hits[0];
  return problem(hits.length ? 'two_scopes' : 'no_scope', { scope: 'frame', text, count: hits.length, names: frames.map((el) => el.title || el.name || title(el)).filter(Boolean), matches: [], login: hasPassword() });
}));

const expectation = {
  text: (roots, want) => {
    const how = found(running(roots.map((r) => (r.body || r).innerText).join('\n')), running(want.text));
    return how === 'whole' ? { met: true } : problem('not_met', { partly: how === 'part' });
  },
  absent: (roots, want) => (found(running(roots.map((r) => (r.body || r).innerText).join('\n')), running(want.absent)) === 'none' ? { met: true } : problem('not_met')),
  url: (roots, want) => (decodeURI(location.href).includes(want.url) || location.href.includes(want.url) ? { met: true } : problem('not_met', { got: location.href })),
  field: (roots, want) => {
    const hit = one(roots, want.field, 'field');
    if (hit.problem) return hit;
    const got = hit.field ? fieldText(hit.field) : '', hidden = isPassword(hit.el) || secrets.has(hit.el);
    return same(want.value, got) || running(want.value) === running(got) ? { met: true } : problem('not_met', { got: hidden ? '' : got, hidden });
  },
  find: (roots, want) => {
    const fields = () => fieldsOf(roots), locators = want.find.any_of || [want.find];
    const counts = locators.map((locator) => candidates(roots, locator, 'any', fields).length);
    const count = counts.find((n) => n > 0) || 0;
    return (want.count === undefined ? count > 0 : count === want.count) ? { met: true } : problem('not_met', { count });
  },
};

const status = () => performance.getEntriesByType('navigation')[0]?.responseStatus || 0;
const place = () => ({ login: hasPassword(), status: status() });

// Waits until the page is as told; says also what could make "it is not there" untrue (an error page, a login page).
const expect = async ({ scopes, want, ms }) => {
  const kind = Object.keys(expectation).find((name) => want[name] !== undefined);
  const result = await until(ms, () => {
    if (document.readyState === 'loading') return problem('loading');
    return inScope(scopes, (roots) => expectation[kind](roots, want));
  });
  return { ...result, ...(result.problem ? place() : {}) };
};

const isHead = (row) => row.length > 0 && row.every((cell) => !cell || cell.tagName === 'TH');
function headRows(table, grid) {
  const inHead = table.tHead ? [...table.tHead.rows].length : 0;
  if (inHead) return inHead;
  let n = 0;
  while (n < grid.length && isHead(grid[n])) n++;
  return n;
}

// The column names; under a merged header a name that is not unique takes the upper one before it.
function columnNames(grid, heads) {
  const width = Math.max(...grid.map((row) => row.length));
  const stacks = Array.from({ length: width }, (_, c) => [...new Set(grid.slice(0, heads).map((row) => row[c]).filter(Boolean))].map((cell) => cellText(cell).replace(/\n/g, '')).filter(Boolean));
  const leaves = stacks.map((stack) => stack.at(-1) || '');
  return stacks.map((stack, c) => (leaves.filter((leaf) => leaf === leaves[c]).length > 1 ? stack.join('_') : leaves[c]));
}

// A cell that holds a control shows its value; one that holds a picture alone (a tick, a cross) says what the picture says.
const cellValue = (cell) => {
  const controls = [...cell.querySelectorAll(CONTROL)].filter(shown);
  return controls.length === 1 && !isPassword(controls[0]) ? fieldText({ kind: 'one', members: controls }) : cellText(cell) || tidy(pictureText(cell));
};

const tableTitle = (el) => groupNames(el)[0] || el.caption?.innerText || '';
function tableOf(roots, locator) {
  const tables = innermost(all(roots, 'table').filter((el) => visible(el) && el.rows.length && headRows(el, gridOf(el, new Map()))));
  // A menu laid out as a table is read where it is named, and never taken for the table of an empty list.
  let hits = tables.filter((el) => !el.closest('nav,[role=navigation]'));
  if (locator) {
    const name = locator.called ?? locator.text;
    const titled = name === undefined ? [] : tables.filter((el) => keyOf(tableTitle(el)) === keyOf(name));
    const below = name === undefined ? [] : parts(roots, 'section', name).flatMap((els) => tables.filter((el) => els.some((part) => part.contains(el))));
    if (name === undefined) {
      const hit = one(roots, locator, 'any');
      if (hit.problem) return hit;
      hits = tables.filter((el) => hit.el === el || hit.el.contains(el));
    } else hits = titled.length ? titled : below;
  }
  if (hits.length === 1) return { table: hits[0] };
  const headings = (hits.length ? hits : tables).map((el) => ({ kind: '表', name: short(tableTitle(el)), inside: '', near: short(el.rows[0].innerText, 60) }));
  return hits.length ? problem('ambiguous', { matches: headings, count: hits.length }) : problem('no_table', { matches: headings, login: hasPassword() });
}

// The rows of the table on this page: {columns, rows: [[text…]…]}.  before: what the page before showed.
const table = ({ scopes, locator, ms, before }) => until(ms, () => inScope(scopes, (roots) => {
  const hit = tableOf(roots, locator);
  if (hit.problem) return hit;
  const grid = gridOf(hit.table, new Map()), heads = headRows(hit.table, grid), columns = columnNames(grid, heads);
  const twice = columns.find((name, c) => name && columns.indexOf(name) !== c);
  if (twice) return problem('column_twice', { name: twice });
  const rows = [];
  for (const [r, row] of grid.entries()) {
    if (r < heads || !visible(hit.table.rows[r]) || (columns.length > 1 && new Set(row).size < 2)) continue;
    rows.push(columns.map((_, c) => (row[c] ? cellValue(row[c]) : '')));
  }
  if (before && JSON.stringify(rows) === before) return problem('same_page');
  return { columns, rows };
}));

// Whether there is a way on to the next page of a table.
const more = ({ scopes, locator }) => inScope(scopes, (roots) => {
  const hit = one(roots, locator, 'click');
  if (hit.problem === 'missing') return { more: false };
  if (hit.problem) return hit;
  return { more: !(hit.el.matches(':disabled') || hit.el.getAttribute('aria-disabled') === 'true' || hit.el.matches('.disabled,.disabled *')) };
});

// The fields of a login form: the password field, the text field before it, and the button of their form.
const login = ({ ms }) => until(ms, () => {
  const passwords = all([document], 'input[type=password]').filter(visible);
  if (passwords.length !== 1) return problem('no_login', { count: passwords.length });
  const inputs = all([passwords[0].form || document], 'input').filter((el) => visible(el) && /^(text|email|tel|password)$/.test(el.type));
  const user = inputs[inputs.indexOf(passwords[0]) - 1];
  if (!user) return problem('no_user');
  const buttons = actions([passwords[0].form || document], BUTTON).filter((el) => el.type !== 'reset' && el.type !== 'button');
  const other = actions([passwords[0].form || document], BUTTON).filter((el) => /ログイン|サインイン|login|sign ?in/i.test(actionName(el)));
  const button = other.length === 1 ? other[0] : buttons.length === 1 ? buttons[0] : null;
  if (!button) return problem('no_login_button');
  return [user, passwords[0], button];
});
const loginMessage = () => ({ text: short(all([document], '[role=alert],.error,.alert').filter(visible).map((el) => el.innerText).join(' '), 100), login: hasPassword() });

// What must not be seen in evidence: marks the elements, gives the values of password fields.
const TWELVE = /(?<![0-9０-９])(?:[0-9０-９][ 　\-－‐−ー]?){11}[0-9０-９](?![0-9０-９])/;
function cover({ values }) {
  const hit = (text) => TWELVE.test(text) || values.some((v) => text.includes(v));
  const shown = (el) => (el.selectedOptions ? [...el.selectedOptions].map((one) => one.text).join(' ') : el.value ?? '');
  const isSecret = (el) => isPassword(el) || secrets.has(el) || hit(shown(el));
  for (const el of all([document], 'input,textarea,select')) if (isSecret(el)) el.setAttribute('data-banken-covered', '');
  // The smallest element that holds it whole, however its text is broken up inside.
  for (const el of all([document], 'body *')) if (hit(el.textContent) && ![...el.children].some((one) => hit(one.textContent))) el.setAttribute('data-banken-covered', '');
  return all([document], 'input').filter((el) => isSecret(el) && el.value).map((el) => el.value);
}
const uncover = () => all([document], '[data-banken-covered]').forEach((el) => el.removeAttribute('data-banken-covered'));
// The same for paper, where nothing can be laid over the page: what is covered is not printed.
const veil = ({ on }) => all([document], '[data-banken-covered],input[type=password]').forEach((el) => (on ? el.style.setProperty('visibility', 'hidden', 'important') : el.style.removeProperty('visibility')));

Object.defineProperty(window, '__banken', { value: Object.freeze({ fill, reportAgain: report, atomElement, part, read, target, pressed, frame, expect, place, table, more, login, loginMessage, cover, uncover, veil, aside, fileField, box, outline, look, pointOut }) });
