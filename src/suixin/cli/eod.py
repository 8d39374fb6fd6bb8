"""suixin eod: the end of a lender's day."""

import os
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.cli import loan_options as options
from suixin.cli.ledger import FAULTY, Book, Organisation
from suixin.cli.loan_files import records
from suixin.cli.output import Json, print_json, progress_bar, say
from suixin.cli.served import console
from suixin.errors import UsageError
from suixin.lending.lpr import LprTable

_MOST = 3_660


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(
        help="The end of a lender's day: interest, classes, allowances, what falls due, and the tie."
    )
    group.callback()(_group)
    group.command("run")(_run)
    group.command("watch")(_watch)
    program.add_typer(group, name="eod", no_args_is_help=True)


def _group() -> None:
    """A group of its own, however few its commands."""


def _run(
    organisation: Organisation,
    day: Annotated[str, typer.Option("--date", help="The business date to end, YYYY-MM-DD.")],
    book: Book = "main",
    through: Annotated[str | None, typer.Option(help="End every day up to this one, included.")] = None,
    lpr: Annotated[
        Path | None,
        typer.Option(help="CSV of the LPR: published_on, one_year, five_years; for floating rates."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key (PEM) that signs the head of the chain.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=16, help="Connections that close loans side by side, on PostgreSQL.")
    ] = 2,
    *,
    json: Json = False,
) -> None:
    """End a day, or go on where it stopped; exit 2 if a loan and the ledger differ.

    Sweeps what is past its return window, closes every loan's night, turns the date, bills what falls due, sets
    floating rates anew, compares each loan with the ledger, and seals the book. A day that is over does nothing again.

    For example:

        suixin eod run --organisation rural-bank --date 2026-01-05
    """
    first = options.day(day, "--date")
    last = first if through is None else options.day(through, "--through")
    if not 0 <= (last - first).days < _MOST:
        raise UsageError(
            f"days from {first} to {last}: give --through on or after --date, at most {_MOST} days"
        )
    table = None if lpr is None else LprTable.from_rows(records(lpr))
    with progress_bar() as progress:
        days = console().end_days(
            organisation, book, first, last, lpr=table, key=key, workers=workers, progress=progress
        )
        done = list(days)
    if json:
        print_json([{"date": ended, **counts} for ended, counts in done])
    else:
        for ended, counts in done:
            _show(ended, counts)
    if any(counts.get("broken") for _, counts in done):
        raise typer.Exit(FAULTY)


def _watch(
    at: Annotated[
        str,
        typer.Option(
            help="When, HH:MM, Chinese time: from 12:00 on the same day's end, before it the day's before."
        ),
    ],
    lpr: Annotated[
        Path | None,
        typer.Option(help="CSV of the LPR: published_on, one_year, five_years; read anew each time."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key (PEM) that signs the head of the chain.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=16, help="Connections that close loans side by side, on PostgreSQL.")
    ] = 2,
) -> None:
    """End every book's days by itself, each evening, until stopped; what was missed is caught up with, 40 days at most.

    However many watch, one of them ends a day. After a day whose loans and ledger differ it goes on with that book only
    when a person has ended the next day by `suixin eod run`. What it does stands in the log as JSON lines.

    For example:

        suixin eod watch --at 22:30
    """
    clock = clock_of(at)
    os.environ["SUIXIN_LOG"] = "json"
    parent = os.getppid()
    console("evening").watch(
        clock,
        rates=lambda: None if lpr is None else LprTable.from_rows(records(lpr)),
        key=key,
        workers=workers,
        goes_on=lambda: os.getppid() == parent,  # who started this is still there
    )


def clock_of(text: str) -> time:
    """A time of day as it is typed, HH:MM.

    Raises:
        UsageError: it is none.
    """
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  a time of day has no zone
    except ValueError as error:
        raise UsageError(f"{text!r} is no time of day; give HH:MM such as 22:30") from error


def _show(day: date, counts: dict[str, Any]) -> None:
    say(
        f"{day}: {counts.get('closed', 0):,} loans closed ({counts.get('quiet', 0):,} quiet), "
        f"{counts.get('opened', 0):,} fell due, {counts.get('swept', 0):,} sweeps, "
        f"{counts.get('repriced', 0):,} repriced, {counts.get('transactions', 0):,} transactions, "
        f"{counts.get('broken', 0):,} breaks"
    )
    for one in counts.get("breaks", []):
        say(
            f"  {one['loan']} {one['account']}: loan {one['loan_minor']}, ledger {one['ledger_minor']} minor units"
        )
