"""The snapshots of a lake on disk: which are kept, which are expired and due, and which files nobody names.

`snapshots/` holds the manifests of the snapshots that can be opened; `snapshots/expired/` holds those that no
longer can, each with the time in its name until which its files stay for readers who opened it before.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from suixin.errors import LakeError
from suixin.lake import ingests
from suixin.lake import manifest as manifests
from suixin.lake.manifest import SNAPSHOTS, Manifest, file_name

EXPIRED = "expired"
_STAMP = "%Y%m%dT%H%M%SZ"


def require(root: Path) -> None:
    """LakeError if there is no folder of this name."""
    if not root.exists():
        raise LakeError(f"{root}: no such lake; make one with: suixin ingest SOURCE --lake {root}")
    if not root.is_dir():
        raise LakeError(f"{root}: is a file, not a lake")


def empty(root: Path) -> LakeError:
    """The error of a lake without a snapshot."""
    return LakeError(f"{root}: the lake is empty; fill it with: suixin ingest SOURCE --lake {root}")


def kept(root: Path, current: Manifest) -> dict[int, str]:
    """The snapshots that can be opened, oldest first, and the names of their manifests."""
    names = {path.name for path in (root / SNAPSHOTS).glob("*.json")}
    numbers = sorted({int(name.removesuffix(".json").split("-")[0]) for name in names if _number(name)})
    own = {n: file_name(n, current.revised) for n in numbers if n <= current.sequence}
    return {number: name for number, name in own.items() if name in names}


def open_one(root: Path, current: Manifest, sequence: int) -> Manifest:
    """The snapshot of this number; LakeError in one line if it was expired or never made."""
    if sequence == current.sequence:
        return current
    held = kept(root, current)
    if sequence in held:
        return manifests.load_named(root, held[sequence])
    numbers = ", ".join(_ranges(list(held)))
    if 0 < sequence < current.sequence:
        raise LakeError(f"{root}: snapshot {sequence} was expired; the lake holds {numbers}")
    raise LakeError(f"{root}: there is no snapshot {sequence}; the lake holds {numbers}")


def _ranges(numbers: list[int]) -> Iterator[str]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield f"{first}" if first == last else f"{first} to {last}"
            first = number
        last = number
    yield f"{first}" if first == last else f"{first} to {last}"


def retire(root: Path, names: list[str], due: datetime) -> None:
    """Expire the snapshots with these manifests; their files stay until they are due."""
    folder = root / SNAPSHOTS / EXPIRED
    folder.mkdir(parents=True, exist_ok=True)
    until = due.astimezone(UTC).strftime(_STAMP)
    for name in names:
        (root / SNAPSHOTS / name).replace(folder / f"{name.removesuffix('.json')}.{until}.json")
    manifests.sync_folder(folder)
    manifests.sync_folder(folder.parent)


def retire_stale(root: Path, current: Manifest) -> None:
    """Expire manifests from before a person was forgotten; those that were expired for later go no later either."""
    if not current.revised:
        return
    due = datetime.fromisoformat(current.forgotten[-1].purge_due)
    valid = set(kept(root, current).values())
    names = [path.name for path in (root / SNAPSHOTS).glob("*.json") if path.name not in valid]
    stale = [name for name in names if 0 < (_number(name) or 0) <= current.sequence]
    if stale:
        retire(root, stale, due)
    _hasten(root, current.revised, due)


def _hasten(root: Path, before: int, due: datetime) -> None:
    """Bring forward the end of grace of snapshots that were expired earlier and may still hold the person."""
    for path in expired(root):
        written = _number(path.name.split(".")[0]) or 0
        if written < before and _due(path) > due:
            path.replace(
                path.with_name(f"{path.name.split('.')[0]}.{due.astimezone(UTC).strftime(_STAMP)}.json")
            )
            manifests.sync_folder(path.parent)


def _number(name: str) -> int | None:
    """The number of the snapshot whose commit wrote this manifest."""
    parts = name.removesuffix(".json").split("-")
    return int(parts[-1]) if all(part.isdigit() for part in parts) else None


def _due(path: Path) -> datetime:
    return datetime.strptime(path.name.split(".")[1], _STAMP).replace(tzinfo=UTC)


def expired(root: Path) -> list[Path]:
    """The manifests of expired snapshots whose files may still be there."""
    return sorted((root / SNAPSHOTS / EXPIRED).glob("*.json"))


def any_due(root: Path, now: datetime) -> bool:
    """Whether files of an expired snapshot are to be removed by now."""
    return any(_due(path) <= now for path in expired(root))


def sweep(root: Path, current: Manifest | None, now: datetime) -> tuple[int, int]:
    """Remove what no snapshot names: work of a killed writer, and files of expired snapshots that are due.

    Returns:
        how many data files were removed, and their bytes.
    """
    folder = root / SNAPSHOTS
    held = kept(root, current) if current else {}
    waiting = [path for path in expired(root) if _due(path) > now]
    named = set(_paths(folder / name for name in held.values())) | set(_paths(waiting))
    # Data first: a sweep that is killed finds the manifest, and with it the rest, again.
    files = size = 0
    for below in ("data", "quarantine"):
        for path in (root / below).rglob("*.parquet"):
            if path.relative_to(root).as_posix() not in named:
                files, size = files + 1, size + path.stat().st_size
                path.unlink()
    gone = [path for path in expired(root) if path not in waiting]
    done = current.sequence if current else 0
    gone += [path for path in folder.glob("*.json") if (_number(path.name) or 0) > done]
    for path in [*gone, *root.glob(".*.draft"), *folder.glob(".*.draft")]:
        path.unlink()
    ingests.sweep(root, current)
    return files, size


def _paths(manifest_files: Iterator[Path] | list[Path]) -> Iterator[str]:
    for path in manifest_files:
        try:
            tables = orjson.loads(path.read_bytes())["tables"].values()
            for state in tables:
                yield from (file["path"] for files in state["buckets"].values() for file in files)
                yield from (file["path"] for file in state["quarantine"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Without this list the sweep would remove files that the snapshot needs.
            raise LakeError(
                f"{path}: the manifest is damaged, so nothing can be cleared; restore it from a backup, "
                f"or move it away to give the snapshot up: {error}"
            ) from error
