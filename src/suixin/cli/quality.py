"""suixin quality: how good the data of a lake are."""

from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, print_table, progress_bar, say
from suixin.lake.quality import assess_quality
from suixin.lake.store import Lake
from suixin.reporting.quality import write_report
from suixin.reporting.quality_phrases import MEASURES


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("quality")(_quality)


def _quality(
    lake: Annotated[Path, typer.Argument(metavar="LAKE", help="The lake's folder.")],
    out: Annotated[Path, typer.Option(help="Folder for quality.html and quality.json.")],
    *,
    json: Json = False,
) -> None:
    """Measure a lake: complete, timely, consistent, unique, stable; with thresholds and example rows.

    For example:

        suixin quality lake --out quality
    """
    opened = Lake.open(lake)
    with progress_bar() as tell:
        quality = assess_quality(opened, tell)
    document = write_report(out, quality, opened.manifest.ingests, lake)
    if json:
        print_json(document)
        return
    rows = []
    for table in quality.tables:
        if table.grade != "absent":
            poor = [m for m in table.measures if m.grade in ("bad", "watch")]
            said = ", ".join(dict.fromkeys(f"{MEASURES[m.code]} {m.subject}".strip() for m in poor))
            rows.append((table.name, table.grade, table.rows, table.quarantined, said))
    print_table(f"Quality of {quality.snapshot}", ("table", "grade", "rows", "set aside", "because"), rows)
    absent = [table.name for table in quality.tables if table.grade == "absent"]
    if absent:
        say(f"not supplied: {', '.join(absent)}")
    say(f"see {out / 'quality.html'}")
