// The page: language, list, and which merchant is open. The address's hash keeps language and merchant.

const pageSize = 50;
const byId = new Map(book.merchants.map((m) => [m.id, m]));
const worst = new Map(book.merchants.map((m) => [m, outcomes.indexOf(m.outcome)]));
const columns = [
  ['merchant', (m) => m.id, (m) => m.id],
  ['decision', (m) => worst.get(m), (m) => named('outcome', m.outcome)],
  ['score', (m) => m.score, (m) => number(m.score)],
  ['grade', (m) => book.policy.grades.indexOf(m.grade), (m) => m.grade],
  ['limit', (m) => m.limit, (m) => (m.limit ? tidy(m.limit) : '–')],
  ['annual rate', (m) => (m.rate === undefined ? -1 : m.rate), (m) => (m.rate === undefined ? '–' : rate(m.rate))],
];
const state = { sort: 4, down: true, page: 0, open: null };
const filters = document.getElementById('filters');
const collator = new Intl.Collator('en', { numeric: true });

function listed() {
  const text = filters.elements.text.value.trim().toLowerCase();
  const [outcome, grade, reason] = ['outcome', 'grade', 'reason'].map((name) => filters.elements[name].value);
  const kept = book.merchants.filter((m) => (!text || m.id.toLowerCase().includes(text)) && (!outcome || m.outcome === outcome) &&
    (!grade || m.grade === grade) && (!reason || m.checks.some((check) => check[0] === reason)));
  const key = columns[state.sort][1];
  const order = (a, b) => (typeof key(a) === 'string' ? collator.compare(key(a), key(b)) : key(a) - key(b));
  return kept.sort((a, b) => (state.down ? -1 : 1) * order(a, b) || collator.compare(a.id, b.id));
}

const address = (id) => `#lang=${lang}${id === null ? '' : `&merchant=${encodeURIComponent(id)}`}`;

function drawList() {
  const rows = listed();
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  state.page = Math.min(state.page, pages - 1);
  const list = document.getElementById('list');
  list.tHead.replaceChildren(el('tr', {}, columns.map(([name], index) => el('th', {
    scope: 'col', 'aria-sort': state.sort === index ? (state.down ? 'descending' : 'ascending') : 'none',
  }, el('button', { type: 'button', onclick: () => sortBy(index) }, t(name))))));
  list.tBodies[0].replaceChildren(...rows.slice(state.page * pageSize, (state.page + 1) * pageSize).map((m) =>
    el('tr', { class: m.outcome, 'aria-current': m === state.open ? 'true' : null, onclick: (event) => event.target.closest('a') || go(m.id) },
      el('th', { scope: 'row' }, el('a', { href: address(m.id) }, m.id)), columns.slice(1).map(([, , show]) => el('td', {}, show(m))))));
  document.getElementById('found').textContent = rows.length
    ? t('{n} of {all} merchants', { n: count(rows.length), all: count(book.merchants.length) })
    : t('No merchant fits. Clear the search or choose "all".');
  const turn = (text, page) => el('button', { type: 'button', disabled: page < 0 || page >= pages, onclick: () => { state.page = page; drawList(); } }, text);
  document.getElementById('pager').replaceChildren(turn(t('back'), state.page - 1),
    el('span', {}, `${state.page + 1} / ${pages}`), turn(t('next'), state.page + 1));
}

function sortBy(index) {
  Object.assign(state, { down: state.sort === index ? !state.down : index > 1, sort: index, page: 0 });
  drawList();
  document.querySelectorAll('#list thead button')[index].focus();
}

function drawFilters() {
  const choices = {
    outcome: outcomes.map((name) => [name, named('outcome', name)]),
    grade: book.policy.grades.map((grade) => [grade, grade]),
    reason: [...new Map(book.summary.against.map(([code, feature]) => [code, reasonLabel(code, feature)]))],
  };
  for (const [name, options] of Object.entries(choices)) {
    const { value } = filters.elements[name];
    filters.elements[name].replaceChildren(el('option', { value: '' }, t('all')), ...options.map(([code, text]) => el('option', { value: code }, text)));
    filters.elements[name].value = value;
  }
}

function drawFrame() {
  document.documentElement.lang = lang === 'zh' ? 'zh-Hans' : 'en';
  document.title = `${lang === 'zh' ? '穗信' : 'Suixin'} · ${t('Decision book')}`;
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', t(node.dataset.label));
  for (const node of document.querySelectorAll('[data-lang]')) node.setAttribute('aria-pressed', String(node.dataset.lang === lang));
  const { run, held } = book;
  const day = run.as_of.length === 10 ? date(run.as_of) : run.as_of;
  document.getElementById('imprint').textContent = [`${t('as of')} ${day}`, `${run.policy_name} ${run.policy_version}`, run.currency].join(' · ');
  const notice = document.getElementById('held');
  notice.hidden = held.whole;
  notice.textContent = t('This book covers {all} merchants; the figures above are over all of them. To stay light the page holds {refer} of the {referred} referred (those with the largest limits), and a random but repeatable choice of {approve} of the {approved} approved and {decline} of the {declined} declined. decisions.parquet and book.xlsx hold every one.', {
    all: count(book.summary.merchants),
    ...Object.fromEntries([['approve', 'approved'], ['refer', 'referred'], ['decline', 'declined']].flatMap(([name, whole]) =>
      [[name, count(held[name])], [whole, count(book.summary.outcomes[name][0])]])),
  });
}

function drawSources() {
  const facts = Object.entries(book.run).filter(([, value]) => value !== '');
  const rows = book.sources.map(([adapter, source, route, authorisation, purpose, assumptions]) => [adapter, source, named('route', route), t(authorisation), t(purpose),
    el('ul', { class: 'assumptions' }, assumptions.map((text) => el('li', {}, t(text))))]);
  document.getElementById('sources').replaceChildren(
    el('dl', { class: 'facts' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, named('fact', name)), el('dd', {}, value)))),
    rows.length ? table(['adapter', 'source', 'route', 'authorisation', 'purpose', 'assumptions'].map((name) => t(name)), rows, 'origin') : '',
    book.absent.length ? el('p', {}, t('No data for these families of features, so they count neither for nor against: {names}.', { names: book.absent.map((name) => named('family', name)).join(lang === 'zh' ? '、' : ', ') })) : '',
    el('ul', { class: 'caveats' }, [
      book.trained
        ? t('Probabilities of default come from a trained model; its card says how far they can be trusted.')
        : t('Probabilities of default are assumed by the expert card, not estimated from outcomes.'),
      t('The contract rate is nominal a year; the all-in rate is effective a year on actual days over 365.'),
      t('Points are shown in tenths that add up; the workbook has them exactly.'),
      ...(book.policy.illustrative ? [t('The policy is illustrative: no lender has set it.')] : []),
    ].map((text) => el('li', {}, text))));
}

function open(m, moved) {
  state.open = m;
  for (const row of document.querySelectorAll('#list tbody tr')) {
    if (row.querySelector('a').textContent === m.id) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
  drawMerchant(m);
  if (!moved) return;
  const article = document.getElementById('merchant');
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}

function drawAll() {
  drawFrame();
  drawSummary();
  drawFilters();
  drawList();
  drawSources();
  if (state.open) drawMerchant(state.open);
}

// Without a choice the page opens a merchant whose season costs something.
function telling() {
  const rows = listed();
  const found = Math.max(0, rows.findIndex((m) => m.even && m.outcome === 'approve' && interestOf(m.schedule) > interestOf(m.even)));
  state.page = Math.floor(found / pageSize);
  drawList();
  return rows[found];
}

const go = (id) => { location.hash = address(id); };

function follow(first) {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const chosen = wanted.get('lang');
  if (first || (chosen && chosen !== lang)) {
    lang = chosen === 'en' ? 'en' : 'zh';
    drawAll();
  }
  const m = byId.get(wanted.get('merchant'));
  if (m) open(m, true);
  else if (first && !m && book.merchants.length) open(telling(), false);
}

filters.addEventListener('input', () => { state.page = 0; drawList(); });
filters.addEventListener('submit', (event) => event.preventDefault());
for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => {
    lang = button.dataset.lang;
    history.replaceState(null, '', address(new URLSearchParams(location.hash.slice(1)).get('merchant')));
    drawAll();
  });
}
for (const link of document.querySelectorAll('[data-go]')) {
  link.addEventListener('click', (event) => { event.preventDefault(); document.getElementById(link.dataset.go).focus(); });
}
addEventListener('hashchange', () => follow(false));
follow(true);
