"""suixin db: the server's database."""

from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.ledger import FAULTY
from suixin.cli.output import Json, print_json, progress_bar, say
from suixin.cli.served import console


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="The server's database: SQLite in SUIXIN_HOME, or what SUIXIN_DATABASE names.")
    group.callback()(_group)
    group.command("migrate")(_migrate)
    group.command("backup")(_backup)
    group.command("restore")(_restore)
    program.add_typer(group, name="db", no_args_is_help=True)


def _group() -> None:
    """A group of its own."""


def _migrate(*, json: Json = False) -> None:
    """Bring the database to this version and put its guards in place; doing it again changes nothing.

    For example:

        suixin db migrate
    """
    done = console().migrate()
    if json:
        print_json(done)
        return
    for name in done["applied"]:
        say(f"applied {name}")
    say(
        f"the {done['database']} database is ready: {len(done['applied'])} migrations, {done['guards']} guards"
    )


def _backup(
    out: Annotated[Path, typer.Option(help="The file to write; it holds everything, keep it safe.")],
    *,
    json: Json = False,
) -> None:
    """Write the whole database, as it is at one moment, to one file; others go on posting meanwhile.

    The file takes its place once it is whole, readable by its owner alone.

    For example:

        suixin db backup --out suixin-2026-01-05.backup
    """
    with progress_bar() as progress:
        done = console().backup(out, progress=progress)
    if json:
        print_json({"file": str(out), **done})
        return
    for book in done["books"]:
        say(
            f"{book['organisation']}/{book['book']} at {book['business_on']}: {book['transactions']:,} transactions"
        )
    say(f"{out}: {done['bytes']:,} bytes, SHA-256 {done['sha256']}")


def _restore(
    file: Annotated[Path, typer.Argument(help="What `suixin db backup` wrote.")], *, json: Json = False
) -> None:
    """Put a backup into an empty database and verify every book; exit 2 on a finding.

    A file that was cut off or changed is refused, and so is a database that is not empty.

    For example:

        suixin db restore suixin-2026-01-05.backup
    """
    with progress_bar() as progress:
        done = console().restore(file, progress=progress)
    if json:
        print_json(done)
    else:
        for book in done["books"]:
            named = f"{book['organisation']}/{book['book']}"
            for words in book["findings"]:
                say(f"{named}: {words}")
            faults = len(book["findings"]) or "no"
            say(f"{named}: {book['transactions']:,} transactions, {book['sealed']:,} sealed, {faults} faults")
        say(f"the {done['database']} database is as it was at {done['taken_at']}")
    if any(book["findings"] for book in done["books"]):
        raise typer.Exit(FAULTY)
