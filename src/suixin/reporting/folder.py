"""The book's folder: every file of it, or nothing."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from xlsxwriter.exceptions import XlsxWriterException

from suixin.errors import BookError
from suixin.features.registry import FEATURES
from suixin.reporting.book import Book
from suixin.reporting.cases import CASES_FILE, cases_table
from suixin.reporting.page import write_page
from suixin.reporting.tables import decisions_table, features_table
from suixin.reporting.workbook import write_workbook

RUN_FILE = "run.json"
BOOK_FILES = (
    "decisions.parquet",
    "features.parquet",
    CASES_FILE,
    "evidence.parquet",
    "book.xlsx",
    "book.html",
    RUN_FILE,
)


@contextmanager
def book_folder(out: Path, *, replace: bool, lake: Path | None = None) -> Iterator[Path]:
    """A draft beside `out` that takes its place when everything is written; nothing is left if it fails.

    Args:
        out: the book's folder.
        replace: whether an older book may be replaced; a folder that holds anything else never is.
        lake: folder of the lake that is read: no book is written into it.
    """
    if lake is not None and out.resolve().is_relative_to(lake.resolve()):
        raise BookError(f"{out}: lies inside the lake {lake}; name a folder outside it")
    _refuse_taken(out, replace=replace)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise BookError(f"cannot write {out}: {error.strerror or error}") from error
    try:
        draft.chmod(0o755)
        yield draft
        _refuse_taken(out, replace=replace)  # someone may have used the folder in the meantime
        with told(out):
            _swap(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _refuse_taken(out: Path, *, replace: bool) -> None:
    """What is replaced is deleted: only a book is, and only if nothing else lies in its folder."""
    try:
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return
        if not _is_book(out):
            raise BookError(f"{out}: exists and is no decision book; name another folder")
        foreign = sorted(
            entry.name for entry in out.iterdir() if entry.name not in BOOK_FILES or not entry.is_file()
        )
    except OSError as error:
        raise BookError(f"cannot read {out}: {error.strerror or error}") from error
    if not replace:
        raise BookError(f"{out}: holds a book already; name another folder, or add --replace")
    if foreign:
        raise BookError(
            f"{out}: holds {foreign[0]!r}, which is no part of a book and would be lost; "
            "move it elsewhere, or name another folder"
        )


def _is_book(folder: Path) -> bool:
    """Whether a run was recorded here and its decisions lie beside it."""
    if not (folder / RUN_FILE).is_file() or not (folder / "decisions.parquet").is_file():
        return False
    try:
        run = orjson.loads((folder / RUN_FILE).read_bytes())
    except orjson.JSONDecodeError:
        return False
    return isinstance(run, dict) and isinstance(run.get("run_version"), int)


def _swap(draft: Path, out: Path) -> None:
    """Put the draft in the place of an older book, which goes only when the new one stands."""
    if out.exists():
        older = draft.with_name(f"{draft.name}-older")
        out.replace(older)
        draft.replace(out)
        shutil.rmtree(older, ignore_errors=True)
    else:
        draft.replace(out)


@contextmanager
def told(out: Path) -> Iterator[None]:
    """A disk that refuses is the user's to mend: say so in one line."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError, XlsxWriterException) as error:
        raise BookError(f"cannot write {out}: {getattr(error, 'strerror', None) or error}") from error


def write_book(draft: Path, book: Book, tell: Callable[[str, int, int], None]) -> None:
    """Write tables, workbook and page into the draft."""
    held = {name for decision in book.decisions for name in decision.features}
    names = [name for name in FEATURES if name in held]
    steps: list[tuple[str, Callable[[Path], Any]]] = [
        ("decisions.parquet", lambda path: _save(decisions_table(book.decisions), path)),
        ("features.parquet", lambda path: _save(features_table(book.decisions, names), path)),
        (CASES_FILE, lambda path: _save(cases_table(book.cases), path)),
        ("evidence.parquet", lambda path: _save(book.evidence, path)),
        ("book.xlsx", lambda path: write_workbook(book, path)),
        ("book.html", lambda path: write_page(book, path)),
    ]
    for done, (name, write) in enumerate(steps):
        tell(f"writing {name}", done, len(steps))
        write(draft / name)


def _save(table: pl.DataFrame, path: Path) -> None:
    """Write a table in one go: so a full disk is told in the system's words, not as a damaged file."""
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    path.write_bytes(buffer.getbuffer())
