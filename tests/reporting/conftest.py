"""Books of seeded decisions: merchants of very unequal size, season and evidence, decided by the shipped policy."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from random import Random

import pytest

from suixin.reporting.book import Book
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Decision
from suixin.underwriting.forecast import Forecast, forecast
from suixin.underwriting.policy import shipped_policy

AS_OF = date(2026, 1, 1)
TERMS = shipped_policy("CNY").policy.forecast
DECIDED = 2_000
HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "</script><img src=x onerror=alert(2)>",
    "[bold red]markup[/] \x1b[31mescape",
    "https://example.org/x",
)
ASSUMPTION = "a row without known_at was known when it happened"


def _features(draw: Random, monthly: float) -> dict[str, float | None]:
    quality = draw.gauss(0.0, 1.0)
    debt = monthly * draw.choice((0.0, 0.0, 0.0, 0.2, 0.5, 14.0 if quality < -1 else 1.0))
    bad = 1.0 / (1.0 + math.exp(1.6 + quality))
    found: dict[str, float | None] = {
        "genuine_trading_days": float(int(draw.expovariate(1 / 600)) + 80),
        "genuine_gmv_365d": round(monthly * 12, 2),
        "genuine_selling_months_12m": float(draw.randint(3, 12)),
        "genuine_days_since_order": float(int(draw.expovariate(1 / 18))),
        "genuine_weekly_cv_52w": draw.lognormvariate(0.1 - 0.2 * quality, 0.5),
        "genuine_growth_yoy_90d": draw.gauss(0.05 + 0.1 * quality, 0.35),
        "top_buyer_share": min(1.0, draw.lognormvariate(-2.2, 0.8)),
        "repeat_buyer_share": min(1.0, draw.lognormvariate(-2.4 + 0.2 * quality, 0.8)),
        "late_handover_share_180d": min(1.0, bad * draw.uniform(0.3, 0.9)),
        "undelivered_share_180d": min(1.0, bad * draw.uniform(0.0, 0.4)),
        "bad_review_share_365d": min(1.0, bad * draw.uniform(0.5, 1.2)),
        "refund_share_365d": min(1.0, bad * draw.uniform(0.0, 0.5)),
        "household_debt": round(debt, 2),
        "debt_to_sales": debt / (monthly * 12),
        "lenders": float(draw.choice((0, 1, 1, 2, 3, 4)) if debt else 0),
        "bureau_age_days": float(draw.randint(1, 110)) if draw.random() > 0.03 else None,
    }
    if draw.random() < 0.06:  # a thin file
        for name in draw.sample(sorted(found), 9):
            found[name] = None
    return found


def _history(draw: Random, monthly: float) -> list[int]:
    peak, sharp, flat = draw.choice((8, 9, 10, 10, 11)), draw.choice((0.2, 1.5, 2.5)), draw.uniform(0.05, 0.4)
    shape = [
        flat + math.exp(sharp * (math.cos(2 * math.pi * (month - peak) / 12) - 1)) for month in range(12)
    ]
    mean = sum(shape) / 12
    newest_first = [(11 - back) % 12 for back in range(24)]
    return [int(100 * monthly * shape[month] / mean * draw.lognormvariate(0, 0.15)) for month in newest_first]


def make_case(number: int, merchant_id: str | None = None) -> Case:
    """Merchant `number` of the seeded county, the same in a county of any size."""
    draw = Random(f"merchant {number}")
    monthly = draw.lognormvariate(9.2, 1.2)
    case = Case(
        merchant_id=merchant_id or f"M{number:06d}",
        as_of=AS_OF,
        features=_features(draw, monthly),
        history=_history(draw, monthly) if draw.random() > 0.01 else [0] * 24,
        sales_source="orders",
        months_known=draw.choice((24, 24, 24, 15, 7)),
        bureau_required=True,
        lake_snapshot="5f3c9a10",
    )
    return replace(case, outlook=_outlook(case)) if number % 3 else case


def _outlook(case: Case) -> Forecast:
    """A forecast that says it rests on peers."""
    outlook = forecast(case.history, case.months_known, TERMS)
    basis = "peers:all:1204" if outlook.basis == "flat" else "own_and_peers:tea/1000-10000:57"
    return replace(outlook, basis=basis)


@cache
def _decided(merchants: int) -> list[Decision]:
    policy = shipped_policy("CNY")
    return [decide(make_case(number), policy) for number in range(merchants)]


def make_book(merchants: int, hostile: Sequence[str] = ()) -> Book:
    """A book of so many merchants, from `DECIDED` on the first ones again; hostile identifiers come on top."""
    policy = shipped_policy("CNY")
    decided = _decided(min(merchants, DECIDED))
    decisions = [
        decided[number]
        if number < DECIDED
        else replace(decided[number % DECIDED], merchant_id=f"M{number:06d}", decision_id=f"{number:016x}")
        for number in range(merchants)
    ]
    decisions += [decide(make_case(10**6 + index, name), policy) for index, name in enumerate(hostile)]
    return Book(
        decisions,
        policy.policy,
        {
            "lake_snapshot": "5f3c9a10",
            "policy_name": policy.policy.name,
            "policy_version": policy.policy.version,
            "policy_hash": policy.hash,
            "as_of": AS_OF.isoformat(),
            "currency": "CNY",
            "zone": "Asia/Shanghai",
            "seconds": 12.5,
            "absent_families": ["invoices"],
            "adapters": [
                {
                    "adapter": "standard",
                    "source": "county <b>north</b>" if hostile else "county",
                    "route": "simulation",
                    "authorisation": "not stated",
                    "purpose": "not stated",
                    "assumptions": [ASSUMPTION],
                }
            ],
        },
    )


@pytest.fixture(scope="session")
def county() -> Callable[..., Book]:
    """`county(2000)`: a book of so many merchants, made once."""
    return cache(make_book)


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """Identifiers that are markup, formulas, links and control codes elsewhere."""
    return HOSTILE


@pytest.fixture(scope="session")
def case_of() -> Callable[..., Case]:
    """`case_of(7)`: merchant 7 of the seeded county, by another name if one is given."""
    return make_case
