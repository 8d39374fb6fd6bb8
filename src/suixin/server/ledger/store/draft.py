"""What is about to be written."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from suixin.ledger import chain
from suixin.ledger.chart import CHART, Kind
from suixin.ledger.transaction import Transaction

_SIDES = {code: -1 if one.kind in {Kind.LIABILITY, Kind.INCOME} else 1 for code, one in CHART.items()}


class Draft(NamedTuple):
    """A transaction with the digest of its content."""

    made: Transaction
    digest: bytes


@dataclass(frozen=True, slots=True)
class Stamp:
    """To which book, by whom and when."""

    organisation_id: int
    book_id: int
    currency: str
    by: str
    at: datetime


def drafted(made: Transaction) -> Draft:
    """A transaction, ready to be written."""
    return Draft(made, chain.digest(made))


def lines_of(drafts: list[Draft]) -> list[tuple[str, str, int]]:
    """(account, subject, side) of every line that is touched, once, in order."""
    names = {entry[:2] for draft in drafts for entry in draft.made.entries}
    return [(account, subject, _SIDES[account]) for account, subject in sorted(names)]


def side_of(account: str) -> int:
    """+1 where a debit adds to what is available, -1 where a credit does."""
    return _SIDES[account]
