"""Assess an application: read the lake with the merchant's consent, decide, and go the way that the policy says."""

from datetime import date, datetime

from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.complaints.queries import disputed
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases, documents
from suixin.server.origination.assessing import Assessed, as_of_day, assess_one
from suixin.server.origination.consents import READS, TRADE, require
from suixin.server.origination.desk import desk, lake_of, policy_of, release_in_force
from suixin.server.origination.models import Application, DecisionRecord, Desk, Opinion, PolicyRelease
from suixin.server.sharing.actions.use import use
from suixin.server.sharing.acts import ASSESS
from suixin.server.verification import queries as identities
from suixin.server.verification.actions.query_bureau import query_bureau
from suixin.server.verification.bureaus import Held
from suixin.server.verification.log import answered_by_file
from suixin.underwriting.decision import Outcome

_VERDICTS = {
    Outcome.APPROVE: Opinion.Verdict.APPROVE,
    Outcome.REFER: Opinion.Verdict.REFER,
    Outcome.DECLINE: Opinion.Verdict.DECLINE,
}
UNDECIDED = (
    Application.State.FILED,
    Application.State.REVIEW,
    Application.State.APPROVAL,
    Application.State.COMMITTEE,
)
"""States in which a case may be assessed."""


def receipt_words(number: str) -> str:
    """What the receipt of an assessment keeps."""
    return ASSESS.written(number)


def assess(number: str, *, by: Actor, at: datetime) -> DecisionRecord:
    """Decide an application on what is known today; a case in people's hands goes back to its review.

    While the merchant disputes a figure the policy decides nothing alone: people look.

    Raises:
        LendingError: it is decided already, or ended, the identity is not verified, or the bureau was
            asked by a file and has not answered.
        ConsentError: the merchant has not consented, or no longer does.
        UsageError: the lake does not know the merchant.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, *UNDECIDED)
        by.require("lending.case.assess", case)
        held, release = desk(), release_in_force()
        day = queries.day_of(case.book).business_on
        loaded = policy_of(release)
        identities.require(merchant_of(case.merchant_id), day)
        lake = lake_of(held)
        require(case, at)
        _read_with_consent(case, held, lake, day, by, at)
        found = assess_one(lake, loaded, case.merchant_id, day)
        made = _kept(case, release, found, by, at)
        decision = found.decision
        granted = min(decision.limit_fen, case.amount_minor)
        way = authority.way_of(
            decision.outcome,
            granted,
            loaded.policy,
            by_people=case.by_people or bool(disputed(case.merchant_id)),
        )
        if case.state == Application.State.FILED:
            case.automatic = way.automatic
            if way.automatic and decision.terms is not None:
                case.granted_minor = granted
                case.rate_ppm = decision.terms.annual_rate_ppm
        cases.say(
            case,
            Opinion.Stage.POLICY,
            _VERDICTS[decision.outcome],
            action="lending.case.assess",
            by=by,
            at=at,
            amount_minor=granted,
            moves_to=way.state if case.state == Application.State.FILED else Application.State.REVIEW,
        )
        return made


def _read_with_consent(case: Application, held: Desk, lake: Lake, day: date, by: Actor, at: datetime) -> None:
    """A receipt for the trading data, and a query of the bureau, unless it has answered this case by a file."""
    what = receipt_words(case.number)
    use(by, merchant_id=case.merchant_id, purpose=TRADE, scopes=READS[TRADE], at=at, what=what)
    if not answered_by_file(case.number):
        name = "演示征信 demo" if held.demo else "自有数据源 own feed"
        bureau = Held(name, lake, as_of_day(lake, day))
        query_bureau(case.number, case.merchant_id, bureau, what=what, by=by, at=at)


def _kept(
    case: Application, release: PolicyRelease, found: Assessed, by: Actor, at: datetime
) -> DecisionRecord:
    document, asked = documents.write_decision(found.decision), documents.write_case(found.case)
    made = DecisionRecord(
        application=case,
        decision_id=found.decision.decision_id,
        outcome=found.decision.outcome.value,
        score=found.decision.score,
        grade=found.decision.grade,
        pd=found.decision.pd,
        limit_minor=found.decision.limit_fen,
        document=document,
        case=asked,
        evidence=found.evidence,
        digest=documents.digest(document, asked),
        policy=release,
        made_by=by.name,
        made_at=at,
    )
    made.save(force_insert=True)
    return made
