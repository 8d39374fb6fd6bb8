// Elements and pictures. Text from data becomes text nodes and attributes, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fillNode(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}
const el = (tag, attributes = {}, ...children) => fillNode(document.createElement(tag), attributes, children);
const shape = (tag, attributes = {}, ...children) => fillNode(document.createElementNS(SVG, tag), attributes, children);

// A picture is drawn at the width it is given and again when that changes.
const watcher = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const width = Math.round(contentRect.width);
    if (width && target.picture.width !== width) {
      target.picture.width = width;
      target.picture.draw(width);
    }
  }
});
function picture(title, height, draw) {
  const host = el('div', { class: 'picture' });
  const render = (width) => {
    const image = shape('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title });
    draw(image, width);
    host.replaceChildren(image);
  };
  host.picture = { width: 0, draw: render };
  watcher.observe(host);
  return host;
}

function table(head, rows, className = '') {
  const cell = (value, index) => el(index ? 'td' : 'th', index ? {} : { scope: 'row' }, value);
  return el('div', { class: 'scroll', tabindex: 0 },
    el('table', { class: `figures ${className}` },
      el('thead', {}, el('tr', {}, head.map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map(cell))))));
}
const twin = (head, rows, note = null) =>
  el('details', { class: 'twin' }, el('summary', {}, t('As a table')), note && el('p', {}, note), table(head, rows));
const legend = (...entries) =>
  el('ul', { class: 'legend' }, entries.map(([kind, text]) => el('li', {}, el('i', { class: `key ${kind}` }), text)));
const figure = (title, about, ...parts) =>
  el('figure', {}, el('figcaption', {}, el('h3', {}, title), about && el('p', {}, about)), parts);

function ticks(most, wanted = 4) {
  if (most <= 0) return [0];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

// Horizontal bars with their words above them: readable at any width.
function bars(rows, most) {
  return el('ol', { class: 'bars' }, rows.map(({ name, note, parts, mark }) =>
    el('li', mark ? { class: 'marked' } : {},
      el('span', { class: 'bar-name' }, name), el('span', { class: 'bar-note' }, note),
      shape('svg', { class: 'bar', height: 10, width: '100%', 'aria-hidden': 'true' }, stripes(parts, most)))));
}
function stripes(parts, most) {
  let start = 0;
  return parts.map(([value, kind]) => {
    const from = start;
    start += value;
    const share = (size) => `${((100 * size) / (most || 1)).toFixed(3)}%`;
    return value > 0 && shape('rect', { class: kind, x: share(from), width: share(value), y: 0, height: 10 });
  });
}

// Room for the labels of an axis: a Chinese character is wider than a digit.
const roomFor = (texts) => Math.max(...texts.map((text) => [...text].reduce((sum, char) => sum + (char > '\u2e7f' ? 12 : 7.2), 14)));

// Two panels over the same months: sales above, repayments below on a scale of their own.
function seasonPicture(title, months, { p10, p50, p90, due, even, bearable }) {
  const [right, high, low, gap] = [10, 170, 110, 44];
  const total = due && due.map((parts) => parts.reduce((sum, part) => sum + part, 0));
  const [mostSold, mostDue] = [Math.max(...(p90 || p50)), due ? 1.05 * Math.max(...total, ...even) : 0];
  const mostPaid = bearable ? Math.min(Math.max(...bearable), mostDue * 1.4) : mostDue;
  const scaleDue = Math.max(mostDue, mostPaid);
  const left = roomFor([...ticks(mostSold), ...ticks(scaleDue)].map(rough));
  const height = due ? 14 + high + gap + low + 24 : 14 + high + 24;
  return picture(title, height, (image, width) => {
    const slot = (width - left - right) / months.length;
    const middle = (index) => left + slot * (index + 0.5);
    const path = (values, y, turn = false) => {
      const points = values.map((value, index) => `${middle(index).toFixed(1)},${y(value).toFixed(1)}`);
      return (turn ? points.reverse() : points).join(' ');
    };
    const panel = (top, size, most) => {
      const y = (value) => top + size - (size * value) / (most || 1);
      for (const tick of ticks(most, size / 45)) {
        image.append(
          shape('line', { class: tick ? 'grid' : 'ground', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
          shape('text', { class: 'tick', x: left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, rough(tick)));
      }
      return y;
    };
    const names = (y) => months.forEach((name, index) => {
      const skip = slot < 26 && index % 2;
      if (!skip) image.append(shape('text', { class: 'tick', x: middle(index), y, 'text-anchor': 'middle' }, name));
    });
    const sales = panel(14, high, mostSold);
    if (p90) image.append(shape('polygon', { class: 'band', points: `${path(p90, sales)} ${path(p10, sales, true)}` }));
    image.append(shape('polyline', { class: 'middle', points: path(p50, sales) }));
    p50.forEach((value, index) => image.append(
      shape('circle', { class: 'dot', cx: middle(index), cy: sales(value), r: 3 }, shape('title', {}, `${months[index]}: ${amount(value)}`))));
    names(14 + high + 18);
    if (!due) return;
    const pay = panel(14 + high + gap, low, scaleDue);
    due.forEach(([principal, interest = 0], index) => {
      const box = { x: left + slot * (index + 0.2), width: slot * 0.6 };
      const words = shape('title', {}, `${months[index]}: ${amount(total[index])}`);
      image.append(shape('g', {}, words,
        shape('rect', { class: 'principal', ...box, y: pay(principal), height: pay(0) - pay(principal) }),
        shape('rect', { class: 'interest', ...box, y: pay(total[index]), height: pay(principal) - pay(total[index]) })));
    });
    const top = 14 + high + gap; // an inner picture cuts off what rises above the panel
    if (bearable) image.append(shape('svg', { x: 0, y: top, width, height: low }, shape('polyline', { class: 'bearable', points: path(bearable, (v) => pay(v) - top) })));
    image.append(shape('polyline', { class: 'even', points: path(even, pay) }));
    names(14 + high + gap + low + 18);
  });
}
