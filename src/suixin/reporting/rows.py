"""A decision as a row of the book: money in decimal major units, rates as annual fractions, parts nested."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from suixin.lending.schedule import Schedule
from suixin.money import currency_of, to_major
from suixin.underwriting.decision import CostItem, Decision, Reason, Terms
from suixin.underwriting.season_input import SeasonInput
from suixin.underwriting.standing import Standing
from suixin.underwriting.sweep import Sweep

MILLION = 1_000_000
SWEEP_AMOUNTS = ("floor", "bad_principal", "bad_interest", "usual_principal", "usual_interest")
"""The amounts of a month of a sweep, as its row names them."""

Row: TypeAlias = dict[str, Any]
Major: TypeAlias = Callable[[int], Decimal]


def decision_row(decision: Decision) -> Row:
    """The columns of `suixin.reporting.tables.SCHEMA`; of an offer only if there is one."""
    currency = currency_of(decision.currency)

    def major(minor: int) -> Decimal:
        return to_major(minor, currency)

    offered = _offered(decision.terms, major) if decision.terms else {}
    return {**_told(decision), **_amounts(decision, major), **offered}


def rate(ppm: int) -> Decimal:
    """Parts per million as a fraction."""
    return Decimal(ppm) / MILLION


def _told(decision: Decision) -> Row:
    """What is no amount: who and when, the outcome with its reasons, and what a replay needs."""
    return {
        "decision_id": decision.decision_id,
        "merchant_id": decision.merchant_id,
        "as_of": decision.as_of,
        "decision": decision.outcome.value,
        "score": decision.score,
        "grade": decision.grade,
        "pd": decision.pd,
        "pd_basis": decision.pd_basis,
        "currency": decision.currency,
        "reasons": [_reason(reason) for reason in decision.reasons],
        "confidence": decision.confidence,
        "sales_source": decision.sales_source,
        "model_version": decision.model_version,
        "policy_hash": decision.policy_hash,
        "lake_snapshot": decision.lake_snapshot,
        "schema_version": decision.schema_version,
    }


def _amounts(decision: Decision, major: Major) -> Row:
    """The limit and what it came from, the price, and what would change them."""
    return {
        "limit": major(decision.limit_fen),
        "limit_components": [
            {"name": c.name, "amount": major(c.amount_fen), "binding": c.binding}
            for c in decision.limit_components
        ],
        "price_components": [{"name": c.name, "rate": rate(c.rate_ppm)} for c in decision.price_components],
        "forecast": _forecast(decision, major),
        "raise_hints": [
            {"feature": h.feature, "value": h.value, "target": h.target, "gain": major(h.gain_fen)}
            for h in decision.raise_hints
        ],
        "capacity": [
            {
                "name": part.name,
                "amount": major(part.amount_fen),
                "basis": part.basis,
                "feature": part.feature,
                "value": part.value,
            }
            for part in decision.capacity
        ],
        "left": {
            "p10": _each(decision.left_p10, major),
            "p50": _each(decision.left_p50, major),
            "p90": _each(decision.left_p90, major),
        },
        "ladder": [
            {"loans_repaid": r.loans_repaid, "cap": major(r.cap_fen), "discount": rate(r.discount_ppm)}
            for r in (decision.rung, decision.rung and decision.rung.next)
            if r
        ],
        "season_input": _field(decision.season_input, major) if decision.season_input else None,
        "standing": _standing(held, major) if (held := decision.forecast.standing) else None,
    }


def _standing(held: Standing, major: Major) -> Row:
    return {
        "months": held.months,
        "silent_months": held.silent_months,
        "trades": held.trades,
        "level": major(held.level_fen),
        "average": major(held.average_fen),
    }


def _field(held: SeasonInput, major: Major) -> Row:
    return {
        "crop": held.crop,
        "area_mu": held.area_mu,
        "cost_per_mu": major(held.cost_fen),
        "share": held.share,
        "ceiling": major(held.ceiling_fen),
    }


def _offered(terms: Terms, major: Major) -> Row:
    return {
        "annual_rate": rate(terms.annual_rate_ppm),
        "all_in_rate": rate(terms.all_in_rate_ppm),
        "fee": major(terms.fee_fen),
        "term_months": terms.term_months,
        "method": terms.schedule.method.value,
        "schedule": _instalments(terms.schedule, major),
        "comparator": _instalments(terms.comparator, major),
        "lowest_coverage": terms.lowest_coverage,
        "alternatives": [
            {"method": a.method, "interest": major(a.interest_fen), "lowest_coverage": a.lowest_coverage}
            for a in terms.alternatives
        ],
        "costs": [_cost(item, major) for item in terms.costs],
        "sweep": _swept(terms.sweep, major) if terms.sweep else None,
    }


def _forecast(decision: Decision, major: Major) -> Row:
    outlook = decision.forecast
    return {
        "basis": outlook.basis,
        "spread": outlook.spread,
        "p10": _each(outlook.p10, major),
        "p50": _each(outlook.p50, major),
        "p90": _each(outlook.p90, major),
        "bad_year": _each(outlook.bad_year, major),
        "good_year": _each(outlook.good_year, major),
        "usual_year": _each(outlook.usual_year, major),
    }


def _each(months: Sequence[int], major: Major) -> list[Decimal]:
    return [major(fen) for fen in months]


def _instalments(schedule: Schedule, major: Major) -> list[Row]:
    return [
        {
            "number": row.number,
            "due_on": row.due_on,
            "principal": major(row.principal_fen),
            "interest": major(row.interest_fen),
            "total": major(row.total_fen),
            "balance": major(row.balance_fen),
        }
        for row in schedule.rows
    ]


def _reason(reason: Reason) -> Row:
    return {
        "code": reason.code,
        "feature": reason.feature,
        "value": _number(reason.value),
        "threshold": _number(reason.threshold),
        "points": reason.points,
        "outcome": reason.outcome,
        "catalogue_version": reason.catalogue_version,
    }


def _cost(item: CostItem, major: Major) -> Row:
    return {
        "code": item.code,
        "kind": item.kind,
        "on_default": item.on_default,
        "rate": None if item.rate_ppm is None else rate(item.rate_ppm),
        "amount": None if item.amount_fen is None else major(item.amount_fen),
        "payee": item.payee,
    }


def _swept(found: Sweep, major: Major) -> Row:
    months = [
        {"due_on": month.due_on} | {name: major(getattr(month, f"{name}_fen")) for name in SWEEP_AMOUNTS}
        for month in found.months
    ]
    return {
        "share": rate(found.share_ppm),
        "working_cash": major(found.working_cash_fen),
        "months": months,
    }


def _number(value: float | None) -> float | None:
    """A float, for a whole number of a policy among fractions does not fit into one column."""
    return None if value is None else float(value)
