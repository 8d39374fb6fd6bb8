"""What forms send, read and judged: amounts in yuan, rates, days, whole numbers, words, ticks."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from suixin.errors import UsageError
from suixin.lending.prepay import Way
from suixin.money import currency_of, to_minor
from suixin.server.pages.templatetags.words import pair

LONGEST = 500
REASON = 400  # where a second person's name comes behind it: the log keeps 500 characters
_HIGHEST = 10
_YEARS = (2000, 2099)


def amount_of(sent: QueryDict, name: str = "amount", currency: str = "CNY") -> int:
    """An amount that somebody typed, in minor units: '30000', '30,000.50', '３万' is not understood.

    Raises:
        UsageError: no number, or more decimals than the currency has.
    """
    typed = sent.get(name, "").strip().replace(",", "").replace("，", "").removesuffix("元")
    try:
        return to_minor(Decimal(typed), currency_of(currency))
    except InvalidOperation as error:
        said = pair(
            f"“{typed}”不是金额，请用数字填写，如 30000",
            f"{typed!r} is no amount; type yuan in figures, such as 30000",
        )
        raise UsageError(said) from error


def words_of(sent: QueryDict, name: str, most: int = LONGEST) -> str:
    """A text that somebody typed, at most so long and without the sign NUL; UsageError beyond."""
    typed = " ".join(sent.get(name, "").split())
    if "\0" in typed:
        raise UsageError("the text holds the sign NUL; type it anew")
    if len(typed) > most:
        raise UsageError(f"the text has {len(typed)} characters; keep it to {most}")
    return typed


def listed_of(sent: QueryDict, name: str) -> list[str]:
    """The words of a text that commas or blanks part."""
    return words_of(sent, name).replace(",", " ").replace("，", " ").replace("、", " ").split()


def day_of(sent: QueryDict, name: str) -> date:
    """A date as a field of a form sends it, 2026-03-01; UsageError for anything else, and for another century."""
    typed = sent.get(name, "").strip()
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise UsageError(f"{typed!r} is no date; write it as 2026-03-01") from error
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise UsageError(f"{typed!r} is no date from {_YEARS[0]} to {_YEARS[1]}")
    return day


def count_of(sent: QueryDict, name: str) -> int:
    """A whole number from 0 on, 0 if the field is empty; UsageError for anything else."""
    typed = sent.get(name, "").strip() or "0"
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise UsageError(f"{typed!r} is no whole number; type figures alone")
    return int(typed)


def rate_of(sent: QueryDict, name: str) -> Decimal | None:
    """An annual rate that somebody typed in percent, '4.35' or '4.35%', as a fraction; None if the field is empty.

    Raises:
        UsageError: no number, or more than six decimals of a fraction.
    """
    typed = sent.get(name, "").strip().removesuffix("%").removesuffix("％").strip()
    if not typed:
        return None
    try:
        rate = Decimal(typed).scaleb(-2)
        is_rate = rate.is_finite() and abs(rate) < _HIGHEST and rate == round(rate, 6)
    except InvalidOperation as error:
        raise UsageError(f"{typed!r} is no rate; type percent a year, such as 4.35") from error
    if not is_rate:
        raise UsageError(f"{typed} % is no rate of at most four decimals, below {_HIGHEST * 100} %")
    return rate


def way_of(sent: QueryDict, name: str = "way") -> Way | None:
    """What money beyond what is due does, None if the field is empty; UsageError for anything else."""
    typed = sent.get(name, "")
    if typed and typed not in {one.value for one in Way}:
        raise UsageError(f"{typed!r} is no way of paying ahead")
    return Way(typed) if typed else None


def ticked(sent: QueryDict, name: str) -> bool:
    """Whether a box was ticked."""
    return sent.get(name) == "yes"
