"""The decision that holds for an application, and everything that led to it."""

from datetime import date, datetime

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema

from suixin.reporting.wording import words
from suixin.server.api.applications import State, case_of
from suixin.server.api.calls import Call, Key, reads, writes
from suixin.server.api.shapes import Money, Number, Rate, money, rate
from suixin.server.identity.scopes import Scope
from suixin.server.origination import queries
from suixin.server.origination.actions.have_assessed import have_assessed
from suixin.server.origination.models import Application
from suixin.underwriting.decision import Decision, Outcome, Reason

router = Router(tags=["applications"])
_PATH = "/applications/{str:number}/decision"


class ReasonView(Schema):
    """A reason: as it was kept, and in words."""

    code: str = Field(description="rule.<code>, check.<code> or card.<feature>")
    feature: str
    value: float | None
    threshold: float | None = Field(description="from which value on it would not count against the merchant")
    points: float = Field(description="of the score, against what acceptance needs")
    outcome: str = Field(
        description="what a rule or check demands: refer, decline; empty for a reason of the card"
    )
    zh: str
    en: str


class LimitPart(Schema):
    """A ceiling or deduction of the limit."""

    name: str
    amount: Money
    binding: bool


class PricePart(Schema):
    """A part of the annual rate."""

    name: str
    annual_rate: Rate


class Offer(Schema):
    """What the decision offers."""

    annual_rate: Rate
    all_in_rate: Rate = Field(description="annual effective, every fee included")
    term_months: int


class DecisionView(Schema):
    """A decision."""

    application: str
    state: State = Field(description="of the application, now")
    automatic: bool = Field(
        description="the policy decided by itself, within the authority two people gave it"
    )
    decision_id: str
    as_of: date = Field(description="nothing that became known later was used")
    made_at: datetime
    outcome: Outcome
    score: float
    grade: str
    pd: float = Field(description="probability of default within a year")
    pd_basis: str
    confidence: float
    limit: Money = Field(description="the most that the decision bears")
    limit_parts: list[LimitPart]
    price_parts: list[PricePart]
    offer: Offer | None
    reasons: list[ReasonView]
    model_version: str
    policy_hash: str
    lake_snapshot: str
    digest: str = Field(description="SHA-256 of the decision and of the case that makes it again")


@reads(router, _PATH, Scope.APPLICATIONS_READ, DecisionView, "Show the decision and its why")
def show_decision(request: Call, number: Number) -> DecisionView:
    """The decision that holds; 404 before the first."""
    return _shown(case_of(request, number))


@writes(
    router,
    _PATH,
    Scope.APPLICATIONS_WRITE,
    "lending.case.have_assessed",
    DecisionView,
    "Have an application assessed",
)
def decide(request: Call, number: Number, key: Key) -> DecisionView:
    """Let the policy decide on what the lake knows today, under the merchant's consents; a client decides nothing."""
    del key
    case_of(request, number)
    have_assessed(number, by=request.auth.actor, at=timezone.now())
    return _shown(queries.application_of(number))


def _shown(case: Application) -> DecisionView:
    held = queries.decided(case)
    if held is None:
        raise Http404
    decision, record, currency = held.decision, held.record, held.decision.currency
    return DecisionView(
        application=case.number,
        state=Application.State(case.state),
        automatic=case.automatic,
        decision_id=decision.decision_id,
        as_of=decision.as_of,
        made_at=record.made_at,
        outcome=decision.outcome,
        score=decision.score,
        grade=decision.grade,
        pd=decision.pd,
        pd_basis=decision.pd_basis,
        confidence=decision.confidence,
        limit=money(decision.limit_fen, currency),
        limit_parts=[
            LimitPart(name=one.name, amount=money(one.amount_fen, currency), binding=one.binding)
            for one in decision.limit_components
        ],
        price_parts=[
            PricePart(name=one.name, annual_rate=rate(one.rate_ppm)) for one in decision.price_components
        ],
        offer=_offer(decision),
        reasons=[_why(one, decision) for one in decision.reasons],
        model_version=decision.model_version,
        policy_hash=decision.policy_hash,
        lake_snapshot=decision.lake_snapshot,
        digest=record.digest,
    )


def _offer(decision: Decision) -> Offer | None:
    terms = decision.terms
    if terms is None:
        return None
    return Offer(
        annual_rate=rate(terms.annual_rate_ppm),
        all_in_rate=rate(terms.all_in_rate_ppm),
        term_months=terms.term_months,
    )


def _why(reason: Reason, decision: Decision) -> ReasonView:
    said = {lang: words(lang).reason(reason, decision.currency) for lang in ("zh", "en")}
    return ReasonView(
        code=reason.code,
        feature=reason.feature,
        value=reason.value,
        threshold=reason.threshold,
        points=reason.points,
        outcome=reason.outcome,
        **said,
    )
