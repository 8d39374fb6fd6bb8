"""suixin webhooks: systems of the house that are told what happens."""

import os
from typing import Annotated, Any

import typer

from suixin.cli.ledger import Organisation
from suixin.cli.output import Json, print_json, print_table, say
from suixin.cli.served import By, Second, console, word_of

_PART = "webhooks.console"
Code = Annotated[str, typer.Argument(help="Of the endpoint.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit log.")]


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Systems of the house that are told what happens: added, switched, sent to.")
    group.command("add")(_add)
    group.command("list")(_list)
    group.command("rotate")(_rotate)
    group.command("off")(_off)
    group.command("on")(_on)
    group.command("deliver")(_deliver)
    program.add_typer(group, name="webhooks", no_args_is_help=True)


def _add(
    organisation: Organisation,
    name: Annotated[str, typer.Option(help="What the system is called.")],
    url: Annotated[str, typer.Option(help="Where it hears: https://host/path.")],
    topic: Annotated[list[str], typer.Option(help="What it hears, such as loan.drawn; may be repeated.")],
    by: By,
    second: Second,
    *,
    json: Json = False,
) -> None:
    """Add an endpoint and print its secret, shown this once; two administrators sign with password and code.

    It hears what happens from now on. Each event is sent signed by Standard Webhooks, at least once.

    For example:

        suixin webhooks add -o rural-bank --name core --url https://core.example.com/suixin --topic repayment.received --by wang --second li
    """
    people = [word_of(one) for one in (by, second)]
    made = console(_PART).add(organisation, people, name=name, url=url, topics=topic)
    _tell(made, json=json)


def _list(organisation: Organisation, *, json: Json = False) -> None:
    """Print an organisation's endpoints, those that are off, too, with how many events wait and were given up.

    For example:

        suixin webhooks list --organisation rural-bank
    """
    found = console(_PART).listed(organisation)
    if json:
        print_json({"organisation": organisation, "endpoints": found})
        return
    titles = ("code", "name", "url", "topics", "waiting", "dead", "off because")
    print_table("", titles, [_row(one) for one in found])


def _row(one: dict[str, Any]) -> list[object]:
    off = one["off_because"] or "off" if one["off_at"] else ""
    return [one["code"], one["name"], one["url"], " ".join(one["topics"]), one["waiting"], one["dead"], off]


def _rotate(organisation: Organisation, code: Code, reason: Reason, by: By, *, json: Json = False) -> None:
    """Replace an endpoint's secret and print the new one, shown this once; the old one signs as well for 24 hours.

    For example:

        suixin webhooks rotate -o rural-bank we_4f0c2a9b7e11 --reason "half-yearly" --by wang
    """
    _tell(console(_PART).rotate(organisation, code, word_of(by), reason=reason), json=json)


def _off(organisation: Organisation, code: Code, reason: Reason, by: By, *, json: Json = False) -> None:
    """Switch an endpoint off: what waits goes on waiting, what happens meanwhile is not told.

    For example:

        suixin webhooks off -o rural-bank we_4f0c2a9b7e11 --reason "core is moved" --by wang
    """
    done = console(_PART).off(organisation, code, word_of(by), reason=reason)
    if json:
        print_json(done)
    else:
        say(f"{done['code']} ({done['name']}) is off")


def _on(
    organisation: Organisation, code: Code, reason: Reason, by: By, second: Second, *, json: Json = False
) -> None:
    """Switch an endpoint on again; two administrators sign with password and code.

    For example:

        suixin webhooks on -o rural-bank we_4f0c2a9b7e11 --reason "core is back" --by wang --second li
    """
    people = [word_of(one) for one in (by, second)]
    done = console(_PART).on(organisation, code, people, reason=reason)
    if json:
        print_json(done)
    else:
        say(f"{done['code']} ({done['name']}) is on")


def _deliver(
    *,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Go on until stopped; what it does stands in the log as JSON lines."),
    ] = False,
    json: Json = False,
) -> None:
    """Send every event that is due, of every house, once or until stopped; `suixin serve` does it by itself.

    However many do it, an event is in one hand at a time. What fails is sent again after 30 seconds, then later and later,
    twelve times over about three days.

    For example:

        suixin webhooks deliver

        suixin webhooks deliver --watch
    """
    if watch:
        os.environ["SUIXIN_LOG"] = "json"
        parent = os.getppid()
        console(_PART).watch(lambda: os.getppid() == parent)  # who started this is still there
        return
    done: dict[str, dict[str, int]] = console(_PART).deliver()
    if json:
        print_json(done)
        return
    for code, counts in done.items():
        say(f"{code}: {counts['taken']:,} taken, {counts['failed']:,} failed")


def _tell(made: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(made)
        return
    say(f"endpoint  {made['code']}")
    say(f"secret    {made['secret']}")
    say("The secret is not shown again; put it where the system reads its secrets.")
