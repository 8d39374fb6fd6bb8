"""VAT invoices of firms: the layout of problem C of China's 2020 mathematical modelling contest.

`firms_labelled`, `firms_unlabelled`, `invoices_{labelled,unlabelled}_{purchase,sales}`, each as Parquet, CSV or
xlsx. The bank's `rating` never leaves this adapter: every D-rated firm defaulted, so it is the label in disguise.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from suixin.errors import SourceError
from suixin.lake.readers import FORMATS, read
from suixin.lake.source import Shape, Source, Stream

NAME = "vat-invoices"
ABOUT = "firms and their VAT invoices, sales and purchase side, with void and credit notes"
LABELLED = "firms_labelled"
FIRMS = (LABELLED, "firms_unlabelled")
INVOICES = {
    f"invoices_{group}_{side}": side for group in ("labelled", "unlabelled") for side in ("sales", "purchase")
}
HORIZON_DAYS = 365

ASSUMPTIONS = (
    "a void invoice was voided on the last day of its month of issue: the law allows it in that month only",
    "an invoice is known by number, date and other firm: the set has no invoice code, and numbers repeat",
    "a firm opened on the day of its first invoice, and was known then",
    "a default is observed for the year after the last invoice of the set: the source gives no date",
    "the bank's rating is not read: it is the label in disguise",
)


def open_source(path: Path) -> Source:
    """Find firms and invoices in the folder; SourceError if either is missing."""
    files = (
        {p.stem: p for p in sorted(path.iterdir()) if p.suffix.lower() in FORMATS} if path.is_dir() else {}
    )
    invoices = [(files[name], side) for name, side in INVOICES.items() if name in files]
    firms = [files[name] for name in FIRMS if name in files]
    if not invoices or not firms:
        raise SourceError(
            f"{path}: not a folder of VAT invoices; it needs {' or '.join(FIRMS)}, and {' or '.join(INVOICES)}"
        )
    opened, last = _first_days([file for file, _ in invoices])
    streams = list(_streams(firms, invoices, opened, last))
    return Source(
        adapter=NAME,
        name=path.resolve().name,
        folder=path,
        streams=tuple(streams),
        route="public_research_set",
        authorisation="public data set",
        purpose="research",
        assumptions=ASSUMPTIONS,
    )


def _streams(
    firms: list[Path], invoices: list[tuple[Path, str]], opened: pl.DataFrame, last: date
) -> Iterator[Stream]:
    for file in firms:
        yield Stream("merchants", file, _merchants(opened, last))
        if file.stem == LABELLED:
            yield Stream("outcomes", file, _outcomes(last + timedelta(days=1)))
    for file, side in invoices:
        yield Stream("invoices", file, _invoices(side))


def _day(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _first_days(files: list[Path]) -> tuple[pl.DataFrame, date]:
    """Each firm's first invoice day (firm_id, opened_on), and the last day of the set."""
    parts = []
    for file in files:
        for batch in read(file):
            lacking = {"firm_id", "invoice_date"} - set(batch.frame.columns)
            if lacking:
                raise SourceError(f"{file}: lacks the columns {', '.join(sorted(lacking))}")
            days = batch.frame.select("firm_id", day=_day("invoice_date"))
            parts.append(
                days.group_by("firm_id").agg(pl.col("day").min().alias("opened_on"), pl.col("day").max())
            )
    if not parts:
        raise SourceError(f"{files[0]}: holds no invoice")
    both = pl.concat(parts).group_by("firm_id").agg(pl.col("opened_on").min(), pl.col("day").max())
    last = both["day"].max()
    if not isinstance(last, date):
        raise SourceError(f"{files[0]}: no invoice_date can be read as a date (YYYY-MM-DD)")
    return both.drop("day"), last


def _merchants(opened: pl.DataFrame, last: date) -> Shape:
    def shape(frame: pl.DataFrame) -> pl.DataFrame:
        sole = (
            pl.col("firm_name").str.contains("个体") if "firm_name" in frame.columns else pl.lit(value=False)
        )
        named = frame.join(opened, on="firm_id", how="left", maintain_order="left")
        return named.select(
            "_row",
            merchant_id="firm_id",
            legal_form=pl.when(sole).then(pl.lit("sole_trader")).otherwise(pl.lit("enterprise")),
            opened_on=pl.col("opened_on").fill_null(last),
        )

    return shape


def _outcomes(as_of: date) -> Shape:
    def shape(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(
            "_row",
            merchant_id="firm_id",
            as_of_on=pl.lit(as_of),
            horizon_days=pl.lit(HORIZON_DAYS),
            definition=pl.lit("as_published"),
            defaulted="defaulted",
            known_at=pl.lit(as_of + timedelta(days=HORIZON_DAYS)),
        )

    return shape


def _invoices(side: str) -> Shape:
    def shape(frame: pl.DataFrame) -> pl.DataFrame:
        day = _day("invoice_date")
        number = pl.concat_str(
            pl.col("invoice_no").cast(pl.String),
            day.dt.strftime("%Y%m%d"),
            pl.col("counterparty_id"),
            separator="-",
        )
        return frame.select(
            "_row",
            merchant_id="firm_id",
            direction=pl.lit(side),
            invoice_id=number,
            counterparty_id="counterparty_id",
            issued_on=day,
            amount="amount",
            tax="tax",
            total="total",
            voided_on=pl.when(pl.col("status") == "void").then(day.dt.month_end()),
        )

    return shape
