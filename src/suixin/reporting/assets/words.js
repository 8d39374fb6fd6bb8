// The words and figures of the page, in the chosen language. English words are the keys of the catalogue.

const book = JSON.parse(document.getElementById('book').textContent);
for (const { card } of book.merchants) for (const row of card) row[0] = book.numbered[row[0]];
const money = { CNY: ['¥', '元'], BRL: ['R$', '雷亚尔'], CZK: ['Kč', '克朗'], USD: ['$', '美元'] }[book.currency];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let lang = 'zh';

const has = (table, key) => Object.prototype.hasOwnProperty.call(table, key);
const plain = (code) => code.replaceAll('_', ' ');

// Fill {field}s in one pass: a brace in a value from data is no field.
const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (whole, name) => (has(fields, name) ? fields[name] : whole));
const t = (english, fields = {}) =>
  fill(lang === 'zh' && has(book.words, english) ? book.words[english] : english, fields);
const plural = ([one, many], n, fields = {}) =>
  fill(lang === 'zh' && has(book.words, one) ? book.words[one] : n === 1 ? one : many, fields);
const named = (table, code) => (has(book.names[table], code) ? t(book.names[table][code]) : plain(code));

// Halves go away from zero, as in the workbook.
function decimals(value, digits) {
  const [whole, part = ''] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const zero = !/[1-9]/.test(whole + part);
  return (value < 0 && !zero ? '-' : '') + grouped + (part && `.${part}`);
}
const number = (value, digits = 1) => {
  const text = decimals(value, digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};
const percent = (share, digits = 1, signed = false) => {
  const text = decimals(share * 100, digits);
  return `${signed && share > 0 && /[1-9]/.test(text) ? '+' : ''}${text}%`;
};
const rate = (ppm) => percent(ppm / 1e6, 2);
const count = (n) => decimals(n, 0);

function amount(minor, exact = false) {
  const size = Math.abs(minor);
  const sign = minor < 0 ? '-' : '';
  if (lang === 'en') return sign + money[0] + (/[a-z]$/i.test(money[0]) ? ' ' : '') + decimals(size / 100, 2);
  if (exact || size < 1e6) return sign + decimals(size / 100, 2) + money[1];
  // The unit is chosen after rounding: 99,999,999.99 reads 1亿, not 10,000万.
  const myriads = Math.round(size / 1e4);
  return sign + (myriads >= 1e6 ? `${number(Math.round(size / 1e8) / 100, 2)}亿` : `${number(myriads / 100, 2)}万`) + money[1];
}

// An amount in a headline or a list, without idle zeros.
const tidy = (minor) => amount(minor).replace(/\.00$/, '');

// An amount for an axis or a bar, where three digits say enough.
function rough(minor) {
  const size = Math.abs(minor) / 100;
  const steps = lang === 'zh' ? [[1e8, '亿'], [1e4, '万']] : [[1e9, 'bn'], [1e6, 'm'], [1e3, 'k']];
  const [unit, name] = steps.find(([least]) => size >= least) || [1, ''];
  const scaled = size / unit;
  const text = number(scaled, scaled < 10 ? 2 : scaled < 100 ? 1 : 0);
  const sign = minor < 0 ? '-' : '';
  return lang === 'zh' ? sign + text + name + money[1] : sign + money[0] + text + name;
}

function date(iso) {
  const [year, month, day] = iso.split('-').map(Number);
  return lang === 'zh' ? `${year}年${month}月${day}日` : `${day} ${monthNames[month - 1]} ${year}`;
}
const later = (iso, days) => new Date(Date.parse(`${iso}T00:00:00Z`) + days * 864e5).toISOString().slice(0, 10);
const month = (label, index) =>
  !label ? String(index + 1) : lang === 'zh' ? `${Number(label.slice(5))}月` : monthNames[label.slice(5) - 1];

function measure(unit, value, signed = false) {
  if (value === null) return t(book.generic[3]);
  if (unit === 'money') return amount(Math.sign(value) * Math.round(Math.abs(value) * 100));
  if (unit === 'share') return percent(value, 1, signed);
  if (unit === 'rate') return percent(value, 2);
  if (unit === 'index') return number(value, 2);
  if (has(book.units, unit)) return plural(book.units[unit], value, { n: number(value) });
  return number(value);
}
const featureOf = (name) =>
  has(book.features, name)
    ? book.features[name]
    : { unit: 'index', label: plain(name), sentence: ['{value}', '{value}'], count: [], signed: false };
const label = (name) => t(featureOf(name).label);
const bare = (name, value) => measure(featureOf(name).unit, value, featureOf(name).signed);
const valueOf = (name, value) =>
  featureOf(name).count.length && value !== null
    ? plural(featureOf(name).count, value, { n: number(value) })
    : bare(name, value);
const cardSentence = (name, value) => plural(featureOf(name).sentence, value, { value: bare(name, value) });

// A rule's words fit only the feature they were written for.
function phraseOf(code, feature) {
  const phrase = has(book.phrases, code) ? book.phrases[code] : null;
  return phrase && (code.startsWith('check.') || phrase.feature === feature) ? phrase : null;
}
const nameOf = (code) => plain(code.slice(code.indexOf('.') + 1));
function reasonLabel(code, feature) {
  if (code.startsWith('card.')) return label(feature);
  const phrase = phraseOf(code, feature);
  return phrase ? t(phrase.label) : t(book.generic[0], { code: nameOf(code), label: feature ? label(feature) : nameOf(code) });
}
function reasonSentence([code, feature, value, threshold]) {
  const phrase = phraseOf(code, feature);
  if (phrase) {
    const fields = { value: measure(phrase.unit, value), bound: measure(phrase.unit, threshold) };
    return plural(phrase.sentence, value, fields);
  }
  if (value === null || threshold === null) return reasonLabel(code, feature);
  const fields = { label: feature ? label(feature) : nameOf(code), value: valueOf(feature, value), bound: valueOf(feature, threshold) };
  return t(book.generic[value > threshold ? 1 : 2], fields);
}
