"""How far a loan has come on its course: which rows are billed, and the interest between them."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from suixin.lending.amortise import Course
from suixin.lending.interest import period_interest


class Due(NamedTuple):
    """A row that falls due: its principal, its interest, and how much of that was paid ahead, fen."""

    due_on: date
    principal_fen: int
    interest_fen: int
    paid_ahead_fen: int


@dataclass(slots=True)
class Running:
    """A course and how far it is billed.

    Attributes:
        course: None before the first drawdown, and once nothing is left ahead.
        next: the first row that is not billed.
        billed: interest of the course that was billed, fen.
        ahead: interest of the course that was paid ahead of its date and is not used up, fen.
    """

    course: Course | None = None
    next: int = 0
    billed: int = 0
    ahead: int = 0
    _sums: list[int] = field(default_factory=lambda: [0])  # interest of the first periods, fen

    def copy(self) -> "Running":
        """Return the same, to go on with."""
        return Running(self.course, self.next, self.billed, self.ahead, self._sums)

    @property
    def bills_on(self) -> date | None:
        """The next day on which something falls due, if there is one."""
        if self.course is None or self.next >= len(self.course.schedule.rows):
            return None
        return self.course.schedule.rows[self.next].due_on

    def accrued(self, day: date) -> int:
        """Return the interest to a day that is neither billed nor paid, deferred interest included, fen."""
        return self.interest_to(day) - self.billed - self.ahead

    def interest_to(self, day: date) -> int:
        """Return all interest of the course from its begin to a day, fen; that of a billed period counts whole."""
        if self.course is None:
            return 0
        terms, _, charges = self.course
        at = max(self.next, bisect_right(terms.periods, day, key=lambda period: period.end))
        total = self._sums[at]
        if at < len(charges) and day > terms.periods[at].begin:
            base, whole = charges[at]
            total += min(whole, period_interest(terms, terms.periods[at], base, until=day))
        return total

    def bill(self, today: date) -> Iterator[Due]:
        """Yield the rows that fall due up to a day, each billed as it is taken.

        A date that was moved before its period's end asks for the whole period's interest, which accrues with it; the
        last one asks for all that has accrued.
        """
        rows = () if self.course is None else self.course.schedule.rows
        while self.next < len(rows) and rows[self.next].due_on <= today:
            _, due_on, principal, interest, _, _ = rows[self.next]
            if self.next == len(rows) - 1:
                interest = self._sums[-1] - self.billed
            paid = min(self.ahead, interest)
            self.billed += interest
            self.ahead -= paid
            self.next += 1
            yield Due(due_on, principal, interest, paid)

    def begin(self, course: Course | None) -> None:
        """Begin a course with nothing billed; None if nothing is left ahead."""
        self._take(course)
        self.next = self.billed = self.ahead = 0

    def go_on(self, course: Course) -> None:
        """Go on with another course that began with this one.

        Between a date and the end of its period, what was billed stays: less interest for the days between is not given
        back, more is asked for with the last date, if one is left.
        """
        before = self._sums[self.next]
        self._take(course)
        more = self._sums[self.next] - before
        if more < 0 or self.next == len(course.charges):
            self.billed += more

    def _take(self, course: Course | None) -> None:
        self.course = course
        charges = () if course is None else course.charges
        self._sums = list(accumulate((held.interest_fen for held in charges), initial=0))
