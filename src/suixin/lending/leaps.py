"""The days of a loan in leaps, from one on which something happens to the next: when was what first so?"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from suixin.lending.account import Account
from suixin.lending.contract import Contract
from suixin.lending.events import Event
from suixin.lending.watch import Kept

_DAY = timedelta(days=1)


class Leap(NamedTuple):
    """A loan on an open day after its events, and the last day up to whose close nothing but time passes.

    The account goes on with the next leap; look at it before.
    """

    account: Account
    last_on: date

    def past_due_on(self, days: int) -> date | None:
        """Return the first day of the leap as of whose close it is more than so many days past due, if there is one."""
        late = self.account.arrears.days_past_due
        if late(self.last_on) <= days:
            return None
        span = range(self.account.today.toordinal(), self.last_on.toordinal() + 1)
        return date.fromordinal(span[bisect_right(span, days, key=lambda day: late(date.fromordinal(day)))])


def leaps(contract: Contract, events: Iterable[Event], through: date) -> Iterator[Leap]:
    """Go through a loan up to the close of a day.

    Args:
        contract: as signed.
        events: in the order in which they count, as for `account.fold`; later ones are left out.
        through: the last day.

    Raises:
        LendingError: an event that the loan refuses.
    """
    account, left = Account(contract), deque(events)
    while account.today <= through:
        while left and left[0].on <= account.today:
            account.recount(left.popleft())
        ahead = [through + _DAY, *account.breaks(), *(event.on for event in list(left)[:1])]
        last_on = min(ahead) - _DAY
        yield Leap(account, last_on)
        account.close(last_on)


def dues(contract: Contract, events: Iterable[Event], through: date) -> list[Kept]:
    """Return the due dates up to a day with the day on which each was paid in full, None while it is not.

    Each is given as the last day on which its payment was on time. Errors as in `leaps`.
    """
    free = timedelta(days=contract.late.grace_days)
    paid: dict[date, date | None] = {}
    for account, _ in leaps(contract, events, through):
        unpaid = {bill.due_on for bill in account.arrears.bills}
        rows = account.course.schedule.rows if account.course is not None else ()
        passed = {row.due_on for row in rows if row.total_fen and row.due_on <= account.today}
        for due_on in sorted(passed | unpaid):
            paid.setdefault(due_on, None)
        for due_on, on in paid.items():
            if on is None and due_on not in unpaid:
                paid[due_on] = account.today
    return [Kept(due_on + free, on) for due_on, on in sorted(paid.items())]


def cured_on(contract: Contract, events: Iterable[Event], through: date) -> date | None:
    """Return the day from which on, up to a day, no arrears, lateness or fees are owed; None if some are.

    Errors as in `leaps`.
    """
    since: date | None = None
    for account, last_on in leaps(contract, events, through):
        late = account.arrears.days_past_due(last_on) or account.late_fen or account.fees_fen
        since = None if late else since or account.today
    return since
