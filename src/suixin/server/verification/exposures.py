"""A bureau's reports as rows of the lake's `exposures`: judged there without writing, or put in by the bureau's route."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import polars as pl

from suixin.identifiers import bucket_of
from suixin.lake import manifest, quarantine
from suixin.lake.ingest import ingest
from suixin.lake.source import Source, Stream
from suixin.lake.store import Lake, reading
from suixin.money import CNY, to_major
from suixin.server.identity.access import Actor
from suixin.server.intake.rules import told
from suixin.server.origination.actions.push_table import ACTION as PUSH
from suixin.server.origination.actions.push_table import Declared, push_table, without_paths
from suixin.server.origination.models import Desk
from suixin.server.origination.sheet import Fault, fault
from suixin.server.verification.actions.query_bureau import PURPOSE
from suixin.server.verification.models import BureauQuery
from suixin.server.verification.reports import Debt

TABLE, ROUTE = "exposures", "licensed_bureau"
_LABEL = "reports.ndjson"
_COLUMNS = {
    "lender_id": "lender",
    "kind": "kind",
    "reported_on": "reported_on",
    "balance": "balance",
    "monthly_service": "service",
}
"""Column of the lake -> of the file; any other one is the query's number."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row for the lake, of which query, and the line of the file that it stands for."""

    query: BureauQuery
    debt: Debt
    values: Mapping[str, Any]


def rows_of(query: BureauQuery, held: Sequence[Debt]) -> list[Row]:
    """A report as rows, each under its place; a debt is known from the day of its report."""
    return [Row(query, one, values(query, place, one)) for place, one in enumerate(held, start=1)]


def corrected_rows(house: Desk, good: Mapping[BureauQuery, list[Debt]]) -> list[Row]:
    """Corrected reports as rows that come after those which stand in the lake under the same queries.

    The wrong file was a slip of the house and no news of the bureau: what is right could be known from the day of its report,
    a second after what was wrong. A debt that is named no longer becomes one of nothing.

    Raises:
        LakeError: the lake cannot be read.
    """
    lake = Lake.open(Path(house.lake))
    standing, zone = _standing(lake, list(good)), ZoneInfo(lake.manifest.zone)
    return [
        row
        for query, held in good.items()
        for row in _corrected(query, held, standing.get(query.reference), zone)
    ]


def _corrected(
    query: BureauQuery, held: Sequence[Debt], standing: tuple[int, datetime] | None, zone: ZoneInfo
) -> Iterator[Row]:
    places, known_at = standing or (0, datetime.min.replace(tzinfo=UTC))
    of_day = datetime.combine(held[0].reported_on, time(), zone)
    known = {"known_at": max(of_day, known_at.astimezone(zone) + timedelta(seconds=1)).isoformat()}
    nothing = replace(held[0], kind="none", lender="", balance_minor=0, service_minor=0)
    for place in range(1, max(places, len(held)) + 1):
        debt = held[place - 1] if place <= len(held) else nothing
        yield Row(query, debt, values(query, place, debt) | known)


def _standing(lake: Lake, queries: Sequence[BureauQuery]) -> dict[str, tuple[int, datetime]]:
    """Query -> how many rows stand under it in the lake, and when the latest of them was known."""
    buckets: dict[int, list[str]] = {}
    for one in queries:
        buckets.setdefault(bucket_of(one.merchant_id, lake.manifest.bucket_count), []).append(one.merchant_id)
    place = pl.col("exposure_id").str.extract(r"-(\d+)$").cast(pl.Int64)
    parts = [
        lake.versions(TABLE, bucket)
        .filter(pl.col("merchant_id").is_in(merchants))
        .with_columns(reference=pl.col("exposure_id").str.extract(r"^(.+)-\d+$"), place=place)
        .filter(pl.col("reference").is_in([one.reference for one in queries]))
        .group_by("reference")
        .agg(pl.col("place").max(), pl.col("known_at").max())
        for bucket, merchants in buckets.items()
    ]
    with reading(lake.root):
        found = pl.concat(parts).collect()
    return {reference: (place, known_at) for reference, place, known_at in found.iter_rows()}


def values(query: BureauQuery, place: int, debt: Debt) -> dict[str, Any]:
    """A debt as the standard file of the table has it."""
    return {
        "exposure_id": f"{query.reference}-{place}",
        "merchant_id": query.merchant_id,
        "lender_id": debt.lender or "none",
        "kind": debt.kind,
        "source": "bureau",
        "reported_on": debt.reported_on.isoformat(),
        "balance": str(to_major(debt.balance_minor, CNY)),
        "monthly_service": str(to_major(debt.service_minor, CNY)),
    }


def judged(house: Desk, rows: Sequence[Row], at: datetime) -> list[Fault]:
    """What the lake would set aside of these rows; nothing is written to it.

    Raises:
        LakeError: the lake cannot be read.
    """
    if not rows:
        return []
    root, declared = Path(house.lake), _declared(rows)
    held = manifest.load(root)
    terms: dict[str, Any] = {} if held is None else {"currency": held.currency, "zone": held.zone}
    with tempfile.TemporaryDirectory(prefix="suixin-bureau-") as folder:
        path = Path(folder) / _LABEL
        path.write_bytes(_lines(rows))
        source = Source(
            adapter="api",
            name=declared.name,
            folder=path,
            streams=(Stream(TABLE, path, label=_LABEL),),
            route=declared.route,
            authorisation=declared.authorisation,
            purpose=declared.purpose,
            **terms,
        )
        with without_paths({str(path): _LABEL, str(root): "the lake"}):
            report = ingest(source, root, now=at, dry_run=True, keep_aside=True)
    return _faults(rows, report.aside[TABLE].iter_rows(named=True))


def put(
    house: Desk, rows: Sequence[Row], content: bytes, *, by: Actor, at: datetime
) -> tuple[str, list[Fault]]:
    """Put rows into the lake, once for the file that they came by; the snapshot in which they stand, and what was set aside.

    Raises:
        LakeError: the lake cannot take them.
    """
    lines = _lines(rows)
    pushing = replace(by, granted=by.granted | {PUSH})  # the bureau's word, not the officer's
    key = f"bureau-{sha256(content + lines).hexdigest()[:32]}"
    made = push_table(TABLE, lines, _declared(rows), key=key, by=pushing, at=at)
    if not made["quarantined"]:
        return made["snapshot"], []
    aside = quarantine.shown(Lake.open(Path(house.lake)), [TABLE], f"{key}.ndjson")
    return made["snapshot"], _faults(rows, aside)


def broken(rows: Sequence[Row], aside: Sequence[Fault]) -> set[BureauQuery]:
    """The queries of whose reports the lake does not take every row."""
    lines = {one.row for one in aside}
    return {row.query for row in rows if row.debt.row in lines}


def _declared(rows: Sequence[Row]) -> Declared:
    return Declared(rows[0].query.provider, ROUTE, f"{PURPOSE}, signed by each customer", "loan application")


def _lines(rows: Sequence[Row]) -> bytes:
    return b"".join(orjson.dumps(one.values) + b"\n" for one in rows)


def _faults(rows: Sequence[Row], aside: Iterable[Mapping[str, Any]]) -> list[Fault]:
    return [_fault(rows[one["row"] - 1], one["column"] or "", one["rule"]) for one in aside]


def _fault(row: Row, column: str, rule: str) -> Fault:
    """Why the lake does not take a row, where it stands in the file."""
    said, ours = told(rule), _COLUMNS.get(column, "reference")
    value = row.debt.reference if ours == "reference" else str(row.values[column])
    return fault(
        row.debt.row,
        ours,
        value,
        f"数据湖不接收（{said.zh}）：{said.mend_zh}",
        f"the lake does not take it ({said.en}): {said.mend_en}",
    )
