"""The tables of credit: exposures, applications, loans and outcomes."""

import numpy as np
import polars as pl

from suixin.simulation import frames, lending
from suixin.simulation.cash import Path
from suixin.simulation.county import County
from suixin.simulation.horizon import DAY_S, NEVER_DAY
from suixin.simulation.household import DEBTS, Household
from suixin.simulation.lending import Loans
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints

HORIZON_DAYS = 365
PAST_DUE_DAYS = 91  # 'more than 90 days past due' first holds on day 91
OWN_LENDER = 1
_LENDERS = 9  # other lenders are numbered from 2
_QUARTER = 91
_REPORTED = 0.90  # share of merchants with bureau reports
_SLOTS = 10  # exposure ids a report


def default_days(loans: Loans, path: Path) -> Ints:
    """Day number of each default (91 days past due), NEVER_DAY without one."""
    days = np.full(loans.day.size, NEVER_DAY, dtype=np.int64)
    for at in np.flatnonzero(path.defaulted_k > 0):
        days[at] = lending.due_day(int(loans.day[at]), int(path.defaulted_k[at])) + PAST_DUE_DAYS
    return days


def tables(
    county: County, who: Merchants, house: Household, loans: Loans, path: Path
) -> dict[str, pl.DataFrame]:
    """The four tables of credit."""
    fallen = default_days(loans, path)
    return {
        "applications": _applications(who, loans, county.horizon.first * DAY_S),
        "loans": _loans(county, who, loans, path),
        "outcomes": _outcomes(county, who, loans, fallen),
        "exposures": _exposures(county, who, house, loans, path),
    }


def _yuan(amount: Floats) -> pl.Series:
    return frames.money(frames.round_fen(amount * 100.0))


def _applications(who: Merchants, loans: Loans, first_s: int) -> pl.DataFrame:
    at = np.flatnonzero(loans.asked)
    return pl.DataFrame(
        {
            "application_id": who.ids[at] * 10 + 1,
            "merchant_id": who.ids[at],
            "applied_at": frames.instants(np.maximum(loans.applied_s[at], first_s), NEVER_DAY * DAY_S),
            "amount": _yuan(loans.wanted[at]),
            "term_months": loans.term[at].astype(np.int64),
            "purpose": frames.codes(lending.PURPOSES, loans.purpose[at]),
        }
    )


def _loans(county: County, who: Merchants, loans: Loans, path: Path) -> pl.DataFrame:
    at = np.flatnonzero(loans.granted)
    return pl.DataFrame(
        {
            "loan_id": who.ids[at] * 10 + 1,
            "merchant_id": who.ids[at],
            "granted_on": frames.dates(loans.day[at]),
            "principal": _yuan(loans.principal[at]),
            "annual_rate": loans.rate[at],
            "term_months": loans.term[at].astype(np.int64),
            "method": frames.codes(lending.METHODS, loans.method[at]),
            "closed_on": frames.dates(lending.closing_days(loans, path.paid)[at], county.horizon.end),
        }
    )


def _outcomes(county: County, who: Merchants, loans: Loans, fallen: Ints) -> pl.DataFrame:
    """Outcomes known before the end: a default on its day, a good year when the year is over."""
    defaulted = fallen <= loans.day + HORIZON_DAYS
    known = np.where(defaulted, fallen, loans.day + HORIZON_DAYS)
    at = np.flatnonzero(loans.granted & (known < county.horizon.end))
    return pl.DataFrame(
        {
            "merchant_id": who.ids[at],
            "as_of_on": frames.dates(loans.day[at]),
            "horizon_days": np.full(at.size, HORIZON_DAYS, dtype=np.int64),
            "definition": pl.repeat("dpd90", at.size, eager=True),
            "defaulted": defaulted[at],
            "known_at": frames.instants(known[at] * DAY_S, NEVER_DAY * DAY_S),
        }
    )


def _exposures(county: County, who: Merchants, house: Household, loans: Loans, path: Path) -> pl.DataFrame:
    """A bureau report a quarter for most merchants, the last within 91 days of the end."""
    s, horizon = county.streams, county.horizon
    quarters = max((horizon.end - horizon.first) // _QUARTER, 1)
    back = 1 + (s.uniform("report day", who.ids) * (_QUARTER - 6)).astype(np.int64)
    day = np.maximum(horizon.end - back[:, None] - _QUARTER * np.arange(quarters), horizon.first)
    reports = (s.uniform("in bureau", who.ids) < _REPORTED)[:, None] & (day >= who.opened[:, None])
    seller, quarter = np.nonzero(reports)
    when = day[seller, quarter]
    month = horizon.month_of(when)
    left, service = _other_debts(county, who, house, seller, when)
    side = (house.cause == 2) & (s.uniform("side debt reported", who.ids) < 0.3) & loans.granted
    shows_side = side[seller] & (month > loans.month[seller] + house.blow_months[seller])
    owed = np.cumsum(loans.due - path.paid, axis=1)[seller, month]
    future = (loans.due.sum(axis=1)[:, None] - np.cumsum(loans.due, axis=1))[seller, month]
    own = loans.granted[seller] & (when > loans.day[seller]) & (owed + future > 0.01)
    own_left = np.minimum(owed + future, loans.principal[seller])
    own_service = loans.service[seller]
    side_service = (house.living * (0.25 + 0.9 * house.severity))[seller]
    columns = [(left[:, d] > 0, left[:, d], service[:, d], "bureau", 2 + d) for d in range(DEBTS)]
    columns.append((shows_side, side_service * 8.0, side_service, "bureau", 2 + DEBTS))
    nothing = ~np.any([has for has, *_ in columns], axis=0)
    columns.append((nothing, np.zeros(seller.size), np.zeros(seller.size), "none", 0))
    columns.append((own, own_left, own_service, "own_book", OWN_LENDER))
    parts = [
        _exposure(who, seller, quarter, when, slot, has, balance, monthly, source, lender)
        for slot, (has, balance, monthly, source, lender) in enumerate(columns)
    ]
    return pl.concat(parts)


def _other_debts(
    county: County, who: Merchants, house: Household, seller: Ints, when: Ints
) -> tuple[Floats, Floats]:
    """Balance and service of each reported debt at each report: debts run down over years and are renewed."""
    slot = who.ids[:, None] * DEBTS + np.arange(DEBTS, dtype=np.int64)
    months = 12.0 + 36.0 * county.streams.uniform("debt term", slot)
    phase = county.streams.uniform("debt phase", slot)
    age = ((when - county.horizon.first) / 30.4)[:, None]
    left_months = months[seller] * (1.0 - (phase[seller] + age / months[seller]) % 1.0)
    service = np.where(house.reported, house.debts, 0.0)[seller]
    return np.round(service * left_months * 0.93, 0), service


def _exposure(
    who: Merchants, seller: Ints, quarter: Ints, when: Ints, slot: int,
    has: Bools, balance: Floats, monthly: Floats, source: str, lender: int,
) -> pl.DataFrame:  # fmt: skip
    at = np.flatnonzero(has)
    ids = who.ids[seller[at]]
    other = 2 + (ids * 3 + lender * 5) % _LENDERS
    kind = "none" if source == "none" else "loan"
    return pl.DataFrame(
        {
            "exposure_id": (ids * 1000 + quarter[at]) * _SLOTS + slot,
            "merchant_id": ids,
            "lender_id": np.full(at.size, OWN_LENDER) if source == "own_book" else other,
            "kind": pl.repeat(kind, at.size, eager=True),
            "source": pl.repeat("bureau" if source == "none" else source, at.size, eager=True),
            "reported_on": frames.dates(when[at]),
            "balance": _yuan(balance[at]),
            "monthly_service": _yuan(monthly[at]),
        }
    )
