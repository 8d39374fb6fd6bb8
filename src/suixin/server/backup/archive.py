"""A backup's file: a zip with a manifest, whose last 64 characters are the SHA-256 of all that stands before them.

They are the zip's own comment, so any unzip reads the file, and `head -c -64 FILE | sha256sum` checks it.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import orjson
from pydantic import TypeAdapter, ValidationError

from suixin.errors import BackupError
from suixin.ledger import chain

FORMAT = 1
CHUNK = 1 << 20
_MANIFEST = "manifest.json"
_DIGEST = 64


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive; of a table also its columns, in their order, and how many rows it has."""

    name: str
    size: int
    sha256: str
    table: str = ""
    columns: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class KeptBook:
    """A book as it was backed up, with the last link of its chain (hex), if there is one."""

    organisation: str
    book: str
    business_on: str
    transactions: int
    sequence: int
    link: str

    def heads(self) -> list[chain.Head]:
        """The head, to hold the restored chain against."""
        return [chain.Head(self.sequence, bytes.fromhex(self.link))] if self.sequence else []


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of, by whom it was written, and what it holds."""

    format: int
    suixin: str
    database: str
    taken_at: str
    migrations: list[tuple[str, str]]
    members: list[Member]
    books: list[KeptBook]


_READ = TypeAdapter(Manifest)


@dataclass(slots=True)
class Draft:
    """A backup that is being written."""

    path: Path
    zip: ZipFile
    members: list[Member] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    def add(
        self, name: str, chunks: Iterable[bytes], table: str = "", columns: tuple[str, ...] = ()
    ) -> Member:
        """Add a file; the rows of a table are its lines."""
        seen, size, rows = sha256(), 0, 0
        with self.zip.open(name, "w", force_zip64=True) as file:
            for chunk in chunks:
                file.write(chunk)
                seen.update(chunk)
                size += len(chunk)
                rows += chunk.count(b"\n") if table else 0
        self.members.append(Member(name, size, seen.hexdigest(), table, columns, rows))
        return self.members[-1]

    def describe(self, manifest: Manifest) -> None:
        """Add the manifest, the last of the files."""
        document = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
        self.zip.writestr(_MANIFEST, document)
        self.told = orjson.loads(document)


@contextmanager
def written(out: Path) -> Iterator[Draft]:
    """A draft beside `out` (mode 0600) that takes its place, on the disk, once it is whole; else nothing is left."""
    path = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        try:
            with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as zipped:
                    draft = Draft(path, zipped)
                    yield draft
                    zipped.comment = b"0" * _DIGEST
                draft.told |= {"bytes": file.tell(), "sha256": _signed(file)}
                os.fsync(file.fileno())
            path.replace(out)
            _sync(out.absolute().parent)
        except OSError as error:
            raise BackupError(f"{out} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def _signed(file: BinaryIO) -> str:
    """Put the digest of all before it into the place that was kept for it."""
    digest = _before(file)
    file.seek(-_DIGEST, os.SEEK_END)
    file.write(digest.encode())
    file.flush()
    return digest


def _before(file: BinaryIO, tell: Callable[[int, int], None] = lambda *_: None) -> str:
    """SHA-256 of a file but for its last 64 bytes."""
    total = file.seek(0, os.SEEK_END) - _DIGEST
    file.seek(0)
    seen, left = sha256(), total
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        seen.update(chunk)
        left -= len(chunk)
        tell(total - left, total)
    return seen.hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def opened(path: Path, progress: Callable[[str, int, int], None]) -> Iterator[tuple[ZipFile, Manifest]]:
    """A backup to read from, after every byte of it was looked at.

    Raises:
        BackupError: it is not there, was cut off or changed, or has a format that this version does not know.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}") from error
    with file:
        found = _before(file, lambda done, total: progress("check the file", done, total))
        file.seek(0)
        if path.stat().st_size < _DIGEST or found.encode() != _last(file):
            raise BackupError(
                f"{path} is no backup, or was cut off or changed: its SHA-256 is not the one it bears"
            )
        try:
            with ZipFile(file) as zipped:
                yield zipped, _manifest(path, zipped)
        except (BadZipFile, KeyError) as error:
            raise BackupError(f"{path} is no backup: {error}") from error


def _last(file: BinaryIO) -> bytes:
    file.seek(-_DIGEST, os.SEEK_END)
    return file.read()


def _manifest(path: Path, zipped: ZipFile) -> Manifest:
    document = zipped.read(_MANIFEST)
    try:
        found = orjson.loads(document)["format"]
        if found != FORMAT:
            raise BackupError(
                f"{path} has format {found}; this version reads {FORMAT}: install a newer suixin"
            )
        return _READ.validate_json(document)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise BackupError(f"{path} is no backup: its manifest cannot be read") from error
