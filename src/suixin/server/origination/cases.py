"""A case while it is being worked on: the application locked, what was said in it, and where it goes."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.money import amount_text
from suixin.server import locks
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries as ledger
from suixin.server.origination.models import OPEN, STATES_EN, Application, DecisionRecord, Opinion
from suixin.server.outbox.actions.write import News, write
from suixin.server.webhooks.topics import news, rate_of, sum_of


def locked(number: str, *states: str) -> Application:
    """The application of a number, locked.

    Raises:
        LendingError: there is none, or it is in another state than these.
    """
    found = locks.rows(Application.objects.filter(number=number))
    if not found:
        raise LendingError(f"there is no application {number!r}", zh=f"没有申请 {number}")
    (case,) = found
    if states and case.state not in states:
        raise LendingError(
            f"application {number} is {STATES_EN[case.state]}; somebody else was faster, or it is too late for this",
            zh=f"申请 {number} 的状态已是“{case.get_state_display()}”：别人已先办理，或已过办理时间",
        )
    return case


def latest(case: Application) -> DecisionRecord:
    """The decision that holds.

    Raises:
        LendingError: it was not assessed yet.
    """
    found = (
        DecisionRecord.objects.filter(application_id=case.pk).select_related("policy").order_by("-id").first()
    )
    if found is None:
        raise LendingError(
            f"application {case.number} is not assessed yet", zh=f"申请 {case.number} 还没有评估"
        )
    return found


def within_limit(made: DecisionRecord, amount_minor: int) -> None:
    """LendingError for a sum that the decision does not bear: people may grant less than the policy, never more."""
    if not 0 < amount_minor <= made.limit_minor:
        raise LendingError(
            f"{amount_text(amount_minor, 'CNY')} is not above 0 and within the policy's limit of "
            f"{amount_text(made.limit_minor, 'CNY')}; grant less, or assess anew on other facts",
            zh=f"{amount_minor / 100:,.2f} 元不在 0 至政策额度 {made.limit_minor / 100:,.2f} 元之间；请调低，或按新情况重新评估",
        )


def say(
    case: Application,
    stage: str,
    verdict: str,
    *,
    action: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    amount_minor: int | None = None,
    moves_to: str = "",
) -> Opinion:
    """Keep what somebody said, move the case on, and write both down."""
    before = case.state
    made = Opinion(
        application=case,
        stage=stage,
        verdict=verdict,
        amount_minor=amount_minor,
        reason=reason,
        by=by.name,
        on=ledger.day_of(case.book).business_on,
        at=at,
    )
    made.save(force_insert=True)
    if moves_to:
        case.state = moves_to
        case.settled_at = None if moves_to in OPEN else at
    case.save()
    if case.state != before:
        write(_news(case, made), at=at)
    record(
        by,
        action,
        case,
        before={"state": before},
        after={"state": case.state, "verdict": str(verdict), "amount_minor": amount_minor},
        reason=reason,
        at=at,
    )
    return made


_OUTCOMES = {Application.State.OFFERED: "granted", Application.State.DECLINED: "declined"}


def _news(case: Application, said: Opinion) -> list[News]:
    """What others are told of where a case has come."""
    currency, key = case.book.currency, f"{case.number}/{said.pk}"
    told = {"application": case.number, "merchant_id": case.merchant_id, "on": said.on.isoformat()}
    if case.state == Application.State.SIGNED:
        limit = sum_of(case.granted_minor, currency)
        return [news("offer.signed", key, facility=case.facility, limit=limit, **told)]
    outcome = _OUTCOMES.get(Application.State(case.state))
    if outcome is None:
        return []
    granted = outcome == "granted"
    return [
        news(
            "application.decided",
            key,
            outcome=outcome,
            granted=sum_of(case.granted_minor, currency) if granted else None,
            annual_rate=rate_of(case.rate_ppm) if granted else None,
            **told,
        )
    ]
