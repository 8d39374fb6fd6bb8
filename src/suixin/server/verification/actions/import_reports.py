"""Import the file in which a bureau answered a list: its debts go into the lake, the report's age and digest into the log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from suixin.money import CNY, to_major
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination.actions.push_table import ACTION as PUSH
from suixin.server.origination.actions.push_table import Declared, push_table
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Desk
from suixin.server.origination.sheet import Fault, fault
from suixin.server.verification import reports
from suixin.server.verification.actions.query_bureau import PURPOSE, keep
from suixin.server.verification.bureaus import Report, digest_of
from suixin.server.verification.log import written
from suixin.server.verification.models import BureauQuery
from suixin.server.verification.reports import Debt
from suixin.sharing.purposes import civil_date

ACTION = "verification.bureau.import"
ROUTE = "licensed_bureau"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: how many reports were kept, how many were there already, and what is wrong with the rest."""

    kept: int
    there: int
    faults: tuple[Fault, ...]


def import_reports(name: str, content: bytes, *, by: Actor, at: datetime) -> Imported:
    """Keep the reports of a file; one that answers no query, or has a fault in any row, is left out whole.

    The debts go through the lake's own checks by the route of a licensed bureau; a debt is known from the day of its report.
    The lake is no part of the database: should the server die in between, the same file is imported again and doubles nothing.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        by: who imports.
        at: when.

    Raises:
        SourceError: the file cannot be read as one of reports.
        LakeError: the lake cannot take it.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        found, faults = reports.read(name, content, civil_date(at))
        good, there, wrong = _judged(found)
    faults += wrong
    if good:
        snapshot, aside = _into_lake(good, content, by, at)
        faults += aside
        refused = {one.value for one in aside}
        good = {query: held for query, held in good.items() if query.reference not in refused}
    with tenancy.within(by.organisation_id):
        locks.rows(Desk.objects.all())  # two files at once wait for each other
        fresh, _, wrong = _judged({query.reference: held for query, held in good.items()})
        faults += wrong  # answered or given up meanwhile
        for query, held in fresh.items():
            debts = sum(one.kind != "none" for one in held)
            report = Report(held[0].reported_on, debts, _digest(held), snapshot)
            keep(query, report, by=by, at=at)
        after = {
            "digest": sha256(content).hexdigest(),
            "kept": len(fresh),
            "there": there,
            "faults": len(faults),
        }
        record(by, ACTION, desk(), after=after, at=at)
    return Imported(len(fresh), there, tuple(sorted(faults, key=lambda one: (one.row, one.column))))


def _judged(found: Mapping[str, list[Debt]]) -> tuple[dict[BureauQuery, list[Debt]], int, list[Fault]]:
    """The reports that answer a query, how many did so before, and what is wrong with the others."""
    asked = {one.reference: one for one in written().filter(reference__in=list(found), by_file=True)}
    good: dict[BureauQuery, list[Debt]] = {}
    there, wrong = 0, []
    for reference, held in found.items():
        query = asked.get(reference)
        report = getattr(query, "report", None)
        if query is None:
            wrong.append(_fault(held[0], "没有这个查询编号", "no query has this number"))
        elif hasattr(query, "given_up"):
            wrong.append(_fault(held[0], "这次查询已放弃", "this query was given up"))
        elif report is None:
            good[query] = held
        elif report.digest == _digest(held):
            there += 1
        else:
            wrong.append(
                _fault(held[0], "这次查询已有另一份报告", "this query was answered by another report")
            )
    return good, there, wrong


def _into_lake(
    good: Mapping[BureauQuery, list[Debt]], content: bytes, by: Actor, at: datetime
) -> tuple[str, list[Fault]]:
    """The snapshot in which the debts stand, and a fault for each report of which the lake set a row aside."""
    debts = [(query, place, one) for query, held in good.items() for place, one in enumerate(held, start=1)]
    rows = b"".join(orjson.dumps(_row(query, place, one)) + b"\n" for query, place, one in debts)
    pushing = replace(by, granted=by.granted | {PUSH})  # the bureau's word, not the officer's
    bureau = next(iter(good)).provider
    declared = Declared(bureau, ROUTE, f"{PURPOSE}, signed by each customer", "loan application")
    key = f"bureau-{sha256(content + rows).hexdigest()[:32]}"
    made = push_table("exposures", rows, declared, key=key, by=pushing, at=at)
    aside = {debts[one["row"] - 1][2].reference: (debts[one["row"] - 1][2], one) for one in made["rows"]}
    return made["snapshot"], [
        _fault(debt, f"数据湖不接收：{one['meaning']}", f"the lake does not take it: {one['meaning']}")
        for debt, one in aside.values()
    ]


def _row(query: BureauQuery, place: int, debt: Debt) -> dict[str, Any]:
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


def _digest(held: list[Debt]) -> str:
    return digest_of([{**asdict(one), "row": place} for place, one in enumerate(held, start=1)])


def _fault(debt: Debt, zh: str, en: str) -> Fault:
    return fault(debt.row, "reference", debt.reference, zh, en)
