"""Words, amounts and dates in the reader's language.

A text stands in both languages where it is used: `{% say "申请" "Apply" %}`. Nothing can be missing in one of them, and
whoever reads a template reads what the page says.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from suixin.reporting.wording import Words, words
from suixin.server.origination.uses import use_of
from suixin.server.sharing import acts
from suixin.simulation.crops import CROPS

register = template.Library()
ZONE = ZoneInfo("Asia/Shanghai")
_CROPS = {one.code: one.zh for one in CROPS}
_TO_THE_FEN = 100_000
"""Amounts below this stand in the table of a picture with their fen."""


def lang() -> str:
    """'zh' or 'en': the reader's."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def spoken() -> Words:
    """The words of the reader's language."""
    return words(lang())


def pair(zh: str, en: str) -> str:
    """The one of two texts that the reader reads."""
    return en if lang() == "en" else zh


@register.simple_tag
def say(zh: str, en: str, one: str = "", **fields: Any) -> str:
    """A text in the reader's language; `{name}` is filled in, and escaped like any other text.

    `one` is the English text where `n` is one: 1 alert, 2 alerts.
    """
    text = pair(zh, one if one and str(fields.get("n")) == "1" else en)
    return text.format(**fields) if fields else text


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """An amount of minor units: 元 below 10,000, 万元 above."""
    return "–" if minor is None else spoken().money(int(minor), currency)


@register.filter
def charted(minor: int) -> str:
    """An amount in the table of a picture: as `money`, from 1,000 to the yuan, so that five columns stand on a telephone."""
    return money(minor) if abs(minor) < _TO_THE_FEN else money(round(minor, -2)).replace(".00", "")


@register.filter
def exact(minor: int | None, currency: str = "CNY") -> str:
    """An amount to the fen."""
    return "–" if minor is None else spoken().money(int(minor), currency, exact=True)


@register.filter
def rate(ppm: int | None) -> str:
    """Parts per million a year as a percentage."""
    return "–" if ppm is None else spoken().rate(int(ppm))


@register.filter
def contract_rate(ppm: int | None) -> str:
    """A rate that somebody signs: to the last of its parts per million, two decimals at least."""
    if ppm is None:
        return "–"
    whole, rest = divmod(int(ppm), 10_000)
    return f"{whole}.{f'{rest:04d}'.rstrip('0').ljust(2, '0')}%"


@register.filter
def percent(share: float | Decimal | None) -> str:
    """A fraction as a percentage with one decimal."""
    return "–" if share is None else spoken().percent(float(share))


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A date as people write it, with the machine's own beside it."""
    if value is None:
        return "–"
    held = timezone.localtime(value, ZONE).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', held.isoformat(), spoken().date(held))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A date with the time of day, Chinese time."""
    if value is None:
        return "–"
    local = timezone.localtime(value, ZONE)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        local.isoformat(),
        spoken().date(local.date()),
        local.strftime("%H:%M"),
    )


@register.filter
def plain(minor: int) -> str:
    """An amount as a field of a form holds it: 1234.50."""
    return f"{Decimal(minor) / 100:.2f}"


@register.filter
def times(share: float, factor: int) -> str:
    """A share of something, with one decimal, for a picture."""
    return f"{share * factor:.1f}"


@register.filter
def moved(line: Any) -> int:
    """What a line of a statement did to what is owed, minor units."""
    return int(line.principal_minor + line.interest_minor + line.fees_minor - line.held_minor)


@register.filter
def worded(pair_of: Any) -> str:
    """Something that has `zh` and `en`, in the reader's language."""
    return pair(pair_of.zh, pair_of.en)


@register.filter
def use(text: str) -> str:
    """What a loan is for, in the reader's language; words of a customer's own stay as they are."""
    return worded(use_of(text))


@register.filter
def act(what: str) -> str:
    """What a receipt says the data was read for, in the reader's language."""
    return acts.read(what, lang())


@register.filter
def yes_no(held: bool) -> str:
    """Yes or no."""
    return pair("是", "yes") if held else pair("否", "no")


@register.filter
def placed(code: str, townships: dict[str, str]) -> str:
    """A village or township with its township's name before its code, where the name is known."""
    name = townships.get(code[:9], "")
    return f"{name} {code}" if name else code


@register.filter
def grouped(count: int | None) -> str:
    """A number of rows: 1,877,048."""
    return "–" if count is None else f"{count:,}"


@register.filter
def crop(code: str) -> str:
    """A crop by its name where one is known; else its code."""
    return pair(_CROPS.get(code, code), code.replace("_", " "))
