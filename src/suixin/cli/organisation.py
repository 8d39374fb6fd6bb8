"""suixin organisation: a house on the server, with its first people."""

from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, say
from suixin.cli.served import console, new_password
from suixin.errors import UsageError


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Houses on the server: a bank, a platform, a guarantee fund.")
    group.callback()(_group)
    group.command("found")(_found)
    program.add_typer(group, name="organisation", no_args_is_help=True)


def _group() -> None:
    """A group of its own, however few its commands."""


def _found(
    code: Annotated[str, typer.Option(help="What every command calls it: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="What it is called.")],
    administrator: Annotated[
        list[str],
        typer.Option(help="User name and name of a first administrator, such as wang=王敏; two at least."),
    ],
    kind: Annotated[
        str, typer.Option(help="bank, platform, government, guarantee_fund or insurer.")
    ] = "bank",
    *,
    json: Json = False,
) -> None:
    """Found an organisation with its first administrators, each of whom types a password; they add everybody else.

    A password is asked for on the terminal, twice, or read from a line of standard input each, in the order given.

    For example:

        suixin organisation found --code rural-bank --name 穗县农商银行 --administrator wang=王敏 --administrator li=李强
    """
    people = [_person(one) for one in administrator]
    founding = console("founding")
    made = founding.found(code, kind, name, people, [new_password(username) for username, _ in people])
    if json:
        print_json(made)
        return
    say(
        f"{made['organisation']} ({made['name']}) is founded; administrators: {', '.join(made['administrators'])}"
    )
    say(
        f"next: suixin ledger open --organisation {made['organisation']} --opened-on DATE --by {people[0][0]}"
    )


def _person(text: str) -> tuple[str, str]:
    username, equals, name = text.partition("=")
    if not equals:
        raise UsageError(f"administrator {text!r}: give user name and name, such as wang=王敏")
    return username.strip(), name.strip()
