"""suixin client: programs that speak to the API of the server."""

from typing import Annotated, Any

import typer

from suixin.cli.ledger import Organisation
from suixin.cli.output import Json, print_json, print_table, say
from suixin.cli.served import By, Second, console, word_of


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Programs that speak to the API of the server: added, shown, revoked.")
    group.command("add")(_add)
    group.command("list")(_list)
    group.command("revoke")(_revoke)
    program.add_typer(group, name="client", no_args_is_help=True)


def _add(
    organisation: Organisation,
    name: Annotated[str, typer.Option(help="What the program is called.")],
    scope: Annotated[list[str], typer.Option(help="What it may do, such as loans:read; may be repeated.")],
    by: By,
    second: Second,
    route: Annotated[
        str, typer.Option(help="With data:write: how its data come, as for suixin ingest.")
    ] = "",
    authorisation: Annotated[str, typer.Option(help="With data:write: what allows their use.")] = "",
    purpose: Annotated[str, typer.Option(help="With data:write: what they may be used for.")] = "",
    requests_a_minute: Annotated[
        int | None, typer.Option(min=1, help="How often it may ask; what the house allows everyone.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Add a client of the API and print its secret, shown this once; two administrators sign with password and code.

    For example:

        suixin client add -o rural-bank --name core --scope loans:read --scope repayments:write --by wang --second li
    """
    made = console().add_api_client(
        organisation,
        [word_of(one) for one in (by, second)],
        name=name,
        scopes=scope,
        route=route,
        authorisation=authorisation,
        purpose=purpose,
        requests_a_minute=requests_a_minute,
    )
    if json:
        print_json(made)
        return
    say(f"client_id      {made['client_id']}")
    say(f"client_secret  {made['client_secret']}")
    say("The secret is not kept and not shown again; put it where the program reads its secrets.")


def _list(organisation: Organisation, *, json: Json = False) -> None:
    """Print an organisation's clients of the API, revoked ones too.

    For example:

        suixin client list --organisation rural-bank
    """
    found = console().api_clients(organisation)
    if json:
        print_json({"organisation": organisation, "clients": found})
        return
    titles = ("client_id", "name", "scopes", "route", "revoked at")
    print_table("", titles, [_row(one) for one in found])


def _row(one: dict[str, Any]) -> list[object]:
    revoked = one["revoked_at"]
    day = revoked.strftime("%Y-%m-%d %H:%M") if revoked else ""
    return [one["client_id"], one["name"], " ".join(one["scopes"]), one["route"], day]


def _revoke(
    organisation: Organisation,
    client_id: Annotated[str, typer.Argument(help="Of the client.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
    by: By,
    *,
    json: Json = False,
) -> None:
    """Revoke a client of the API: its secret and all its tokens are good for nothing from now on.

    For example:

        suixin client revoke -o rural-bank 1-4f0c2a9b7e11 --reason "laptop lost" --by wang
    """
    done = console().revoke_api_client(organisation, client_id, word_of(by), reason=reason)
    if json:
        print_json(done)
    else:
        say(f"{done['client_id']} ({done['name']}) is revoked")
