"""Expire: old snapshots are given up, and files that no other snapshot names go when the grace time is over."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from suixin.errors import UsageError
from suixin.lake import manifest as manifests
from suixin.lake import snapshots
from suixin.lake.manifest import Manifest
from suixin.lake.writing import changing

GRACE_DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Expired:
    """What was given up.

    Attributes:
        snapshots: the numbers of the snapshots that cannot be opened any more.
        kept: the numbers of those that can.
        files, bytes: data files removed now.
        waiting: expired snapshots whose files stay until their grace time is over.
        seconds: how long it took.
    """

    snapshots: tuple[int, ...]
    kept: tuple[int, ...]
    files: int
    bytes: int
    waiting: int
    seconds: float


def expire(
    root: Path,
    *,
    now: datetime,
    keep: int | None = None,
    older_than_days: float | None = None,
    grace_days: float = GRACE_DAYS,
    wait_seconds: float = 60.0,
    dry_run: bool = False,
) -> Expired:
    """Give up snapshots, and remove the files whose grace time is over.

    A snapshot goes if it is neither among the newest `keep` nor younger than `older_than_days`; with neither
    given, none goes. The current one always stays.

    Args:
        root: the lake.
        now: the time, aware.
        keep: how many of the newest snapshots stay.
        older_than_days: how old a snapshot must be to go.
        grace_days: how long its files stay for readers who have opened it.
        wait_seconds: how long to wait for another writer.
        dry_run: only say which snapshots would go.

    Raises:
        UsageError: `keep` below 1, or negative days.
        LakeBusyError: another writer held the lake for longer.
        LakeError: the lake is missing or damaged.
    """
    began = time.perf_counter()
    refuse_negative("--older-than", older_than_days)
    refuse_negative("--grace-days", grace_days)
    if keep is not None and keep < 1:
        raise UsageError(f"--keep {keep} would keep no snapshot; give 1 or more")
    if dry_run:
        snapshots.require(root)
        if (current := manifests.load(root)) is None:
            raise snapshots.empty(root)
        going = _going(root, current, now, keep, older_than_days)
        held = [n for n in snapshots.kept(root, current) if n not in going]
        return Expired(tuple(going), tuple(held), 0, 0, _waiting(root), time.perf_counter() - began)
    with changing(root, wait_seconds, now, purge=False) as current:
        going = _going(root, current, now, keep, older_than_days)
        if going:
            snapshots.retire(root, list(going.values()), now + timedelta(days=grace_days))
        files, size = snapshots.sweep(root, current, now)
        held = list(snapshots.kept(root, current))
    return Expired(tuple(going), tuple(held), files, size, _waiting(root), time.perf_counter() - began)


def refuse_negative(option: str, days: float | None) -> None:
    """UsageError for days that no waiting can last."""
    if days is not None and not 0 <= days <= 36_500:
        raise UsageError(f"{option} {days:g} is no number of days from 0 to 36500")


def _waiting(root: Path) -> int:
    return len(snapshots.expired(root))


def _going(
    root: Path, current: Manifest, now: datetime, keep: int | None, older_than_days: float | None
) -> dict[int, str]:
    held = snapshots.kept(root, current)
    if keep is None and older_than_days is None:
        return {}
    newest = set(sorted(held)[-(keep or 1) :]) | {current.sequence}
    going = {number: name for number, name in held.items() if number not in newest}
    if older_than_days is None:
        return going
    before = now - timedelta(days=older_than_days)
    return {number: name for number, name in going.items() if _made_at(root, name) < before}


def _made_at(root: Path, name: str) -> datetime:
    made = manifests.load_named(root, name).made_at
    if made:
        return datetime.fromisoformat(made)
    # A release before kept no time; the file was written when the snapshot was made.
    written = (root / manifests.SNAPSHOTS / name).stat().st_mtime
    return datetime.fromtimestamp(written, UTC)
