"""What the address of a list asks: words, a choice, a day, a page; what cannot be understood is not asked."""

from collections.abc import Container
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict

LONGEST = 60
"""The most characters of words that are looked for."""


def words(sent: QueryDict, name: str, most: int = LONGEST) -> str:
    """Words that somebody typed, at most so many characters of them."""
    return sent.get(name, "").strip()[:most]


def one_of(sent: QueryDict, name: str, known: Container[str]) -> str:
    """A choice that there is, '' for any other."""
    asked = sent.get(name, "")
    return asked if asked in known else ""


def whole(sent: QueryDict, name: str, digits: int) -> int | None:
    """A whole number of at most so many digits."""
    asked = sent.get(name, "").strip()
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= digits else None


def day(sent: QueryDict, name: str) -> date | None:
    """A day as a field of a form sends it."""
    try:
        return date.fromisoformat(sent.get(name, ""))
    except ValueError:
        return None


def page(found: Any, sent: QueryDict, size: int, *, count: int | None = None) -> Page[Any]:
    """The page that is asked for, the last one if it lies behind it.

    Args:
        found: rows, or a question that the database answers.
        sent: the address.
        size: rows a page.
        count: how many there are, where that is known already.
    """
    pages = Paginator(found, size)
    if count is not None:
        vars(pages)["count"] = count  # as Django keeps it once it has counted
    return pages.get_page(sent.get("page"))
