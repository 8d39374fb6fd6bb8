// The whole book: key figures and pictures.

const outcomes = ['approve', 'refer', 'decline'];
const keyFigure = (name, value, note) => el('div', {}, el('dt', {}, name), el('dd', {}, value, note && el('small', {}, note)));

function drawOverview() {
  const { merchants, outcomes: found, lent, extra, rate: mean, allIn, pd, seasonal } = book.summary;
  const lead = t('Of {all} merchants {approved} are approved, with limits of {limit} in all.', {
    all: count(merchants), approved: count(found.approve[0]), limit: tidy(found.approve[1]),
  });
  const figures = el('dl', { class: 'keys' },
    mean !== null && keyFigure(t('annual rate'), rate(mean), t('all-in {rate}', { rate: rate(allIn) })),
    pd !== null && keyFigure(t('probability of default'), percent(pd, 2), book.trained ? t('from a trained model') : t('assumed by the expert card')),
    mean !== null && keyFigure(t('cost of the season'), tidy(extra),
      t('{n} offers fitted to the season; {share} of {lent} on offer', { n: count(seasonal), share: percent(extra / lent, 2), lent: tidy(lent) })));
  const strip = shape('svg', { class: 'strip', width: '100%', height: 22, role: 'img', 'aria-label': lead },
    stripes(outcomes.map((name) => [found[name][0], name]), merchants).map((box) => box && fillNode(box, { height: 22 }, [])));
  const parts = el('ul', { class: 'verdicts' }, outcomes.map((name) => el('li', { class: name },
    el('span', { class: 'verdict' }, named('outcome', name)),
    el('strong', { 'data-count': name }, count(found[name][0])),
    el('small', {}, percent(merchants ? found[name][0] / merchants : 0), found[name][1] ? ` · ${tidy(found[name][1])}` : ''))));
  const rows = outcomes.map((name) => [named('outcome', name), count(found[name][0]), amount(found[name][1], true)]);
  document.getElementById('overview').replaceChildren(
    el('div', { class: 'opening' }, el('p', { class: 'lead' }, lead), figures), strip, parts,
    twin([t('decision'), t('merchants'), t('limit')], rows,
      t('Limits of referred merchants are what would be offered. Rates are means over all offers, weighed by limit.')));
}

function scoresFigure() {
  const { bins } = book.summary;
  const title = t('Scores');
  const most = Math.max(...bins.map((bin) => bin[2] + bin[3] + bin[4]), 1);
  const image = picture(title, 250, (svg, width) => {
    const [left, top, bottom] = [38, 34, 222];
    const [low, high] = [bins[0][0], bins[bins.length - 1][1]];
    const x = (score) => left + ((width - left - 8) * (score - low)) / (high - low);
    const y = (value) => bottom - ((bottom - top) * value) / most;
    for (const tick of ticks(most)) {
      svg.append(shape('line', { class: tick ? 'grid' : 'ground', x1: left, x2: width - 8, y1: y(tick), y2: y(tick) }),
        shape('text', { class: 'tick', x: left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, count(tick)));
    }
    for (const [from, to, ...counts] of bins) {
      let base = 0;
      for (const index of [2, 1, 0]) { // the worst at the bottom
        const box = { x: x(from) + 0.75, width: Math.max(1, x(to) - x(from) - 1.5), y: y(base + counts[index]), height: y(base) - y(base + counts[index]) };
        svg.append(shape('rect', { class: outcomes[index], ...box }, shape('title', {}, `${from}–${to}: ${named('outcome', outcomes[index])} ${counts[index]}`)));
        base += counts[index];
      }
    }
    const step = ticks(high - low, width / 90)[1] || high - low;
    for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
      svg.append(shape('text', { class: 'tick', x: x(tick), y: bottom + 18, 'text-anchor': 'middle' }, number(tick)));
    }
    for (const [name, at, side, row] of [['refer line', book.policy.refer, 'end', 0], ['accept line', book.policy.approve, 'start', 1]]) {
      svg.append(shape('line', { class: 'cut', x1: x(at), x2: x(at), y1: 12, y2: bottom }),
        shape('text', { class: 'cut-name', x: x(at) + (row ? 6 : -6), y: 20, 'text-anchor': side }, `${t(name)} ${number(at)}`));
    }
  });
  const about = t('Merchants by score. A rule can refer or decline one above the line.');
  const rows = bins.map(([from, to, ...counts]) => [`${number(from)}–${number(to)}`, ...counts.map(count)]);
  return figure(title, about, image, legend(...outcomes.map((name) => [name, named('outcome', name)])),
    twin([t('score'), ...outcomes.map((name) => named('outcome', name))], rows));
}

function gradesFigure() {
  const grades = Object.entries(book.summary.grades);
  const most = Math.max(...grades.map(([, row]) => row.approve[1] + row.refer[1]));
  const all = (row) => outcomes.reduce((sum, name) => sum + row[name][0], 0);
  const rows = grades.map(([grade, row]) => ({
    name: t('grade {grade}', { grade }),
    note: [t('{n} merchants', { n: count(all(row)) }), rough(row.approve[1] + row.refer[1])].join(' · '),
    parts: [[row.approve[1], 'approve'], [row.refer[1], 'refer']],
  }));
  const exact = grades.map(([grade, row]) => [grade, ...outcomes.flatMap((name) => [count(row[name][0]), name === 'decline' ? [] : amount(row[name][1], true)]).flat()]);
  return figure(t('Limits by grade'), t('What is approved, and what would be offered after a person has looked.'), bars(rows, most),
    legend(['approve', named('outcome', 'approve')], ['refer', named('outcome', 'refer')]),
    twin([t('grade'), named('outcome', 'approve'), t('limit'), named('outcome', 'refer'), t('limit'), named('outcome', 'decline')], exact));
}

function bindingFigure() {
  const { binding } = book.summary;
  const all = binding.reduce((sum, row) => sum + row[1], 0);
  const rows = binding.map(([name, offers, limit]) => ({
    name: named('limit', name), note: `${t('{n} merchants', { n: count(offers) })} · ${rough(limit)}`, parts: [[offers, 'plain']],
  }));
  return figure(t('What holds the limits'), t('A limit is the lowest of its ceilings, less what the household owes already.'), bars(rows, all),
    twin([t('binding ceiling'), t('merchants'), t('limit')], binding.map(([name, offers, limit]) => [named('limit', name), count(offers), amount(limit, true)])));
}

function reasonsFigure(title, about, found, shown) {
  const most = Math.max(...found.map((row) => row[2] + row[3]), 1);
  const rows = found.slice(0, shown).map(([code, feature, refer, decline]) => ({
    name: reasonLabel(code, feature), note: t('{n} merchants', { n: count(refer + decline) }), parts: [[decline, 'decline'], [refer, 'refer']],
  }));
  return figure(title, about, rows.length ? bars(rows, most) : el('p', {}, t('None.')),
    legend(['decline', named('outcome', 'decline')], ['refer', named('outcome', 'refer')]),
    twin([t('reason'), named('outcome', 'refer'), named('outcome', 'decline')],
      found.map(([code, feature, refer, decline]) => [reasonLabel(code, feature), count(refer), count(decline)])));
}

function seasonFigure() {
  const { months } = book.summary;
  const names = months.map(([name], index) => month(name, index));
  const column = (index) => months.map((row) => row[index]);
  const title = t('The season ahead');
  const about = t('Above: expected sales (P50) of all merchants with an offer. Below, on its own scale: what falls due at the end of each month if all of it is drawn.');
  const rows = months.map((row, index) => [names[index], ...row.slice(1).map((value) => amount(value, true))]);
  return fillNode(figure(title, about,
    seasonPicture(title, names, { p50: column(1), due: column(2).map((value) => [value]), even: column(3) }),
    legend(['middle', t('sales, P50')], ['principal', t('falls due')], ['even', t('in equal instalments')]),
    twin([t('month'), t('sales, P50'), t('falls due'), t('in equal instalments')], rows)), { class: 'wide' }, []);
}

function drawSummary() {
  drawOverview();
  const { bins, against, costly, months } = book.summary;
  document.getElementById('plates').replaceChildren(...[
    el('div', { class: 'stack' }, bins.length && scoresFigure(),
      reasonsFigure(t('What stands against them'), t('Checks and rules of the policy; one merchant may meet several.'), against, 8)),
    el('div', { class: 'stack' }, gradesFigure(), bindingFigure(),
      reasonsFigure(t('Where the points are lost'), t('The item of the card that costs each merchant most who is not approved.'), costly, 5)),
    months.length && seasonFigure(),
  ].filter(Boolean));
}
