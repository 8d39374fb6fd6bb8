"""What a form of questions asks of the loans, read from the address; what cannot be understood is not asked."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from suixin.server.merchants.models import Merchant
from suixin.server.servicing.lists import BUCKETS, NEW, Wanted
from suixin.server.servicing.models import Loan

_LONGEST = 100


def wanted(sent: QueryDict) -> Wanted:
    """The question of an address."""
    found = {name: read(sent.get(name, "").strip()[:_LONGEST]) for name, read in _READ.items()}
    return Wanted(**found)


def address(**parts: Any) -> str:
    """The same question as the end of an address: '?state=arrears&bad=yes'."""
    said = {True: "yes", False: "no"}
    held = {
        name: said.get(value, value) if isinstance(value, bool) else value for name, value in parts.items()
    }
    return f"?{urlencode({name: value for name, value in held.items() if value not in {'', None}})}"


def _one_of(known: Iterable[str]) -> Callable[[str], str]:
    held = frozenset(known)
    return lambda text: text if text in held else ""


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() else ""


def _number(text: str) -> int | None:
    return int(text) if _digits(text) and len(text) < 5 else None


def _class(text: str) -> int | None:
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


def _was(text: str) -> int | None:
    return NEW if text == str(NEW) else _class(text)


def _choice(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_READ: dict[str, Callable[[str], Any]] = {
    "text": str,
    "state": _one_of(Loan.State.values),
    "five_class": _class,
    "bad": _choice,
    "days": _one_of(BUCKETS),
    "worst": _number,
    "township": _digits,
    "crop": str,
    "borrower": str,
    "borrower_class": _one_of(Merchant.Kind.values),
    "inclusive": _choice,
    "agricultural": _choice,
    "credit_only": _choice,
    "first_time": _choice,
    "granted_from": _day,
    "granted_to": _day,
    "on_book": _choice,
    "drawn": _choice,
    "was_on": _day,
    "was": _was,
}
