// Finding what a locator or a scope means.  Part 3.
const BUTTON = 'button,input[type=submit],input[type=button],input[type=reset],input[type=image],[role=button],summary';
const LINK = 'a[href],[role=link],[role=tab],[role=menuitem]';
const ROLE = {
  button: BUTTON, link: 'a[href],[role=link]', textbox: 'input:not([type]),input[type=text],input[type=tel],input[type=email],input[type=url],textarea,[role=textbox]',
  checkbox: 'input[type=checkbox],[role=checkbox]', radio: 'input[type=radio],[role=radio]', combobox: 'select,[role=combobox]',
  heading: 'h1,h2,h3,h4,h5,h6,[role=heading]', row: 'tr,[role=row]', cell: 'td,[role=cell]', table: 'table,[role=table]',
  dialog: 'dialog[open],[role=dialog],[role=alertdialog]', img: 'img,[role=img]', list: 'ul,ol,[role=list]', listitem: 'li,[role=listitem]',
};

function actionName(el) {
  if (el.getAttribute('aria-labelledby')) return byIds(el, el.getAttribute('aria-labelledby'));
  if (el.getAttribute('aria-label')) return el.getAttribute('aria-label');
  if (el.tagName === 'INPUT') return el.type === 'image' ? el.alt : el.value || { submit: '送信', reset: 'リセット' }[el.type] || '';
  const picture = el.querySelector('img[alt]');
  return el.innerText.trim() ? el.innerText : (picture && picture.alt) || el.title || el.textContent;
}

// Of nested matches the outermost stays: a button and the span inside it are one thing.
const outermost = (els) => els.filter((el) => !els.some((other) => other !== el && other.contains(el)));
const innermost = (els) => els.filter((el) => !els.some((other) => other !== el && el.contains(other)));

const actions = (roots, selector, name) =>
  outermost(all(roots, selector).filter((el) => visible(el) && (name === undefined || keyOf(actionName(el)) === keyOf(name))));

function texts(roots, wanted) {
  const text = running(wanted), near = [], whole = [];
  for (const el of all(roots, '*')) {
    if (el.matches('script,style,noscript,template,option') || !found1(el.textContent, text) || !visible(el)) continue;
    const own = running(textOf(el));
    if (own === text) whole.push(el);
    else if (found(own, text) === 'whole') near.push(el);
  }
  return innermost(whole.length ? whole : near);
}
// A quick look that never says no wrongly: the first character must be there.
const found1 = (text, wanted) => text.normalize('NFKC').includes(wanted[0] || '');

// The cell, dd or element whose text a label names: 受理番号 | 12345.
function labelledTexts(roots, name) {
  const key = keyOf(name), result = [];
  for (const el of all(roots, 'th,td,dt,label,span,div,b,strong,p,output')) {
    if (!visible(el) || el.children.length > 3 || keyOf(textOf(el)) !== key) continue;
    if (el.tagName === 'DT') {
      for (let dd = el.nextElementSibling; dd && dd.tagName === 'DD'; dd = dd.nextElementSibling) result.push(dd);
    } else if (el.tagName === 'TH' || el.tagName === 'TD') {
      const next = el.nextElementSibling;
      if (next && (el.tagName === 'TH' ? next.tagName === 'TD' : next.tagName === 'TD' && !el.previousElementSibling)) result.push(next);
    } else if (!el.closest('th,td,dt') && el.nextElementSibling && !keyOf(el.nextElementSibling.innerText || '').startsWith(key)) {
      result.push(el.nextElementSibling);
    }
  }
  return innermost([...new Set(result)].filter(visible));
}

const asFields = (fields) => fields.map((f) => ({ field: f, el: f.members[0] }));
const asElements = (els) => els.map((el) => ({ el }));
const fieldOf = (fields, el) => fields.find((f) => f.kind === 'one' && f.members[0] === el);

// What a bare text means depends on what is to be done: fill in a field, press something, read something.
function called(roots, name, purpose, fields) {
  if (purpose === 'field') return asFields(fieldsCalled(fields(), name));
  const pressed = purpose === 'read' ? [] : actions(roots, BUTTON + ',' + LINK, name);
  if (pressed.length) return asElements(pressed);
  const labelled = fieldsCalled(fields(), name);
  if (labelled.length) return asFields(labelled);
  if (purpose === 'read') {
    const beside = labelledTexts(roots, name);
    if (beside.length) return asElements(beside);
  }
  return purpose === 'click' ? asElements(texts(roots, name).filter((el) => running(textOf(el)) === running(name))) : asElements(texts(roots, name));
}

function byRole(roots, locator) {
  const selector = ROLE[locator.role] || '[role="' + CSS.escape(locator.role) + '"]';
  const nameOf = (el) => (el.matches(CONTROL) ? labelNames(el)[0] || el.title || '' : actionName(el));
  return all(roots, selector).filter((el) => shown(el) && (locator.name === undefined || keyOf(nameOf(el)) === keyOf(locator.name)));
}

function candidates(roots, locator, purpose, fields) {
  if (locator.called !== undefined) return called(roots, locator.called, purpose, fields);
  if (locator.label !== undefined) {
    const hits = fieldsCalled(fields(), locator.label);
    return hits.length || purpose !== 'read' ? asFields(hits) : asElements(labelledTexts(roots, locator.label));
  }
  if (locator.button !== undefined) return asElements(actions(roots, BUTTON, locator.button));
  if (locator.link !== undefined) return asElements(actions(roots, LINK, locator.link));
  if (locator.text !== undefined) return asElements(texts(roots, locator.text));
  let els;
  if (locator.role !== undefined) els = byRole(roots, locator);
  else if (locator.placeholder !== undefined) els = all(roots, '[placeholder]').filter((el) => visible(el) && keyOf(el.placeholder) === keyOf(locator.placeholder));
  else if (locator.test_id !== undefined) els = all(roots, '[data-testid="' + CSS.escape(locator.test_id) + '"]').filter(shown);
  else els = all(roots, locator.css).filter(shown);
  return els.map((el) => ({ el, field: el.matches(CONTROL) ? fieldOf(fields(), el) : undefined }));
}

// Where a match stands, so that a person can tell it from the others.
function surroundings(el) {
  const kind = el.matches(BUTTON) ? 'ボタン' : el.matches(LINK) ? 'リンク' : el.matches(CONTROL) ? '入力欄' : '文字';
  const name = el.matches(CONTROL) ? labelNames(el)[0] || el.placeholder || el.name : actionName(el);
  const row = el.closest('tr,li,fieldset,[role=row]');
  const section = el.closest('fieldset,section,article,[role=group],dialog,[role=dialog]');
  const title = section && (groupNames(section)[0] || section.querySelector('h1,h2,h3,h4,h5,h6,legend')?.textContent);
  return { kind, name: short(name), inside: short(title), near: short(row ? row.innerText : precedingText(el) || el.parentElement?.innerText, 60) };
}

function nearest(roots, locator, purpose, fields) {
  const names = locator.button !== undefined ? [] : calledBy(fields());
  if (locator.label === undefined && purpose !== 'field')
    names.push(...actions(roots, locator.link !== undefined ? LINK : locator.button !== undefined ? BUTTON : BUTTON + ',' + LINK).map((el) => short(actionName(el))));
  if (purpose === 'read') names.push(...all(roots, 'th,dt').filter(visible).map((el) => short(textOf(el))));
  return [...new Set(names.filter(Boolean))].slice(0, 300);
}

// The one match, or a problem: missing (with the names there are) or ambiguous (with where they stand).
function one(roots, locator, purpose, memo = {}) {
  const fields = () => (memo.fields ||= fieldsOf(roots));
  if (locator.any_of) {
    let last;
    for (const [i, choice] of locator.any_of.entries()) {
      last = one(roots, choice, purpose, memo);
      if (last.problem !== 'missing') return last.problem ? last : { ...last, choice: i };
    }
    return last;
  }
  let hits;
  try { hits = candidates(roots, locator, purpose, fields); }
  catch (error) { if (error.name === 'SyntaxError') return problem('bad_css', { final: true }); throw error; }
  if (locator.nth !== undefined) {
    const hit = hits[locator.nth - 1];
    return hit || problem(hits.length ? 'too_few' : 'missing', { count: hits.length, names: nearest(roots, locator, purpose, fields) });
  }
  if (hits.length === 1) return hits[0];
  if (hits.length > 1) return problem('ambiguous', { matches: hits.map((hit) => surroundings(hit.el)).slice(0, 10), count: hits.length, final: document.readyState === 'complete' });
  return problem('missing', { names: nearest(roots, locator, purpose, fields), login: hasPassword() });
}

const hasPassword = () => all([document], 'input[type=password]').some(visible);

function sectionOf(heading) {
  if (heading.tagName === 'LEGEND') return [heading.parentElement];
  if (heading.tagName === 'CAPTION') return [heading.closest('table')];
  const home = heading.parentElement.matches('header,hgroup') ? heading.parentElement : heading;
  const box = home.parentElement, level = Number(heading.tagName[1]) || 6;
  const isEnd = (el) => /^H[1-6]$/.test(el.tagName) && Number(el.tagName[1]) <= level;
  const headings = [...box.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter((el) => el !== heading && Number(el.tagName[1]) <= level);
  if (!headings.length && box !== document.body && box.tagName !== 'MAIN') return [box];
  const parts = [];
  for (let el = home.nextElementSibling; el && !isEnd(el); el = el.nextElementSibling) parts.push(el);
  return parts;
}

function rowsWith(roots, text) {
  const wanted = running(text), rows = all(roots, 'tr,[role=row]').filter(visible);
  const exact = rows.filter((row) => [...row.querySelectorAll('td,th,[role=cell],[role=gridcell]')].some((cell) => running(textOf(cell)) === wanted));
  return innermost(exact.length ? exact : rows.filter((row) => found(running(row.innerText), wanted) === 'whole'));
}

function parts(roots, kind, text) {
  if (kind === 'row') return rowsWith(roots, text).map((row) => [row]);
  if (kind === 'dialog') {
    const open = innermost(all(roots, ROLE.dialog).filter(visible));
    const title = (el) => groupNames(el)[0] || el.querySelector('h1,h2,h3,h4,h5,h6,[role=heading]')?.textContent || '';
    return (text ? open.filter((el) => keyOf(title(el)) === keyOf(text)) : open).map((el) => [el]);
  }
  const named = all(roots, 'section,[role=region],[role=group],form').filter((el) => visible(el) && groupNames(el).some((n) => keyOf(n) === keyOf(text)));
  const headed = all(roots, 'h1,h2,h3,h4,h5,h6,[role=heading],legend,caption').filter((el) => visible(el) && keyOf(textOf(el)) === keyOf(text)).map(sectionOf);
  return [...new Map([...named.map((el) => [el]), ...headed].map((els) => [els[0], els])).values()];
}

// The elements that the scopes narrow the page to, or a problem.
function rootsOf(scopes) {
  let roots = [document];
  for (const [kind, text] of scopes) {
    const hits = parts(roots, kind, text);
    if (!hits.length) return problem('no_scope', { scope: kind, text, login: hasPassword() });
    if (hits.length > 1) return problem('two_scopes', { scope: kind, text, count: hits.length, matches: hits.map((els) => surroundings(els[0])).slice(0, 10) });
    roots = hits[0];
  }
  return { roots };
}

// Calls action(roots) with the narrowed page.
function inScope(scopes, action) {
  const scope = rootsOf(scopes);
  return scope.problem ? scope : action(scope.roots);
}
