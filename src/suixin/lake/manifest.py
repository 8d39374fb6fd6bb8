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

SCHEMA_VERSION = 1
POINTER = "CURRENT"
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
    """What one ingest declared: adapter, source name, route, authorisation, purpose, assumptions, time."""

    adapter: str
    source: str
    route: str
    authorisation: str
    purpose: str
    assumptions: tuple[str, ...]
    ingested_at: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One snapshot of a lake."""

    sequence: int
    zone: str
    currency: str
    bucket_count: int
    tables: dict[str, TableState]
    ingests: tuple[IngestRecord, ...] = ()
    schema_version: int = SCHEMA_VERSION

    @property
    def snapshot(self) -> str:
        """`sequence-hash`; the hash covers the content, not names or times."""
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
    try:
        name = (lake / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise damaged(lake, f"{POINTER} is not text") from error
    if not _NAME.fullmatch(name):
        raise damaged(lake, f"{POINTER} names no manifest")
    return load_named(lake, name)


def damaged(lake: Path, what: str) -> LakeError:
    """The error that says what is broken in a lake and how to learn more."""
    return LakeError(f"{lake}: the lake is damaged: {what}; run: suixin lake verify {lake}")


def load_named(lake: Path, name: str) -> Manifest:
    """The manifest in `snapshots/<name>`; LakeError if it is missing, damaged or of another version."""
    try:
        document = orjson.loads((lake / "snapshots" / name).read_bytes())
    except FileNotFoundError as error:
        raise LakeError(f"{lake}: the manifest {name} is missing") from error
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise damaged(lake, f"the manifest {name}: {error}") from error
    if not isinstance(document, dict):
        raise damaged(lake, f"the manifest {name} is no mapping")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise LakeError(
            f"{lake}: manifest version {version} is not version {SCHEMA_VERSION}, which this release reads"
        )
    try:
        return _from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(lake, f"the manifest {name} lacks an entry or has one too many: {error}") from error


def save(lake: Path, manifest: Manifest) -> None:
    """Write the manifest beside the older ones, then swap the pointer to it; both reach the disk first."""
    folder = lake / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name(manifest.sequence)
    write_durably(folder / name, orjson.dumps(_document(manifest), option=orjson.OPT_INDENT_2))
    write_durably(lake / POINTER, f"{name}\n".encode())


def file_name(sequence: int) -> str:
    """The name of a snapshot's manifest."""
    return f"{sequence:06d}.json"


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


def next_manifest(old: Manifest, tables: dict[str, TableState], record: IngestRecord) -> Manifest:
    """The successor of `old` with these tables and one more ingest on record."""
    return replace(old, sequence=old.sequence + 1, tables=tables, ingests=(*old.ingests, record))


def _document(manifest: Manifest) -> dict[str, Any]:
    document = asdict(manifest)
    for state in document["tables"].values():
        state["buckets"] = {str(k): v for k, v in state["buckets"].items()}
    return document


def _from_document(document: dict[str, Any]) -> Manifest:
    tables = {name: _state(state) for name, state in document.pop("tables").items()}
    records = tuple(
        IngestRecord(**{**r, "assumptions": tuple(r["assumptions"])}) for r in document.pop("ingests")
    )
    return Manifest(tables=tables, ingests=records, **document)


def _state(document: dict[str, Any]) -> TableState:
    buckets = {int(bucket): _files(files) for bucket, files in document.pop("buckets").items()}
    superseded, quarantine = tuple(document.pop("superseded")), _files(document.pop("quarantine"))
    return TableState(buckets=buckets, superseded=superseded, quarantine=quarantine, **document)


def _files(documents: list[dict[str, Any]]) -> tuple[DataFile, ...]:
    return tuple(DataFile(**{**d, "routes": tuple(d["routes"])}) for d in documents)
