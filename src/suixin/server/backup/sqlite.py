"""SQLite: its own online backup, of one state, while others write."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zipfile import ZipFile

from django.db import connection

from suixin.errors import BackupError
from suixin.server.backup.archive import CHUNK, Draft, Manifest
from suixin.server.backup.books import BOOKS, MIGRATIONS, Taken, kept

_PAGES = 2_000  # a step of the progress bar: 8 MB
_MEMBER = "suixin.sqlite3"
Progress = Callable[[str, int, int], None]


class Dialect:
    """How an SQLite database becomes a member of the archive, and comes back."""

    def dump(self, draft: Draft, progress: Progress) -> Taken:
        """Copy the file as it is at one moment, look at the copy, and add it."""
        with _scratch(draft.path) as path, closing(_open(path)) as copy:
            with closing(_open(_named())) as source:
                source.execute(
                    "BEGIN"
                )  # one state for all steps; without it, each writer sends us back to the start
                source.execute("SELECT 1 FROM sqlite_master").fetchone()
                _copied(source, copy, "back up", progress)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            _whole(copy, "the database")
            taken = Taken(copy.execute(MIGRATIONS).fetchall(), kept(copy.execute(BOOKS)))
            with path.open("rb") as file:
                draft.add(_MEMBER, iter(lambda: file.read(CHUNK), b""))
        return taken

    def load(self, held: ZipFile, manifest: Manifest, progress: Progress) -> None:
        """Copy it into the database's file in one transaction."""
        del manifest
        connection.close()
        target = _named()
        with _scratch(target) as path:
            with held.open(_MEMBER) as member, path.open("wb") as file:
                shutil.copyfileobj(member, file, CHUNK)
            with closing(_open(path)) as source, closing(_open(target)) as empty:
                _whole(source, "the backup")
                _copied(source, empty, "restore", progress)


def _named() -> Path:
    return Path(connection.settings_dict["NAME"])


def _open(path: Path) -> sqlite3.Connection:
    held = sqlite3.connect(path, isolation_level=None, timeout=30)
    held.execute("PRAGMA synchronous = FULL")
    return held


def _copied(source: sqlite3.Connection, to: sqlite3.Connection, what: str, progress: Progress) -> None:
    source.backup(to, pages=_PAGES, progress=lambda _, left, total: progress(what, total - left, total))


def _whole(held: sqlite3.Connection, what: str) -> None:
    try:
        found = held.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"{what} is damaged: {found}")


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A file for its owner alone, gone afterwards with what SQLite puts beside it."""
    path = beside.with_name(f"{beside.name}.{os.getpid()}.copy")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield path
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
