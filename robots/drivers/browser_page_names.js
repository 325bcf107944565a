// What each control of the page is called.  Part 2.
const CONTROL = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image]),select,textarea';
const UNIT = /^(?:年|月|日|円|人|件|歳|才|号|番|番地|%|〒|-|~|\/|\(|\)|、|。)$/;
const isTick = (el) => el.type === 'radio' || el.type === 'checkbox';

const hasControl = (el) => el.matches(CONTROL) || !!el.querySelector(CONTROL);
// A tick box drawn by its label alone is still there for a person.
const shown = (el) => visible(el) || (isTick(el) && [...(el.labels || [])].some(visible));

function labelNames(el) {
  const names = [];
  if (el.getAttribute('aria-labelledby')) names.push(byIds(el, el.getAttribute('aria-labelledby')));
  if (el.getAttribute('aria-label')) names.push(el.getAttribute('aria-label'));
  for (const label of el.labels || []) {
    names.push(tidy(textOf(label)) || pictureText(label));
    if (label.contains(el) && !isTick(el)) names.push(textBefore(el, label));
  }
  if (!names.length && isTick(el)) names.push(textAfter(el));
  return names.filter((name) => keyOf(name));
}

function textBefore(el, top) {
  const range = document.createRange();
  range.setStart(top, 0);
  range.setEndBefore(el);
  return range.toString();
}

function textAfter(el) {
  for (let node = el.nextSibling; node; node = node.nextSibling) {
    if (node.nodeType === 1 && (hasControl(node) || node.tagName === 'BR')) return '';
    const text = node.nodeType === 3 ? node.data : node.nodeType === 1 ? textOf(node) : '';
    if (text.trim()) return text;
  }
  return '';
}

// The text that stands before a control, with nothing to be filled in between.
function precedingText(el) {
  for (let node = el, climbs = 0; climbs < 6; node = node.parentNode, climbs++) {
    for (let before = node.previousSibling; before; before = before.previousSibling) {
      if (before.nodeType === 1 && hasControl(before)) return '';
      const text = before.nodeType === 3 ? before.data : before.nodeType === 1 && visible(before) ? textOf(before) : '';
      if (text.trim() && !UNIT.test(keyOf(text))) return text;
    }
    const parent = node.parentNode;
    if (!parent || parent.nodeType !== 1 || parent.matches('td,th,dd,fieldset,form,table,body,section,[role=group]')) return '';
  }
  return '';
}

// rows × columns of cells, merged cells at each of their places.
function gridOf(table, memo) {
  if (memo.has(table)) return memo.get(table);
  const grid = [];
  [...table.rows].forEach((row, r) => {
    grid[r] = grid[r] || [];
    let c = 0;
    for (const cell of row.cells) {
      while (grid[r][c]) c++;
      for (let y = 0; y < Math.min(cell.rowSpan || 1, table.rows.length - r); y++) {
        grid[r + y] = grid[r + y] || [];
        for (let x = 0; x < cell.colSpan; x++) grid[r + y][c + x] = cell;
      }
      c += cell.colSpan;
    }
  });
  memo.set(table, grid);
  return grid;
}

function cellNames(cell, memo) {
  const table = cell.closest('table');
  if (!table) return [];
  const grid = gridOf(table, memo), r = cell.parentElement.rowIndex, c = (grid[r] || []).indexOf(cell);
  if (c < 0) return [];
  let column = '', row = '';
  for (let y = r - 1; y >= 0 && !column; y--) if (grid[y][c] && grid[y][c].tagName === 'TH' && !hasControl(grid[y][c])) column = textOf(grid[y][c]);
  const inHead = (th) => th.parentElement.parentElement.tagName === 'THEAD';
  for (let x = c - 1; x >= 0 && !row; x--) {
    const other = grid[r][x];
    if (!other || other === cell) continue;
    if (other.tagName === 'TH' && !inHead(other)) row = textOf(other);
    else if (hasControl(other)) { if (column || !grid[r].slice(0, x).some((o) => o.tagName === 'TH')) break; }
    else if (!column && other.tagName === 'TD' && other.textContent.trim()) row = textOf(other);
  }
  // In a form laid out as a table the header above belongs to another row's field, not to this one.
  if (row && column && table.rows[0].querySelector('td')) column = '';
  return row && column ? [row, column, row + ' ' + column, column + ' ' + row] : [row, column].filter(Boolean);
}

function groupNames(group) {
  const names = [];
  if (group.getAttribute('aria-labelledby')) names.push(byIds(group, group.getAttribute('aria-labelledby')));
  if (group.getAttribute('aria-label')) names.push(group.getAttribute('aria-label'));
  const legend = group.tagName === 'FIELDSET' && [...group.children].find((el) => el.tagName === 'LEGEND');
  if (legend) names.push(textOf(legend));
  return names;
}

// What the page around says of a control (or of several that belong together).
function nearNames(members, memo) {
  const first = members[0], group = first.closest('fieldset,[role=group],[role=radiogroup]');
  const names = [];
  if (group && members.every((el) => group.contains(el))) {
    const inside = [...group.querySelectorAll(CONTROL)].filter(shown);
    if (inside.every((el) => members.includes(el))) names.push(...groupNames(group));
  }
  const text = precedingText(first);
  if (text) names.push(text);
  const cell = first.closest('td,th,dd');
  if (cell && (!text || members.length > 1 || !names.length) && members.every((el) => cell.contains(el))) {
    if (cell.tagName !== 'DD') names.push(...cellNames(cell, memo));
    else for (let dt = cell.previousElementSibling; dt; dt = dt.previousElementSibling)
      if (dt.tagName === 'DT') { names.push(textOf(dt)); break; }
  }
  return names.filter((name) => keyOf(name));
}

const ERA = /明治|大正|昭和|平成|令和/;
const isEraSelect = (el) => el.tagName === 'SELECT' && [...el.options].filter((o) => ERA.test(o.text) || /^[MTSHR]$/.test(plain(o.text))).length >= 2;

// 年, 月 or 日 where the control is that part of a date, else ''.
function unitOf(el) {
  if (isTick(el) || el.type === 'date') return '';
  const last = (name) => (/(?:^|[^年月日])(年|月|日)$/.exec(keyOf(name)) || [])[1] || '';
  const own = labelNames(el);
  for (const name of own) if (last(name)) return last(name);
  const after = keyOf(textAfter(el)).slice(0, 1);
  if (/[年月日]/.test(after)) return after;
  if (own.length) return '';
  if (el.tagName === 'SELECT') {
    const tails = new Set([...el.options].map((o) => keyOf(o.text).slice(-1)).filter((t) => /[年月日]/.test(t)));
    if (tails.size === 1) return [...tails][0];
  }
  return '';
}

// Dates that are entered in parts: [era] 年 月 日, one after the other.
function dateGroups(controls) {
  const groups = [], units = controls.map(unitOf);
  for (let i = 0; i + 2 < controls.length; i++) {
    if (units[i] !== '年' || units[i + 1] !== '月' || units[i + 2] !== '日') continue;
    const parts = { year: controls[i], month: controls[i + 1], day: controls[i + 2] };
    const before = controls[i - 1];
    if (before && isEraSelect(before)) parts.era = before;
    else if (before && before.type === 'radio') {
      const radios = controls.filter((el) => el.type === 'radio' && el.name === before.name && el.form === before.form);
      if (radios.every((el) => ERA.test(labelNames(el).join()))) parts.eras = radios;
    }
    const members = [...(parts.eras || []), ...(parts.era ? [parts.era] : []), parts.year, parts.month, parts.day];
    groups.push({ kind: 'date', parts, members });
  }
  return groups;
}

function tickGroups(controls) {
  const groups = new Map();
  for (const el of controls.filter(isTick)) {
    const box = el.closest('fieldset,[role=group],[role=radiogroup],td,dd');
    const alike = box && [...box.querySelectorAll(CONTROL)].every((other) => other.type === el.type);
    const place = el.name ? el.type + '\n' + el.name : alike ? box : null;
    if (!place) continue;
    const home = el.name ? el.form || document : box;
    if (!groups.has(home)) groups.set(home, new Map());
    const inHome = groups.get(home);
    inHome.set(place, [...(inHome.get(place) || []), el]);
  }
  const result = [];
  for (const inHome of groups.values()) for (const members of inHome.values())
    if (members.length > 1) result.push({ kind: members[0].type === 'radio' ? 'radio' : 'checks', members });
  return result;
}

// Everything that can be filled in: {kind, members, names (what it is called), more (what it may be called too)}.
function fieldsOf(roots) {
  const memo = new Map(), controls = all(roots, CONTROL).filter(shown), fields = [];
  for (const group of [...dateGroups(controls), ...tickGroups(controls)]) {
    const first = group.members[0];
    const own = isTick(first) ? [] : [...labelNames(first), ...labelNames(group.members.at(-3) || first)];
    group.names = [...nearNames(group.members, memo), ...own.filter((n) => !/^(?:年|月|日|元号|年号)$/.test(keyOf(n)))];
    group.more = [];
    fields.push(group);
  }
  const grouped = new Set(fields.filter((f) => f.kind !== 'date').flatMap((f) => f.members));
  for (const el of controls) {
    const own = labelNames(el), near = grouped.has(el) ? [] : nearNames([el], memo);
    const weak = [el.title, el.placeholder].filter(Boolean);
    fields.push({ kind: 'one', members: [el], names: own.length ? own : near, more: own.length ? [...near, ...weak] : weak });
  }
  for (const field of fields) {
    field.keys = new Set(field.names.map(keyOf));
    field.moreKeys = new Set(field.more.map(keyOf));
  }
  return fields;
}

function fieldsCalled(fields, name) {
  const key = keyOf(name);
  for (const which of ['keys', 'moreKeys']) {
    const hits = fields.filter((field) => field[which].has(key));
    const grouped = new Set(hits.filter((f) => f.kind !== 'one').flatMap((f) => f.members));
    const apart = hits.filter((f) => f.kind !== 'one' || !grouped.has(f.members[0]));
    // A date's era or year that is drawn as ticks is part of the date, not a second match.
    const dates = new Set(apart.filter((f) => f.kind === 'date').flatMap((f) => f.members));
    const kept = apart.filter((f) => f.kind === 'date' || !f.members.some((el) => dates.has(el)));
    if (kept.length) return kept;
  }
  return [];
}
const calledBy = (fields) => [...new Set(fields.flatMap((f) => (f.names.length ? f.names : f.more).slice(0, 1)).map((n) => short(n)))];
