"""suixin lake sql: a question to a lake in SQL."""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, print_table, say
from suixin.errors import UsageError
from suixin.lake.store import Lake


def sql(
    root: Annotated[Path, typer.Argument(metavar="LAKE", help="The lake's folder.")],
    query: Annotated[str, typer.Argument(help="One SELECT over the tables of the standard.")],
    limit: Annotated[int, typer.Option(help="How many rows to print; 0 for all.", min=0)] = 1_000,
    snapshot: Annotated[int | None, typer.Option(help="The number of an older snapshot.")] = None,
    *,
    json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Ask the lake in SQL (DuckDB), read-only: each table is a view of its current rows.

    `<table>_versions` has all versions. Direct identifiers and rows set aside cannot be asked.

    For example:

        suixin lake sql county.lake "SELECT crop, count(*) FROM merchants GROUP BY crop"

        suixin lake sql county.lake "SUMMARIZE orders" --json
    """
    from suixin.lake import query as asking  # noqa: PLC0415 - DuckDB is loaded for this command alone

    if json and as_csv:
        raise UsageError("--json and --csv contradict each other; leave one of them out")
    answer = asking.query(Lake.open(root, snapshot), query, limit=limit or None)
    if json:
        print_json(list(asking.as_records(answer)))
    elif as_csv:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([answer.columns, *answer.rows])
        typer.echo(text.getvalue(), nl=False)
    else:
        print_table("", answer.columns, [["" if v is None else v for v in row] for row in answer.rows])
    if answer.more:
        typer.echo(f"suixin: only the first {limit:,} rows; add --limit 0 for all", err=True)
    elif not json and not as_csv:
        say(f"{len(answer.rows):,} rows")
