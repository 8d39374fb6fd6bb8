"""The manifest: the one file that says what a snapshot of a lake consists of.

A commit writes new data files, then a new manifest, then swaps the pointer `CURRENT` to it. Whoever has read
`CURRENT` keeps a consistent snapshot, because data files are never changed.
"""

import os
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from suixin.errors import LakeError
from suixin.identifiers import digest

SCHEMA_VERSION = 3
OLDEST_VERSION = 1
POINTER = "CURRENT"
SNAPSHOTS = "snapshots"
_NAME = re.compile(r"[0-9]+\.json")


@dataclass(frozen=True, slots=True)
class DataFile:
    """One immutable Parquet file: path below the lake, rows, bytes, content hash, routes of its rows."""

    path: str
    rows: int
    bytes: int
    hash: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableState:
    """One table in one snapshot.

    Attributes:
        rows: row versions held.
        quarantined: rows set aside.
        first_on, last_on: ISO dates of the earliest and latest fact, empty if there is none.
        buckets: bucket number -> its files, oldest first.
        superseded: buckets that hold rows replaced by later versions; only these are resolved on reading.
        quarantine: the files of quarantined rows.
    """

    rows: int = 0
    quarantined: int = 0
    first_on: str = ""
    last_on: str = ""
    buckets: dict[int, tuple[DataFile, ...]] = field(default_factory=dict)
    superseded: tuple[int, ...] = ()
    quarantine: tuple[DataFile, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestRecord:
    """What one ingest declared: adapter, source name, route, authorisation, purpose, assumptions, time.

    `sequence` is the snapshot that it made, whose counts `suixin.lake.ingests` keeps; 0 for one of a release before that.
    """

    adapter: str
    source: str
    route: str
    authorisation: str
    purpose: str
    assumptions: tuple[str, ...]
    ingested_at: str
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The record of one person forgotten; it names nobody.

    Attributes:
        forgotten_at: when, UTC.
        sequence: the snapshot from which on the person is gone.
        marks: keyed hashes of the identifiers that were forgotten, by which the lake knows them again.
        rows: rows removed from the current snapshot by table; `quarantine` for rows that were set aside.
        purge_due: when no file may hold the person any more, UTC.
        signature: keyed hash over all of this.
    """

    forgotten_at: str
    sequence: int
    marks: tuple[str, ...]
    rows: dict[str, int]
    purge_due: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One snapshot of a lake.

    Attributes:
        verb: what made the snapshot: ingest, compact, rebucket, migrate or forget.
        made_at: when, UTC; empty for a snapshot of a release before this was kept.
        forgotten: everyone forgotten up to this snapshot.
        revised: the snapshot by which all older ones were last written anew, 0 if none was.
        original: the name of this snapshot before somebody was forgotten out of it.
    """

    sequence: int
    zone: str
    currency: str
    bucket_count: int
    tables: dict[str, TableState]
    ingests: tuple[IngestRecord, ...] = ()
    schema_version: int = SCHEMA_VERSION
    verb: str = "ingest"
    made_at: str = ""
    forgotten: tuple[Forgotten, ...] = ()
    revised: int = 0
    original: str = ""

    @property
    def snapshot(self) -> str:
        """`sequence-hash`; the hash covers the content, not names or times.

        A snapshot out of which somebody was forgotten keeps its name, so that decisions about others still
        find what they rest on.
        """
        if self.original:
            return self.original
        content = [
            (name, bucket, file.rows, file.hash)
            for name, state in sorted(self.tables.items())
            for bucket, files in sorted(state.buckets.items())
            for file in files
        ]
        return f"{self.sequence}-{digest(self.zone, self.currency, repr(content))}"

    @property
    def files(self) -> list[DataFile]:
        """Every data file of the snapshot."""
        held = [f for t in self.tables.values() for files in t.buckets.values() for f in files]
        return held + [f for t in self.tables.values() for f in t.quarantine]


def load(lake: Path) -> Manifest | None:
    """The manifest that `CURRENT` points to, or None if the lake holds no snapshot yet."""
    while (name := _current(lake)) is not None:
        try:
            return load_named(lake, name)
        except LakeError:
            # A writer may have moved on, and retired this manifest, between the two readings.
            if _current(lake) == name:
                raise
    return None


def _current(lake: Path) -> str | None:
    try:
        name = (lake / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise _unusable(lake, f"{POINTER} is not text") from error
    if not _NAME.fullmatch(name):
        raise _unusable(lake, f"{POINTER} names no manifest")
    return name


def damaged(lake: Path, what: str) -> LakeError:
    """The error that says what is broken in a lake and how to learn more."""
    return LakeError(f"{lake}: the lake is damaged: {what}; run: suixin lake verify {lake}")


def _unusable(lake: Path, what: str) -> LakeError:
    """Pointer or manifest is broken, so nothing can be verified: say what can be put in its place."""
    names = sorted(p.name for p in (lake / SNAPSHOTS).glob("*.json") if _NAME.fullmatch(p.name))
    others = f"; manifests there: {', '.join(names[-3:])}" if names else ""
    return LakeError(
        f"{lake}: the lake is damaged: {what}; restore the file from a backup, or write the name of a sound "
        f"manifest into {lake / POINTER}{others}"
    )


def load_named(lake: Path, name: str) -> Manifest:
    """The manifest in `snapshots/<name>`; LakeError if it is missing, damaged or of a newer release."""
    try:
        document = orjson.loads((lake / SNAPSHOTS / name).read_bytes())
    except FileNotFoundError as error:
        raise _unusable(lake, f"the manifest {name} is missing") from error
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise _unusable(lake, f"the manifest {name}: {error}") from error
    if not isinstance(document, dict):
        raise _unusable(lake, f"the manifest {name} is no mapping")
    version = document.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise LakeError(
            f"{lake}: its manifest is of version {version}, this release reads up to {SCHEMA_VERSION}; "
            "use a newer release of suixin"
        )
    if not isinstance(version, int) or version < OLDEST_VERSION:
        raise _unusable(lake, f"the manifest {name} has the version {version!r}")
    try:
        return _from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(lake, f"the manifest {name} lacks an entry or has one too many: {error}") from error


def save(lake: Path, manifest: Manifest) -> None:
    """Write the manifest beside the older ones, then swap the pointer to it; both reach the disk first."""
    name = file_name(manifest.sequence)
    write(lake, name, manifest)
    write_durably(lake / POINTER, f"{name}\n".encode())


def write(lake: Path, name: str, manifest: Manifest) -> None:
    """Write a manifest to `snapshots/<name>`, without making it the current one."""
    folder = lake / SNAPSHOTS
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / name, orjson.dumps(_document(manifest)))


def file_name(sequence: int, revised: int = 0) -> str:
    """The name of a snapshot's manifest; one older than `revised` was written anew by that snapshot."""
    return f"{sequence:06d}-{revised:06d}.json" if sequence < revised else f"{sequence:06d}.json"


def write_durably(path: Path, content: bytes) -> None:
    """Replace `path` in one step, after its bytes are on the disk."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def successor(old: Manifest, tables: dict[str, TableState], *, verb: str, made_at: str) -> Manifest:
    """The snapshot after `old`, with these tables."""
    return replace(
        old,
        sequence=old.sequence + 1,
        tables=tables,
        verb=verb,
        made_at=made_at,
        schema_version=SCHEMA_VERSION,
        original="",
    )


def _document(manifest: Manifest) -> dict[str, Any]:
    document = asdict(manifest) | {"schema_version": SCHEMA_VERSION}
    for state in document["tables"].values():
        state["buckets"] = {str(k): v for k, v in state["buckets"].items()}
    return document


def _from_document(document: dict[str, Any]) -> Manifest:
    tables = {name: _state(state) for name, state in document.pop("tables").items()}
    records = tuple(
        IngestRecord(**{**r, "assumptions": tuple(r["assumptions"])}) for r in document.pop("ingests")
    )
    gone = tuple(Forgotten(**{**f, "marks": tuple(f["marks"])}) for f in document.pop("forgotten", []))
    return Manifest(tables=tables, ingests=records, forgotten=gone, **document)


def _state(document: dict[str, Any]) -> TableState:
    buckets = {int(bucket): _files(files) for bucket, files in document.pop("buckets").items()}
    superseded, quarantine = tuple(document.pop("superseded")), _files(document.pop("quarantine"))
    return TableState(buckets=buckets, superseded=superseded, quarantine=quarantine, **document)


def _files(documents: list[dict[str, Any]]) -> tuple[DataFile, ...]:
    return tuple(DataFile(**{**d, "routes": tuple(d["routes"])}) for d in documents)
