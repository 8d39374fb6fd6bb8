"""suixin assess: a lake into a decision book."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import polars as pl
import typer

from suixin.assess import Assessed, assess
from suixin.cli.output import Json, Processes, people, print_json, print_table, progress_bar, read_date
from suixin.errors import BookError, UsageError
from suixin.features.subjects import read_chosen
from suixin.lake.store import Lake
from suixin.underwriting.policy import LoadedPolicy, load_policy, parse_policy, shipped_policy


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("assess")(_assess)


def _assess(
    lake: Annotated[Path, typer.Argument(help="The lake's folder.")],
    out: Annotated[Path, typer.Option(help="Folder for the book.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            help="One date for all; else each merchant's latest in outcomes, else the day after the last event."
        ),
    ] = None,
    merchants: Annotated[
        Path | None, typer.Option(help="File with merchant_id and, optionally, as_of.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file; else the one shipped for the currency.")
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="run.json of an earlier book: its snapshot, policy, date and merchants."),
    ] = None,
    processes: Processes = None,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an older book at OUT.")] = False,
    json: Json = False,
) -> None:
    """Decide every merchant: score, limit, price, schedule and reasons, as a book that replays.

    For example:

        suixin assess lake --as-of 2026-01-01 --out book

        suixin assess lake --merchants mine.csv --policy ours.yaml --out book

        suixin assess lake --replay book/run.json --out again
    """
    day, chosen, loaded, opened = read_date(as_of), None, None, None
    if replay is not None:
        if as_of or merchants or policy:
            raise UsageError(
                "--replay takes date, merchants and policy from run.json; leave the other options out"
            )
        opened, loaded, day, chosen = _read_run(replay, lake)
    opened = opened or Lake.open(lake)
    loaded = loaded or (load_policy(policy) if policy else shipped_policy(opened.manifest.currency))
    chosen = read_chosen(merchants, opened) if merchants else chosen
    with progress_bar() as tell:
        made = assess(
            opened,
            loaded,
            out,
            now=datetime.now(UTC),
            as_of=day,
            chosen=chosen,
            processes=processes,
            replace=replace,
            progress=tell,
        )
    if json:
        print_json(
            {"book": str(out), **{k: v for k, v in made.run.items() if k not in ("policy", "merchants")}}
        )
    else:
        _show(made, loaded)


def _read_run(file: Path, lake: Path) -> tuple[Lake, LoadedPolicy, date | None, pl.DataFrame | None]:
    try:
        run: dict[str, Any] = orjson.loads(file.read_bytes())
        held = Lake.open(lake, run["lake_sequence"])
        loaded = parse_policy(run["policy"], str(file))
        day = read_date(run["as_of"])
        schema = {"merchant_id": pl.String(), "_given": pl.Int32()}
        rows = run["merchants"]
        chosen = None if rows is None else pl.DataFrame(rows, schema=schema, orient="row")
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BookError(
            f"{file}: is not the run.json of a decision book ({type(error).__name__}: {error})"
        ) from error
    if held.snapshot != run["lake_snapshot"]:
        raise BookError(f"{file}: was made on snapshot {run['lake_snapshot']}, which {lake} does not hold")
    return held, loaded, day, chosen


def _show(made: Assessed, loaded: LoadedPolicy) -> None:
    run = made.run
    rows = list(run["decisions"].items())
    print_table(
        f"{run['merchants_assessed']:,} merchants, policy {loaded.policy.name}",
        ("decision", "merchants"),
        rows,
    )
    for record in run["ingests"]:
        for assumption in record["assumptions"]:
            people.print(f"assumed ({record['adapter']}): {assumption}", markup=False)
    if run["absent_families"]:
        people.print(f"no data for the families: {', '.join(run['absent_families'])}", markup=False)
    first = next((d for d in made.decisions if d.terms), made.decisions[0] if made.decisions else None)
    people.print(f"look at: {made.book / 'book.html'} and {made.book / 'book.xlsx'}", markup=False)
    if first is not None:
        people.print(f"one merchant: suixin explain {made.book} {first.merchant_id}", markup=False)
