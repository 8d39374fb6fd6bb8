"""What adapters of several files share: finding them by name, and reading small ones whole for look-ups."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from suixin.errors import SourceError
from suixin.lake.readers import FORMATS, ROW, Batch, first_line, read


def files_by_stem(path: Path) -> dict[str, Path]:
    """The readable files of a folder by stem in lower case; empty if `path` is no folder."""
    if not path.is_dir():
        return {}
    found = [p for p in sorted(path.iterdir()) if p.is_file() and p.suffix.lower() in FORMATS]
    return {p.stem.lower(): p for p in found}


def required(path: Path, files: Mapping[str, Path], names: Sequence[str], what: str) -> None:
    """Refuse a folder that lacks one of the files.

    Raises:
        SourceError: naming what is missing.
    """
    lacking = [name for name in names if name not in files]
    if lacking:
        raise SourceError(
            f"{path}: not a folder of {what}; it lacks {', '.join(lacking)} "
            f"(each as {', '.join(FORMATS[:-1])} or {FORMATS[-1]})"
        )


def whole(path: Path, columns: Sequence[str], encoding: str | None = None) -> Batch:
    """A file read whole: the named columns and `_row`, and its unreadable rows.

    Args:
        path: the file.
        columns: the columns that are needed; others are left where they are.
        encoding: of a text file; None to find out.

    Raises:
        SourceError: the file is not readable or lacks a column.
    """
    frames, rejects = [], []
    for batch in read(path, encoding):
        lacking = [name for name in columns if name not in batch.frame.columns]
        names = ", ".join(c for c in batch.frame.columns if c != ROW)
        if lacking and names:
            raise SourceError(f"{path}: lacks the columns {', '.join(lacking)}; it has {names}")
        rejects += batch.rejects
        if names:
            frames.append(batch.frame.select(ROW, *columns))
    if not frames:
        empty = dict.fromkeys(columns, pl.String)
        return Batch(pl.DataFrame(schema={ROW: pl.Int64, **empty}), rejects)
    with understanding(path):
        return Batch(pl.concat(frames, how="vertical_relaxed"), rejects)


@contextmanager
def understanding(path: Path) -> Iterator[None]:
    """While the block makes sense of a file, columns of the wrong kind are the file's fault.

    Raises:
        SourceError: naming the file.
    """
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{path}: its columns are not what they should be: {first_line(error)}") from error


def text(name: str) -> pl.Expr:
    """A column as trimmed text, an empty cell as null: the form in which files of all formats can be joined."""
    value = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(value != "").then(value).alias(name)


def cents(name: str) -> pl.Expr:
    """A column of amounts in whole minor units; null where there is no number."""
    minor = (pl.col(name).cast(pl.String).cast(pl.Float64, strict=False) * 100).round()
    return pl.when(minor.abs() < 2**53).then(minor).cast(pl.Int64, strict=False).alias(name)


def clock(name: str) -> pl.Expr:
    """A column of naive times, to the second; null where there is none."""
    written = pl.col(name).cast(pl.String).str.slice(0, 19).str.replace("T", " ", literal=True)
    shapes = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
    return pl.coalesce(written.str.to_datetime(f, time_unit="us", strict=False) for f in shapes).alias(name)
