"""suixin demo: a bank that has lived, to look at and to try."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, print_table, progress_bar, say
from suixin.cli.served import console


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("demo")(_demo)


def _demo(
    lake: Annotated[Path, typer.Argument(help="The lake of a simulated county.")],
    loans: Annotated[int, typer.Option(min=5, max=500, help="How many merchants the story follows.")] = 40,
    keep: Annotated[
        Path | None,
        typer.Option(help="Also write who can sign in to this file, readable by its owner alone."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Fill an empty database with a bank that has lent to a lake's merchants for two years.

    Applications in every state, live loans, arrears, relief after a hailstorm, closed loans, and one login a role; every
    row is made by the actions that people use. The database is that of SUIXIN_DATABASE, or a file in SUIXIN_HOME.

    For example:

        suixin demo .demo/lake

        suixin demo LAKE --loans 100 --keep logins.txt
    """
    with progress_bar() as progress:
        made = asdict(console("demo.seed").seed(lake, loans=loans, progress=progress))
    if keep is not None:
        lines = [
            f"{one['username']}\t{one['role']}\t{one['note']}\t{made['password']}" for one in made["logins"]
        ]
        _write(keep, "\n".join(lines) + "\n")
    if json:
        print_json(made)
        return
    print_table(
        f"Who can sign in, all with the password {made['password']}",
        ("user name", "role", "who, or what for"),
        [(one["username"], one["role"], one["note"]) for one in made["logins"]],
    )
    told = ", ".join(f"{count} {name}" for name, count in sorted(made["counts"].items()))
    say(f"business date {made['business_on']}; {told}")
    say("next: SUIXIN_MFA=optional suixin serve")


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
