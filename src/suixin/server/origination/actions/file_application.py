"""File an application: a merchant asks for a loan, alone or with somebody's help."""

from datetime import datetime

from suixin.errors import ConflictError, LendingError
from suixin.money import check_minor, currency_of, format_amount
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.merchants.models import Merchant
from suixin.server.origination import cases, policies, work
from suixin.server.origination.desk import desk
from suixin.server.origination.models import OPEN, Application, Desk, Opinion
from suixin.server.origination.uses import kept

ACTION = "lending.case.file"


def file_application(
    merchant: Merchant,
    amount_minor: int,
    purpose: str,
    *,
    by: Actor,
    at: datetime,
    channel: str = Application.Channel.SELF,
    by_people: bool = False,
) -> Application:
    """File it; while one is open the same wish returns that one, so that a second tap does nothing but ask for people.

    Args:
        merchant: who asks.
        amount_minor: how much they wish for.
        purpose: what for: a use that is offered, in either language, or words of their own.
        by: the merchant, or who helps.
        at: when.
        channel: how it came.
        by_people: whether the applicant refuses a decision by the machine alone.

    Raises:
        LendingError: a sum of nothing or beyond what the policy in force grants anybody, or no purpose.
        ConflictError: another application of the merchant is open, or the same one that somebody else filed, or that
            the policy has decided alone while people are asked for.
    """
    if check_minor(amount_minor, "amount") <= 0 or not purpose.strip():
        raise LendingError(
            "an application needs a sum above 0 and a purpose; give both", zh="请填写大于 0 的金额和用途"
        )
    purpose = kept(purpose)
    with tenancy.within(merchant.organisation_id):
        by.require(ACTION, merchant)
        house = desk()
        book = house.book
        locks.rows(
            Desk.objects.filter(pk=house.pk)
        )  # who file at once wait for each other, and for the next number
        held = Application.objects.filter(merchant_id=merchant.merchant_id, state__in=OPEN).first()
        if held is not None:
            _same(held, amount_minor, purpose, by=by)
            return _for_people(held, by=by, at=at) if by_people and not held.by_people else held
        _bounded(amount_minor, book.currency)
        day = queries.day_of(book).business_on
        made = Application(
            book=book,
            number=_number(day.year),
            merchant_id=merchant.merchant_id,
            amount_minor=amount_minor,
            purpose=purpose,
            channel=channel,
            by_people=by_people,
            filed_by=by.name,
            filed_at=at,
            filed_on=day,
        )
        made.save(force_insert=True)
        cases.say(
            made,
            Opinion.Stage.FILE,
            Opinion.Verdict.NOTED,
            action=ACTION,
            by=by,
            at=at,
            amount_minor=amount_minor,
        )
        return made


def _bounded(amount_minor: int, currency: str) -> None:
    """Go on if the policy in force could grant as much to somebody."""
    most_minor = policies.most_minor()
    if most_minor is not None and amount_minor > most_minor:
        unit = currency_of(currency)
        raise LendingError(
            f"the policy in force grants a borrower at most {format_amount(most_minor, unit, 'en')}; ask for no more",
            zh=f"现行政策一户最高 {format_amount(most_minor, unit, 'zh', exact=True)}，不要超过",
        )


def _same(held: Application, amount_minor: int, purpose: str, *, by: Actor) -> None:
    """Go on if what is open is the same wish and theirs to see; of another's nobody learns the number."""
    if by.bound_to is None and not work.seen_by(by).filter(pk=held.pk).exists():
        raise ConflictError(
            "an application of the merchant is still open; somebody else filed it",
            zh="该商户有一笔申请还没有结束，是别人提交的",
        )
    if (held.amount_minor, kept(held.purpose)) != (amount_minor, purpose):
        raise ConflictError(
            f"application {held.number} is still open; withdraw it to ask for something else",
            zh=f"申请 {held.number} 还没有结束；要改金额或用途，请先撤回",
        )


def _for_people(held: Application, *, by: Actor, at: datetime) -> Application:
    """Who asks again, and for people this time, gets people, unless the machine has decided alone already."""
    (case,) = locks.rows(Application.objects.filter(pk=held.pk))
    if case.automatic:
        raise ConflictError(
            f"application {case.number} was decided by the policy alone; withdraw it, and file anew for people to decide",
            zh=f"申请 {case.number} 已由系统按政策决定；要由人决定，请撤回后重新提交",
        )
    case.by_people = True
    case.save(update_fields=["by_people"])
    record(by, ACTION, case, before={"by_people": False}, after={"by_people": True}, at=at)
    return case


def _number(year: int) -> str:
    """The next number of the year: A2026-000017."""
    last = Application.objects.filter(number__startswith=f"A{year}-").order_by("-number").first()
    return f"A{year}-{int(last.number[6:]) + 1 if last else 1:06d}"
