"""What each ingest did, table by table: a small file a commit, which the manifest names and never repeats.

The manifest carries what every ingest declared, since a decision rests on routes; what became of the rows lies beside it,
so that a manifest stays small however many ingests there were (docs/decisions/0024). The file is written before the
manifest that names it is swapped in: one that a killed writer leaves is named by nobody. It holds counts and codes, and
nothing of a row, so that nobody has to be forgotten in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from suixin.errors import LakeError
from suixin.lake import manifest as manifests
from suixin.lake.manifest import IngestRecord, Manifest

if TYPE_CHECKING:  # staging reads the lake, and a lake that is verified looks into this
    from suixin.lake.staging import TableReport

FOLDER = "ingests"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one table in one ingest; read = accepted + already there + quarantined.

    Attributes:
        completed: of the accepted, those that filled in a late column of a row that was there.
        again: of the quarantined, those that were set aside before, word for word; they are kept once.
        rules: rule -> how many rows it set aside.
    """

    read: int
    accepted: int
    already_there: int
    completed: int
    quarantined: int
    again: int
    rules: dict[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether every row that was read is one of the three."""
        return self.read == self.accepted + self.already_there + self.quarantined


@dataclass(frozen=True, slots=True)
class Ingested:
    """One ingest: what it declared, and what became of its rows; `tables` is None if a release before did not keep it."""

    record: IngestRecord
    tables: dict[str, Counts] | None

    @property
    def number(self) -> int:
        """The snapshot that it made; 0 if a release before did not keep it."""
        return self.record.sequence

    @property
    def total(self) -> Counts:
        """All its tables together."""
        held = list((self.tables or {}).values())
        names = ("read", "accepted", "already_there", "completed", "quarantined", "again")
        return Counts(**{name: sum(getattr(one, name) for one in held) for name in names})


def keep(root: Path, sequence: int, reports: "Mapping[str, TableReport]") -> None:
    """Write what the ingest did that is about to become this snapshot; LakeError if the disk refuses."""
    tables = {
        name: {
            "read": one.read,
            "accepted": one.accepted,
            "already_there": one.already_there,
            "completed": one.completed,
            "quarantined": one.quarantined,
            "again": one.again,
            "rules": dict(sorted(one.rules.items())),
        }
        for name, one in reports.items()
    }
    path = _path(root, sequence)
    path.parent.mkdir(exist_ok=True)
    manifests.write_durably(path, orjson.dumps({"version": VERSION, "tables": tables}))


def listed(root: Path, manifest: Manifest) -> Iterator[Ingested]:
    """Every ingest of a snapshot, the latest first; a file is read when its ingest is reached.

    LakeError if the file of one is missing, damaged or of a newer release.
    """
    for record in reversed(manifest.ingests):
        yield of_record(root, record)


def of_record(root: Path, record: IngestRecord) -> Ingested:
    """What the ingest of this record did; LakeError as for `listed`."""
    return Ingested(record, _read(root, record.sequence) if record.sequence else None)


def numbered(root: Path, manifest: Manifest, number: int) -> Ingested | None:
    """The ingest that made this snapshot; None if an ingest did not."""
    found = next((one for one in manifest.ingests if one.sequence == number > 0), None)
    return None if found is None else of_record(root, found)


def faults(root: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files that tell of ingests, one line each."""
    for record in manifest.ingests:
        try:
            held = of_record(root, record)
        except LakeError as error:
            yield str(error)
            continue
        for name, counts in (held.tables or {}).items():
            if not counts.adds_up:
                yield f"ingest {record.sequence}, {name}: {counts.read} rows were read, the sorts of them make another sum"


def sweep(root: Path, manifest: Manifest | None) -> None:
    """Remove what a killed writer left."""
    named = {_path(root, one.sequence).name for one in (manifest.ingests if manifest else ()) if one.sequence}
    for path in (root / FOLDER).glob("*.json"):
        if path.name not in named:
            path.unlink()
    for path in (root / FOLDER).glob(".*.draft"):
        path.unlink()


def _path(root: Path, sequence: int) -> Path:
    return root / FOLDER / f"{sequence:06d}.json"


def _read(root: Path, sequence: int) -> dict[str, Counts]:
    path = _path(root, sequence)
    try:
        document = orjson.loads(path.read_bytes())
        if document["version"] > VERSION:
            raise LakeError(
                f"{path}: is of version {document['version']}, this release reads up to {VERSION}; "
                "use a newer release of suixin"
            )
        return {name: Counts(**counts) for name, counts in document["tables"].items()}
    except OSError as error:
        raise LakeError(f"{path}: {error.strerror or error}; restore the file from a backup") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(f"{path}: is damaged: {error}; restore it from a backup") from error
