"""Rows of mended files on their way in: kept in the lake, for its owner alone, between the look at them and their commit.

They hold raw rows, which no database beside the lake may hold. When somebody is forgotten all of them go: who was mending
uploads the file again, and the lake sets rows about the forgotten aside.
"""

import os
import secrets
from pathlib import Path

from suixin.errors import LakeError, UsageError
from suixin.lake.files import PRIVATE

FOLDER = "mending"
_HEX = frozenset("0123456789abcdef")


def keep(root: Path, digest: str, content: bytes) -> None:
    """Keep what a file brings under its SHA-256; the same file twice is one. LakeError if the disk refuses."""
    path = _path(root, digest)
    draft = path.with_suffix(f".{secrets.token_hex(8)}.draft")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise LakeError(f"cannot write {path}: {error.strerror or error}") from error


def read(root: Path, digest: str) -> bytes:
    """What was kept; LakeError if it is gone."""
    try:
        return _path(root, digest).read_bytes()
    except OSError as error:
        raise LakeError("the mended file is not there any more; upload it again") from error


def is_kept(root: Path, digest: str) -> bool:
    """Whether there is something to read."""
    return _path(root, digest).exists()


def drop(root: Path, digest: str) -> None:
    """Let go of a file; it may be gone already."""
    _path(root, digest).unlink(missing_ok=True)


def clear(root: Path) -> None:
    """Let go of all of them."""
    for path in (root / FOLDER).glob("*"):
        path.unlink(missing_ok=True)


def _path(root: Path, digest: str) -> Path:
    """Never built from what a sender calls a file."""
    if len(digest) != 64 or not set(digest) <= _HEX:
        raise UsageError(f"{digest!r} is no SHA-256 in hexadecimal digits")
    return root / FOLDER / digest
