"""suixin simulate: make a county."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, Processes, people, print_json, print_table, progress_bar, read_date
from suixin.simulation import simulate

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
    processes: Processes = None,
    *,
    json: Json = False,
) -> None:
    """Make a seeded rural county as standard source files.

    The latent truth (who was ill, who hid a debt, who cheated) goes to a file beside the folder, never inside.

    For example:

        suixin simulate county --merchants 2000 --months 24 --seed 7

        suixin simulate small --merchants 50 --months 12 --json
    """
    with progress_bar() as tell:
        made = simulate(
            out,
            merchants=merchants,
            months=months,
            seed=seed,
            start=read_date(start) or START,
            processes=processes,
            progress=tell,
        )
    if json:
        print_json(asdict(made))
        return
    print_table(f"A county in {out}", ("table", "rows"), sorted(made.rows.items()))
    people.print(
        f"{made.merchants:,} merchants, {made.orders:,} orders, {made.borrowers:,} borrowers, "
        f"{made.defaults:,} defaults ({made.hidden_cause_defaults:,} of causes that trade data cannot show)"
    )
    people.print(f"next: suixin ingest {out} --adapter standard --lake LAKE", markup=False)
