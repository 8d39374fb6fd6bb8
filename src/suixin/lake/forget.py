"""Forget: a person leaves every snapshot of a lake, and after the grace time every file of it."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from suixin.errors import LakeError, UsageError
from suixin.lake import manifest as manifests
from suixin.lake import marks, mending, snapshots
from suixin.lake.eraser import Eraser
from suixin.lake.expire import GRACE_DAYS, refuse_negative
from suixin.lake.manifest import Forgotten, Manifest, TableState
from suixin.lake.person import find
from suixin.lake.rewrite import Progress, silent
from suixin.lake.store import Lake
from suixin.lake.writing import changing, stamp


@dataclass(frozen=True, slots=True)
class ForgetReport:
    """What was forgotten.

    Attributes:
        snapshot: the snapshot after it.
        rows: rows removed from the current snapshot by table; `quarantine` for rows that were set aside.
        replaced: rows of others in which a tombstone now stands, by table.
        snapshots: how many older snapshots were written anew.
        purge_due: when no file may hold the person any more, UTC; empty for a dry run.
        committed: False for a dry run, and where nothing was left to forget.
        seconds: how long it took.
    """

    snapshot: str
    rows: dict[str, int]
    replaced: dict[str, int]
    snapshots: int
    purge_due: str
    committed: bool
    seconds: float


def forget(
    root: Path,
    identifier: str,
    *,
    now: datetime,
    grace_days: float = GRACE_DAYS,
    wait_seconds: float = 60.0,
    dry_run: bool = False,
    progress: Progress = silent,
) -> ForgetReport:
    """Take a party or a merchant out of the lake, out of all its snapshots.

    The party's row, its direct identifiers, its merchants' rows and the quarantined rows that name it go; where
    others' facts name it, a fresh random tombstone stands instead. Files that held any of it are removed when the
    grace time is over, by the next writer or by `expire`.

    Args:
        root: the lake.
        identifier: a `party_id` or a `merchant_id`.
        now: the time, aware.
        grace_days: how long files stay for readers who have opened the lake; 0 to remove them at once.
        wait_seconds: how long to wait for another writer.
        dry_run: count, change nothing.
        progress: told what is being done.

    Raises:
        UsageError: an empty identifier or negative days.
        LakeBusyError: another writer held the lake for longer.
        LakeError: the lake does not know the identifier, is missing or damaged, or the disk refuses.
    """
    began = time.perf_counter()
    refuse_negative("--grace-days", grace_days)
    if not identifier.strip():
        raise UsageError("the identifier is empty; name a party_id or a merchant_id")
    if dry_run:
        base = Lake.open(root).manifest
        eraser = Eraser(root, find(root, base, identifier), {}, write=False)
        _erased(eraser, base, progress)
        rows = _removed(eraser, base)
        if not rows and not eraser.replaced:
            _refuse_unknown(root, base, identifier)
        return ForgetReport(base.snapshot, rows, _replaced(eraser), 0, "", False, time.perf_counter() - began)
    with changing(root, wait_seconds, now) as base:
        person = find(root, base, identifier)
        eraser = Eraser(root, person, marks.tombstones(person.ids))
        states = _erased(eraser, base, progress)
        rows, replaced = _removed(eraser, base), _replaced(eraser)
        if states == base.tables:
            _refuse_unknown(root, base, identifier)
            mending.clear(root)  # the one that was interrupted may not have come so far
            return ForgetReport(base.snapshot, {}, {}, 0, "", False, time.perf_counter() - began)
        due = now + timedelta(days=grace_days)
        record = Forgotten(stamp(now), base.sequence + 1, (), rows, stamp(due))
        after = _signed(
            root, base, manifests.successor(base, states, verb="forget", made_at=stamp(now)), record, eraser
        )
        anew = _write_history(root, base, after, eraser, progress)
        manifests.save(root, after)
        mending.clear(root)
        snapshots.retire_stale(root, after)
        if grace_days == 0:
            snapshots.sweep(root, after, now)
    return ForgetReport(
        after.snapshot, rows, replaced, anew, record.purge_due, True, time.perf_counter() - began
    )


def _erased(eraser: Eraser, manifest: Manifest, progress: Progress) -> dict[str, TableState]:
    states = {}
    for done, (name, state) in enumerate(manifest.tables.items()):
        progress(f"forgetting in {name}", done, len(manifest.tables))
        states[name] = eraser.table(name, state)
    return states


def _removed(eraser: Eraser, base: Manifest) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for name, state in base.tables.items():
        rows[name] += sum(eraser.removed[file.path] for files in state.buckets.values() for file in files)
        rows["quarantine"] += sum(eraser.removed[file.path] for file in state.quarantine)
    return {name: count for name, count in rows.items() if count}


def _replaced(eraser: Eraser) -> dict[str, int]:
    return {name: count for name, count in eraser.replaced.items() if count}


def _refuse_unknown(root: Path, base: Manifest, identifier: str) -> None:
    """Forgetting twice is no error, so that a forget that was interrupted may be asked for again."""
    if not marks.of(root, base).has(identifier):
        raise LakeError(f"{root}: the lake knows no party or merchant {identifier!r}; nothing was changed")


def _signed(root: Path, base: Manifest, after: Manifest, record: Forgotten, eraser: Eraser) -> Manifest:
    key = marks.make_key(root, base)
    hashes = tuple(sorted(marks.mark(key, one) for one in eraser.person.ids))
    signed = marks.signed(key, replace(record, marks=hashes))
    return replace(
        after,
        forgotten=(*base.forgotten, signed),
        revised=after.sequence,
        ingests=tuple(eraser.record(one) for one in base.ingests),
    )


def _write_history(root: Path, base: Manifest, after: Manifest, eraser: Eraser, progress: Progress) -> int:
    """Every older snapshot without the person, under names that count only once `after` is the current one."""
    held = snapshots.kept(root, base)
    for number, name in held.items():
        progress("rewriting older snapshots", number, base.sequence)
        old = manifests.load_named(root, name)
        anew = replace(
            old,
            tables={name: eraser.table(name, state) for name, state in old.tables.items()},
            ingests=tuple(eraser.record(one) for one in old.ingests),
            forgotten=after.forgotten,
            original=old.snapshot,
        )
        manifests.write(root, manifests.file_name(number, after.sequence), anew)
    return len(held)
