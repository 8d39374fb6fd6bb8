"""Time that must pass well: the watch over a restructured loan, and the way back from non-performing.

Both count due dates that were kept, one after the other, and months; a missed one begins both anew.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from suixin.calendar import add_months
from suixin.errors import UsageError
from suixin.lending.class_rules import Thresholds


class Kept(NamedTuple):
    """A due date (the last day on which a payment is on time), and the day on which it was paid in full, if it was."""

    due_on: date
    paid_on: date | None


class Watch(NamedTuple):
    """The watch over a restructured loan: since when it counts, and when it is over, None while it is not."""

    since_on: date | None
    over_on: date | None


def watch(dues: Sequence[Kept], as_of: date, at: Thresholds) -> Watch:
    """Return the state of the watch over a restructured loan.

    It begins on the first due date of the changed contract, and anew on each date that was missed. It is over once
    it is at least `watch_months` old and `watch_dates` consecutive due dates were kept in it. Whether the debtor's
    difficulty is over is a person's judgement; if not, the watch begins anew and the caller passes the later dates.

    Args:
        dues: due dates of the changed contract in order.
        as_of: the business date; what lies after it is not known.
        at: the figures in force.

    Raises:
        UsageError: due dates that do not increase.
    """
    since, kept = None, 0
    for due_on, paid_on in _known(dues, as_of):
        if paid_on is None or paid_on > due_on:
            since, kept = due_on, 0
            continue
        since, kept = since or due_on, kept + 1
        over_on = max(due_on, add_months(since, at.watch_months))
        if kept >= at.watch_dates and _reached(over_on, due_on, dues, as_of):
            return Watch(since, over_on)
    return Watch(since, None)


def upgrade_on(cured_on: date, dues: Sequence[Kept], as_of: date, at: Thresholds) -> date | None:
    """Return the day from which a non-performing loan may be performing again, None if it is not known yet.

    Args:
        cured_on: the day on which all arrears and their fees were paid.
        dues: due dates of the contract in order; those up to the cure are left alone. One that is missed and then
            paid is a new cure.
        as_of: the business date.
        at: the figures in force.

    Raises:
        UsageError: due dates that do not increase.
    """
    kept = 0
    for due_on, paid_on in _known(dues, as_of):
        if due_on <= cured_on:
            continue
        if paid_on is None or paid_on > as_of:
            return None
        if paid_on > due_on:
            cured_on, kept = paid_on, 0
            continue
        kept += 1
        found = max(due_on, add_months(cured_on, at.upgrade_months))
        if kept >= at.upgrade_dates and _reached(found, due_on, dues, as_of):
            return found
    return None


def _known(dues: Sequence[Kept], as_of: date) -> list[Kept]:
    """Due dates whose end is known: passed, or paid by the day."""
    days = [due.due_on for due in dues]
    if days != sorted(set(days)):
        raise UsageError(f"{len(days)} due dates repeat a day or are out of order; give each once, in order")
    return [due for due in dues if due.due_on < as_of or (due.due_on == as_of and due.paid_on is not None)]


def _reached(on: date, after: date, dues: Sequence[Kept], as_of: date) -> bool:
    """Whether a day has come with no due date between that is still to be judged."""
    return on <= as_of and not any(after < due.due_on <= on for due in dues)
