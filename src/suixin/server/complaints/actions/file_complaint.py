"""File a complaint: the merchant, or somebody who writes down what they say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from suixin.errors import ConflictError, UsageError
from suixin.features.registry import FEATURES
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.complaints.models import WORDS, Complaint
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries as ledger
from suixin.server.merchants.models import Merchant
from suixin.server.origination.desk import desk, policy_of, release_in_force
from suixin.server.origination.models import Application, Desk
from suixin.server.servicing.models import Loan

Kind = Complaint.Kind


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody complains of.

    Attributes:
        kind: of `Complaint.Kind`.
        words: their own.
        about: the number of an application or a loan of theirs, '' for none.
        feature: the figure that is wrong, of a complaint about data; '' if they name none.
        channel: of `Complaint.Channel`.
    """

    kind: str
    words: str
    about: str = ""
    feature: str = ""
    channel: str = Complaint.Channel.SELF


def file_complaint(merchant: Merchant, said: Said, *, by: Actor, at: datetime) -> Complaint:
    """File it; the same words once more, while it is open, return that one.

    While a figure is disputed the policy decides nothing about its merchant alone (`origination.actions.assess`).

    Raises:
        UsageError: no such kind or channel, no words, a figure that no decision knows, another merchant's number.
        ConflictError: the figure is disputed already.
    """
    _judge(said)
    with tenancy.within(by.organisation_id):
        by.require("service.complaint.file", merchant)
        house = desk()
        locks.rows(Desk.objects.filter(pk=house.pk))  # numbers are given in turn
        _refuse_strangers(merchant, said.about)
        open_ = Complaint.objects.filter(merchant_id=merchant.merchant_id, state=Complaint.State.OPEN)
        if same := open_.filter(kind=said.kind, words=said.words.strip(), about=said.about).first():
            return same
        if said.feature and open_.filter(feature=said.feature).exists():
            raise ConflictError(
                f"{said.feature} is disputed already; the complaint waits for its answer",
                zh="这项数据已提出异议，正在等待答复",
            )
        day = ledger.day_of(house.book).business_on
        asked = policy_of(release_in_force()).policy.complaints
        made = Complaint(
            number=_number(day.year),
            merchant_id=merchant.merchant_id,
            about=said.about,
            kind=said.kind,
            feature=said.feature,
            channel=said.channel,
            words=said.words.strip(),
            filed_by=by.name,
            filed_at=at,
            filed_on=day,
            due_on=day + timedelta(days=asked.answer_days.value) if asked else None,
        )
        made.save(force_insert=True)
        after = {"number": made.number, "kind": made.kind, "feature": made.feature}
        record(by, "service.complaint.file", made, after=after, at=at)
        return made


def _judge(said: Said) -> None:
    if said.kind not in Kind.values or said.channel not in Complaint.Channel.values:
        raise UsageError(
            f"{said.kind!r} by {said.channel!r} is no complaint; choose what it is about", zh="请选择投诉类别"
        )
    if not said.words.strip() or len(said.words) > WORDS:
        raise UsageError(
            f"the complaint has {len(said.words.strip())} characters; write 1 to {WORDS}",
            zh=f"投诉有 {len(said.words.strip())} 个字，请写 1 至 {WORDS} 个",
        )
    if said.feature and (said.kind != Kind.DATA or said.feature not in FEATURES):
        raise UsageError(
            f"{said.feature!r} is no figure that a decision rests on; leave it empty",
            zh="只有“数据有误”的投诉才指明数据，且须是决定所用的数据",
        )


def _refuse_strangers(merchant: Merchant, about: str) -> None:
    own = {"merchant_id": merchant.merchant_id}
    if (
        about
        and not Application.objects.filter(number=about, **own).exists()
        and not Loan.objects.filter(number=about, borrower=merchant.merchant_id).exists()
    ):
        raise UsageError(
            f"{about!r} is no application and no loan of this merchant; leave it empty",
            zh=f"“{about}”不是该商户的申请或贷款编号；没有就不填",
        )


def _number(year: int) -> str:
    """The next number of the year: C2026-000017."""
    last = Complaint.objects.filter(number__startswith=f"C{year}-").order_by("-number").first()
    return f"C{year}-{int(last.number[6:]) + 1 if last else 1:06d}"
