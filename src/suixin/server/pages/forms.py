"""What forms send, read and judged: amounts in yuan, words, ticks."""

from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from suixin.errors import UsageError
from suixin.money import currency_of, to_minor

LONGEST = 500


def amount_of(sent: QueryDict, name: str = "amount", currency: str = "CNY") -> int:
    """An amount that somebody typed, in minor units: '30000', '30,000.50', '３万' is not understood.

    Raises:
        UsageError: no number, or more decimals than the currency has.
    """
    typed = sent.get(name, "").strip().replace(",", "").replace("，", "").removesuffix("元")
    try:
        return to_minor(Decimal(typed), currency_of(currency))
    except InvalidOperation as error:
        raise UsageError(f"{typed!r} is no amount; type yuan in figures, such as 30000") from error


def words_of(sent: QueryDict, name: str, most: int = LONGEST) -> str:
    """A text that somebody typed, at most so long; UsageError beyond."""
    typed = " ".join(sent.get(name, "").split())
    if len(typed) > most:
        raise UsageError(f"the text has {len(typed)} characters; keep it to {most}")
    return typed


def ticked(sent: QueryDict, name: str) -> bool:
    """Whether a box was ticked."""
    return sent.get(name) == "yes"
