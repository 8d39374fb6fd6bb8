"""The way from the command line to the server, whose packages an installation may lack."""

from importlib import import_module, util
from types import ModuleType

from suixin.errors import UsageError


def console(part: str = "console") -> ModuleType:
    """A module of `suixin.server`, loaded when a command needs it and not before.

    Raises:
        UsageError: the server's packages are not installed.
    """
    if util.find_spec("django") is None:
        raise UsageError("this command needs the server's packages; install them: ./dev setup server")
    return import_module(f"suixin.server.{part}")
