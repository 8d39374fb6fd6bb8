"""Files that follow the data standard already: `<table>.<ending>`, or a folder of parts `<table>/`.

A file `source.yaml` beside them may declare name, currency, zone, route, authorisation, purpose, encoding.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import available_timezones

import yaml

from suixin.errors import SourceError, UsageError
from suixin.lake.manifest import POINTER
from suixin.lake.quarantine import relative
from suixin.lake.readers import FORMATS, first_line
from suixin.lake.source import ROUTES, Source, Stream
from suixin.lake.tables import TABLES
from suixin.money import currency_of

NAME = "standard"
ABOUT = "files named after the standard tables: orders.csv, shipments.parquet, reviews/part-0.parquet ..."
DECLARATION = "source.yaml"
DECLARED = ("name", "currency", "zone", "route", "authorisation", "purpose", "encoding")
FOR_READERS = ("simulation", "adapter")  # said of the source, and not read here
LOOK_LIKE_DATA = (".txt", ".xls")
ASSUMPTIONS = ("a row without known_at was known when it happened",)


def open_source(path: Path) -> Source:
    """Find the standard tables' files at `path`; SourceError if there are none."""
    streams, not_read = _sort_out(path)
    if not streams:
        raise SourceError(
            f"{path}: no file is named after a standard table ({', '.join(TABLES)}) "
            f"with one of the endings {', '.join(FORMATS)}"
        )
    return Source(
        adapter=NAME,
        folder=path,
        streams=streams,
        assumptions=ASSUMPTIONS,
        not_read=not_read,
        **{"name": path.resolve().name, **declared(path)},
    )


def _sort_out(path: Path) -> tuple[tuple[Stream, ...], tuple[str, ...]]:
    """The files that feed tables, and the names of those that look like data and feed none."""
    streams, not_read = [], []
    for file in [path] if path.is_file() else sorted(_files(path, set())):
        table, ending = _table_of(file, path), file.suffix.lower()
        if table and ending in FORMATS:
            streams.append(Stream(table, file))
        elif ending in (*FORMATS, *LOOK_LIKE_DATA):
            not_read.append(relative(file, path))
    return tuple(streams), tuple(not_read)


def _files(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """The files below a folder, links followed; not those of a lake that lies in it, nor hidden ones."""
    if folder.resolve() in seen or (folder / POINTER).exists():
        return
    seen.add(folder.resolve())
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(entry, seen)
        elif entry.is_file():
            yield entry


def _table_of(file: Path, root: Path) -> str | None:
    """`orders.csv`, `Orders-2025.csv`, `orders_1.csv` and `orders/anything.csv` are all orders."""
    names = [file.stem, file.parent.name] if root not in (file.parent, file) else [file.stem]
    for name in map(str.lower, names):
        fits = [t for t in TABLES if name == t or name.startswith((f"{t}-", f"{t}_", f"{t}."))]
        if fits:
            return max(fits, key=len)
    return None


def declared(path: Path) -> dict[str, str]:
    """What the file `source.yaml` at or beside `path` declares; empty if there is none.

    Raises:
        SourceError: it is not readable or declares something unknown.
    """
    return _declaration((path.parent if path.is_file() else path) / DECLARATION)


def _declaration(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2026-02-30 is a ValueError
        raise SourceError(f"{path}: is not readable YAML: {first_line(error)}") from error
    if not isinstance(document, dict):
        raise SourceError(f"{path}: must hold a mapping with any of {', '.join(DECLARED)}")
    return terms(path, document)


def terms(path: Path, document: Mapping[str, object]) -> dict[str, str]:
    """What a source declares of itself, checked.

    Args:
        path: where it is declared, for the message.
        document: any of `DECLARED`.

    Raises:
        SourceError: a key or a value is unknown.
    """
    unknown = [key for key in document if key not in (*DECLARED, *FOR_READERS)]
    if unknown:
        raise SourceError(f"{path}: the key {unknown[0]!r} is unknown; it may hold {', '.join(DECLARED)}")
    route = document.get("route")
    if route is not None and route not in ROUTES:
        raise SourceError(f"{path}: the route {route!r} is not one of {', '.join(ROUTES)}")
    zone = document.get("zone")
    if zone is not None and str(zone) not in available_timezones():
        raise SourceError(f"{path}: the zone {zone!r} is unknown; name one as Asia/Shanghai")
    currency = document.get("currency")
    if currency is not None:
        try:
            currency_of(str(currency))
        except UsageError as error:
            raise SourceError(f"{path}: {error}") from error
    return {key: str(document[key]) for key in DECLARED if document.get(key) is not None}
