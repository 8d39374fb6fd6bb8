"""The work: applications as a list that can be narrowed, what each waits for, and what waits for one person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import names_of, whose
from suixin.server.origination import authority
from suixin.server.origination.consents import BUREAU, READS
from suixin.server.origination.models import Application, DecisionRecord, Opinion
from suixin.server.origination.uses import speaking_of
from suixin.server.sharing.models import Consent
from suixin.server.verification.log import by_file
from suixin.server.verification.queries import verified
from suixin.sharing.artefact import State as Given
from suixin.sharing.purposes import civil_date

State, Stage = Application.State, Opinion.Stage
NEXT = {
    State.REVIEW: "review",
    State.APPROVAL: "approve",
    State.COMMITTEE: "vote",
    State.OFFERED: "sign",
    State.SIGNED: "draw",
}
"""State -> what has to be done next; a filed one waits for its consents ('consent'), its identity ('identity'), the
bureau's answer ('bureau') or to be assessed ('assess')."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; what is empty narrows nothing.

    Attributes:
        states: of the applications.
        text: in the number, the purpose, the merchant's key, the shop's or the holder's name.
        least_minor, most_minor: the amount that was asked for, both included.
        mine: only what waits for the reader.
    """

    states: Sequence[str] = ()
    text: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An application in a list.

    Attributes:
        case: the application.
        name: the shop's or the holder's.
        outcome, grade, score, limit_minor: of the decision that holds, empty or None before the first.
        since: when something last happened in it.
        next: a code of `NEXT`, 'consent', 'identity', 'bureau', 'assess', or '' for nothing.
        days: since then, whole days.
    """

    case: Application
    name: str
    outcome: str
    grade: str
    score: float | None
    limit_minor: int | None
    since: datetime
    next: str
    days: int


def seen_by(by: Actor) -> QuerySet[Application]:
    """The applications that somebody may look at: of the whole house, or those alone that they filed themselves."""
    found = Application.objects.all()
    return found if by.may("ledger.book.read") else found.filter(filed_by=by.name)


def listed(wanted: Wanted, by: Actor) -> QuerySet[Application]:
    """The applications that are wanted, the latest first; of those that wait for the reader the oldest first."""
    found = waits_for(by) if wanted.mine else seen_by(by)
    if wanted.states:
        found = found.filter(state__in=list(wanted.states))
    if wanted.least_minor is not None:
        found = found.filter(amount_minor__gte=wanted.least_minor)
    if wanted.most_minor is not None:
        found = found.filter(amount_minor__lte=wanted.most_minor)
    if wanted.text:
        found = found.filter(_about(wanted.text))
    return found.order_by("id" if wanted.mine else "-id")


def _about(text: str) -> Q:
    return (
        whose(text) | Q(number__icontains=text) | Q(purpose__contains=text) | Q(purpose__in=speaking_of(text))
    )


def waits_for(by: Actor) -> QuerySet[Application]:
    """What waits for one person by their roles, without the cases that another of their hands, or a relative, bars."""
    said = Opinion.objects.filter(application_id=OuterRef("pk"), by=by.name)
    looked = Q(Exists(said.filter(stage__in=[Stage.FILE, Stage.REVIEW])))
    decided = Q(Exists(said.filter(stage__in=[Stage.APPROVAL, Stage.COMMITTEE])))
    mine = Q(pk__in=[])
    if by.may("lending.case.file"):
        mine |= Q(state__in=[State.FILED, State.OFFERED])
    if by.may("lending.case.review"):
        mine |= Q(state=State.REVIEW) & ~decided
    if by.may("lending.case.approve"):
        mine |= Q(state=State.APPROVAL) & ~looked
    if by.may("lending.case.vote"):
        mine |= Q(state=State.COMMITTEE) & ~looked & ~Q(_voted(by))
    return seen_by(by).filter(mine).exclude(_judged_before_appeal(by)).exclude(merchant_id__in=_relatives(by))


def _voted(by: Actor) -> Exists:
    """Whether somebody has voted since the case was last brought before the committee."""
    brought = Opinion.objects.filter(application_id=OuterRef("application_id"), stage=Stage.APPROVAL)
    votes = Opinion.objects.filter(application_id=OuterRef("pk"), stage=Stage.COMMITTEE, by=by.name)
    return Exists(votes.filter(id__gt=Subquery(brought.order_by("-id").values("id")[:1])))


def _judged_before_appeal(by: Actor) -> Exists:
    """Whether somebody judged a case before it was appealed: others look at it now."""
    appeal = Opinion.objects.filter(application_id=OuterRef("application_id"), stage=Stage.APPEAL)
    said = Opinion.objects.filter(application_id=OuterRef("pk"), by=by.name, stage__in=authority.JUDGED)
    return Exists(said.filter(id__lt=Subquery(appeal.order_by("-id").values("id")[:1])))


def _relatives(by: Actor) -> list[str]:
    held = Merchant.objects.exclude(relatives=[]).values_list("merchant_id", "relatives")
    return [merchant for merchant, relatives in held if by.name in relatives]


def counts(found: QuerySet[Application]) -> dict[str, int]:
    """State -> how many, counted by the database."""
    grouped = found.order_by().values("state").annotate(many=Count("id"))
    return dict(grouped.values_list("state", "many"))


def rows(found: Iterable[Application], at: datetime) -> list[Row]:
    """Applications with what a list says of them; the number of queries does not hang on how many they are."""
    cases = list(found)
    keys = [case.pk for case in cases]
    names = names_of(case.merchant_id for case in cases)
    decisions: dict[int, Mapping[str, Any]] = {
        one["application_id"]: one
        for one in DecisionRecord.objects.filter(application_id__in=keys)
        .order_by("id")
        .values("application_id", "outcome", "grade", "score", "limit_minor")
    }
    moved = dict(
        Opinion.objects.filter(application_id__in=keys).order_by("id").values_list("application_id", "at")
    )
    ready = _ready([case for case in cases if case.state == State.FILED], at)
    return [
        _row(case, names, decisions.get(case.pk, {}), moved.get(case.pk, case.filed_at), ready, at)
        for case in cases
    ]


def _row(
    case: Application,
    names: dict[str, str],
    made: Mapping[str, Any],
    since: datetime,
    ready: dict[str, str],
    at: datetime,
) -> Row:
    filed = ready.get(case.merchant_id, "consent")
    return Row(
        case=case,
        name=names.get(case.merchant_id, case.merchant_id),
        outcome=str(made.get("outcome", "")),
        grade=str(made.get("grade", "")),
        score=made.get("score"),
        limit_minor=made.get("limit_minor"),
        since=since,
        next=filed if case.state == State.FILED else NEXT.get(State(case.state), ""),
        days=max(0, (at - since).days),
    )


def _ready(cases: list[Application], at: datetime) -> dict[str, str]:
    """Merchant -> what a filed case waits for once the consents are there: its identity, the bureau, or its assessment."""
    asked = {case.merchant_id: case.number for case in cases}
    answers = by_file(asked.values()) if asked else {}
    consented = _consented(asked, {key for key, number in asked.items() if number in answers}, at)
    known = verified(consented, civil_date(at)) if consented else set()
    return {
        one: "identity" if one not in known else "assess" if answers.get(asked[one], True) else "bureau"
        for one in consented
    }


def _consented(merchants: Iterable[str], queried: set[str], at: datetime) -> set[str]:
    """Of these merchants those who have given every consent that an assessment reads under; a query that was made needs none."""
    held = Consent.objects.filter(
        merchant_id__in=list(merchants),
        purpose__in=list(READS),
        status=Given.ACTIVE.value,
        expires_at__gt=at,
    ).values_list("merchant_id", "purpose")
    given = set(held) | {(merchant, BUREAU) for merchant in queried}
    return {merchant for merchant, _ in given if all((merchant, code) in given for code in READS)}
