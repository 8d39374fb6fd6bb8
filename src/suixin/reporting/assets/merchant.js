// One merchant, drawn when asked for.

const total = (rows) => rows.reduce((sum, parts) => sum + parts.reduce((a, b) => a + b, 0), 0);
const interestOf = (rows) => rows.reduce((sum, [, interest]) => sum + interest, 0);

function drawMerchant(m) {
  const host = document.getElementById('merchant');
  const parts = [headOf(m), keysOf(m), checksOf(m), seasonOf(m), waterfallOf(m), limitOf(m), m.capacity && capacityOf(m), m.price.length && priceOf(m),
    m.costs && costsOf(m), hintsOf(m), m.schedule && scheduleOf(m), el('p', { class: 'proof' }, t('decision number'), ' ', el('code', {}, m.number))];
  host.replaceChildren(...parts.filter(Boolean));
  host.setAttribute('aria-label', m.id);
}

function headOf(m) {
  return el('header', {},
    el('p', { class: 'eyebrow' }, `${t('merchant')} · ${t('as of')} ${date(m.asOf)}`),
    el('h3', { class: 'who' }, m.id), el('p', { class: `stamp ${m.outcome}` }, named('outcome', m.outcome)));
}

function keysOf(m) {
  const cost = m.schedule && (interestOf(m.schedule) + m.fee) / m.limit;
  return el('dl', { class: 'keys' },
    keyFigure(t('limit'), tidy(m.limit), m.schedule && `${t('{n} months', { n: m.schedule.length })} · ${named('method', m.method)}`),
    m.schedule && keyFigure(t('annual rate'), rate(m.rate), t('all-in {rate}', { rate: rate(m.allIn) })),
    m.schedule && keyFigure(t('cost of 1,000'), amount(Math.round(cost * 1e5)), t('interest and fees over the term')),
    keyFigure(t('score'), number(m.score), t('grade {grade}', { grade: m.grade })),
    keyFigure(t('probability of default'), percent(m.pd, 2), `${named('pdBasis', m.pdBasis)} · ${t('evidence {share}', { share: percent(m.confidence, 0) })}`));
}

function checksOf(m) {
  if (!m.checks.length) return null;
  return el('div', { class: 'checks' }, el('h4', {}, t('What stands against it')),
    el('ul', {}, m.checks.map((check) => el('li', { class: check[4] }, reasonSentence(check),
      el('span', { class: 'demand' }, named('outcome', check[4]))))));
}

function basisOf([kind, group, count]) {
  return has(book.names.basis, kind) ? t(book.names.basis[kind], { group: t(group), count: decimals(count, 0) }) : plain(kind);
}

function standingOf([sign, n, trades, level, average]) {
  const fields = { n: count(n), trades: percent(trades, 0), level: amount(level), average: amount(average) };
  return plural(book.names.standing[sign], n, fields);
}

function monthsOf(m) {
  const first = Number(m.month.slice(5)) - 1;
  return m.p50.map((_, index) => month(`0000-${String(((first + index) % 12) + 1).padStart(2, '0')}`));
}

function seasonOf(m) {
  const names = monthsOf(m);
  const title = t('Season and repayment');
  const even = m.schedule && (m.even || m.schedule);
  const shown = { p10: m.p10, p50: m.p50, p90: m.p90 };
  if (m.schedule) Object.assign(shown, {
    due: m.schedule, even: even.map(([a, b]) => a + b), bearable: m.room,
  });
  const keys = [['band', t('sales, P10 to P90')], ['middle', t('sales, P50')]];
  if (m.schedule) keys.push(['principal', t('principal')], ['interest', t('interest')], ['even', t('in equal instalments')],
    ['bearable', t('what a bad year leaves for it')]);
  const head = [t('month'), 'P10', 'P50', 'P90', ...(m.schedule ? [t('falls due'), t('in equal instalments')] : [])];
  const rows = names.map((name, i) => [name, m.p10[i], m.p50[i], m.p90[i], ...(m.schedule ? [total([m.schedule[i] || []]), total([even[i] || []])] : [])]
    .map((value, column) => (column ? amount(value, true) : value)));
  return figure(title, `${t('Above: expected monthly sales.')} ${m.schedule ? t('Below, on its own scale: each instalment under the month whose sales pay it.') : t('No schedule is offered.')} ${t('Forecast: {basis}.', { basis: basisOf(m.basis) })}`,
    m.standing && el('p', { class: 'extra' }, standingOf(m.standing)),
    m.schedule && seasonCost(m), seasonPicture(title, names, shown), legend(...keys), twin(head, rows));
}

function seasonCost(m) {
  if (!m.even) return el('p', { class: 'extra' }, t('Sales are even enough over the year: equal instalments, and the season costs nothing extra.'));
  const extra = interestOf(m.schedule) - interestOf(m.even);
  const [saves, dear] = m.method === 'sweep' ? [t('Repaying from sales saves'), t('Repaying from sales costs')]
    : [t('Repaying by the season saves'), t('Repaying by the season costs')];
  const words = extra < 0 ? saves : dear;
  return el('p', { class: 'extra' }, words, ' ', el('strong', { 'data-extra': extra }, amount(Math.abs(extra), true)), ' ',
    t('in interest against equal instalments ({season} instead of {even}).', { season: amount(interestOf(m.schedule), true), even: amount(interestOf(m.even), true) }));
}

// From the accept line to the score: the worst first, the small ones of the middle in one row.
function waterfallOf(m) {
  const [worst, best] = [7, 5];
  const folded = m.card.length > worst + best + 1 ? m.card.slice(worst, -best) : [];
  const step = ([feature, value, , tenths]) => ({ text: cardSentence(feature, value), tenths });
  const steps = folded.length
    ? [...m.card.slice(0, worst).map(step),
      { text: t('{n} others together', { n: count(folded.length) }), tenths: folded.reduce((sum, row) => sum + row[3], 0), folded: true },
      ...m.card.slice(-best).map(step)]
    : m.card.map(step);
  let at = Math.round(book.policy.approve * 10);
  const spans = steps.map(({ tenths }) => [at, (at += tenths)]);
  const edges = [Math.round(book.policy.approve * 10), at, ...spans.flat()];
  const margin = 10 + (Math.max(...edges) - Math.min(...edges)) * 0.03;
  const [low, high] = [Math.min(...edges) - margin, Math.max(...edges) + margin];
  const x = (value) => `${((100 * (value - low)) / (high - low)).toFixed(3)}%`;
  const row = (text, svg, shown, attributes) => el('li', attributes, el('span', { class: 'step' }, text), svg, el('span', { class: 'points' }, shown));
  const bar = (...children) => shape('svg', { width: '100%', height: 18, 'aria-hidden': 'true' },
    shape('line', { class: 'cut', x1: x(edges[0]), x2: x(edges[0]), y1: 0, y2: 18 }), ...children);
  const end = (text, value, name) => row(text, bar(shape('circle', { class: name, cx: x(value), cy: 9, r: 5 })), number(value / 10), { class: 'end' });
  const list = el('ol', { class: 'waterfall' }, end(t('accept line'), edges[0], 'from'),
    steps.map(({ text, tenths, folded: many }, index) => {
      const [from, to] = spans[index];
      const box = { x: x(Math.min(from, to)), width: `${((100 * Math.max(Math.abs(tenths), 2)) / (high - low)).toFixed(3)}%`, y: 3, height: 12 };
      return row(text, bar(shape('rect', { class: tenths < 0 ? 'minus' : 'plus', ...box })), signed(tenths), { 'data-tenths': tenths, class: many ? 'folded' : null });
    }), end(t('score'), at, m.outcome));
  const rows = m.card.map(([feature, value, threshold, tenths]) => [label(feature), valueOf(feature, value), threshold === null ? '' : valueOf(feature, threshold), signed(tenths)]);
  return figure(t('Reasons'), t('From the accept line to the score: what each item of the card takes or gives.'), list,
    twin([t('item'), t('value'), t('no longer counts against from'), t('points')], rows));
}
const signed = (tenths) => `${tenths > 0 ? '+' : tenths < 0 ? '−' : ''}${(Math.abs(tenths) / 10).toFixed(1)}`;

function limitOf(m) {
  const deducted = ['existing_debt', 'limit'];
  const ceilings = m.ceilings.filter(([name]) => !deducted.includes(name));
  const lowest = Math.min(...ceilings.map(([, value]) => value));
  const most = Math.max(1, Math.min(Math.max(...ceilings.map(([, value]) => value)), lowest * 2.5 || Infinity));
  const rows = ceilings.map(([name, value, binding]) => ({
    name: binding ? [named('limit', name), el('b', { class: 'binding' }, t('binding'))] : named('limit', name),
    note: tidy(value), mark: Boolean(binding),
    parts: value > most ? [[most * 0.93, 'plain'], [most * 0.02, 'gap'], [most * 0.05, 'plain']] : [[value, binding ? 'approve' : 'plain']],
  }));
  const rest = m.ceilings.filter(([name]) => deducted.includes(name));
  return figure(t('Limit'), t('The lowest ceiling counts; a bar with a gap goes on.'), bars(rows, most),
    el('dl', { class: 'sum' }, [[t('lowest ceiling'), lowest], ...rest.map(([name, value]) => [named('limit', name), value])]
      .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, amount(value, true))))),
    m.outcome === 'decline' && el('p', {}, t('Declined: nothing is offered, whatever the sums say.')),
    twin([t('component'), t('amount'), ''], m.ceilings.map(([name, value, binding]) => [named('limit', name), amount(value, true), binding ? t('binding') : ''])));
}

function priceOf(m) {
  const sum = m.price.reduce((whole, [, ppm]) => whole + ppm, 0);
  const marks = [[t('cap'), book.policy.caps[m.asOf]], [t('all-in rate'), m.allIn]].filter(([, ppm]) => ppm !== undefined);
  const most = 1.02 * Math.max(sum, ...marks.map(([, ppm]) => ppm));
  const title = t('Price');
  const image = picture(title, 62, (svg, width) => {
    let from = 0;
    m.price.forEach(([name, ppm], index) => {
      const box = { x: (width * from) / most, width: Math.max(0, (width * ppm) / most - 1), y: 22, height: 20 };
      if (ppm > 0) svg.append(shape('rect', { class: `layer-${index % 6}`, ...box }, shape('title', {}, `${named('price', name)} ${rate(ppm)}`)));
      from += ppm;
    });
    marks.forEach(([name, ppm], index) => {
      const at = (width * ppm) / most;
      svg.append(shape('line', { class: index ? 'mark' : 'cut', x1: at, x2: at, y1: index ? 18 : 6, y2: index ? 50 : 46 }),
        shape('text', { class: 'cut-name', x: at + (at > width / 2 ? -6 : 6), y: index ? 58 : 14, 'text-anchor': at > width / 2 ? 'end' : 'start' }, `${name} ${rate(ppm)}`));
    });
  });
  const layers = el('ul', { class: 'layers' }, m.price.map(([name, ppm], index) => el('li', {},
    el('i', { class: `key layer-${index % 6}` }), el('span', {}, named('price', name)), el('span', {}, rate(ppm)))),
  el('li', { class: 'whole' }, el('i', {}), el('span', {}, t('contract rate')), el('span', {}, rate(sum))));
  return figure(title, t('What the contract rate is made of. The all-in rate is the yearly effective cost of the dated instalments with every fee.'), image, layers,
    twin([t('component'), t('annual rate')], [...m.price.map(([name, ppm]) => [named('price', name), rate(ppm)]), [t('contract rate'), rate(sum)],
      ...marks.map(([name, ppm]) => [name, rate(ppm)])]));
}

function capacityOf(m) {
  const names = Object.values(book.names.capacity);
  const rows = [[0, m.badYear, null], ...m.capacity].map(([number, fen, measured]) => [t(names[number]), amount(fen, true), measured === null ? '' : t(book.names.capacityBasis[measured ? 'measured' : 'assumed'])]);
  return figure(t('What the household can carry'), t('in a bad year, over the term'), table([t('component'), t('amount'), ''], rows));
}

function costsOf(m) {
  const own = [named('method', m.method), interestOf(m.schedule), m.covered];
  const others = m.ways.filter(([method]) => method !== m.method).map(([method, ...rest]) => [named('method', method), ...rest]);
  const even = interestOf(m.even || m.schedule);
  const more = (fen) => (fen ? `${fen > 0 ? '+' : ''}${amount(fen, true)}` : '');
  const ways = [own, ...others].map(([name, interest, covered]) => [name, amount(interest, true), more(interest - even), covered === null ? '' : `${decimals(covered, 2)} ×`]);
  const names = Object.values(book.names.cost);
  const sum = interestOf(m.schedule);
  const lines = [[0, m.limit, null, 0], [1, sum, m.rate, 0], ...m.costs.filter((line) => !line[3]), [4, sum + m.fee, m.allIn, 0], ...m.costs.filter((line) => line[3])];
  const costs = lines.map(([code, fen, ppm, onDefault]) => [typeof code === 'number' ? t(names[code]) : plain(code), fen === null ? '' : amount(fen, true),
    ppm === null ? '' : rate(ppm), onDefault ? t('only on default') : '']);
  return figure(t('What it costs in all'), t('Nothing else is charged.'), table(['', t('amount'), t('annual rate'), ''], costs),
    el('h5', {}, t('Other ways of repaying')), table(['', t('interest'), t('beside equal instalments'), t('lowest coverage')], ways),
    m.sweep && sweepOf(m),
    m.rung && el('p', { class: 'extra' }, t('Next rung'), ': ', t('after {n} loans repaid: up to {cap}, and {discount} less a year', { n: m.rung[0], cap: amount(m.rung[1]), discount: rate(m.rung[2]) })));
}

function sweepOf(m) {
  const [share, cash, last, bad, usual, ...paid] = m.sweep;
  const lead = t("{share} of each month's settled sales is withheld until {day} at the latest; {cash} of them stay with the household.", {
    share: percent(share / 1e6), day: date(later(m.asOf, last)), cash: amount(cash) });
  const cost = t('Interest: {bad} in a bad year, {usual} in a usual one.', { bad: amount(bad, true), usual: amount(usual, true) });
  const rows = monthsOf(m).slice(0, paid[1].length).map((name, index) => [name, ...paid.map((months) => amount(months[index] || 0, true))]);
  rows[rows.length - 1][1] = t('all that is left');
  return el('div', { class: 'sweep' }, el('h5', {}, t('Repaid from sales')), el('p', {}, lead, ' ', cost),
    twin([t('month'), t('smallest amount'), t('paid in a bad year'), t('paid in a usual year')], rows));
}

function hintsOf(m) {
  if (!m.hints.length) return null;
  const words = ([feature, value, target, gain]) => t(book.hints[target > value ? 1 : 0], {
    label: label(feature), value: valueOf(feature, value), target: valueOf(feature, target), gain: amount(gain) });
  return figure(t('What would raise it'), t('Found by deciding again with one figure changed, all else equal; nothing that is easily faked is named.'),
    el('ul', { class: 'hints' }, m.hints.map((hint) => el('li', {}, words(hint)))));
}

const plainAmount = (minor) => decimals(minor / 100, 2);

function scheduleOf(m) {
  const even = m.even || []; // the comparator has a column of its own only where it differs
  let balance = m.limit;
  const rows = m.schedule.map(([principal, interest], index) => [String(index + 1), date(later(m.asOf, m.due[index])),
    ...[principal, interest, principal + interest, (balance -= principal), ...even.slice(index, index + 1).map((row) => total([row]))].map(plainAmount)]);
  const sum = [m.limit, interestOf(m.schedule), total(m.schedule)].map(plainAmount);
  const head = ['', t('due on'), t('principal'), t('interest'), t('falls due'), t('balance')];
  const last = ['', t('in all'), ...sum, ''];
  if (m.even) {
    head.push(t('in equal instalments'));
    last.push(plainAmount(total(even)));
  }
  return figure(t('Schedule'), t('If the whole limit is drawn on the as-of date. Amounts in {unit}.', { unit: lang === 'zh' ? money[1] : book.currency }),
    table(head, [...rows, last], 'schedule'));
}
