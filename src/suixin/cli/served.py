"""The way from the command line to the server, whose packages an installation may lack."""

import sys
from importlib import import_module, util
from types import ModuleType
from typing import Annotated

import typer

from suixin.errors import UsageError

By = Annotated[
    str, typer.Option(help="Sign-in name of the administrator who does it; password and code are asked for.")
]
Second = Annotated[
    str, typer.Option(help="Sign-in name of the other administrator, who gives the second word.")
]


def console(part: str = "console") -> ModuleType:
    """A module of `suixin.server`, loaded when a command needs it and not before.

    Raises:
        UsageError: the server's packages are not installed.
    """
    if util.find_spec("django") is None:
        raise UsageError("this command needs the server's packages; install them: ./dev setup server")
    return import_module(f"suixin.server.{part}")


Word = tuple[str, str, str]
"""A sign-in name, the password that was typed, and the code of a second factor, '' for none."""


def word_of(name: str) -> Word:
    """Password, and the code of whoever has a second factor, asked for on the terminal or read a line each; never arguments."""
    password = _typed(f"Password of {name}", twice=False)
    return name, password, _typed(f"Code of {name}", twice=False) if console().asks_for_code(name) else ""


def new_password(name: str) -> str:
    """The same for a password that nobody has yet: on the terminal it is typed twice."""
    return _typed(f"New password of {name}", twice=True)


def _typed(asked: str, *, twice: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(asked, hide_input=True, confirmation_prompt=twice, err=True))
