"""Import the file in which a bureau answered a list: its debts go into the lake, the report's age and digest into the log."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Desk
from suixin.server.origination.sheet import Fault
from suixin.server.verification import exposures, reports
from suixin.server.verification.actions.query_bureau import keep
from suixin.server.verification.bureaus import Report
from suixin.server.verification.exposures import Row
from suixin.server.verification.imported import Imported, imported
from suixin.server.verification.log import standing_of
from suixin.server.verification.matching import digest, matched
from suixin.server.verification.models import BureauQuery
from suixin.server.verification.reports import Debt
from suixin.sharing.purposes import civil_date

ACTION = "verification.bureau.import"


def import_reports(name: str, content: bytes, *, by: Actor, at: datetime, dry_run: bool = False) -> Imported:
    """Keep the reports of a file; one that answers no query, or has a fault in any row, is left out whole.

    The lake looks at every row before one is put in, so that of a report that it does not take nothing stands there. The debts
    go in by the route of a licensed bureau; a debt is known from the day of its report. The lake is no part of the database:
    should the server die in between, the same file is imported again and doubles nothing.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        by: who imports.
        at: when.
        dry_run: say what would become of it, the lake's own checks among it; nothing is written, in the audit log neither.

    Raises:
        SourceError: the file cannot be read as one of reports.
        LakeError: the lake cannot take it.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        house = desk()
        found, faults = reports.read(name, content, civil_date(at))
        good, there, wrong = matched(found, by, _refusal)
    rows = [row for query, held in good.items() for row in exposures.rows_of(query, held)]
    aside = exposures.judged(house, rows, at)
    good, rows = _whole(good, rows, aside)
    faults += [*wrong, *aside]
    if dry_run:
        return imported(len(good), there, faults)
    snapshot, late = exposures.put(house, rows, content, by=by, at=at) if rows else ("", [])
    good, _ = _whole(good, rows, late)
    with tenancy.within(by.organisation_id):
        locks.rows(Desk.objects.all())  # two files at once wait for each other
        fresh, _, wrong = matched({query.reference: held for query, held in good.items()}, by, _refusal)
        faults += [*late, *wrong]  # set aside, answered or given up meanwhile
        for query, held in fresh.items():
            debts = sum(one.kind != "none" for one in held)
            keep(query, Report(held[0].reported_on, debts, digest(held), snapshot), by=by, at=at)
        after = {
            "digest": sha256(content).hexdigest(),
            "kept": len(fresh),
            "there": there,
            "faults": len(faults),
        }
        record(by, ACTION, house, after=after, at=at)
    return imported(len(fresh), there, faults)


def _refusal(query: BureauQuery) -> tuple[str, str] | None:
    if standing_of(query) is None:
        return None
    return (
        "这次查询已有另一份报告；导错了文件请用“更正报告”",
        "this query was answered by another report; if that was a wrong file, correct the report",
    )


def _whole(
    good: dict[BureauQuery, list[Debt]], rows: list[Row], aside: Sequence[Fault]
) -> tuple[dict[BureauQuery, list[Debt]], list[Row]]:
    """The reports of which the lake takes every row, and their rows."""
    broken = exposures.broken(rows, aside)
    held = {query: debts for query, debts in good.items() if query not in broken}
    return held, [row for row in rows if row.query in held]
