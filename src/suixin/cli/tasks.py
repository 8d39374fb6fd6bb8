"""suixin tasks: long work that people asked for on a page."""

import os
from typing import Annotated, Any

import typer

from suixin.cli.output import Json, print_json, say
from suixin.cli.served import console

_PART = "tasks.console"


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Long work that people asked for on a page.")
    group.callback()(_group)
    group.command("run")(_run)
    program.add_typer(group, name="tasks", no_args_is_help=True)


def _group() -> None:
    """A group of its own, however few its commands."""


def _run(
    *,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Go on until stopped; what it does stands in the log as JSON lines."),
    ] = False,
    json: Json = False,
) -> None:
    """Do every task that waits, of every house, once or until stopped; `suixin serve` does it by itself.

    However many do it, one of them does a house's tasks at a time. A task that was cut off is begun again, and does each row once.

    For example:

        suixin tasks run

        suixin tasks run --watch
    """
    if watch:
        os.environ["SUIXIN_LOG"] = "json"
        parent = os.getppid()
        console(_PART).watch(lambda: os.getppid() == parent)  # who started this is still there
        return
    done: list[dict[str, Any]] = console(_PART).run()
    if json:
        print_json(done)
        return
    for one in done:
        why = f": {one['why']}" if one["why"] else ""
        say(f"task {one['task']} ({one['kind']} {one['subject']}) {one['state']}{why}")
