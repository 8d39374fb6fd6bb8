"""Decisions as a Parquet table: money in decimal major units, rates as annual fractions, parts nested."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from suixin.errors import BookError
from suixin.lending.schedule import Instalment, Method, Schedule
from suixin.money import currency_of, to_minor
from suixin.reporting.rows import MILLION, SWEEP_AMOUNTS, decision_row
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
from suixin.underwriting.season_input import SeasonInput
from suixin.underwriting.standing import Standing
from suixin.underwriting.sweep import Sweep, SweepMonth

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
_SWEEP_MONTH = pl.Struct({"due_on": pl.Date(), **dict.fromkeys(SWEEP_AMOUNTS, MONEY)})
_SWEEP = pl.Struct({"share": RATE, "working_cash": MONEY, "months": pl.List(_SWEEP_MONTH)})
_RUNG = pl.Struct({"loans_repaid": pl.Int32(), "cap": MONEY, "discount": RATE})
_SEASON_INPUT = pl.Struct(
    {
        "crop": pl.String(),
        "area_mu": pl.Float64(),
        "cost_per_mu": MONEY,
        "share": pl.Float64(),
        "ceiling": MONEY,
    }
)
_STANDING = pl.Struct(
    {
        "months": pl.Int32(),
        "silent_months": pl.Int32(),
        "trades": pl.Float64(),
        "level": MONEY,
        "average": MONEY,
    }
)
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
            "good_year": pl.List(MONEY),
            "usual_year": pl.List(MONEY),
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
    "left": pl.Struct({"p10": pl.List(MONEY), "p50": pl.List(MONEY), "p90": pl.List(MONEY)}),
    "lowest_coverage": pl.Float64(),
    "alternatives": pl.List(_ALTERNATIVE),
    "costs": pl.List(_COST),
    "sweep": _SWEEP,
    "ladder": pl.List(_RUNG),
    "season_input": _SEASON_INPUT,
    "standing": _STANDING,
    "schema_version": pl.Int32(),
}
"""The columns of `decisions.parquet`."""


def decisions_table(decisions: Iterable[Decision]) -> pl.DataFrame:
    """One row a decision, in the order given."""
    rows = [dict.fromkeys(SCHEMA) | decision_row(decision) for decision in decisions]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def features_table(decisions: Sequence[Decision], names: Sequence[str]) -> pl.DataFrame:
    """merchant_id, as_of and a Float64 column a feature: the rows that were decided on."""
    columns: dict[str, Any] = {
        "merchant_id": [decision.merchant_id for decision in decisions],
        "as_of": [decision.as_of for decision in decisions],
    }
    columns |= {name: [decision.features.get(name) for decision in decisions] for name in names}
    schema = {"merchant_id": pl.String(), "as_of": pl.Date(), **dict.fromkeys(names, pl.Float64())}
    return pl.DataFrame(columns, schema=schema)


_FIRST = ("decision_id", "as_of", "decision", "currency", "forecast", "reasons")
"""Some columns that a table of decisions has had since the first release."""


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
    lacking = [name for name in _FIRST if name not in found.columns]
    if lacking:
        raise BookError(f"{book}: decisions.parquet is no table of decisions: it lacks {', '.join(lacking)}")
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
    bad, good, usual = (
        tuple(minor(month) for month in outlook.get(f"{name}_year") or ())
        for name in ("bad", "good", "usual")
    )
    p10, p50, p90 = (tuple(minor(month) for month in outlook[name]) for name in ("p10", "p50", "p90"))
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
        forecast=Forecast(
            p10,
            p50,
            p90,
            outlook["basis"],
            outlook["spread"],
            bad,
            good,
            _standing(row.get("standing"), minor),
            usual,
        ),
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
        left_p90=tuple(minor(month) for month in (row.get("left") or {}).get("p90", ())),
        rung=_rung(row.get("ladder") or (), minor),
        season_input=_season_input(row.get("season_input"), minor),
        schema_version=row["schema_version"],
    )


def _rung(steps: Sequence[Mapping[str, Any]], minor: Callable[[Decimal], int]) -> Rung | None:
    found: Rung | None = None
    for step in reversed(steps):
        found = Rung(step["loans_repaid"], minor(step["cap"]), int(step["discount"] * MILLION), found)
    return found


def _season_input(row: Mapping[str, Any] | None, minor: Callable[[Decimal], int]) -> SeasonInput | None:
    if row is None or row["crop"] is None:  # not measured so, or a book from before it was
        return None
    return SeasonInput(
        row["crop"], row["area_mu"], minor(row["cost_per_mu"]), row["share"], minor(row["ceiling"])
    )


def _standing(row: Mapping[str, Any] | None, minor: Callable[[Decimal], int]) -> Standing | None:
    if row is None or row["months"] is None:  # a book from before it was told
        return None
    return Standing(
        row["months"], row["silent_months"], row["trades"], minor(row["level"]), minor(row["average"])
    )


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
        SweepMonth(month["due_on"], *(minor(month[name]) for name in SWEEP_AMOUNTS))
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
