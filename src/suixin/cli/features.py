"""suixin features: the feature table alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from suixin.cli.output import Json, Processes, people, print_json, progress_bar, read_date, refuse_overwriting
from suixin.errors import UsageError
from suixin.features.build import build
from suixin.features.subjects import read_chosen, subjects
from suixin.lake.source import ROUTES
from suixin.lake.store import Lake
from suixin.reporting.report_files import drafted

WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".parquet": lambda table, path: table.write_parquet(path),
    ".csv": lambda table, path: table.write_csv(path),
    ".ndjson": lambda table, path: table.write_ndjson(path),
}


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("features")(_features)


def _features(
    lake: Annotated[Path, typer.Argument(help="The lake's folder.")],
    out: Annotated[Path, typer.Option(help=f"File to write: {', '.join(WRITERS)}.")],
    as_of: Annotated[str | None, typer.Option(help="One date for all merchants.")] = None,
    merchants: Annotated[
        Path | None, typer.Option(help="File with merchant_id and, optionally, as_of.")
    ] = None,
    processes: Processes = None,
    *,
    json: Json = False,
) -> None:
    """Compute every feature of every merchant, with nothing that was not known before the date.

    For example:

        suixin features lake --as-of 2026-01-01 --out features.parquet

        suixin features lake --merchants mine.csv --out mine-features.csv
    """
    writer = WRITERS.get(out.suffix)
    if writer is None:
        raise UsageError(f"{out}: the ending {out.suffix!r} is not one of {', '.join(WRITERS)}")
    refuse_overwriting(out, [merchants] if merchants else [], [lake])
    opened = Lake.open(lake)
    chosen = read_chosen(merchants, opened) if merchants else None
    who = subjects(opened, read_date(as_of), chosen, ROUTES)
    with progress_bar() as tell:
        built = build(opened, who.table, processes=processes, progress=tell)
    day = pl.col("as_of_day").cast(pl.Date).alias("as_of")
    table = built.features.select("merchant_id", day, pl.exclude("subject", "merchant_id", "as_of_day"))
    try:
        with drafted(out) as draft:
            writer(table, draft)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UsageError(f"cannot write {out}: {getattr(error, 'strerror', None) or error}") from error
    summary = {
        "out": str(out),
        "merchants": table.height,
        "features": table.width - 2,
        "absent_families": list(built.absent),
        "merchants_not_open": who.not_open,
        "lake_snapshot": opened.snapshot,
    }
    if json:
        print_json(summary)
    else:
        people.print(f"{table.width - 2} features of {table.height:,} merchants in {out}", markup=False)
        if built.absent:
            people.print(f"no data for the families: {', '.join(built.absent)}", markup=False)
