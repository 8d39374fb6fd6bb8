"""Simulated counties with what was known of their borrowers Monday by Monday, made once and kept."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from suixin.adapters import open_source
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.monitor.borrowers import live_loans, weeks
from suixin.monitor.facts import at_grant, facts
from suixin.scoring.watch.measures import measures
from suixin.simulation import simulate

START, MONTHS = date(2023, 1, 1), 36
FIRST, LAST = date(2023, 9, 4), date(2025, 12, 31)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class County:
    """One county's borrowers.

    Attributes:
        seed: of the simulation.
        days: the Mondays.
        live, measured: as `live_loans` and `measures` give them, row by row the same loans.
        known: the facts that the measures were read from, a row a borrower and Monday.
        truth: merchant_id, default_day (null for none), cause ('visible', hidden ones, null for none or later than a
            year after the grant).
    """

    seed: int
    days: list[int]
    live: pl.DataFrame
    measured: pl.DataFrame
    known: pl.DataFrame
    truth: pl.DataFrame


def lake_of(work: Path, seed: int, merchants: int) -> Lake:
    """The county's lake."""
    folder = work / f"county-{seed}"
    if not (folder / "lake" / "CURRENT").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        simulate(folder / "source", merchants=merchants, months=MONTHS, seed=seed, start=START, processes=1)
        ingest(open_source("standard", folder / "source"), folder / "lake", now=NOW)
        shutil.rmtree(folder / "source")
    return Lake.open(folder / "lake")


def county(work: Path, seed: int, merchants: int, step: int, processes: int | None) -> County:
    """The county on every Monday, with facts that are renewed every `step`-th and carried on between."""
    lake = lake_of(work, seed, merchants)
    folder = work / f"county-{seed}" / f"every-{step}"
    days = weeks(FIRST, LAST)
    live = live_loans(lake, None, days)
    names = ("grant", "facts")
    if not all((folder / f"{name}.parquet").exists() for name in names):
        folder.mkdir(exist_ok=True)
        renewed = live.filter(pl.col("as_of_day").is_in(days[::step]))
        made = (at_grant(lake, live, None, processes), facts(lake, renewed, None, processes))
        for name, frame in zip(names, made, strict=True):
            frame.write_parquet(folder / f"{name}.parquet")
    grant, known = (pl.read_parquet(folder / f"{name}.parquet") for name in names)
    known = carried(live, known, 7 * step - 1)
    truth = pl.read_parquet(work / f"county-{seed}" / "source-truth.parquet").filter("borrower")
    return County(
        seed,
        days,
        live,
        measures(live, known, grant),
        known,
        truth.select(
            pl.col("merchant_id").cast(pl.String),
            default_day=pl.col("default_on").cast(pl.Int32),
            cause=pl.col("default_cause").cast(pl.String),
        ),
    )


def carried(live: pl.DataFrame, known: pl.DataFrame, days: int) -> pl.DataFrame:
    """The newest facts of each borrower on each day, no older than so many days."""
    asking = live.select("subject", "merchant_id", "as_of_day").unique("subject").sort("as_of_day", "subject")
    facts_then = known.drop("subject").sort("as_of_day")
    found = asking.join_asof(
        facts_then,
        on="as_of_day",
        by="merchant_id",
        strategy="backward",
        tolerance=days,
        check_sortedness=False,
    )
    months = [name for name in found.columns if name.startswith("month_")]
    return found.with_columns(pl.col("crop", "township").fill_null(""), pl.col(months).fill_null(0))
