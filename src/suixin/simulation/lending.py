"""Who asks for a loan, who gets one, and what falls due when."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from suixin.simulation.county import County
from suixin.simulation.horizon import DAY_S, NEVER_DAY, add_months
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints

FIRST_MONTH = 6  # a lender wants to see half a year of sales first
METHODS = ("equal_instalments", "interest_then_principal")
PURPOSES = ("inputs", "packaging", "cold_storage", "equipment", "stock", "vehicle")
_EPOCH = date(1970, 1, 1)
_BULLET = 1
_TERMS = np.array([12, 12, 12, 18, 24], dtype=np.int64)
_SQRT5 = 0.2360679774997898


@dataclass(frozen=True, slots=True)
class Loans:
    """One application at most a merchant; arrays over all merchants of a run, meaningless where not asked.

    Attributes:
        months: length of the horizon.
        asked, granted: who applied, who got it.
        day: day number of the grant; month: its month in the horizon; applied_s: seconds since 1970.
        wanted, principal: whole yuan; rate: a year; term: months; method, purpose: indexes.
        invested: share of the money that is spent at once and does not come back within the term.
    """

    months: int
    asked: Bools
    granted: Bools
    day: Ints
    month: Ints
    applied_s: Ints
    wanted: Floats
    principal: Floats
    rate: Floats
    term: Ints
    method: Ints
    purpose: Ints
    invested: Floats

    @property
    def service(self) -> Floats:
        """The usual instalment, yuan a month: a final repayment of principal is not counted."""
        monthly = self.rate / 12.0
        level = self.principal * monthly / (1.0 - (1.0 + monthly) ** -self.term)
        return np.where(self.method == _BULLET, self.principal * monthly, level)

    @property
    def total(self) -> Floats:
        """All instalments together, yuan."""
        return self.service * self.term + np.where(self.method == _BULLET, self.principal, 0.0)

    @property
    def due(self) -> Floats:
        """Yuan due by merchant and month of the horizon; instalment k falls k months after the grant."""
        k = np.arange(self.months) - self.month[:, None]
        end = (self.method == _BULLET)[:, None] & (k == self.term[:, None])
        running = self.granted[:, None] & (k >= 1) & (k <= self.term[:, None])
        return np.where(running, self.service[:, None] + end * self.principal[:, None], 0.0)

    @property
    def paid_out(self) -> Floats:
        """Yuan paid out by merchant and month of the horizon."""
        now = self.granted[:, None] & (np.arange(self.months) == self.month[:, None])
        return np.where(now, self.principal[:, None], 0.0)


def draw(county: County, who: Merchants, sales: Floats) -> Loans:
    """Applications and grants; `sales` is yuan sold by merchant and month, brushed orders among them."""
    s, ids, horizon = county.streams, who.ids, county.horizon
    day = grant_days(county, ids)
    month = horizon.month_of(np.minimum(day, horizon.end - 1))
    usual, active = _recent(sales, month)
    eager = s.even("asks", ids, _SQRT5) < usual / (usual + 400.0)
    asked = (active >= 4) & (usual > 250.0) & eager & (_span(county) > 0)
    doubt = np.where(who.slump_from < day - 200, 0.30, 0.08)  # a lender sees some of those in decline
    wanted = _thousands(usual * 2.3 * np.exp(0.45 * s.normal("asks for", ids)), 800.0)
    given = _thousands(wanted * (0.55 + 0.5 * s.uniform("given", ids)), 500.0)
    return Loans(
        months=horizon.months,
        asked=asked,
        granted=asked & (s.uniform("turned down", ids) > doubt),
        day=day,
        month=month,
        applied_s=(day - 3 - _pick(s.uniform("waits", ids), 12)) * DAY_S + 9 * 3600 + ids % 30_000,
        wanted=wanted,
        principal=np.minimum(given, wanted),
        rate=np.round(0.048 + 0.07 * s.uniform("rate", ids), 4),
        term=_TERMS[_pick(s.uniform("term", ids), _TERMS.size)],
        method=np.where(s.uniform("method of loan", ids) < 0.15, _BULLET, 0),
        purpose=_pick(s.uniform("purpose", ids), len(PURPOSES)),
        invested=0.70 + 0.25 * s.uniform("invested", ids),
    )


def _span(county: County) -> int:
    """Days on which a grant may fall: not in the first half-year, and a year before the end."""
    return county.horizon.end - 366 - _first_day(county)


def _first_day(county: County) -> int:
    return int(county.horizon.month_start[min(FIRST_MONTH, county.horizon.months)])


def grant_days(county: County, ids: Ints) -> Ints:
    """The day number on which each merchant is granted its loan, if it asks and gets one."""
    if _span(county) <= 0:
        return np.full(ids.size, county.horizon.end)
    spread = _span(county) * county.streams.uniform("grant day", ids)
    return _first_day(county) + spread.astype(np.int64)


def _thousands(yuan: Floats, most: float) -> Floats:
    return np.clip(np.rint(yuan / 1000.0), 2.0, most) * 1000.0


def _pick(uniform: Floats, n: int) -> Ints:
    return (uniform * n).astype(np.int64)


def _recent(sales: Floats, month: Ints) -> tuple[Floats, Ints]:
    """Mean monthly sales over the six months before a month, and how many of them had sales."""
    window = np.arange(-FIRST_MONTH, 0) + month[:, None]
    before = np.take_along_axis(sales, np.clip(window, 0, sales.shape[1] - 1), axis=1) * (window >= 0)
    return np.asarray(before.mean(axis=1), dtype=np.float64), (before > 0).sum(axis=1).astype(np.int64)


def due_day(granted: int, k: int) -> int:
    """Day number on which instalment k of a loan granted on day `granted` falls due."""
    return (add_months(_EPOCH + timedelta(days=granted), k) - _EPOCH).days


def closing_days(loans: Loans, paid: Floats) -> Ints:
    """Day number on which each loan is paid off, NEVER_DAY while it is not."""
    closed = np.full(loans.day.size, NEVER_DAY, dtype=np.int64)
    settled = np.cumsum(paid, axis=1) >= (loans.due.sum(axis=1) - 0.01)[:, None]
    whole = loans.month + loans.term < paid.shape[1]
    for at in np.flatnonzero(loans.granted & whole & settled.any(axis=1)):
        k = max(int(settled[at].argmax()) - int(loans.month[at]), int(loans.term[at]))
        closed[at] = due_day(int(loans.day[at]), k)
    return closed
