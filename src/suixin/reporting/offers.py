"""The offers of a shared budget as a table and as a file."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl

from suixin.errors import BookError
from suixin.money import Currency, round_half_up, to_major
from suixin.reporting.report_files import drafted
from suixin.reporting.rows import rate
from suixin.reporting.tables import MONEY, RATE
from suixin.underwriting.budget import Offer, Plan
from suixin.underwriting.offers import Booked

SCHEMA: dict[str, pl.DataType] = {
    "merchant_id": pl.String(),
    "grade": pl.String(),
    "annual_rate": RATE,
    "amount": MONEY,
    "taken": pl.Float64(),
    "expected_profit": MONEY,
    "currency": pl.String(),
    "decision": pl.String(),
    "book_limit": MONEY,
    "book_rate": RATE,
}
"""The columns: money in major units, rates as annual fractions, `taken` the chance that the offer is taken.

The last three are the book's own: approve, refer or decline, and its limit and rate, null where it has none.
"""

WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda table, path: table.write_csv(path),
    ".parquet": lambda table, path: table.write_parquet(path),
}


def money(fen: float, currency: Currency) -> Decimal:
    """An expected amount, rounded to the minor unit, in major units."""
    return to_major(round_half_up(Decimal(fen)), currency)


def offers_table(plan: Plan, currency: Currency) -> pl.DataFrame:
    """One row an offer, in the order of the book."""
    return pl.DataFrame([_row(offer, currency) for offer in plan.offers], schema=SCHEMA, orient="row")


def _row(offer: Offer, currency: Currency) -> tuple[object, ...]:
    booked = offer.candidate.booked or Booked("", None, None)
    return (
        offer.candidate.merchant_id,
        offer.candidate.grade,
        rate(offer.rate_ppm),
        to_major(offer.amount_fen, currency),
        offer.taken,
        money(offer.profit_fen, currency),
        currency.code,
        booked.decision or None,
        None if booked.limit_fen is None else to_major(booked.limit_fen, currency),
        None if booked.rate_ppm is None else rate(booked.rate_ppm),
    )


def write_offers(plan: Plan, currency: Currency, out: Path) -> None:
    """Write the offers as .csv or .parquet, whole or not at all; BookError if the disk refuses."""
    try:
        with drafted(out) as draft:
            WRITERS[out.suffix](offers_table(plan, currency), draft)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"cannot write {out}: {getattr(error, 'strerror', None) or error}") from error
