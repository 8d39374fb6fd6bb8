"""A bureau's reports as rows of the lake's `exposures`: judged there without writing, or put in by the bureau's route."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from suixin.lake import manifest, quarantine
from suixin.lake.ingest import ingest
from suixin.lake.source import Source, Stream
from suixin.lake.store import Lake
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
