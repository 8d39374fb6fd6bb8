"""The cases of a book as a table: what was decided on beyond the features, so that it can be decided again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import polars as pl

from suixin.errors import BookError
from suixin.reporting.tables import read_decision
from suixin.underwriting.decide import Case

CASES_FILE = "cases.parquet"
_ELSEWHERE = "features"  # they lie in features.parquet, a column each
_TYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
    date: pl.Date(),
}
_SEQUENCES = (Sequence, list, tuple)


def cases_schema(kind: type = Case) -> dict[str, pl.DataType]:
    """Name -> type of each column: the fields of a case but its features.

    TypeError, which names the field, for a type that has no column type yet: a field must not be lost in silence.
    """
    hints = get_type_hints(kind)
    return {field.name: _column_type(field.name, hints[field.name]) for field in _held(kind)}


def cases_table(cases: Iterable[Case]) -> pl.DataFrame:
    """One row a case, in the order given; money in minor units, as a case holds it."""
    schema = cases_schema()
    rows = [[_plain(getattr(case, name)) for name in schema] for case in cases]
    return pl.DataFrame(rows, schema=schema, orient="row")


def read_case(book: Path, merchant_id: str) -> Case:
    """What a book decided on for one merchant.

    BookError if there is no book, no such merchant, or the book is of a release that kept no cases.
    """
    features = read_decision(book, merchant_id).features
    again = f"make the book again with: suixin assess LAKE --replay {book / 'run.json'} --out BOOK"
    if not (book / CASES_FILE).is_file():
        raise BookError(
            f"{book}: has no {CASES_FILE}, for an older release made it or the file is lost; {again}"
        )
    try:
        found = pl.scan_parquet(book / CASES_FILE).filter(pl.col("merchant_id") == merchant_id).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"{book / CASES_FILE}: cannot be read: {str(error).splitlines()[0]}") from error
    if found.height != 1:
        raise BookError(f"{book / CASES_FILE}: has {found.height} rows of merchant {merchant_id!r}; {again}")
    needed = [field.name for field in _held() if field.default is field.default_factory is MISSING]
    lacking = [name for name in needed if name not in found.columns]
    if lacking:
        raise BookError(
            f"{book / CASES_FILE}: lacks {', '.join(lacking)}, for an older release made it; {again}"
        )
    row, hints = found.row(0, named=True), get_type_hints(Case)
    values = {f.name: restored(hints[f.name], row[f.name]) for f in _held() if f.name in row}
    return Case(features=features, **values)


def restored(kind: Any, value: Any) -> Any:
    """A value from the table as a field of this type holds it: a list becomes a tuple again, a struct its record."""
    plain = _known(kind)
    if is_dataclass(plain) and isinstance(plain, type) and isinstance(value, Mapping):
        hints = get_type_hints(plain)
        return plain(**{name: restored(hints[name], part) for name, part in value.items()})
    return tuple(value) if isinstance(value, list) and get_origin(plain) is tuple else value


def _held(kind: type = Case) -> list[Field[Any]]:
    return [field for field in fields(kind) if field.name != _ELSEWHERE]


def _column_type(name: str, kind: Any) -> pl.DataType:
    kind = _known(kind)
    if kind in _TYPES:
        return _TYPES[kind]
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return pl.Struct({f.name: _column_type(f"{name}.{f.name}", hints[f.name]) for f in fields(kind)})
    inner = [part for part in get_args(kind) if part is not Ellipsis]
    if get_origin(kind) in _SEQUENCES and len(inner) == 1 and inner[0] in _TYPES:
        return pl.List(_TYPES[inner[0]])
    raise TypeError(f"Case.{name} is a {kind}, for which {__name__} has no column type: give it one")


def _known(kind: Any) -> Any:
    """The type without its None: every column may be null."""
    if get_origin(kind) in (Union, UnionType):
        rest = [part for part in get_args(kind) if part is not NoneType]
        return rest[0] if len(rest) == 1 else kind
    return kind


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
