"""suixin db: the server's database."""

import typer

from suixin.cli.output import Json, print_json, say
from suixin.cli.served import console


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="The server's database: SQLite in SUIXIN_HOME, or what SUIXIN_DATABASE names.")
    group.callback()(_group)
    group.command("migrate")(_migrate)
    program.add_typer(group, name="db", no_args_is_help=True)


def _group() -> None:
    """A group of its own, however few its commands."""


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
