"""The end of a day for many loans: the quiet ones in columns, the others one by one; the same transactions either way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from suixin.ledger.rules import entries
from suixin.ledger.servicing import Loan, accrued_key, night
from suixin.ledger.transaction import Entry, Transaction
from suixin.lending.class_rules import CN, ClassRules
from suixin.lending.positions import Positions
from suixin.lending.recognition import State
from suixin.lending.stretch import Columns, booked

_ZERO = Positions()


@dataclass(frozen=True, slots=True)
class DayEnd:
    """What the end of a day did.

    Attributes:
        booked: transactions, loan by loan in the order given.
        changed: loans that needed a look, as they go on; the others stay as they are.
        quiet: how many were closed in columns.
    """

    booked: list[Transaction]
    changed: list[Loan]
    quiet: int


def end_of_day(
    loans: Sequence[Loan], day: date, *, columns: Columns | None = None, rules: ClassRules = CN
) -> DayEnd:
    """End the open day of loans that are paid out and not closed.

    Closing a part of them at a time, or again after a crash, gives the same transactions under the same keys.

    Args:
        loans: each looked at last on or before the day.
        day: the open day.
        columns: of their quiet days, if they are at hand.
        rules: of the classes.
    """
    held = Columns.of([loan.stretch for loan in loans]) if columns is None else columns
    quiet = held.quiet(day)
    interest, late = held.night(day)
    made: list[Transaction] = []
    changed: list[Loan] = []
    for loan, is_quiet, more, more_late in zip(
        loans, quiet.tolist(), interest.tolist(), late.tolist(), strict=True
    ):
        if not is_quiet:
            ended = night(loan, day, rules)
            made += ended.booked
            changed.append(ended.loan)
        else:
            named, currency = loan.contract.loan, loan.contract.currency
            made += quiet_night(named, currency, day, loan.stretch.state, more, more_late)
    return DayEnd(made, changed, int(quiet.sum()))


def quiet_night(
    loan: str, currency: str, day: date, state: State, interest_fen: int, late_fen: int
) -> Iterator[Transaction]:
    """Yield the transaction of a quiet night, if it bears anything."""
    if interest_fen or late_fen:
        lines = [
            Entry(account, loan, currency, amount)
            for account, of_interest, of_late in _shape(state)
            if (amount := of_interest * interest_fen + of_late * late_fen)
        ]
        yield Transaction(accrued_key(loan, day), "accrued", day, day, tuple(lines), loan)


@cache
def _shape(state: State) -> tuple[tuple[str, int, int], ...]:
    """What a fen of interest and a fen of lateness put on each account: a night is so many times that."""
    of = [dict(_moved(booked(_ZERO, state, *parts))) for parts in ((1, 0), (0, 1))]
    return tuple(
        (account, of[0].get(account, 0), of[1].get(account, 0)) for account in sorted({**of[0], **of[1]})
    )


def _moved(change: Positions) -> Iterator[tuple[str, int]]:
    for entry in entries("", "", change):
        yield entry.account, entry.amount_minor
