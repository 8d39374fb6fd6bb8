"""The book's folder: every file of it, or nothing."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter.exceptions import XlsxWriterException

from suixin.errors import BookError
from suixin.features.registry import FEATURES
from suixin.reporting.book import Book
from suixin.reporting.page import write_page
from suixin.reporting.tables import decisions_table, features_table
from suixin.reporting.workbook import write_workbook

RUN_FILE = "run.json"


@contextmanager
def book_folder(out: Path, *, replace: bool) -> Iterator[Path]:
    """A draft beside `out` that takes its place when everything is written; nothing is left if it fails."""
    taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
    if taken and not (out / RUN_FILE).is_file():
        raise BookError(f"{out}: exists and is no decision book; name another folder")
    if taken and not replace:
        raise BookError(f"{out}: holds a book already; name another folder, or add --replace")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise BookError(f"cannot write {out}: {error.strerror or error}") from error
    try:
        draft.chmod(0o755)
        yield draft
        with told(out):
            _swap(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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
    steps: list[tuple[str, Callable[[], Any]]] = [
        (
            "decisions.parquet",
            lambda: decisions_table(book.decisions).write_parquet(draft / "decisions.parquet"),
        ),
        (
            "features.parquet",
            lambda: features_table(book.decisions, names).write_parquet(draft / "features.parquet"),
        ),
        ("book.xlsx", lambda: write_workbook(book, draft / "book.xlsx")),
        ("book.html", lambda: write_page(book, draft / "book.html")),
    ]
    for done, (name, write) in enumerate(steps):
        tell(f"writing {name}", done, len(steps))
        write()
