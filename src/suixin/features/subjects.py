"""Who is assessed, and on which day's knowledge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from suixin.calendar import date_to_day, day_to_date
from suixin.errors import UsageError
from suixin.lake.checks import Setting, check
from suixin.lake.contract import Column, Kind, Table
from suixin.lake.readers import read
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

NOT_EVENTS = ("merchants", "outcomes")
LAST = date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Who is assessed.

    Attributes:
        table: subject, merchant_id, as_of_day, ordered by merchant.
        not_open: how many merchants were left out because nobody knew of them yet on their date.
        not_chosen: how many were left out that were known by the latest date, because others were chosen.
    """

    table: pl.DataFrame
    not_open: int
    not_chosen: int


def subjects(lake: Lake, as_of: date | None, chosen: pl.DataFrame | None, routes: Sequence[str]) -> Subjects:
    """Who is assessed and when.

    Without a date it is the merchant's latest date in `outcomes`, else the day after the lake's last event.

    Raises:
        UsageError: no merchant or no event in the lake, a date before the first event, a merchant that is unknown,
            listed twice, or not open yet on the date that the list gives.
    """
    parts = [
        lake.scan("merchants", bucket, routes).select("merchant_id", "known_day")
        for bucket in lake.buckets("merchants")
    ]
    if not parts:
        raise UsageError(
            f"{lake.root}: the lake has no merchants; ingest a source with a merchants table first"
        )
    merchants = pl.concat(parts).group_by("merchant_id").agg(pl.col("known_day").min()).collect()
    first, last = event_span(lake)
    people = _choose(merchants.sort("merchant_id"), chosen)
    given = [day_to_date(day) for day in people["_given"].drop_nulls().to_list()]
    _refuse_days([*given, *([as_of] if as_of else [])], first)
    if as_of is not None:
        dated = people.with_columns(as_of_day=pl.lit(date_to_day(as_of), pl.Int32))
    else:
        own = (
            lake.whole("outcomes")
            .group_by("merchant_id")
            .agg(pl.col("as_of_day").max().alias("_own"))
            .collect()
        )
        day_after = pl.lit(date_to_day(last) + 1, pl.Int32)
        dated = people.join(own, on="merchant_id", how="left", maintain_order="left").with_columns(
            as_of_day=pl.coalesce("_given", "_own", day_after)
        )
    known = dated.filter(pl.col("known_day") < pl.col("as_of_day"))
    if chosen is not None and known.height < dated.height:
        late = dated.filter(pl.col("known_day") >= pl.col("as_of_day")).row(0, named=True)
        on = day_to_date(late["as_of_day"])
        raise UsageError(
            f"merchant {late['merchant_id']!r} was not open yet on {on}; name a later date or leave it out"
        )
    table = known.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64), "merchant_id", "as_of_day"
    )
    others = merchants.join(people, on="merchant_id", how="anti")
    not_chosen = others.filter(pl.col("known_day") < dated["as_of_day"].max()).height
    return Subjects(table, dated.height - known.height, not_chosen)


def _refuse_days(days: Sequence[date], first: date) -> None:
    """Nothing is known before the first event, and nobody could repay after the last date that can be written."""
    if days and min(days) <= first:
        raise UsageError(
            f"as-of date {min(days)} lies before the first event of the lake; name a date after {first}"
        )
    if days and max(days) > LAST:
        raise UsageError(f"as-of date {max(days)} is too late; name a date up to {LAST}")


def event_span(lake: Lake) -> tuple[date, date]:
    """The days of the first and last event of any merchant."""
    states = [
        state
        for name, state in lake.manifest.tables.items()
        if TABLES[name].per_merchant and name not in NOT_EVENTS and state.rows
    ]
    if not states:
        raise UsageError(
            f"{lake.root}: the lake holds no event of any merchant; ingest orders or invoices first"
        )
    first = min(date.fromisoformat(state.first_on) for state in states)
    return first, max(date.fromisoformat(state.last_on) for state in states)


def _choose(merchants: pl.DataFrame, chosen: pl.DataFrame | None) -> pl.DataFrame:
    if chosen is None:
        return merchants.with_columns(_given=pl.lit(None, pl.Int32))
    unknown = chosen.join(merchants, on="merchant_id", how="anti")["merchant_id"].to_list()
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        said = ", ".join(map(repr, unknown[:3]))
        raise UsageError(
            f"the lake does not know merchant {said}{more}",
            zh=f"数据湖里没有编号为 {'、'.join(unknown[:3])} 的商户：请核对商户编号",
        )
    twice = chosen.filter(pl.col("merchant_id").is_duplicated())["merchant_id"].to_list()
    if twice:
        raise UsageError(f"merchant {twice[0]!r} is listed twice; a book has one decision a merchant")
    return chosen.join(merchants, on="merchant_id").sort("merchant_id")


def only(merchant_id: str) -> pl.DataFrame:
    """One merchant as `chosen` of `subjects`, with no date of its own."""
    return pl.DataFrame(
        {"merchant_id": [merchant_id], "_given": [None]},
        schema={"merchant_id": pl.String, "_given": pl.Int32},
    )


CHOSEN = Table(
    "chosen",
    zh="待评估商户",
    en="merchants to assess",
    columns=(
        Column("merchant_id", Kind.ID, "商户编号", "merchant"),
        Column("as_of_on", Kind.DATE, "观察日", "as-of date", required=False),
    ),
    key=("merchant_id",),
    happened="as_of_on",
)


def read_chosen(path: Path, lake: Lake) -> pl.DataFrame:
    """Merchants to assess from a file with the columns merchant_id and, optionally, as_of."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file of merchants")
    setting = Setting(lake.manifest.zone, lake.manifest.currency, date_to_day(date.max))
    parts = []
    for batch in read(path):
        if "merchant_id" not in batch.frame.columns:
            raise UsageError(
                f"{path}: lacks the column merchant_id; it has {', '.join(batch.frame.columns[:-1])}"
            )
        if batch.rejects:
            raise UsageError(f"{path}: row {batch.rejects[0].row}: {batch.rejects[0].rule}")
        checked = check(CHOSEN, batch.frame.rename({"as_of": "as_of_on"}, strict=False), {}, setting)
        if checked.bad.height:
            row, rule, column = checked.bad.row(0)
            raise UsageError(f"{path}: row {row}: {rule} in {column.replace('as_of_on', 'as_of')}")
        parts.append(checked.good.select("merchant_id", pl.col("as_of_day").alias("_given")))
    if not parts:
        raise UsageError(f"{path}: names no merchant")
    return pl.concat(parts)
