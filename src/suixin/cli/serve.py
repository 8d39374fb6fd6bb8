"""suixin serve: the pages, for people with a browser."""

import os
from typing import Annotated

import typer

from suixin.cli.eod import clock_of
from suixin.cli.output import say
from suixin.cli.served import console


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("serve")(_serve)


def _serve(
    host: Annotated[
        str, typer.Option(help="Address to answer on; another than this machine's own needs TLS.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 2,
    end_of_day: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM",
            help="Also end every book's day by itself at this time, Chinese time: suixin eod watch.",
        ),
    ] = None,
) -> None:
    """Serve the pages until stopped; `/healthz` answers 200 when it is ready.

    The database is that of SUIXIN_DATABASE, or a file in SUIXIN_HOME; `suixin db migrate` makes it ready. Behind a proxy
    set SUIXIN_HOSTS to the names that browsers use, and SUIXIN_TLS=1.

    For example:

        suixin serve

        suixin serve --port 8080 --workers 4 --end-of-day 22:30
    """
    if end_of_day is not None:
        clock_of(end_of_day)
    os.environ["SUIXIN_LOG"] = "json"  # before the settings are read
    server = console("serving")
    server.make_ready(host, port)
    say(f"http://{host}:{port}/")
    server.serve(host, port, workers, end_of_day=end_of_day)
