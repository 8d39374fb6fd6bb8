"""Record a site visit: where somebody went, what they saw, and, once money was paid out, whether it was used as agreed."""

from dataclasses import dataclass
from datetime import date, datetime

from suixin.errors import LendingError, UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor, Hands
from suixin.server.ledger import queries
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.models import OPEN, Application, SiteVisit
from suixin.server.servicing.models import Loan

_LONGEST = 1_000
State = Application.State


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on a visit.

    Attributes:
        on: the day.
        place: where.
        findings: what was seen, in words.
        with_whom: who went along, '' for nobody.
        used_as_agreed: whether the money is used as agreed; None before any was paid out.
    """

    on: date
    place: str
    findings: str
    with_whom: str = ""
    used_as_agreed: bool | None = None


def record_visit(number: str, seen: Seen, *, by: Actor, at: datetime) -> SiteVisit:
    """Write a visit down; whoever visits before the decision has investigated, and cannot approve or pay out.

    Raises:
        UsageError: no place, nothing seen, or too many words.
        LendingError: the day has not come, the case is at an end, or the use of money is told that was not paid out, or
            is not told of money that was.
        AccessError: the actor may not, is a relative, or had the case in another hand.
    """
    _judge(seen)
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, *OPEN, State.SIGNED)
        after = case.state == State.SIGNED
        hands = authority.hands_of(case, merchant_of(case.merchant_id))
        action = "lending.case.visit"
        by.require(action, case, Hands(barred=hands.barred) if after else hands)
        today = queries.day_of(case.book).business_on
        if seen.on > today:
            raise LendingError(
                f"the day {seen.on} has not come; the book is at {today}",
                zh=f"{seen.on} 还没有到；营业日期是 {today}",
            )
        _refuse_use(case, seen)
        made = SiteVisit(
            application=case,
            kind=SiteVisit.Kind.AFTER if after else SiteVisit.Kind.BEFORE,
            on=seen.on,
            place=seen.place.strip(),
            with_whom=seen.with_whom.strip(),
            findings=seen.findings.strip(),
            used_as_agreed=seen.used_as_agreed,
            by=by.name,
            at=at,
        )
        made.save(force_insert=True)
        after_state = {"visit": made.pk, "kind": made.kind, "on": seen.on.isoformat()}
        record(by, action, case, after=after_state, at=at)
        return made


def _refuse_use(case: Application, seen: Seen) -> None:
    """Money has a use once it was paid out, and then the visit says which."""
    signed = case.state == State.SIGNED
    lines = Loan.objects.filter(book_id=case.book_id, facility__number=case.facility, drawn_minor__gt=0)
    if signed and seen.used_as_agreed is None:
        raise LendingError("say whether the money is used as agreed", zh="请选择资金是否按约定使用")
    if seen.used_as_agreed is not None and not (signed and lines.exists()):
        raise LendingError("nothing was paid out yet that has a use", zh="还没有放款，没有用途可查")


def _judge(seen: Seen) -> None:
    for name, zh, text, most in (
        ("place", "地点", seen.place, 100),
        ("findings", "所见", seen.findings, _LONGEST),
    ):
        if not text.strip() or len(text) > most:
            raise UsageError(
                f"the visit's {name} has {len(text)} characters; write 1 to {most}",
                zh=f"请填写{zh}，最多 {most} 字",
            )
    if len(seen.with_whom) > 60:
        raise UsageError(
            f"the name of who went along has {len(seen.with_whom)} characters; at most 60",
            zh="同行人最多 60 字",
        )
