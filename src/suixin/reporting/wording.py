"""Words for people in Chinese and English, from one gettext catalogue whose msgids are the English words."""

import gettext
import math
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from typing import Literal

from suixin.errors import UsageError
from suixin.features.feature import Unit
from suixin.features.registry import FEATURES
from suixin.money import currency_of, format_amount, round_half_up
from suixin.reporting import phrases
from suixin.reporting.columns import COLUMNS
from suixin.underwriting.decision import Hint, Reason
from suixin.underwriting.forecast import basis_parts
from suixin.underwriting.standing import SILENT, Standing

Lang = Literal["zh", "en"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def words(lang: str) -> "Words":
    """The words of a language, 'zh' (simplified Chinese) or 'en'; UsageError for another."""
    if lang == "zh":
        catalogue = resources.files("suixin.reporting") / "locale" / "zh" / "LC_MESSAGES" / "suixin.mo"
        with catalogue.open("rb") as file:
            return Words("zh", gettext.GNUTranslations(file))
    if lang == "en":
        return Words("en", gettext.NullTranslations())
    raise UsageError(f"language {lang!r} is unknown; use zh or en")


def both(msgid: str, separator: str = " ") -> str:
    """Chinese and English words side by side; a text that the catalogue lacks once."""
    chinese = words("zh").text(msgid)
    return chinese if chinese == msgid else f"{chinese}{separator}{msgid}"


class Words:
    """Everything that reports say, in one language."""

    def __init__(self, lang: Lang, catalogue: gettext.NullTranslations, *, exact: bool = False) -> None:
        self.lang: Lang = lang
        self._catalogue = catalogue
        self._exact = exact

    def to_the_fen(self) -> "Words":
        """The same words with every amount exact, inside sentences too."""
        return Words(self.lang, self._catalogue, exact=True)

    def text(self, msgid: str, **fields: str) -> str:
        """The words for an English msgid, itself if the catalogue lacks it; `{field}` is filled in."""
        found = self._catalogue.gettext(msgid) if msgid else ""
        return _fill(found, fields)

    def plural(self, one: str, many: str, number: float, **fields: str) -> str:
        """The words for so many."""
        return _fill(self._catalogue.ngettext(one, many, 1 if number == 1 else 2), fields)

    def number(self, value: float, decimals: int = 1) -> str:
        """A number with thousands separated and at most so many decimals, halves away from zero."""
        text = f"{_rounded(value, decimals):,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def percent(self, share: float, decimals: int = 1, *, signed: bool = False) -> str:
        """A fraction as a percentage."""
        shown = _rounded(share * 100, decimals)
        return f"{shown:{'+' if signed and shown else ''},f}%"

    def rate(self, ppm: int) -> str:
        """An annual rate in parts per million as a percentage with two decimals."""
        return self.percent(ppm / 1_000_000, 2)

    def money(self, minor: int, currency: str, *, exact: bool = False) -> str:
        """An amount of minor units."""
        return format_amount(minor, currency_of(currency), self.lang, exact=exact or self._exact)

    def date(self, day: date) -> str:
        """A date: 2025年3月1日, 1 Mar 2025."""
        if self.lang == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def feature_label(self, name: str) -> str:
        """What a feature is, in a few words."""
        return self.text(FEATURES[name].label) if name in FEATURES else _plain(name)

    def value(self, name: str, value: float | None, currency: str) -> str:
        """A feature's value with its unit, standing alone: '12 orders', '3.5%', '1.2万元'."""
        if name in phrases.COUNT_WORDS and value is not None and math.isfinite(value):
            return self.plural(*phrases.COUNT_WORDS[name], value, n=self.number(value))
        return self._bare(name, value, currency)

    def _bare(self, name: str, value: float | None, currency: str) -> str:
        """A value inside a sentence that names what is counted itself."""
        unit = FEATURES[name].unit if name in FEATURES else Unit.INDEX
        return self.measure(unit, value, currency, signed=name in phrases.SIGNED)

    def measure(self, unit: str, value: float | None, currency: str, *, signed: bool = False) -> str:
        """A figure in a unit of `suixin.features.feature.Unit`, or in 'rate' or 'score'."""
        if value is None or not math.isfinite(value):
            return self.text(phrases.UNKNOWN)
        if unit == Unit.MONEY:
            digits = currency_of(currency).digits
            return self.money(round_half_up(Decimal(repr(value)).scaleb(digits)), currency)
        if unit in phrases.UNIT_WORDS:
            return self.plural(*phrases.UNIT_WORDS[Unit(unit)], value, n=self.number(value))
        if unit in {Unit.SHARE, phrases.RATE}:
            return self.percent(value, 1 if unit == Unit.SHARE else 2, signed=signed)
        return self.number(value, 2 if unit == Unit.INDEX else 1)

    def reason(self, reason: Reason, currency: str) -> str:
        """A reason as a sentence with its figures."""
        kind, _, code = reason.code.partition(".")
        if kind == "card" and reason.feature in FEATURES and reason.value is None:
            return self.text("nothing is known of: {label}", label=self.feature_label(reason.feature))
        if kind == "card" and reason.feature in FEATURES:
            return self._sentence(FEATURES[reason.feature].sentence, reason, currency)
        phrase = self._phrase(kind, code, reason.feature)
        if phrase is None:
            return self._generic(reason, currency)
        value = self.measure(phrase.unit, reason.value, currency)
        bound = self.measure(phrase.unit, reason.threshold, currency)
        one = phrases.SINGULAR.get(phrase.sentence, phrase.sentence)
        if one != phrase.sentence and reason.value is not None:
            return self.plural(one, phrase.sentence, reason.value, value=value, bound=bound)
        return self.text(phrase.sentence, value=value, bound=bound)

    def reason_label(self, code: str, feature: str) -> str:
        """What a reason is about, without figures; to count reasons by."""
        kind, _, name = code.partition(".")
        if kind == "card":
            return self.feature_label(feature or name)
        phrase = self._phrase(kind, name, feature)
        if phrase is not None:
            return self.text(phrase.label)
        about = self.feature_label(feature) if feature else _plain(name)
        return self.text(phrases.GENERIC_RULE, code=_plain(name), label=about)

    def _phrase(self, kind: str, code: str, feature: str) -> phrases.Phrase | None:
        if kind == "check":
            return phrases.CHECKS.get(code)
        phrase = phrases.RULES.get(code) if kind == "rule" else None
        return phrase if phrase and phrase.feature == feature else None

    def _sentence(self, sentence: str, reason: Reason, currency: str) -> str:
        value = self._bare(reason.feature, reason.value, currency)
        if sentence in phrases.SINGULAR and reason.value is not None:
            return self.plural(phrases.SINGULAR[sentence], sentence, reason.value, value=value)
        return self.text(sentence, value=value)

    def _generic(self, reason: Reason, currency: str) -> str:
        code = reason.code.partition(".")[2]
        label = self.feature_label(reason.feature) if reason.feature else _plain(code)
        if reason.value is None or reason.threshold is None:
            return self.text(phrases.GENERIC_RULE, code=_plain(code), label=label)
        sentence = phrases.GENERIC_ABOVE if reason.value > reason.threshold else phrases.GENERIC_BELOW
        value = self.value(reason.feature, reason.value, currency)
        bound = self.value(reason.feature, reason.threshold, currency)
        return self.text(sentence, label=label, value=value, bound=bound)

    def hint(self, hint: Hint, currency: str) -> str:
        """What would raise the limit, and by how much."""
        return self.text(
            phrases.HINT_UP if hint.target > hint.value else phrases.HINT_DOWN,
            label=self.feature_label(hint.feature),
            value=self.value(hint.feature, hint.value, currency),
            target=self.value(hint.feature, hint.target, currency),
            gain=self.money(hint.gain_fen, currency),
        )

    def named(self, names: Mapping[str, str], code: str) -> str:
        """The words of a code from one of the tables in `phrases`; an unknown code is shown as it is."""
        return self.text(names[code]) if code in names else _plain(code)

    def outcome(self, code: str) -> str:
        """approve, refer, decline."""
        return self.named(phrases.OUTCOMES, code)

    def method(self, code: str) -> str:
        """How the principal comes back."""
        return self.named(phrases.METHODS, code)

    def limit_component(self, name: str) -> str:
        """A part of the limit."""
        return self.named(phrases.LIMIT_NAMES, name)

    def price_component(self, name: str) -> str:
        """A part of the price."""
        return self.named(phrases.PRICE_NAMES, name)

    def capacity_part(self, name: str) -> str:
        """A step from sales to the room for a loan."""
        return self.named(phrases.CAPACITY_NAMES, name)

    def capacity_basis(self, code: str) -> str:
        """Whether a step was measured or assumed."""
        return self.named(phrases.CAPACITY_BASES, code) if code else ""

    def cost(self, code: str) -> str:
        """A line of the cost table; a charge that a policy names for itself is shown as it is called there."""
        return self.named(phrases.COST_NAMES, code)

    def basis(self, code: str) -> str:
        """What a forecast rests on: its `basis`, with the peer group and how many merchants are in it."""
        kind, group, count = basis_parts(code)
        if kind not in phrases.BASES:
            return _plain(code)
        return self.text(phrases.BASES[kind], group=self.text(group), count=f"{count:,}")

    def standing(self, held: Standing | None, currency: str, *, told: bool = False) -> str:
        """What moves a forecast most: the shop is silent, or sells less or more than it did; '' if nothing does.

        Args:
            held: how the shop stands; None in a decision of an older release.
            currency: of its sales.
            told: to the merchant, who hears what keeps a limit low.
        """
        pairs = phrases.STANDINGS_TOLD if told else phrases.STANDINGS
        if held is None or held.sign not in pairs:
            return ""
        months = held.silent_months if held.sign == SILENT else held.months
        return self.plural(
            *pairs[held.sign],
            months,
            n=self.number(months),
            trades=self.percent(held.trades, 0),
            level=self.money(held.level_fen, currency),
            average=self.money(held.average_fen, currency),
        )

    def pd_basis(self, code: str) -> str:
        """What a probability of default rests on."""
        return self.named(phrases.PD_BASES, code)

    def grade(self, grade: str) -> str:
        """A grade of the policy: 'grade A', 'A级'."""
        return self.text("grade {grade}", grade=grade)

    def column(self, name: str) -> str:
        """The label of a decision's column."""
        return self.text(COLUMNS[name].label) if name in COLUMNS else _plain(name)


def _fill(text: str, fields: Mapping[str, str]) -> str:
    """Fill `{field}`s in one pass: a brace in a value from data is no field."""
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        filled.append(fields[name] + rest if closed and name in fields else "{" + part)
    return "".join(filled)


def _rounded(value: float, decimals: int) -> Decimal:
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return rounded or abs(rounded)  # no minus before a zero


def _plain(code: str) -> str:
    return code.replace("_", " ")
