"""suixin desk: what a house lends from, and what it reads."""

from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.ledger import Book, Organisation
from suixin.cli.output import Json, print_json, progress_bar, say
from suixin.cli.served import By, console, word_of


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="A lender's desk on the server: the book it lends from, the lake it reads.")
    group.command("set-up")(_set_up)
    group.command("prepare")(_prepare)
    program.add_typer(group, name="desk", no_args_is_help=True)


def _set_up(
    organisation: Organisation,
    lake: Annotated[Path, typer.Argument(help="The lake's folder; the server must reach it there.")],
    by: By,
    book: Book = "main",
    *,
    json: Json = False,
) -> None:
    """Set the desk up: from now on it lends from this book and reads this lake; done again, it moves.

    For example:

        suixin desk set-up --organisation rural-bank /var/lib/suixin/lake --by wang
    """
    made = console("founding").set_up_desk(organisation, book, lake, word_of(by))
    if json:
        print_json(made)
    else:
        say(f"the desk lends from book {made['book']} and reads {made['lake']}")


def _prepare(organisation: Organisation, *, json: Json = False) -> None:
    """Learn what the peers of each merchant say, for the snapshot, the policy and the day as they are now.

    Run it after an ingest, after a policy's release, and after the end of a day; what is there already stays. Without it
    an assessment leans on the merchant's own months. Run it as the user of the server: the file lies in SUIXIN_HOME.

    For example:

        suixin desk prepare --organisation rural-bank
    """
    with progress_bar() as progress:
        made = console("founding").prepare(organisation, progress=progress)
    if json:
        print_json(made)
    else:
        say(f"peers are prepared as of {made['as_of']}, snapshot {made['snapshot']}, policy {made['policy']}")
