"""The command line: one file a noun. Exit 0 when done, 2 on a user's error, 1 on a bug."""

import errno
import sys

import typer

from suixin import __version__
from suixin.cli import adapters, assess, explain, features, ingest, lake, policy, simulate
from suixin.errors import SuixinError

USERS_ERROR = 2
INTERRUPTED = 130
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR}

app = typer.Typer(
    name="suixin",
    help="Suixin 穗信: a rural merchant's trading record, turned into credit that can be explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)
for noun in (simulate, ingest, features, assess, explain):
    noun.add_to(app)
app.add_typer(lake.app, name="lake")
app.add_typer(policy.app, name="policy")
app.add_typer(adapters.app, name="adapter")


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"suixin {__version__}")
        raise typer.Exit


@app.callback()
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
        code = app(prog_name="suixin", standalone_mode=False)
    except typer.TyperException as error:
        _fail(f"{error.format_message()} Try --help.", USERS_ERROR)
    except (typer.Abort, KeyboardInterrupt):
        _fail("stopped; nothing half-written is left", INTERRUPTED)
    except SuixinError as error:
        _fail(str(error), USERS_ERROR)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        _fail(f"{error.filename or 'the disk'}: {error.strerror}", USERS_ERROR)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> None:
    line = " ".join(message.split())
    typer.echo(f"suixin: {line}", err=True)
    sys.exit(code)
