"""Keyed hashes of forgotten identifiers: the lake knows a person again without holding who it was.

The key lies in the lake, in a file that only its owner may read. Without it a hash tells nothing; with it one
can test whether a given identifier was forgotten, and that a record was written by somebody who had the key.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson
import polars as pl

from suixin.errors import LakeError
from suixin.lake.files import PRIVATE
from suixin.lake.manifest import Forgotten, Manifest, sync_folder

KEY = "key"
TOMBSTONE = "erased_"


@dataclass(frozen=True, slots=True)
class Marks:
    """The identifiers that a lake has forgotten, as keyed hashes."""

    key: bytes
    held: frozenset[str]

    def has(self, identifier: str) -> bool:
        """Whether this identifier was forgotten."""
        return mark(self.key, identifier) in self.held

    def among(self, values: pl.Series) -> list[str]:
        """Which of the values were forgotten."""
        return [value for value in values.drop_nulls().unique().to_list() if self.has(value)]


NOBODY = Marks(b"", frozenset())
"""The marks of a lake that has forgotten nobody."""


def mark(key: bytes, identifier: str) -> str:
    """The keyed hash of an identifier: HMAC-SHA256 (RFC 2104), hex."""
    return hmac.new(key, f"identifier\0{identifier}".encode(), hashlib.sha256).hexdigest()


def of(root: Path, manifest: Manifest) -> Marks:
    """What the snapshot has forgotten; LakeError if the key is lost."""
    held = frozenset(m for record in manifest.forgotten for m in record.marks)
    return Marks(_read(root) if held else b"", held)


def _read(root: Path) -> bytes:
    try:
        return (root / KEY).read_bytes()
    except OSError as error:
        raise LakeError(
            f"{root / KEY}: {error.strerror or error}; without the key the lake cannot tell who was forgotten; "
            "restore it from a backup"
        ) from error


def make_key(root: Path, manifest: Manifest) -> bytes:
    """The lake's key, made if nobody was forgotten yet; a lost one is never replaced unseen."""
    path = root / KEY
    if path.exists() or manifest.forgotten:
        return _read(root)
    draft = root / f".{KEY}.draft"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as handle:
        handle.write(secrets.token_bytes(32))
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
    sync_folder(root)
    return _read(root)


def tombstones(identifiers: Iterable[str]) -> dict[str, str]:
    """A fresh random name for each identifier; nothing leads back from it."""
    return {identifier: f"{TOMBSTONE}{secrets.token_hex(12)}" for identifier in identifiers}


def signed(key: bytes, record: Forgotten) -> Forgotten:
    """The record with its signature."""
    return replace(record, signature=_signature(key, record))


def _signature(key: bytes, record: Forgotten) -> str:
    said = orjson.dumps(asdict(replace(record, signature="")), option=orjson.OPT_SORT_KEYS)
    return hmac.new(key, b"record\0" + said, hashlib.sha256).hexdigest()


def faults(root: Path, manifest: Manifest) -> list[str]:
    """What is wrong with the records of the forgotten, one line each."""
    if not manifest.forgotten:
        return []
    try:
        key = _read(root)
    except LakeError as error:
        return [str(error)]
    wrong = [r for r in manifest.forgotten if not hmac.compare_digest(r.signature, _signature(key, r))]
    return [f"the record of somebody forgotten at {r.forgotten_at} has another signature" for r in wrong]
