"""suixin audit: who did what, to which object, from when on; and whether the log is what was written."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from suixin.calendar import CIVIL_ZONE
from suixin.cli import loan_options as options
from suixin.cli.ledger import FAULTY, Organisation
from suixin.cli.output import Json, Lang, print_json, print_table, say
from suixin.cli.served import console
from suixin.errors import UsageError

_TITLES = {
    "zh": ("序号", "时间", "操作人", "操作", "对象", "原因"),
    "en": ("number", "at", "actor", "action", "object", "reason"),
}


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="The audit log: shown, and verified.")
    group.command("show")(_show)
    group.command("verify")(_verify)
    program.add_typer(group, name="audit", no_args_is_help=True)


def _show(
    organisation: Organisation,
    thing: Annotated[
        str, typer.Option("--object", help="A kind of object such as loan, or one: loan:L1, book:main.")
    ] = "",
    since: Annotated[str | None, typer.Option(help="From this day on, YYYY-MM-DD.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many of the last at most.")] = 100,
    lang: Lang = "en",
    *,
    json: Json = False,
) -> None:
    """Print the last lines of the audit log, oldest first; what looks like a person's number is masked.

    States are kept as digests: JSON shows them, to be compared with a document.

    For example:

        suixin audit show --organisation rural-bank --object loan:L1 --since 2026-01-05
    """
    if lang not in _TITLES:
        raise UsageError(f"language {lang!r} is unknown; give zh or en")
    first = None if since is None else options.day(since, "--since")
    lines = console().audit_lines(organisation, thing=thing, since=first, most=limit)
    if json:
        print_json({"organisation": organisation, "records": [_document(line) for line in lines]})
        return
    print_table("", _TITLES[lang], [_row(line, lang) for line in lines])


def _document(line: dict[str, Any]) -> dict[str, Any]:
    """A line for machines: the instant in UTC, the names as they are registered."""
    return {name: value for name, value in line.items() if name != "words"}


def _row(line: dict[str, Any], lang: str) -> list[object]:
    at = line["at"].astimezone(ZoneInfo(CIVIL_ZONE)).strftime("%Y-%m-%d %H:%M:%S")
    thing = f"{line['object_kind']} {line['object_id']}"
    return [str(line["number"]), at, line["actor"], line["words"][lang], thing, line["reason"]]


def _verify(organisation: Organisation, *, json: Json = False) -> None:
    """Look at the audit log's chain; exit 2 if something is not as it was written.

    The end of a day seals what was recorded; what came since is counted as not sealed yet.

    For example:

        suixin audit verify --organisation rural-bank
    """
    found = console().audit_verify(organisation)
    broken = found.broken
    if json:
        document = found._asdict() | {
            "broken": None if broken is None else {"sequence": broken.sequence, "what": broken.fault.value}
        }
        print_json(document)
    else:
        if broken is not None:
            say(f"{broken.fault.value} at {broken.sequence}: the chain does not hold from here on")
        faults = "no faults" if broken is None else "1 fault"
        say(f"{organisation}: {found.records:,} records, {found.sealed:,} sealed, {faults}")
    if broken is not None:
        raise typer.Exit(FAULTY)
