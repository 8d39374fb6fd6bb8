"""suixin explain: one decision in words."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from suixin.cli.output import Json, people, print_json
from suixin.errors import UsageError
from suixin.reporting.card import render_card
from suixin.reporting.tables import decisions_table, read_decision

LANGUAGES = ("zh", "en")


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("explain")(_explain)


def _explain(
    book: Annotated[Path, typer.Argument(help="The book's folder.")],
    merchant: Annotated[str, typer.Argument(help="The merchant.")],
    lang: Annotated[str, typer.Option(help="zh or en.")] = "en",
    *,
    json: Json = False,
) -> None:
    """Print one decision: limit, price, schedule, reasons and what would raise it.

    For example:

        suixin explain book 17

        suixin explain book E38 --lang zh
    """
    if lang not in LANGUAGES:
        raise UsageError(f"the language {lang!r} is not one of {', '.join(LANGUAGES)}")
    decision = read_decision(book, merchant)
    if json:
        table: pl.DataFrame = decisions_table([decision])
        print_json({**table.row(0, named=True), "features": dict(decision.features)})
    else:
        people.print(render_card(decision, lang))
