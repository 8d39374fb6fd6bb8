"""Mended rows on their way into the lake: by the route, for the purpose and under the authorisation by which they came."""

import re
import tempfile
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import orjson

from suixin.lake import quarantine
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.ingests import Ingested
from suixin.lake.source import Source, Stream
from suixin.lake.store import Lake
from suixin.server.intake.mended import Fault, Mended, fault_of
from suixin.server.origination.actions.push_table import without_paths

ADAPTER = "mended"
WAIT_SECONDS = 10.0
_KEY = "mended file"


def put(
    lake: Lake, of: Ingested, table: str, digest: str, rows: Sequence[Mended], *, at: datetime, dry_run: bool
) -> tuple[IngestReport, list[Fault]]:
    """Put rows into the lake, or only look what would become of them; the faults of those that are set aside.

    Raises:
        SourceError: a column cannot be read.
        LakeError, LakeBusyError: the lake cannot take them.
    """
    label = f"mended-{digest[:12]}.ndjson"
    with tempfile.TemporaryDirectory(prefix="suixin-mended-") as folder:
        path = Path(folder) / f"{table}.ndjson"
        path.write_bytes(b"".join(orjson.dumps(dict(one.values)) + b"\n" for one in rows))
        source = _source(lake, of, Stream(table, path, label=label), digest)
        with without_paths({str(path): label, str(lake.root): "the lake"}):
            report = ingest(
                source, lake.root, now=at, wait_seconds=WAIT_SECONDS, dry_run=dry_run, keep_aside=True
            )
    aside = report.aside[table].sort("row") if rows else None
    found = [] if aside is None else aside.select("row", "column", "rule").iter_rows()
    return report, [fault_of(rows[row - 1], column or "", rule) for row, column, rule in found]


def _source(lake: Lake, of: Ingested, stream: Stream, digest: str) -> Source:
    said = of.record
    return Source(
        adapter=ADAPTER,
        name=said.source,
        folder=stream.path,
        streams=(stream,),
        currency=lake.manifest.currency,
        zone=lake.manifest.zone,
        route=said.route,
        authorisation=said.authorisation,
        purpose=said.purpose,
        assumptions=(
            *_own(said.assumptions),
            _key(of.number, stream.table, digest),
            _mended(of.number, digest),
        ),
    )


def _own(assumptions: tuple[str, ...]) -> tuple[str, ...]:
    """What the first ingest assumed; that its own rows had been mended is no part of it."""
    return tuple(text for text in assumptions if not text.startswith(("mended by hand", _KEY)))


def is_key(text: str) -> bool:
    """Whether an assumption of an ingest is no more than the key of a mended file."""
    return text.startswith(_KEY)


def ingest_mended(text: str) -> int | None:
    """The ingest whose rows were mended by hand, if that is what an assumption says."""
    found = re.match(r"mended by hand: rows that ingest (\d+) had", text)
    return int(found[1]) if found else None


def _mended(number: int, digest: str) -> str:
    return f"mended by hand: rows that ingest {number} had set aside (file {digest[:12]})"


def _key(number: int, table: str, digest: str) -> str:
    """By what the lake knows the put again, however often it is tried.

    It stands by itself, since whoever is called as the ingest is numbered may be forgotten, and the words with them.
    """
    return f"{_KEY} {sha256(f'{number}/{table}/{digest}'.encode()).hexdigest()[:32]}"


def made_by(lake: Lake, number: int, table: str, digest: str) -> int:
    """The ingest that a mended file became earlier; 0 if there is none."""
    said = _key(number, table, digest)
    return next((one.sequence for one in lake.manifest.ingests if said in one.assumptions), 0)


def set_aside_by(lake: Lake, made: int, table: str) -> dict[int, tuple[str, str]]:
    """Of the rows that a mended file brought, those that the lake set aside after all: which one -> column and rule."""
    found = quarantine.of_ingest(lake, table, made).select("row", "column", "rule").iter_rows()
    return {row: (column or "", rule) for row, column, rule in found}
