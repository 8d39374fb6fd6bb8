"""Files that follow the data standard already: `<table>.<ending>`, or a folder of parts `<table>/`.

A file `source.yaml` beside them may declare name, currency, zone, route, authorisation, purpose, encoding.
"""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

import yaml

from suixin.errors import SourceError
from suixin.lake.readers import FORMATS
from suixin.lake.source import ROUTES, Source, Stream
from suixin.lake.tables import TABLES

NAME = "standard"
ABOUT = "files named after the standard tables: orders.csv, shipments.parquet, reviews/part-0.parquet ..."
DECLARATION = "source.yaml"
DECLARED = ("name", "currency", "zone", "route", "authorisation", "purpose", "encoding")
ASSUMPTION = "a row without known_at was known when it happened"


def open_source(path: Path) -> Source:
    """Find the standard tables' files at `path`; SourceError if there are none."""
    streams = tuple(_streams(path))
    if not streams:
        raise SourceError(
            f"{path}: no file is named after a standard table ({', '.join(TABLES)}) "
            f"with one of the endings {', '.join(FORMATS)}"
        )
    declared = _declaration(path / DECLARATION)
    return Source(
        adapter=NAME,
        folder=path,
        streams=streams,
        assumptions=(ASSUMPTION,),
        **{"name": path.resolve().name, **declared},
    )


def _streams(path: Path) -> Iterator[Stream]:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        table = _table_of(file, path)
        if table and file.suffix.lower() in FORMATS:
            yield Stream(table, file)


def _table_of(file: Path, root: Path) -> str | None:
    """`orders.csv`, `orders-2025.csv`, `orders_1.csv` and `orders/anything.csv` are all orders."""
    names = [file.stem, file.parent.name] if root not in (file.parent, file) else [file.stem]
    for name in names:
        fits = [t for t in TABLES if name == t or name.startswith((f"{t}-", f"{t}_", f"{t}."))]
        if fits:
            return max(fits, key=len)
    return None


def _declaration(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: is not readable YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(document, dict):
        raise SourceError(f"{path}: must hold a mapping with any of {', '.join(DECLARED)}")
    route = document.get("route")
    if route is not None and route not in ROUTES:
        raise SourceError(f"{path}: the route {route!r} is not one of {', '.join(ROUTES)}")
    zone = document.get("zone")
    if zone is not None and zone not in available_timezones():
        raise SourceError(f"{path}: the zone {zone!r} is unknown; name one as Asia/Shanghai")
    return {key: str(document[key]) for key in DECLARED if document.get(key) is not None}
