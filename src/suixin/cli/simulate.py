"""suixin simulate: make a county."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, Processes, people, print_json, print_table, progress_bar, read_date
from suixin.errors import UsageError
from suixin.simulation import Brushing, simulate
from suixin.simulation.brushing import MIX

START = date(2024, 1, 1)


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("simulate")(_simulate)


def _simulate(
    out: Annotated[Path, typer.Argument(help="Folder for the source files; it must be empty or new.")],
    merchants: Annotated[int, typer.Option(help="How many merchants.")] = 2000,
    months: Annotated[int, typer.Option(help="How many months of trading.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same county.")] = 7,
    start: Annotated[str, typer.Option(help="First day.")] = START.isoformat(),
    brushers: Annotated[
        float | None,
        typer.Option(help="Share of merchants told to brush, 0 to 1, in place of the county's own 2.5 %."),
    ] = None,
    brushed_sales: Annotated[
        float | None, typer.Option(help="Brushed orders they add, as a share of their genuine orders.")
    ] = None,
    brush_kind: Annotated[
        str | None, typer.Option(help="family_ring, click_farm, payment_ring, or mix for a third each.")
    ] = None,
    processes: Processes = None,
    *,
    json: Json = False,
) -> None:
    """Make a seeded rural county as standard source files.

    The latent truth (who was ill, who hid a debt, which orders were brushed) goes to files beside the folder,
    never inside.

    For example:

        suixin simulate county --merchants 2000 --months 24 --seed 7

        suixin simulate small --merchants 50 --months 12 --json

        suixin simulate red --brushers 1 --brushed-sales 0.3 --brush-kind click_farm
    """
    with progress_bar() as tell:
        made = simulate(
            out,
            merchants=merchants,
            months=months,
            seed=seed,
            start=read_date(start) or START,
            brush=_brushing(brushers, brushed_sales, brush_kind),
            processes=processes,
            progress=tell,
        )
    if json:
        print_json(asdict(made))
        return
    print_table(f"A county in {out}", ("table", "rows"), sorted(made.rows.items()))
    people.print(
        f"{made.merchants:,} merchants, {made.orders:,} orders ({made.brushed_orders:,} brushed), "
        f"{made.borrowers:,} borrowers, "
        f"{made.defaults:,} defaults ({made.hidden_cause_defaults:,} of causes that trade data cannot show)"
    )
    people.print(f"next: suixin ingest {out} --adapter standard --lake LAKE", markup=False)


def _brushing(share: float | None, sales: float | None, kind: str | None) -> Brushing | None:
    """Who is told to brush; UsageError if it is said how but not who."""
    if share is None:
        if sales is not None or kind is not None:
            raise UsageError("say who brushes: --brushers gives the share of merchants, from 0 to 1")
        return None
    return Brushing(share, 0.3 if sales is None else sales, kind or MIX)
