"""One adapter a kind of source: it finds the files and shapes them like the standard tables."""

from pathlib import Path
from typing import Protocol

from suixin.adapters import standard, vat_invoices
from suixin.errors import UsageError
from suixin.lake.source import Source


class Adapter(Protocol):
    """What a module of this package offers."""

    NAME: str
    ABOUT: str

    def open_source(self, path: Path) -> Source:
        """Understand the source at `path`: a file or a folder."""


ADAPTERS: dict[str, Adapter] = {module.NAME: module for module in (standard, vat_invoices)}
"""Every adapter by the name the command line knows it by."""


def open_source(name: str, path: Path) -> Source:
    """The source at `path` as the adapter called `name` understands it."""
    if name not in ADAPTERS:
        raise UsageError(f"no adapter is called {name!r}; there are: {', '.join(ADAPTERS)}")
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    return ADAPTERS[name].open_source(path)
