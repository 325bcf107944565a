// Text as a person reads it.  Part 1 of the script that the driver puts into every page.
const plain = (s) => (s || '').normalize('NFKC').replace(/\s+/g, ' ').trim();
// Text as data: only the spaces of the page's source are folded; full-width letters and spaces are part of a name.
const tidy = (s) => (s || '').replace(/[ \t\r\n\f\v\u00a0]+/g, ' ').trim();
const MARK = '(?:[※*●:]|必須|任意|[\\[(【〔<「](?:必須|任意)[\\])】〕>」])+';
const LEADING = new RegExp('^' + MARK), TRAILING = new RegExp(MARK + '$');

// The key of a label: width, spaces and marks of required fields do not count.
function keyOf(s) {
  const bare = plain(s).replace(/ /g, '');
  return bare.replace(LEADING, '').replace(TRAILING, '') || bare;
}

// Text for searching: spaces between two Japanese characters (line breaks in running text) do not count.
const running = (s) => plain(s).replace(/(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])/g, '');

const WORD = /[0-9A-Za-z]/, JOINT = /[-.,/_]/;
// Whether a number or code of the text goes on at this place: 123 is not found in 1234, R8-1 not in R8-10.
function goesOn(text, edge, step, first) {
  if (!WORD.test(first)) return false;
  const next = text[edge] || '', beyond = text[edge + step] || '';
  return WORD.test(next) || (JOINT.test(next) && WORD.test(beyond));
}

// 'whole': found as it is; 'part': found only inside a longer number or code; 'none'.
function found(text, wanted) {
  if (!wanted) return 'whole';
  let result = 'none';
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (!goesOn(text, at - 1, -1, wanted[0]) && !goesOn(text, end, 1, wanted[wanted.length - 1])) return 'whole';
    result = 'part';
  }
  return result;
}

const short = (s, most = 40) => { const t = (s || '').replace(/\s+/g, ' ').trim(); return t.length > most ? t.slice(0, most) + '…' : t; };

function visible(el) {
  if (!el.isConnected || !el.checkVisibility({ checkVisibilityCSS: true })) return false;
  for (const box of el.getClientRects()) if (box.width > 0 && box.height > 0) return true;
  return false;
}

// All elements below the roots that fit, open shadow roots included, in document order.
function all(roots, selector) {
  const result = [];
  const walk = (root) => {
    if (root.nodeType === 1 && root.matches(selector)) result.push(root);
    result.push(...root.querySelectorAll(selector));
    if (hasShadows) for (const el of root.querySelectorAll('*')) if (el.shadowRoot) walk(el.shadowRoot);
  };
  const hasShadows = roots.some((r) => [...r.querySelectorAll('*')].some((el) => el.shadowRoot));
  roots.forEach(walk);
  return roots.length > 1 ? [...new Set(result)] : result;
}

const SILENT = 'select,textarea,button,script,style,noscript,template,option';
// The visible text of an element without what its controls hold.
function textOf(el) {
  if (!el.firstElementChild) return el.textContent;
  if (!el.querySelector(SILENT)) return el.innerText;
  let text = '';
  for (const node of el.childNodes) {
    if (node.nodeType === 3) text += node.data;
    else if (node.nodeType === 1 && !node.matches(SILENT) && node.checkVisibility({ checkVisibilityCSS: true })) text += textOf(node);
  }
  return text;
}

// What the pictures of an element say to who can't see them.
const pictureText = (el) => [...el.querySelectorAll('img[alt]')].filter(visible).map((img) => img.alt).join(' ');

const byIds = (el, ids) => ids.split(/\s+/).map((id) => {
  const other = el.getRootNode().getElementById?.(id);
  return other ? other.textContent : '';
}).join(' ');

// Lets the page's own listeners and renderings that are due have their turn.
const turn = () => new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Tries until there is no problem that time could mend, at most ms milliseconds.
async function until(ms, attempt) {
  const end = performance.now() + ms;
  for (let pause = 10; ; pause = Math.min(pause * 2, 100)) {
    const result = attempt();
    if (!result.problem || result.final || performance.now() >= end) return result;
    await sleep(Math.max(1, Math.min(pause, end - performance.now())));
  }
}
const problem = (kind, more = {}) => ({ problem: kind, ...more });
