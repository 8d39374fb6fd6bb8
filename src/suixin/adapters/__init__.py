"""One adapter a kind of source: it finds the files and shapes them like the standard tables."""

from pathlib import Path
from typing import Protocol

from suixin.adapters import berka, olist, spreadsheet, standard, users, vat_invoices
from suixin.errors import UsageError
from suixin.lake.source import Source


class Adapter(Protocol):
    """What a module of this package offers."""

    @property
    def NAME(self) -> str:  # noqa: N802  a module's constant
        """The name by which the command line knows it."""

    @property
    def ABOUT(self) -> str:  # noqa: N802  the same
        """What it reads, in one line."""

    def open_source(self, path: Path) -> Source:
        """Understand the source at `path`: a file or a folder."""


ADAPTERS: dict[str, Adapter] = {
    module.NAME: module for module in (standard, spreadsheet, vat_invoices, olist, berka)
}
"""Every adapter by the name the command line knows it by."""


def adapter_of(name: str) -> Adapter:
    """The adapter called `name`, or the user's own if `name` is the path of a Python file.

    Raises:
        UsageError: there is no such adapter, or the user's file does not run.
    """
    if name in ADAPTERS:
        return ADAPTERS[name]
    if name.endswith(".py") or Path(name).name != name:
        return users.load(Path(name))
    raise UsageError(
        f"no adapter is called {name!r}; there are: {', '.join(ADAPTERS)}, or name your own by its path (my_platform.py)"
    )


def adapter_for(name: str, path: Path) -> Adapter:
    """The adapter called `name`; for a workbook of the template the one that reads it, also without being named.

    Raises:
        UsageError: there is no such adapter or no such path.
    """
    adapter = adapter_of(name)
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    return spreadsheet if name == standard.NAME and spreadsheet.fits(path) else adapter


def open_source(name: str, path: Path) -> Source:
    """The source at `path` as the adapter called `name` understands it.

    Raises:
        UsageError: there is no such adapter or no such path.
        SourceError: the source is not what the adapter expects.
    """
    return adapter_for(name, path).open_source(path)
