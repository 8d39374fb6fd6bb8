"""suixin standard: the data standard as a data contract."""

from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, say
from suixin.lake.standard import contract_text, data_contract


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("standard")(_standard)


def _standard(
    out: Annotated[Path | None, typer.Option(help="A file to write; standard output unless told.")] = None,
    *,
    json: Json = False,
) -> None:
    """Print the data standard as an Open Data Contract (ODCS) in YAML, for catalogues and partners.

    For example:

        suixin standard --out suixin.odcs.yaml
    """
    contract = data_contract()
    if out is not None:
        out.write_text(contract_text(), encoding="utf-8")
    if json:
        print_json(contract)
    elif out is None:
        typer.echo(contract_text(), nl=False)
    else:
        say(f"{len(contract['schema'])} tables of the data standard {contract['version']} in {out}")
