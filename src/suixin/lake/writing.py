"""The one writer of a lake: its lock, and the order it leaves behind.

A writer that dies leaves the marker `writing`; the next one then sweeps away what no snapshot names.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from suixin.errors import LakeBusyError, LakeError, UsageError
from suixin.lake import ingests, mending, snapshots
from suixin.lake import manifest as manifests
from suixin.lake.manifest import Manifest
from suixin.lake.marks import KEY

FOLDERS = ("data", "quarantine", manifests.SNAPSHOTS, ingests.FOLDER, mending.FOLDER)
STAGING = ".staging-"

MARKER = "writing"


def stamp(now: datetime) -> str:
    """An instant as manifests hold it: UTC, to the second."""
    return now.astimezone(UTC).isoformat(timespec="seconds")


def refuse_foreign(root: Path) -> None:
    """Refuse to make a lake of a folder that holds something else."""
    if root.is_file():
        raise UsageError(f"{root}: is a file; name a folder for the lake")
    if not root.is_dir() or (root / manifests.POINTER).exists():
        return
    own = (*FOLDERS, "lock", MARKER, KEY)
    names = sorted(p.name for p in root.iterdir())
    foreign = [name for name in names if name not in own and not name.startswith(STAGING)]
    if foreign:
        raise UsageError(
            f"{root}: the folder is neither empty nor a lake (it holds {foreign[0]!r}); name another one"
        )


@contextmanager
def writing(
    root: Path, wait_seconds: float, now: datetime, *, purge: bool = True
) -> Iterator[Manifest | None]:
    """Hold the lake's only write lock; give its current manifest; clear what is due or left behind.

    Args:
        root: the lake's folder, made if it does not exist.
        wait_seconds: how long to wait for another writer.
        now: files of expired snapshots that were due by now are removed.
        purge: False to leave these to the caller.

    Raises:
        UsageError: the folder holds something else.
        LakeBusyError: another writer held the lake for longer.
        LakeError: the folder cannot be written, or the lake is damaged.
    """
    refuse_foreign(root)
    made = [p for p in (root, *root.parents) if not p.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / "lock")
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise LakeBusyError(
            f"{root}: another process is writing to this lake; waited {wait_seconds:g} s; try again when it is done"
        ) from error
    except OSError as error:
        raise LakeError(f"cannot write {root}: {error.strerror or error}") from error
    try:
        current = manifests.load(root)
        _clear(root, current, now, purge=purge)
        (root / MARKER).touch()
        manifests.sync_folder(root)
        yield current
        (root / MARKER).unlink()
    finally:
        if not (root / manifests.POINTER).exists():
            _unmake(root, made)
        lock.release()


@contextmanager
def changing(root: Path, wait_seconds: float, now: datetime, *, purge: bool = True) -> Iterator[Manifest]:
    """`writing` to a lake that must exist; LakeError if it does not or is empty."""
    snapshots.require(root)
    with writing(root, wait_seconds, now, purge=purge) as current:
        if current is None:
            raise snapshots.empty(root)
        yield current


def _clear(root: Path, current: Manifest | None, now: datetime, *, purge: bool) -> None:
    """Sweep only if there may be something to sweep: looking at every file would cost each small ingest."""
    if current is not None:
        snapshots.retire_stale(root, current)
    killed = (root / MARKER).exists() or current is None or current.schema_version == 1
    if killed:
        for left in root.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
    if killed or (purge and snapshots.any_due(root, now)):
        snapshots.sweep(root, current, now)


def _unmake(root: Path, made: list[Path]) -> None:
    """Leave nothing of a lake that was never committed."""
    for folder in [*FOLDERS, *(p.name for p in root.glob(f"{STAGING}*"))]:
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / MARKER).unlink(missing_ok=True)
    for path in made:
        (path / "lock").unlink(missing_ok=True)
        if path.is_dir() and not os.listdir(path):  # noqa: PTH208
            path.rmdir()
