"""Decisions as a Parquet table: money in decimal major units, rates as annual fractions, parts nested."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from suixin.errors import BookError
from suixin.lending.schedule import Instalment, Method, Schedule
from suixin.money import currency_of, to_major, to_minor
from suixin.underwriting.capacity import CapacityPart
from suixin.underwriting.decision import (
    CostItem,
    Decision,
    Hint,
    LimitComponent,
    Outcome,
    PriceComponent,
    Reason,
    Rung,
    Terms,
)
from suixin.underwriting.forecast import Forecast
from suixin.underwriting.season_fit import Alternative
from suixin.underwriting.sweep import Sweep, SweepMonth

MILLION = 1_000_000
MONEY = pl.Decimal(18, 2)
RATE = pl.Decimal(9, 6)

_INSTALMENT = pl.Struct(
    {
        "number": pl.Int32(),
        "due_on": pl.Date(),
        "principal": MONEY,
        "interest": MONEY,
        "total": MONEY,
        "balance": MONEY,
    }
)
_CAPACITY = pl.Struct(
    {
        "name": pl.String(),
        "amount": MONEY,
        "basis": pl.String(),
        "feature": pl.String(),
        "value": pl.Float64(),
    }
)
_ALTERNATIVE = pl.Struct({"method": pl.String(), "interest": MONEY, "lowest_coverage": pl.Float64()})
_COST = pl.Struct(
    {
        "code": pl.String(),
        "kind": pl.String(),
        "on_default": pl.Boolean(),
        "rate": RATE,
        "amount": MONEY,
        "payee": pl.String(),
    }
)
_SWEEP_AMOUNTS = ("floor", "bad_principal", "bad_interest", "usual_principal", "usual_interest")
_SWEEP_MONTH = pl.Struct({"due_on": pl.Date(), **dict.fromkeys(_SWEEP_AMOUNTS, MONEY)})
_SWEEP = pl.Struct({"share": RATE, "working_cash": MONEY, "months": pl.List(_SWEEP_MONTH)})
_RUNG = pl.Struct({"loans_repaid": pl.Int32(), "cap": MONEY, "discount": RATE})
_REASON = pl.Struct(
    {
        "code": pl.String(),
        "feature": pl.String(),
        "value": pl.Float64(),
        "threshold": pl.Float64(),
        "points": pl.Float64(),
        "outcome": pl.String(),
        "catalogue_version": pl.Int32(),
    }
)

SCHEMA: dict[str, pl.DataType] = {
    "decision_id": pl.String(),
    "merchant_id": pl.String(),
    "as_of": pl.Date(),
    "decision": pl.String(),
    "score": pl.Float64(),
    "grade": pl.String(),
    "pd": pl.Float64(),
    "pd_basis": pl.String(),
    "limit": MONEY,
    "limit_components": pl.List(pl.Struct({"name": pl.String(), "amount": MONEY, "binding": pl.Boolean()})),
    "currency": pl.String(),
    "annual_rate": RATE,
    "all_in_rate": RATE,
    "fee": MONEY,
    "price_components": pl.List(pl.Struct({"name": pl.String(), "rate": RATE})),
    "term_months": pl.Int32(),
    "method": pl.String(),
    "schedule": pl.List(_INSTALMENT),
    "comparator": pl.List(_INSTALMENT),
    "forecast": pl.Struct(
        {
            "basis": pl.String(),
            "spread": pl.Float64(),
            "p10": pl.List(MONEY),
            "p50": pl.List(MONEY),
            "p90": pl.List(MONEY),
            "bad_year": pl.List(MONEY),
        }
    ),
    "reasons": pl.List(_REASON),
    "raise_hints": pl.List(
        pl.Struct({"feature": pl.String(), "value": pl.Float64(), "target": pl.Float64(), "gain": MONEY})
    ),
    "confidence": pl.Float64(),
    "sales_source": pl.String(),
    "model_version": pl.String(),
    "policy_hash": pl.String(),
    "lake_snapshot": pl.String(),
    "capacity": pl.List(_CAPACITY),
    "left": pl.Struct({"p10": pl.List(MONEY), "p50": pl.List(MONEY)}),
    "lowest_coverage": pl.Float64(),
    "alternatives": pl.List(_ALTERNATIVE),
    "costs": pl.List(_COST),
    "sweep": _SWEEP,
    "ladder": pl.List(_RUNG),
    "schema_version": pl.Int32(),
}
"""The columns of `decisions.parquet`."""


def decisions_table(decisions: Iterable[Decision]) -> pl.DataFrame:
    """One row a decision, in the order given."""
    return pl.DataFrame([_row(decision) for decision in decisions], schema=SCHEMA, orient="row")


def features_table(decisions: Sequence[Decision], names: Sequence[str]) -> pl.DataFrame:
    """merchant_id, as_of and a Float64 column a feature: the rows that were decided on."""
    columns: dict[str, Any] = {
        "merchant_id": [decision.merchant_id for decision in decisions],
        "as_of": [decision.as_of for decision in decisions],
    }
    columns |= {name: [decision.features.get(name) for decision in decisions] for name in names}
    schema = {"merchant_id": pl.String(), "as_of": pl.Date(), **dict.fromkeys(names, pl.Float64())}
    return pl.DataFrame(columns, schema=schema)


def _row(decision: Decision) -> dict[str, Any]:
    currency = currency_of(decision.currency)

    def major(minor: int) -> Decimal:
        return to_major(minor, currency)

    def rows(schedule: Schedule) -> list[dict[str, Any]]:
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

    terms, outlook = decision.terms, decision.forecast
    offered = (
        {
            "annual_rate": rate(terms.annual_rate_ppm),
            "all_in_rate": rate(terms.all_in_rate_ppm),
            "fee": major(terms.fee_fen),
            "term_months": terms.term_months,
            "method": terms.schedule.method.value,
            "schedule": rows(terms.schedule),
            "comparator": rows(terms.comparator),
            "lowest_coverage": terms.lowest_coverage,
            "alternatives": [
                {"method": a.method, "interest": major(a.interest_fen), "lowest_coverage": a.lowest_coverage}
                for a in terms.alternatives
            ],
            "costs": [_cost(item, major) for item in terms.costs],
            "sweep": _swept(terms.sweep, major) if terms.sweep else None,
        }
        if terms
        else {}
    )
    return (
        dict.fromkeys(SCHEMA)
        | offered
        | {
            "decision_id": decision.decision_id,
            "merchant_id": decision.merchant_id,
            "as_of": decision.as_of,
            "decision": decision.outcome.value,
            "score": decision.score,
            "grade": decision.grade,
            "pd": decision.pd,
            "pd_basis": decision.pd_basis,
            "limit": major(decision.limit_fen),
            "limit_components": [
                {"name": c.name, "amount": major(c.amount_fen), "binding": c.binding}
                for c in decision.limit_components
            ],
            "currency": decision.currency,
            "price_components": [
                {"name": c.name, "rate": rate(c.rate_ppm)} for c in decision.price_components
            ],
            "forecast": {
                "basis": outlook.basis,
                "spread": outlook.spread,
                "p10": [major(fen) for fen in outlook.p10],
                "p50": [major(fen) for fen in outlook.p50],
                "p90": [major(fen) for fen in outlook.p90],
                "bad_year": [major(fen) for fen in outlook.bad_year],
            },
            "reasons": [
                {
                    "code": r.code,
                    "feature": r.feature,
                    "value": _number(r.value),
                    "threshold": _number(r.threshold),
                    "points": r.points,
                    "outcome": r.outcome,
                    "catalogue_version": r.catalogue_version,
                }
                for r in decision.reasons
            ],
            "raise_hints": [
                {"feature": h.feature, "value": h.value, "target": h.target, "gain": major(h.gain_fen)}
                for h in decision.raise_hints
            ],
            "confidence": decision.confidence,
            "sales_source": decision.sales_source,
            "model_version": decision.model_version,
            "policy_hash": decision.policy_hash,
            "lake_snapshot": decision.lake_snapshot,
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
                "p10": [major(fen) for fen in decision.left_p10],
                "p50": [major(fen) for fen in decision.left_p50],
            },
            "ladder": [
                {"loans_repaid": r.loans_repaid, "cap": major(r.cap_fen), "discount": rate(r.discount_ppm)}
                for r in (decision.rung, decision.rung and decision.rung.next)
                if r
            ],
            "schema_version": decision.schema_version,
        }
    )


def _cost(item: CostItem, major: Callable[[int], Decimal]) -> dict[str, Any]:
    return {
        "code": item.code,
        "kind": item.kind,
        "on_default": item.on_default,
        "rate": None if item.rate_ppm is None else rate(item.rate_ppm),
        "amount": None if item.amount_fen is None else major(item.amount_fen),
        "payee": item.payee,
    }


def _swept(found: Sweep, major: Callable[[int], Decimal]) -> dict[str, Any]:
    return {
        "share": rate(found.share_ppm),
        "working_cash": major(found.working_cash_fen),
        "months": [
            {"due_on": month.due_on} | {name: major(getattr(month, f"{name}_fen")) for name in _SWEEP_AMOUNTS}
            for month in found.months
        ],
    }


def _number(value: float | None) -> float | None:
    """A float, for a whole number of a policy among fractions does not fit into one column."""
    return None if value is None else float(value)


def rate(ppm: int) -> Decimal:
    """Parts per million as a fraction."""
    return Decimal(ppm) / MILLION


def read_decision(book: Path, merchant_id: str) -> Decision:
    """The decision on one merchant from a book's folder; BookError if the book or the merchant is not there."""
    if not (book / "decisions.parquet").is_file():
        raise BookError(
            f"{book}: no decision book (it has no decisions.parquet); make one with: suixin assess LAKE"
        )
    try:
        mine = pl.col("merchant_id") == merchant_id
        found = pl.scan_parquet(book / "decisions.parquet").filter(mine).collect()
        features = pl.scan_parquet(book / "features.parquet").filter(mine).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"{book}: cannot be read: {str(error).splitlines()[0]}") from error
    if found.height == 0 or features.height == 0:
        raise BookError(f"{book}: has no decision on merchant {merchant_id!r}")
    values = {
        name: value
        for name, value in features.row(0, named=True).items()
        if name not in ("merchant_id", "as_of")
    }
    return _decision(found.row(0, named=True), values)


def _decision(row: Mapping[str, Any], features: Mapping[str, float | None]) -> Decision:
    currency = currency_of(row["currency"])

    def minor(major: Decimal) -> int:
        return to_minor(major, currency)

    outlook = row["forecast"]
    bad = tuple(minor(month) for month in outlook.get("bad_year") or ())
    quantiles = [tuple(minor(month) for month in outlook[name]) for name in ("p10", "p50", "p90")]
    return Decision(
        decision_id=row["decision_id"],
        merchant_id=row["merchant_id"],
        as_of=row["as_of"],
        outcome=Outcome(row["decision"]),
        score=row["score"],
        grade=row["grade"],
        pd=row["pd"],
        pd_basis=row["pd_basis"],
        limit_fen=minor(row["limit"]),
        limit_components=tuple(
            LimitComponent(c["name"], minor(c["amount"]), c["binding"]) for c in row["limit_components"]
        ),
        currency=row["currency"],
        price_components=tuple(
            PriceComponent(c["name"], int(c["rate"] * MILLION)) for c in row["price_components"]
        ),
        terms=_terms(row, minor) if row["schedule"] else None,
        forecast=Forecast(quantiles[0], quantiles[1], quantiles[2], outlook["basis"], outlook["spread"], bad),
        reasons=tuple(Reason(**reason) for reason in row["reasons"]),
        raise_hints=tuple(
            Hint(h["feature"], h["value"], h["target"], minor(h["gain"])) for h in row["raise_hints"]
        ),
        confidence=row["confidence"],
        features=features,
        sales_source=row["sales_source"],
        model_version=row["model_version"],
        policy_hash=row["policy_hash"],
        lake_snapshot=row["lake_snapshot"],
        capacity=tuple(
            CapacityPart(c["name"], minor(c["amount"]), c["basis"], c["feature"], c["value"])
            for c in row.get("capacity") or ()  # a book of version 1 has none
        ),
        left_p10=tuple(minor(month) for month in (row.get("left") or {}).get("p10", ())),
        left_p50=tuple(minor(month) for month in (row.get("left") or {}).get("p50", ())),
        rung=_rung(row.get("ladder") or (), minor),
        schema_version=row["schema_version"],
    )


def _rung(steps: Sequence[Mapping[str, Any]], minor: Callable[[Decimal], int]) -> Rung | None:
    found: Rung | None = None
    for step in reversed(steps):
        found = Rung(step["loans_repaid"], minor(step["cap"]), int(step["discount"] * MILLION), found)
    return found


def _cost_item(row: Mapping[str, Any], minor: Callable[[Decimal], int]) -> CostItem:
    share, amount = row["rate"], row["amount"]
    return CostItem(
        row["code"],
        row["kind"],
        row["on_default"],
        None if share is None else int(share * MILLION),
        None if amount is None else minor(amount),
        row["payee"],
    )


def _sweep(row: Mapping[str, Any] | None, minor: Callable[[Decimal], int]) -> Sweep | None:
    if row is None or row["share"] is None:  # not offered, or a book from before there was any
        return None
    months = (
        SweepMonth(month["due_on"], *(minor(month[name]) for name in _SWEEP_AMOUNTS))
        for month in row["months"]
    )
    return Sweep(int(row["share"] * MILLION), minor(row["working_cash"]), tuple(months))


def _terms(row: Mapping[str, Any], minor: Any) -> Terms:
    def schedule(rows: Sequence[Mapping[str, Any]], method: str) -> Schedule:
        parts = tuple(
            Instalment(
                r["number"],
                r["due_on"],
                *(minor(r[name]) for name in ("principal", "interest", "total", "balance")),
            )
            for r in rows
        )
        return Schedule(minor(row["limit"]), row["annual_rate"], _start(row), Method(method), parts)

    return Terms(
        annual_rate_ppm=int(row["annual_rate"] * MILLION),
        all_in_rate_ppm=int(row["all_in_rate"] * MILLION),
        fee_fen=minor(row["fee"]),
        term_months=row["term_months"],
        schedule=schedule(row["schedule"], row["method"]),
        comparator=schedule(row["comparator"], Method.EQUAL_INSTALMENT.value),
        lowest_coverage=row.get("lowest_coverage"),
        alternatives=tuple(
            Alternative(a["method"], minor(a["interest"]), a["lowest_coverage"])
            for a in row.get("alternatives") or ()
        ),
        costs=tuple(_cost_item(item, minor) for item in row.get("costs") or ()),
        sweep=_sweep(row.get("sweep"), minor),
    )


def _start(row: Mapping[str, Any]) -> date:
    start: date = row["as_of"]
    return start
