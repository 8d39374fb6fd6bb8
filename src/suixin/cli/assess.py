"""suixin assess: a lake into a decision book."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from pydantic import BaseModel, Field, ValidationError

from suixin.assess import RUN_VERSION, Assessed, assess
from suixin.calendar import date_to_day
from suixin.cli.output import Json, Processes, people, print_json, print_table, progress_bar, read_date
from suixin.errors import BookError, UsageError
from suixin.features.subjects import read_chosen
from suixin.lake.store import Lake
from suixin.underwriting.policy import LoadedPolicy, load_policy, parse_policy, policy_hash, shipped_policy

_Day = Annotated[int, Field(ge=date_to_day(date.min), le=date_to_day(date.max))]


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
    _refuse_dates(day, chosen, merchants)
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


def _refuse_dates(day: date | None, chosen: pl.DataFrame | None, merchants: Path | None) -> None:
    """One date for all, or one a merchant, not both."""
    own = [] if chosen is None else chosen["_given"].drop_nulls().to_list()
    if day is not None and own and merchants:
        raise UsageError(
            f"--as-of {day} and the as_of dates in {merchants} contradict each other; leave one of them out"
        )


class _Run(BaseModel):
    """What a replay reads from run.json."""

    run_version: int
    lake_sequence: int = Field(ge=0)
    lake_snapshot: str
    policy: str
    policy_hash: str
    as_of: date | None
    merchants: list[tuple[str, _Day | None]] | None


def _read_run(file: Path, lake: Path) -> tuple[Lake, LoadedPolicy, date | None, pl.DataFrame | None]:
    try:
        run = _Run.model_validate_json(file.read_bytes(), strict=True)
    except OSError as error:
        raise BookError(f"{file}: cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise BookError(
            f"{file}: is not the run.json of a decision book: {f'{place}: ' if place else ''}{fault['msg']}"
        ) from error
    if run.run_version != RUN_VERSION:
        raise BookError(
            f"{file}: is of version {run.run_version}; this release replays version {RUN_VERSION}"
        )
    if (found := policy_hash(run.policy)) != run.policy_hash:
        raise BookError(
            f"{file}: run.json was changed: its policy has the hash {found}, the book was made with "
            f"{run.policy_hash}; to try another policy, give it with --policy"
        )
    held = Lake.open(lake, run.lake_sequence)
    if held.snapshot != run.lake_snapshot:
        raise BookError(f"{file}: was made on snapshot {run.lake_snapshot}, which {lake} does not hold")
    schema = {"merchant_id": pl.String(), "_given": pl.Int32()}
    chosen = None if run.merchants is None else pl.DataFrame(run.merchants, schema=schema, orient="row")
    return held, parse_policy(run.policy, str(file)), run.as_of, chosen


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
