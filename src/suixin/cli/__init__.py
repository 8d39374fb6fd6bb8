"""The command line: one file a noun. Exit 0 when done, 2 on a user's error, 1 on a bug."""

import errno
import os
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import NoReturn

import typer

from suixin import __version__
from suixin.errors import SuixinError
from suixin.features.workers import warm_up

USERS_ERROR = 2
INTERRUPTED = 130
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR}

COMMANDS = {
    "simulate": "suixin.cli.simulate",
    "ingest": "suixin.cli.ingest",
    "lake": "suixin.cli.lake",
    "quality": "suixin.cli.quality",
    "standard": "suixin.cli.standard",
    "features": "suixin.cli.features",
    "train": "suixin.cli.train",
    "model": "suixin.cli.model",
    "assess": "suixin.cli.assess",
    "explain": "suixin.cli.explain",
    "whatif": "suixin.cli.whatif",
    "allocate": "suixin.cli.allocate",
    "loan": "suixin.cli.loan",
    "policy": "suixin.cli.policy",
    "redteam": "suixin.cli.redteam",
    "monitor": "suixin.cli.monitor",
    "adapter": "suixin.cli.adapters",
    "db": "suixin.cli.db",
    "organisation": "suixin.cli.organisation",
    "person": "suixin.cli.person",
    "desk": "suixin.cli.desk",
    "ledger": "suixin.cli.ledger",
    "eod": "suixin.cli.eod",
    "watch": "suixin.cli.watch",
    "audit": "suixin.cli.audit",
    "client": "suixin.cli.client",
    "webhooks": "suixin.cli.webhooks",
    "tasks": "suixin.cli.tasks",
    "serve": "suixin.cli.serve",
    "demo": "suixin.cli.demo",
}
"""Every command and the module that has it; only the module of the command that was asked for is imported."""

WITH_WORKERS = {"assess", "features", "monitor", "policy diff", "train"}
"""Commands whose workers get ready while this process still imports."""


def command_tree(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The program with these commands."""
    program = typer.Typer(
        name="suixin",
        help="Suixin 穗信: a rural merchant's trading record, turned into credit that can be explained.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode="markdown",
    )
    program.callback()(_root)
    for name in names:
        import_module(COMMANDS[name]).add_to(program)
    return program


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"suixin {__version__}")
        raise typer.Exit


def _root(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        help="Print the version.",
        callback=lambda value: _version(asked=value),
        is_eager=True,
    ),
) -> None:
    """Options of every command."""


def main() -> None:
    """Run the command line; a user's error is one line, only a bug shows a traceback."""
    try:
        asked = sys.argv[1] if len(sys.argv) > 1 else ""
        if WITH_WORKERS & {asked, " ".join(sys.argv[1:3])} and "--help" not in sys.argv:
            warm_up()
        program = command_tree([asked] if asked in COMMANDS else COMMANDS)
        code = program(prog_name="suixin", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        said = error.format_message()  # empty when help was printed because nothing was asked
        said = said.replace(": Value error, ", ": ")
        _fail(f"{said} Try --help." if said else "", USERS_ERROR)
    except (typer.Abort, KeyboardInterrupt):
        _fail("stopped; nothing half-written is left", INTERRUPTED)
    except SuixinError as error:
        _fail(str(error), USERS_ERROR)
    except BrokenPipeError:
        end_quietly()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):
            end_quietly()
        raise
    except OSError as error:
        code = _errno(error)
        if code not in DISK_ERRORS:
            raise
        _fail(f"{error.filename or 'the disk'}: {os.strerror(code)}", USERS_ERROR)
    sys.exit(code if isinstance(code, int) else 0)


def _errno(error: OSError) -> int:
    """The system's error number; Polars gives it in the text only."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return error.errno or (int(found[1]) if found else 0)


def _fail(message: str, code: int) -> None:
    if message:
        typer.echo(f"suixin: {printable(' '.join(message.split()))}", err=True)
    sys.exit(code)


def printable(text: str) -> str:
    """Text from data without what would steer a terminal: control and direction signs as their escapes."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def end_quietly() -> NoReturn:
    """Whoever read the output has seen enough: stop without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(0)
