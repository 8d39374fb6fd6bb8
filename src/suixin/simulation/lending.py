"""Who asks for a loan, who gets one, and what falls due when."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from suixin.simulation.county import County
from suixin.simulation.horizon import NEVER_DAY, add_months
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints

FIRST_MONTH = 6  # a lender wants to see half a year of sales first
METHODS = ("equal_instalments", "interest_then_principal")
PURPOSES = ("inputs", "packaging", "cold_storage", "equipment", "stock", "vehicle")
_EPOCH = date(1970, 1, 1)
_SQRT5 = 0.2360679774997898


@dataclass(frozen=True, slots=True)
class Loans:
    """One application at most a merchant; arrays over all merchants of a run, meaningless where not asked.

    Attributes:
        asked, granted: who applied, who got it.
        day: day number of the grant; month: its month in the horizon; applied_s: seconds since 1970.
        wanted, principal: whole yuan; rate: a year; term: months; method, purpose: indexes.
        invested: share of the money that is spent at once and does not come back within the term.
        due: yuan by merchant and month of the horizon; paid_out: yuan likewise.
    """

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
    due: Floats
    paid_out: Floats

    @property
    def service(self) -> Floats:
        """The usual instalment, yuan a month: a final repayment of principal is not counted."""
        return np.where(
            self.method == 1, self.principal * self.rate / 12.0, _level(self.principal, self.rate, self.term)
        )


def draw(county: County, who: Merchants, sales: Floats) -> Loans:
    """Applications and grants; `sales` is yuan sold by merchant and month."""
    s, ids, horizon = county.streams, who.ids, county.horizon
    low = int(horizon.month_start[min(FIRST_MONTH, horizon.months)])
    span = horizon.end - 366 - low
    day = low + (max(span, 1) * s.uniform("grant day", ids)).astype(np.int64)
    month = horizon.month_of(np.minimum(day, horizon.end - 1))
    usual, active = _recent(sales, month)
    eager = s.even("asks", ids, _SQRT5)
    asked = (active >= 4) & (usual > 150.0) & (eager < usual / (usual + 400.0)) & (span > 0)
    granted = asked & (s.uniform("turned down", ids) > np.where(who.slump_from < day - 200, 0.4, 0.08))
    multiple = 2.3 * np.exp(0.45 * s.normal("asks for", ids))
    wanted = np.clip(np.rint(usual * multiple / 1000.0) * 1000.0, 3_000.0, 800_000.0)
    given = np.clip(
        np.rint(wanted * (0.55 + 0.5 * s.uniform("given", ids)) / 1000.0) * 1000.0, 3_000.0, 500_000.0
    )
    principal = np.minimum(given, wanted)
    term = np.array([12, 12, 12, 18, 24])[(s.uniform("term", ids) * 5).astype(np.int64)]
    method = (s.uniform("method of loan", ids) < 0.15).astype(np.int64)
    rate = np.round(0.048 + 0.07 * s.uniform("rate", ids), 4)
    due, paid_out = _schedule(horizon.months, granted, month, principal, rate, term, method)
    return Loans(
        asked=asked,
        granted=granted,
        day=day,
        month=month,
        applied_s=(day - 3 - (12 * s.uniform("waits", ids)).astype(np.int64)) * 86_400
        + 32_400
        + ids % 30_000,
        wanted=wanted,
        principal=principal,
        rate=rate,
        term=term,
        method=method,
        purpose=(s.uniform("purpose", ids) * len(PURPOSES)).astype(np.int64),
        invested=0.70 + 0.25 * s.uniform("invested", ids),
        due=due,
        paid_out=paid_out,
    )


def _recent(sales: Floats, month: Ints) -> tuple[Floats, Ints]:
    """Mean monthly sales over the six months before a month, and how many of them had sales."""
    window = np.arange(-FIRST_MONTH, 0) + month[:, None]
    before = np.take_along_axis(sales, np.clip(window, 0, sales.shape[1] - 1), axis=1) * (window >= 0)
    return before.mean(axis=1), (before > 0).sum(axis=1).astype(np.int64)


def _schedule(
    months: int, granted: Bools, month: Ints, principal: Floats, rate: Floats, term: Ints, method: Ints
) -> tuple[Floats, Floats]:
    """What falls due and what is paid out, merchants × months; instalment k falls k months after the grant."""
    k = np.arange(months) - month[:, None]
    a_month = rate / 12.0
    level = _level(principal, rate, term)
    last = k == term[:, None]
    bullet = (principal * a_month)[:, None] + last * principal[:, None]
    due = np.where(method[:, None] == 1, bullet, level[:, None])
    running = granted[:, None] & (k >= 1) & (k <= term[:, None])
    return np.where(running, due, 0.0), (granted[:, None] & (k == 0)) * principal[:, None]


def _level(principal: Floats, rate: Floats, term: Ints) -> Floats:
    """The equal instalment of a loan."""
    a_month = rate / 12.0
    level: Floats = principal * a_month / (1.0 - (1.0 + a_month) ** -term)
    return level


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
