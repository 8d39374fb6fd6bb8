"""suixin policy shipped and release: a first policy to write on, and its release on the server by two people."""

from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.ledger import Organisation
from suixin.cli.output import Json, print_json, say
from suixin.cli.served import console, word_of
from suixin.money import currency_of, to_major
from suixin.underwriting.policy import shipped_policy


def shipped(
    currency: Annotated[str, typer.Argument(help="Of the policy: CNY, BRL or CZK.")] = "CNY",
) -> None:
    """Print the policy that ships for a currency: a starting point to write one's own from, and no advice.

    For example:

        suixin policy shipped CNY > ours.yaml
    """
    typer.echo(shipped_policy(currency).text, nl=False)


def release(
    organisation: Organisation,
    file: Annotated[Path, typer.Argument(help="The policy.")],
    reason: Annotated[str, typer.Option(help="Why, such as by which resolution, for the audit log.")],
    by: Annotated[str, typer.Option(help="Sign-in name of the model owner or approver who releases it.")],
    second: Annotated[str, typer.Option(help="Sign-in name of the other one, who gives the second word.")],
    *,
    json: Json = False,
) -> None:
    """Release a policy on the server: from now on every decision is made by it; two people sign with passwords.

    The first one is released so; later ones are proposed, compared and released on the page Policy.

    For example:

        suixin policy release -o rural-bank ours.yaml --reason "board resolution 12" --by model --second approver
    """
    signed = [word_of(one) for one in (by, second)]
    made = console("founding").release_policy(organisation, file, signed, reason=reason)
    if json:
        print_json(made)
        return
    say(f"{made['name']} {made['version']} ({made['hash']}) is in force")
    currency = currency_of(made["currency"])
    automatic, approver = (to_major(made[f"{whose}_minor"], currency) for whose in ("automatic", "approver"))
    say(
        f"the policy decides up to {automatic:,} {currency.code} by itself, an approver up to {approver:,}, above it the committee"
    )
