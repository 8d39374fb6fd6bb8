"""suixin adapter: which sources can be read, and what a source would feed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from suixin.adapters import ADAPTERS, adapter_for
from suixin.adapters.inspection import SAMPLE
from suixin.adapters.template import write_template
from suixin.calendar import date_to_day
from suixin.cli import USERS_ERROR
from suixin.cli.inspected import document, show_findings
from suixin.cli.output import Json, print_json, print_table, say

app = typer.Typer(help="Which sources can be read, and what a source would feed.", no_args_is_help=True)


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    program.add_typer(app, name="adapter")


@app.callback()
def _nouns() -> None:
    """Which sources can be read, and what a source would feed."""


@app.command("list")
def show(*, json: Json = False) -> None:
    """Print the adapters.

    For example:

        suixin adapter list
    """
    about = {name: adapter.ABOUT for name, adapter in ADAPTERS.items()}
    if json:
        print_json(about)
    else:
        print_table("Adapters", ("adapter", "reads"), about.items())


@app.command("check")
def check(
    source: Annotated[Path, typer.Argument(help="A file or a folder.")],
    adapter: Annotated[
        str, typer.Option(help="Its name, or the path of your own: see suixin adapter list")
    ] = "standard",
    rows: Annotated[int, typer.Option(help="How many rows of a file to look at.", min=1)] = SAMPLE,
    *,
    json: Json = False,
) -> None:
    """Tell what a source would feed, what it lacks, and which features that allows; nothing is written.

    Exit 0 if it can be ingested and assessed, 2 if something that is needed is missing.

    For example:

        suixin adapter check my-county

        suixin adapter check exports --adapter my_platform.py --json
    """
    findings = document(adapter_for(adapter, source), source, rows, _today)
    if json:
        print_json(findings)
    else:
        show_findings(findings)
    if not findings["ready"]:
        raise typer.Exit(USERS_ERROR)


@app.command("template")
def template(
    out: Annotated[Path, typer.Option(help="The workbook to write, such as 模板.xlsx.")],
) -> None:
    """Write an empty workbook in Chinese that a merchant or a co-op fills in, one sheet a table.

    For example:

        suixin adapter template --out 模板.xlsx

        suixin ingest 模板.xlsx --adapter spreadsheet --lake mine.lake
    """
    write_template(out)
    say(f"written: {out}")


def _today(zone: str) -> int:
    return date_to_day(datetime.now(UTC).astimezone(ZoneInfo(zone)).date())
