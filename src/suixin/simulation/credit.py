"""The tables of credit: exposures, applications, loans and outcomes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import frames, lending
from suixin.simulation.cash import Path
from suixin.simulation.county import County
from suixin.simulation.horizon import DAY_S, NEVER_DAY
from suixin.simulation.household import DEBTS, SIDE_DEBT, Household
from suixin.simulation.lending import Loans
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints

HORIZON_DAYS = 365
PAST_DUE_DAYS = 91  # 'more than 90 days past due' first holds on day 91
OWN_LENDER = 1
LENDERS = 9  # other lenders are numbered from 2
_QUARTER = 91
_REPORTED = 0.90  # share of merchants with bureau reports
_SLOTS = 10  # exposure ids a report
_PRINCIPAL_SHARE = 0.93  # of what is still to be paid on a bank debt


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


@dataclass(frozen=True, slots=True)
class _Reports:
    """Reports on merchants: position of the merchant, number of the quarter back from the end, day and month."""

    seller: Ints
    quarter: Ints
    day: Ints
    month: Ints


@dataclass(frozen=True, slots=True)
class _Debt:
    """One line that a report may hold: in which reports, yuan owed, yuan a month, and to whom."""

    has: Bools
    balance: Floats
    monthly: Floats
    lender: int
    kind: str = "loan"
    source: str = "bureau"


def _reports(county: County, who: Merchants) -> _Reports:
    """A bureau report a quarter for most merchants, the last within 91 days of the end."""
    s, horizon = county.streams, county.horizon
    quarters = max((horizon.end - horizon.first) // _QUARTER, 1)
    back = 1 + (s.uniform("report day", who.ids) * (_QUARTER - 6)).astype(np.int64)
    day = np.maximum(horizon.end - back[:, None] - _QUARTER * np.arange(quarters), horizon.first)
    known = (s.uniform("in bureau", who.ids) < _REPORTED)[:, None] & (day >= who.opened[:, None])
    seller, quarter = np.nonzero(known)
    when = day[seller, quarter]
    return _Reports(seller, quarter, when, horizon.month_of(when))


def _exposures(county: County, who: Merchants, house: Household, loans: Loans, path: Path) -> pl.DataFrame:
    """What each report says: other lenders' debts, or none, and the own loan."""
    reports = _reports(county, who)
    debts = [*_bank_debts(county, who, house, reports), _side_debt(county, who, house, loans, reports)]
    nothing = ~np.any([debt.has for debt in debts], axis=0)
    debts.append(_Debt(nothing, np.zeros(nothing.size), np.zeros(nothing.size), 0, kind="none"))
    debts.append(_own_debt(loans, path, reports))
    return pl.concat([_rows(who.ids[reports.seller], reports, slot, debt) for slot, debt in enumerate(debts)])


def _bank_debts(county: County, who: Merchants, house: Household, reports: _Reports) -> list[_Debt]:
    """Reported debts to other lenders: each runs down over one to four years and is then renewed."""
    s = county.streams
    slot = who.ids[:, None] * DEBTS + np.arange(DEBTS, dtype=np.int64)
    months, phase = 12.0 + 36.0 * s.uniform("debt term", slot), s.uniform("debt phase", slot)
    age = ((reports.day - county.horizon.first) / 30.4)[:, None]
    months, phase = months[reports.seller], phase[reports.seller]
    monthly = np.where(house.reported, house.debts, 0.0)[reports.seller]
    left = np.rint(monthly * months * (1.0 - (phase + age / months) % 1.0) * _PRINCIPAL_SHARE)
    return [_Debt(left[:, d] > 0, left[:, d], monthly[:, d], 2 + d) for d in range(DEBTS)]


def _side_debt(county: County, who: Merchants, house: Household, loans: Loans, reports: _Reports) -> _Debt:
    """Three in ten side debts come to the bureau's notice, after they have begun to bite."""
    told = (
        (house.cause == SIDE_DEBT) & loans.granted & (county.streams.uniform("side debt told", who.ids) < 0.3)
    )
    has = told[reports.seller] & (reports.month > (loans.month + house.blow_months)[reports.seller])
    monthly = house.side_service[reports.seller]
    return _Debt(has, np.rint(monthly * 8.0), monthly, 2 + DEBTS)


def _own_debt(loans: Loans, path: Path, reports: _Reports) -> _Debt:
    """The own loan after the payments of the months before the report's."""
    paid = np.cumsum(path.paid, axis=1) - path.paid
    left = loans.principal[reports.seller] * (
        1.0 - paid[reports.seller, reports.month] / loans.total[reports.seller]
    )
    has = loans.granted[reports.seller] & (reports.day > loans.day[reports.seller]) & (left > 1.0)
    return _Debt(has, left, loans.service[reports.seller], OWN_LENDER, source="own_book")


def _rows(merchant: Ints, reports: _Reports, slot: int, debt: _Debt) -> pl.DataFrame:
    at = np.flatnonzero(debt.has)
    ids = merchant[at]
    other = OWN_LENDER + 1 + (ids * 3 + debt.lender * 5) % LENDERS
    return pl.DataFrame(
        {
            "exposure_id": (ids * 1000 + reports.quarter[at]) * _SLOTS + slot,
            "merchant_id": ids,
            "lender_id": np.full(at.size, OWN_LENDER) if debt.source == "own_book" else other,
            "kind": pl.repeat(debt.kind, at.size, eager=True),
            "source": pl.repeat(debt.source, at.size, eager=True),
            "reported_on": frames.dates(reports.day[at]),
            "balance": _yuan(debt.balance[at]),
            "monthly_service": _yuan(debt.monthly[at]),
        }
    )
