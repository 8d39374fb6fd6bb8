"""Push rows of a standard table into the lake that the desk reads."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from suixin.adapters import standard
from suixin.errors import LakeBusyError, LakeError, SourceError
from suixin.lake.ingest import ingest
from suixin.lake.manifest import load
from suixin.lake.quarantine import shown
from suixin.lake.source import Source, Stream
from suixin.lake.staging import TableReport
from suixin.lake.store import Lake
from suixin.lake.tables import table as table_of
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import before, once
from suixin.server.identity.access import Actor
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Desk

ACTION = "data.table.push"
_BEGUN = "data.table.begin"
SHOWN = 100
"""So many of the rows that were set aside are told; the lake keeps all of them."""
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sender's data are, as an ingest declares them: who sends, by which route, allowed by what, for what."""

    name: str
    route: str
    authorisation: str
    purpose: str


def push_table(
    table: str, rows: bytes, declared: Declared, *, key: str, by: Actor, at: datetime
) -> dict[str, Any]:
    """Check rows (NDJSON) and commit the good ones as one snapshot, once for the key; return what became of them.

    The lake is no part of the database, so that who pushes at once waits for each other before the key is looked at, and
    what is begun stands in the audit log before a row is in the lake. Should the server die between the two, the same
    key is taken in again, and finds its rows already there. Nothing is doubled; only the counts then tell of rows that
    were there.

    Args:
        table: a standard table.
        rows: an object a line.
        declared: of the data.
        key: the sender's own.
        by: who sends.
        at: when; facts after its civil day lie in the future.

    Raises:
        AccessError: the actor may not.
        UsageError: no desk, or no table of that name.
        ConflictError: the key was used for other rows.
        SourceError, LakeError: the rows are none of the table, or the lake cannot take them.
        LakeBusyError: others were pushing for too long.
    """
    asked = {"table": table, "rows": sha256(rows).hexdigest(), "declared": asdict(declared)}
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        house = desk()
    with locks.pushing(house.pk, _WAIT_SECONDS) as alone:
        if not alone:
            raise LakeBusyError("another program is pushing rows; send them again later, with the same key")
        return _pushed(house, table_of(table).name, rows, declared, asked, key=key, by=by, at=at)


def _pushed(
    house: Desk,
    table: str,
    rows: bytes,
    declared: Declared,
    asked: Mapping[str, Any],
    *,
    key: str,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    with tenancy.within(by.organisation_id):
        if (held := before(ACTION, key, asked)) is not None:
            return dict(held)
        record(by, _BEGUN, house, after=asked, at=at)
    found = _ingested(table, rows, declared, Path(house.lake), key, at)

    def do() -> dict[str, Any]:
        record(by, ACTION, house, after={**asked, "snapshot": found["snapshot"]}, at=at)
        return found

    with tenancy.within(by.organisation_id):
        return dict(once(ACTION, key, asked, do, at=at))


def _ingested(
    table: str, rows: bytes, declared: Declared, root: Path, key: str, at: datetime
) -> dict[str, Any]:
    label = f"{key}.ndjson"
    with tempfile.TemporaryDirectory(prefix="suixin-push-") as folder:
        path = Path(folder) / f"{table}.ndjson"
        path.write_bytes(rows)
        source = _source(path, table, declared, root, label)
        with without_paths({str(path): label, str(root): "the lake"}):
            report = ingest(source, root, now=at, wait_seconds=_WAIT_SECONDS)
    counts = report.tables.get(table, TableReport())
    aside = islice(shown(Lake.open(root), [table], label), SHOWN) if counts.quarantined else ()
    return {
        "table": table,
        "snapshot": report.snapshot,
        "read": counts.read,
        "accepted": counts.accepted,
        "already_there": counts.already_there,
        "quarantined": counts.quarantined,
        "ignored_columns": [name.removeprefix(f"{label}: ") for name in counts.ignored_columns],
        "rows": [{name: row[name] for name in ("row", "column", "rule", "meaning", "raw")} for row in aside],
    }


@contextmanager
def without_paths(names: Mapping[str, str]) -> Iterator[None]:
    """A sender learns what is wrong, and not where the server keeps its files."""
    try:
        yield
    except (SourceError, LakeError) as error:
        said = str(error)
        for path, name in names.items():
            said = said.replace(path, name)
        raise type(error)(said) from error


def _source(path: Path, table: str, declared: Declared, root: Path, label: str) -> Source:
    """As the adapter of standard files would hand it over, in the lake's own currency and zone."""
    held = load(root)
    terms: dict[str, Any] = {} if held is None else {"currency": held.currency, "zone": held.zone}
    return Source(
        adapter="api",
        name=declared.name,
        folder=path,
        streams=(Stream(table, path, label=label),),
        route=declared.route,
        authorisation=declared.authorisation,
        purpose=declared.purpose,
        assumptions=standard.ASSUMPTIONS,
        **terms,
    )
