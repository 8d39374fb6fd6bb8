"""suixin person: people of a house, where nobody opens the pages."""

from typing import Annotated

import typer

from suixin.cli.ledger import Organisation
from suixin.cli.output import Json, print_json, say
from suixin.cli.served import By, Second, console, word_of


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="People of a house; the pages show, change and end what they may do.")
    group.callback()(_group)
    group.command("add")(_add)
    program.add_typer(group, name="person", no_args_is_help=True)


def _group() -> None:
    """A group of its own, however few its commands."""


def _add(
    organisation: Organisation,
    username: Annotated[str, typer.Argument(help="To sign in with; it stays.")],
    name: Annotated[str, typer.Option(help="What the person is called.")],
    role: Annotated[str, typer.Option(help="The first role, such as customer_manager.")],
    by: By,
    second: Second,
    *,
    json: Json = False,
) -> None:
    """Add a person with a first role and print the password, which is shown this once; two administrators sign.

    For example:

        suixin person add -o rural-bank zhou --name 周晓岚 --role customer_manager --by wang --second li
    """
    signed = [word_of(one) for one in (by, second)]
    made = console("founding").add_person(organisation, signed, username=username, name=name, role=role)
    if json:
        print_json(made)
        return
    say(f"username  {made['username']}")
    say(f"password  {made['password']}")
    say(
        "The password is kept nowhere as it stands; hand it over in person, to be changed after the first sign-in."
    )
