"""suixin adapter: which sources can be read."""

import typer

from suixin.adapters import ADAPTERS
from suixin.cli.output import Json, print_json, print_table

app = typer.Typer(help="Which sources can be read.", no_args_is_help=True)


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    program.add_typer(app, name="adapter")


@app.callback()
def _nouns() -> None:
    """Which sources can be read."""


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
