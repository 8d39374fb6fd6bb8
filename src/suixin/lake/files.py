"""Writing data files: complete and on the disk, or not at all."""

import hashlib
import os
from pathlib import Path

import polars as pl

from suixin.errors import LakeError

PRIVATE, SHARED = 0o600, 0o666  # before the umask


def write_parquet(frame: pl.DataFrame, path: Path, *, private: bool = False) -> None:
    """Write `frame` to `path` durably; LakeError with the cause if the disk refuses.

    A private file is for its owner alone: quarantine holds raw rows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        mode = PRIVATE if private else SHARED
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as handle:
            frame.write_parquet(handle, compression="zstd", compression_level=1, statistics=True)
            handle.flush()
            os.fsync(handle.fileno())
    except (OSError, pl.exceptions.PolarsError) as error:
        path.unlink(missing_ok=True)
        raise LakeError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error


def file_hash(path: Path) -> str:
    """BLAKE2b-128 of the file's bytes, hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
