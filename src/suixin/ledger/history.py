"""What became of a loan, from its events: when each sign of default was first there, and when it was closed."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from suixin.ledger.loan import Loan
from suixin.ledger.servicing import renewed_by
from suixin.lending.class_rules import CN, ClassRules
from suixin.lending.events import Event, Received, Source, WrittenOff
from suixin.lending.leaps import leaps

_CLAIMED = {Source.GUARANTOR, Source.POOL}


class Sign(StrEnum):
    """What makes a default, any one of them."""

    PAST_DUE = "past_due"  # for more days than a substandard loan
    NON_PERFORMING = "non_performing"  # substandard or worse for another reason
    CLAIMED = "claimed"  # guarantor or pool paid
    RESTRUCTURED = "restructured"  # in difficulty
    WRITTEN_OFF = "written_off"


class History(NamedTuple):
    """What became of a loan up to the close of a day.

    Attributes:
        loan: its number.
        granted_on: the day on which it was paid out; None if it never was.
        signs: sign of default -> the first day as of whose close it was there.
        closed_on: the day from which on nothing was owed; None while something is.
        renewed_by: the contract that settled it without a payment.
        insured_on: the first day on which an insurer paid in the borrower's place.
    """

    loan: str
    granted_on: date | None
    signs: Mapping[Sign, date]
    closed_on: date | None
    renewed_by: str | None
    insured_on: date | None

    @property
    def default_on(self) -> date | None:
        """The first day of default."""
        return min(self.signs.values(), default=None)


def history(loan: Loan, through: date, rules: ClassRules = CN) -> History:
    """Return what became of a loan up to the close of a day, from its events alone but for class and relief.

    Days past due are those that its events tell by now: a payment heard of late takes a default back, and one that
    was taken back brings it about on its own day.

    Args:
        loan: as it is kept.
        through: the last day.
        rules: how many days past due are too many.
    """
    events = tuple(event for event in loan.events if event.on <= through)
    past_due_on, closed_on = _walked(loan, events, through, rules)
    found = {
        Sign.PAST_DUE: past_due_on,
        Sign.NON_PERFORMING: loan.non_performing_on,
        Sign.CLAIMED: _first(event for event in events if _from(event) in _CLAIMED),
        Sign.RESTRUCTURED: min(loan.restructured_on, default=None),
        Sign.WRITTEN_OFF: _first(event for event in events if isinstance(event, WrittenOff)),
    }
    return History(
        loan=loan.contract.loan,
        granted_on=events[0].on if events else None,
        signs={sign: on for sign, on in found.items() if on is not None and on <= through},
        closed_on=closed_on,
        renewed_by=renewed_by(loan) if closed_on is not None else None,
        insured_on=_first(event for event in events if _from(event) is Source.INSURER),
    )


def _walked(
    loan: Loan, events: tuple[Event, ...], through: date, rules: ClassRules
) -> tuple[date | None, date | None]:
    """The first day on which it was too long past due, and that from which on it was closed."""
    past_due_on: date | None = None
    closed_on: date | None = None
    for leap in leaps(loan.contract, events, through):
        if past_due_on is None:
            past_due_on = leap.past_due_on(rules.on(leap.last_on).substandard_days)
        closed_on = closed_on or leap.account.today if leap.account.is_closed else None
    return past_due_on, closed_on


def _from(event: Event) -> Source | None:
    return event.source if isinstance(event, Received) else None


def _first(events: Iterable[Event]) -> date | None:
    return min((event.on for event in events), default=None)
