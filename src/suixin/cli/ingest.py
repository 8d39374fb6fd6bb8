"""suixin ingest: a source into a lake."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import typer

from suixin.adapters import open_source
from suixin.cli.output import Json, print_json, print_table, progress_bar, say
from suixin.errors import SourceError, UsageError
from suixin.lake.ingest import WAIT_SECONDS, IngestReport, ingest
from suixin.lake.source import ROUTES, Source


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("ingest")(_ingest)


def _ingest(
    source: Annotated[Path, typer.Argument(help="A file or a folder: CSV, Parquet, xlsx or NDJSON.")],
    lake: Annotated[Path, typer.Option(help="The lake's folder; made if it does not exist.")],
    adapter: Annotated[
        str,
        typer.Option(
            help="How the source is laid out (suixin adapter list), or the path of your own adapter."
        ),
    ] = "standard",
    route: Annotated[str | None, typer.Option(help=f"How the data came: {', '.join(ROUTES)}.")] = None,
    authorisation: Annotated[str | None, typer.Option(help="What allows its use.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it may be used for.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of naive times, such as Asia/Shanghai.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files: utf-8 or gb18030; found out.")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another writer.", min=0)] = WAIT_SECONDS,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    json: Json = False,
) -> None:
    """Check a source row by row and commit it to a lake as one snapshot, or not at all.

    A bad row goes to quarantine with its reason and never stops the good ones. The same source twice adds nothing; an
    empty file is a day without rows, but no lake is made of nothing.

    For example:

        suixin ingest county --adapter standard --lake lake

        suixin ingest invoices --adapter vat-invoices --lake firms --dry-run
    """
    if route is not None and route not in ROUTES:
        raise UsageError(f"the route {route!r} is not one of {', '.join(ROUTES)}")
    if zone is not None and zone not in available_timezones():
        raise UsageError(f"the zone {zone!r} is unknown; name one as Asia/Shanghai")
    said: dict[str, Any] = {
        "route": route,
        "authorisation": authorisation,
        "purpose": purpose,
        "zone": zone,
        "encoding": encoding,
    }
    found = replace(
        open_source(adapter, source), **{name: value for name, value in said.items() if value is not None}
    )
    with progress_bar() as tell:
        report = ingest(found, lake, now=datetime.now(UTC), dry_run=dry_run, wait_seconds=wait, progress=tell)
    if report.snapshot is None and not _rows(report):
        raise SourceError(
            f"{source}: no file in it holds a row; nothing was written, and there is no lake yet"
        )
    if json:
        print_json(_document(report, found, dry_run=dry_run))
    else:
        _show(report, found, lake, dry_run=dry_run)


def _rows(report: IngestReport) -> int:
    return sum(table.read for table in report.tables.values())


def _document(report: IngestReport, source: Source, *, dry_run: bool) -> dict[str, object]:
    return {
        "snapshot": report.snapshot,
        "committed": report.committed,
        "dry_run": dry_run,
        "seconds": round(report.seconds, 3),
        "not_read": list(source.not_read),
        "tables": {
            name: {
                "read": table.read,
                "accepted": table.accepted,
                "already_there": table.already_there,
                "completed": table.completed,
                "quarantined": table.quarantined,
                "rules": dict(table.rules),
                "ignored_columns": table.ignored_columns,
            }
            for name, table in report.tables.items()
        },
    }


def _show(report: IngestReport, source: Source, lake: Path, *, dry_run: bool) -> None:
    rows = [(n, t.read, t.accepted, t.already_there, t.quarantined) for n, t in report.tables.items()]
    print_table(
        f"{source.name} by route {source.route}",
        ("table", "read", "accepted", "already there", "quarantined"),
        rows,
    )
    for name, table in report.tables.items():
        for rule, count in table.rules.most_common():
            say(f"quarantined from {name}: {count:,} × {rule}")
        for column in table.ignored_columns:
            say(f"not in the data standard, not read: {column}")
    for file in source.not_read:
        say(f"not read: {file}")
    if dry_run:
        say("dry run: nothing was written")
    elif report.committed:
        say(f"snapshot {report.snapshot} in {report.seconds:.1f} s")
    else:
        found = "nothing new" if _rows(report) else "the source holds no row"
        say(f"{found}: the lake stays at snapshot {report.snapshot}")
    if any(table.quarantined for table in report.tables.values()) and not dry_run:
        say(f"see why: suixin lake quarantine {lake}")
