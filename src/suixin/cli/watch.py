"""suixin watch: early warning on a lender's own live loans."""

from typing import Any

import typer

from suixin.cli.ledger import Book, Organisation
from suixin.cli.output import Json, print_json, say
from suixin.cli.served import console


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("watch")(_watch)


def _watch(organisation: Organisation, book: Book = "main", *, json: Json = False) -> None:
    """Look at a book's live loans once, as of its business date, and keep the alerts that people work on.

    Run it weekly, after the end of the day. Who has not consented to post-loan warning is not read, and is named. A
    business date that was looked at already is not looked at again. `suixin monitor` watches a lake and a score instead.

    For example:

        suixin watch --organisation rural-bank
    """
    found: dict[str, Any] = console("watching.console").watch(organisation, book)
    if json:
        print_json(found)
        return
    say(
        f"{found['day']}: {found['loans']:,} live loans, {found['read']:,} read; {found['opened']:,} alerts opened, "
        f"{found['rose']:,} rose, {found['closed']:,} closed"
    )
    for one in found["unread"]:
        say(f"  not read: {one['borrower']}: {one['why']}")
