"""Correct reports of the bureau that were imported from a wrong file: the right file takes their place, for a reason."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from suixin.errors import LakeBusyError, SuixinError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination.actions.assess import UNDECIDED
from suixin.server.origination.actions.have_assessed import have_assessed
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Application, Desk
from suixin.server.origination.sheet import Fault
from suixin.server.verification import exposures, reports
from suixin.server.verification.imported import Imported, imported
from suixin.server.verification.log import standing_of
from suixin.server.verification.matching import digest, fault_of, matched
from suixin.server.verification.models import REASON, BureauQuery, ReportCorrection
from suixin.server.verification.reports import Debt
from suixin.sharing.purposes import civil_date

ACTION = "verification.bureau.correct"
MOST = 20
"""Reports that one file corrects at most: cases that rest on them are assessed anew while the page waits."""
_WAIT_SECONDS = 10.0
_State = Application.State


def correct_reports(
    name: str, content: bytes, reason: str, *, by: Actor, at: datetime, dry_run: bool = False
) -> Imported:
    """Put the reports of a file in the place of those that were kept of the same queries.

    Both stay in the lake, the corrected one as the later version, and a debt that it does not name counts as nothing from
    then on. A case that is not decided and was assessed on the earlier report is assessed anew; one that cannot be is told. Where an
    offer or a contract rests on the earlier report, that is not corrected. The lake is no part of the database:
    should the server die in between, the same file is given again.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        reason: why.
        by: who corrects.
        at: when.
        dry_run: say what would become of it; nothing is written or assessed.

    Raises:
        UsageError: no reason, or one that is too long; more than `MOST` reports.
        SourceError: the file cannot be read as one of reports.
        LakeError: the lake cannot take it.
        LakeBusyError: somebody else is correcting.
        AccessError: the actor may not.
    """
    said = reason.strip()
    if not said or len(said) > REASON:
        raise UsageError(
            f"the reason has {len(said)} characters; write 1 to {REASON}",
            zh=f"原因有 {len(said)} 个字，请写 1 至 {REASON} 个",
        )
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        house = desk()
    with locks.correcting(house.pk, _WAIT_SECONDS) as alone:
        if not alone:
            raise LakeBusyError(
                "somebody else is correcting reports; try again", zh="别人正在更正报告，请稍后再试"
            )
        return _corrected(house, name, content, said, by, at, dry_run=dry_run)


def _corrected(
    house: Desk, name: str, content: bytes, reason: str, by: Actor, at: datetime, *, dry_run: bool
) -> Imported:
    with tenancy.within(by.organisation_id):
        found, faults = reports.read(name, content, civil_date(at))
        good, there, wrong = matched(found, by, _refusal)
    if len(good) > MOST:
        raise UsageError(
            f"{name} corrects {len(good)} reports; give at most {MOST} in one file",
            zh=f"{name} 要更正 {len(good)} 份报告；一个文件最多更正 {MOST} 份",
        )
    rows = exposures.corrected_rows(house, good) if good else []
    aside = exposures.judged(house, rows, at)
    faults += [*wrong, *aside]
    good = _without(good, exposures.broken(rows, aside))
    if good and not dry_run:
        rows = [row for row in rows if row.query in good]
        snapshot, late = exposures.put(house, rows, content, by=by, at=at)
        good = _without(good, exposures.broken(rows, late))
        faults += late
        for query, held in good.items():
            faults += _keep(query, held, snapshot, content, reason, by, at)
    return imported(len(good), there, faults)


def _without(
    good: Mapping[BureauQuery, list[Debt]], broken: set[BureauQuery]
) -> dict[BureauQuery, list[Debt]]:
    return {query: held for query, held in good.items() if query not in broken}


def _refusal(query: BureauQuery) -> tuple[str, str] | None:
    """Why the report of a query is not corrected; None if it is."""
    if standing_of(query) is None:
        return "这次查询还没有报告，请用“导入报告”", "it has no report yet; import it"
    cases = _resting(query).filter(state__in=(_State.OFFERED, _State.SIGNED)).order_by("-id")
    for case in cases[:1]:
        if case.state == _State.OFFERED:
            return (
                f"申请 {case.number} 依据这份报告批出、待签约：先撤回该申请，再更正",
                f"the offer of application {case.number} rests on it; withdraw that application first",
            )
        return (
            f"申请 {case.number} 已依据这份报告签约，不再更正：请客户重新授权，再次查询",
            f"application {case.number} was signed on it; ask the customer for a new consent and query anew",
        )
    return None


def _resting(query: BureauQuery) -> QuerySet[Application]:
    """The merchant's applications that were assessed since the report of a query came."""
    mine = Application.objects.filter(merchant_id=query.merchant_id)
    return mine.filter(decisions__made_at__gte=query.report.at).distinct()


def _keep(
    query: BureauQuery,
    held: list[Debt],
    snapshot: str,
    content: bytes,
    reason: str,
    by: Actor,
    at: datetime,
) -> list[Fault]:
    """Write a correction down, and have the cases that rest on it assessed anew; those that could not be."""
    with tenancy.within(by.organisation_id):
        locks.rows(Desk.objects.all())
        standing = standing_of(query)
        made = ReportCorrection(
            report=query.report,
            reported_on=held[0].reported_on,
            rows=sum(one.kind != "none" for one in held),
            digest=digest(held),
            earlier=standing.digest if standing else "",
            snapshot=snapshot,
            reason=reason,
            by=by.name,
            at=at,
        )
        made.save(force_insert=True)
        after = {
            "reference": query.reference,
            "file": sha256(content).hexdigest(),
            "report": made.digest,
            "earlier": made.earlier,
        }
        record(by, ACTION, query, after=after, reason=reason, at=at)
        return _assessed_anew(query, held, reason, by, at)


def _assessed_anew(query: BureauQuery, held: list[Debt], reason: str, by: Actor, at: datetime) -> list[Fault]:
    faults = []
    for case in _resting(query).filter(state__in=UNDECIDED):
        try:
            with transaction.atomic():
                have_assessed(case.number, by=by, at=at, reason=reason)
        except SuixinError as error:
            faults.append(
                fault_of(
                    held,
                    f"报告已更正，但申请 {case.number} 没能重新评估，审批前须重新评估：{error.zh or error}",
                    f"it is corrected, but application {case.number} could not be assessed anew; do so before it is approved: {error}",
                )
            )
    return faults
