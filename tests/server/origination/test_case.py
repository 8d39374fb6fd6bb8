"""A case from the application to the money: who decides, who may not, what is signed, what is drawn."""

import pytest
from house import AT, in_threads
from journeys import APPROVED, DAY, DECLINED, POLICY, REFERRED, SEASONAL, Desk, county

from suixin.assess import assess as assess_all
from suixin.errors import AccessError, ConflictError, ConsentError, LendingError
from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination import documents, offering, work
from suixin.server.origination.actions.appeal import appeal
from suixin.server.origination.actions.approve import approve, decline
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.take_consents import take_consents
from suixin.server.origination.actions.vote import vote
from suixin.server.origination.actions.withdraw_application import withdraw_application
from suixin.server.origination.models import Application, DecisionRecord, Opinion
from suixin.server.servicing.models import Facility, Loan, SweepAuthorisation
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent, Receipt
from suixin.underwriting.policy import parse_policy

State, Verdict = Application.State, Opinion.Verdict


@pytest.fixture
def desk(database):
    return Desk()


def within(desk):
    return tenancy.within(desk.organisation.pk)


def test_the_server_decides_as_the_library_does(sqlite, tmp_path):
    """One merchant by itself, and the same in a book of all: features to twelve digits, all that is decided the same."""
    desk = Desk()
    case = desk.assessed(SEASONAL, amount=10_000_000)
    with within(desk):
        made = DecisionRecord.objects.get(application_id=case.pk)
    loaded = parse_policy(POLICY, "tests")
    book = assess_all(Lake.open(county()), loaded, tmp_path / "book", now=AT, as_of=DAY, processes=1)
    (alone,) = (one for one in book.decisions if one.merchant_id == SEASONAL)
    found = documents.read_decision(made.document)
    assert found.features == pytest.approx(dict(alone.features), rel=1e-12)
    for name in (
        "outcome",
        "limit_fen",
        "limit_components",
        "terms",
        "forecast",
        "grade",
        "capacity",
        "left_p10",
    ):
        assert getattr(found, name) == getattr(alone, name), name
    assert made.digest == documents.digest(made.document, made.case)


def test_a_small_loan_is_decided_signed_and_paid_without_anybody(desk):
    """Within its own authority the policy grants what was asked for; the draw is paid at once, and once."""
    case = desk.signed(APPROVED, amount=500_000)
    assert (case.state, case.automatic, case.granted_minor) == (State.SIGNED, True, 500_000)
    owner = desk.owner(APPROVED)
    first = draw(case.number, 300_000, key="tap", by=owner, at=AT, from_sales=True)
    assert draw(case.number, 300_000, key="tap", by=owner, at=AT, from_sales=True) == first
    with pytest.raises(LendingError, match=r"¥2,000\.00 may still be drawn"):
        draw(case.number, 300_000, key="more", by=owner, at=AT)
    with within(desk):
        loan = Loan.objects.get()
        assert (loan.number, loan.state, loan.principal_minor) == (first, Loan.State.ACTIVE, 300_000)
        assert Facility.objects.get().limit_minor == 500_000
        assert SweepAuthorisation.objects.get().loan_id == loan.pk
        said = [(one.stage, one.verdict) for one in Opinion.objects.order_by("id")]
        done = set(Record.objects.values_list("action", flat=True))
    assert said == [("file", "noted"), ("policy", "approve"), ("signature", "noted")]
    assert {"lending.case.file", "lending.case.assess", "lending.loan.accept", "lending.loan.draw"} <= done


def test_two_phones_draw_at_once(desk):
    """Together they never pass the limit."""
    case = desk.signed(APPROVED, amount=500_000)
    owner = desk.owner(APPROVED)
    found = in_threads(4, lambda n: draw(case.number, 300_000, key=f"phone {n}", by=owner, at=AT))
    assert sum(isinstance(one, str) for one in found) == 1
    assert all(isinstance(one, str | LendingError) for one in found)
    with within(desk):
        assert [loan.principal_minor for loan in Loan.objects.all()] == [300_000]


def test_a_seasonal_contract_books_what_was_offered(sqlite):
    """The principal of every month to the fen, the same interest in all."""
    desk = Desk()
    case = desk.signed(SEASONAL, amount=2_000_000)
    draw(case.number, 2_000_000, key="k", by=desk.owner(SEASONAL), at=AT)
    with within(desk):
        made = DecisionRecord.objects.get()
        loan = Loan.objects.get()
    decision = documents.read_decision(made.document)
    policy = parse_policy(POLICY, "tests").policy
    terms = offering.offered(decision, policy, 2_000_000, case.rate_ppm, DAY)
    booked = offering.schedule_of(offering.contract("x", terms, policy, DAY))
    assert terms.schedule.method.value == "harvest"
    assert [row.principal_fen for row in booked.rows] == [row.principal_fen for row in terms.schedule.rows]
    assert [row.due_on for row in booked.rows] == [row.due_on for row in terms.schedule.rows]
    assert booked.total_interest_fen == terms.schedule.total_interest_fen
    assert loan.principal_minor == 2_000_000


def test_a_referred_case_goes_through_three_people(desk):
    """Reviewer, approver, and nobody twice; a relative is shut out."""
    case = desk.assessed(REFERRED, amount=200_000)
    assert (case.state, case.automatic) == (State.REVIEW, False)
    reviewer, approver = desk.as_(Role.REVIEWER), desk.as_(Role.APPROVER)
    with pytest.raises(LendingError, match="give a reason"):
        review(case.number, Verdict.APPROVE, reason=" ", by=reviewer, at=AT)
    with pytest.raises(LendingError, match="within the policy's limit"):
        review(case.number, Verdict.APPROVE, reason="sound", amount_minor=10**9, by=reviewer, at=AT)
    review(
        case.number, Verdict.APPROVE, reason="the orchard is there", amount_minor=150_000, by=reviewer, at=AT
    )
    with pytest.raises(AccessError):
        approve(case.number, reason="mine", by=reviewer, at=AT)
    approve(case.number, reason="as reviewed", by=approver, at=AT)
    held = desk.case(case.number)
    assert (held.state, held.granted_minor, held.automatic) == (State.OFFERED, 150_000, False)
    assert desk.sign(case.number).state == State.SIGNED


def test_of_two_approvers_one_decides(desk):
    """The other one is told that somebody was faster."""
    case = desk.assessed(REFERRED, amount=200_000)
    review(case.number, Verdict.APPROVE, reason="sound", by=desk.as_(Role.REVIEWER), at=AT)
    people = [desk.as_(Role.APPROVER, number) for number in (0, 1)]

    def decide(number):
        return approve(case.number, reason="yes", by=people[number], at=AT)

    found = in_threads(2, decide)
    assert sorted(type(one).__name__ for one in found) == ["Application", "LendingError"]
    with within(desk):
        assert Opinion.objects.filter(stage="approval").count() == 1


def test_above_an_approver_the_committee_votes(sqlite, monkeypatch):
    """Three votes, more than half decide; nobody votes twice, and who approved it does not vote."""
    desk = Desk()
    case = desk.assessed(REFERRED, amount=200_000)
    review(case.number, Verdict.APPROVE, reason="sound", by=desk.as_(Role.REVIEWER), at=AT)
    monkeypatch.setattr("suixin.server.origination.authority.above_approver", lambda *_: True)
    approve(case.number, reason="large", by=desk.as_(Role.APPROVER), at=AT)
    assert desk.case(case.number).state == State.COMMITTEE
    members = [desk.as_(Role.COMMITTEE, number) for number in range(3)]
    vote(case.number, Verdict.APPROVE, reason="fine", by=members[0], at=AT)
    with pytest.raises(ConflictError, match="you have voted"):
        vote(case.number, Verdict.APPROVE, reason="again", by=members[0], at=AT)
    vote(case.number, Verdict.DECLINE, reason="the price of pears", by=members[1], at=AT)
    assert desk.case(case.number).state == State.COMMITTEE
    vote(case.number, Verdict.APPROVE, reason="fine", by=members[2], at=AT)
    assert desk.case(case.number).state == State.OFFERED


def test_a_refusal_can_be_appealed_once_and_people_look(desk):
    """What the policy declines no reviewer can grant: new facts make a new decision first."""
    case = desk.assessed(DECLINED)
    assert (case.state, case.automatic) == (State.DECLINED, True)
    owner = desk.owner(DECLINED)
    with pytest.raises(AccessError):
        appeal(case.number, "this is wrong", by=desk.as_(Role.CUSTOMER_MANAGER), at=AT)
    appeal(case.number, "half of my sales are on another platform", by=owner, at=AT)
    reviewer, approver = desk.as_(Role.REVIEWER), desk.as_(Role.APPROVER)
    with pytest.raises(LendingError, match="within the policy's limit"):
        review(case.number, Verdict.APPROVE, reason="true", by=reviewer, at=AT, amount_minor=100)
    review(case.number, Verdict.DECLINE, reason="no other sales are shown", by=reviewer, at=AT)
    decline(case.number, reason="as reviewed", by=approver, at=AT)
    assert desk.case(case.number).state == State.DECLINED
    with pytest.raises(LendingError, match="appealed before"):
        appeal(case.number, "again", by=owner, at=AT)


def test_nobody_acts_for_another_merchant(sqlite):
    """An owner is bound to one merchant; a stranger's case does not open."""
    desk = Desk()
    case = desk.assessed(APPROVED, amount=500_000)
    desk.enrolled(DECLINED)
    stranger = desk.owner(DECLINED)
    with pytest.raises(AccessError):
        withdraw_application(case.number, by=stranger, at=AT)
    desk.sign(case.number)
    with pytest.raises(AccessError):
        draw(case.number, 100, key="k", by=stranger, at=AT)


def test_one_open_application_a_merchant(sqlite):
    """A second tap files nothing; another wish waits until the first is withdrawn; an ended case is not assessed."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    assert desk.filed(APPROVED, amount=500_000).pk == case.pk
    with pytest.raises(ConflictError, match="still open"):
        desk.filed(APPROVED, amount=600_000)
    withdraw_application(case.number, by=desk.owner(APPROVED), at=AT)
    with pytest.raises(LendingError, match="is withdrawn"):
        assess(case.number, by=desk.machine, at=AT)
    assert desk.filed(APPROVED, amount=600_000).number == "A2026-000002"


def test_nobody_asks_for_more_than_the_policy_grants_anybody(sqlite):
    """By whatever way it comes: the sum is told as a row of a file is told it, and the last fen below it is taken."""
    desk = Desk()
    with pytest.raises(LendingError, match=r"at most ¥1,000,000\.00; ask for no more") as refused:
        desk.filed(APPROVED, amount=100_000_001)
    assert refused.value.zh == "现行政策一户最高 1,000,000.00元，不要超过"
    assert desk.filed(APPROVED, amount=100_000_000).number == "A2026-000001"


def test_who_files_again_may_ask_for_people(sqlite):
    """The open case is then for people, with a line in the log; it goes back by no second tap, nor after the machine's word."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    for by_people in (True, True, False):
        again = desk.filed(APPROVED, amount=500_000, by_people=by_people)
        assert (again.pk, again.by_people) == (case.pk, True)
    with tenancy.within(desk.organisation.pk):
        log = Record.objects.filter(action="lending.case.file").order_by("pk")
        assert [(one.object_id, bool(one.before)) for one in log] == [
            (str(case.pk), True),
            (str(case.pk), True),
        ]
    desk.consented(case)
    assess(case.number, by=desk.machine, at=AT)
    assert desk.case(case.number).state == "review"
    desk.assessed(SEASONAL, amount=2_000_000)
    with pytest.raises(ConflictError, match="decided by the policy alone"):
        desk.filed(SEASONAL, amount=2_000_000, by_people=True)


def test_nothing_is_read_without_the_consents_and_each_reading_has_its_receipt(desk):
    """Trading data and bureau, each by itself; refusing the warning stops nothing; a withdrawal binds the next request."""
    case = desk.filed(APPROVED, amount=500_000)
    with pytest.raises(ConsentError):
        assess(case.number, by=desk.machine, at=AT)
    desk.consented(case, P103B=False)
    with pytest.raises(ConsentError):
        assess(case.number, by=desk.machine, at=AT)
    with within(desk):
        assert DecisionRecord.objects.count() == Receipt.objects.count() == 0
    withdraw_application(case.number, by=desk.owner(APPROVED), at=AT)
    second = desk.filed(APPROVED, amount=600_000, by_people=True)
    desk.consented(second, P104=False)
    assess(second.number, by=desk.machine, at=AT)
    with within(desk):
        assert sorted(Receipt.objects.values_list("purpose", flat=True)) == ["P103", "P103B"]
        held = Consent.objects.get(merchant_id=APPROVED, purpose="P103", status="active")
    withdraw(held.consent_id, by=desk.owner(APPROVED), at=AT)
    with pytest.raises(ConsentError):
        assess(second.number, by=desk.machine, at=AT)
    with within(desk):
        assert (DecisionRecord.objects.count(), Receipt.objects.count()) == (1, 2)


def test_who_refused_may_be_asked_anew_in_either_language(sqlite):
    """A consent in force is not asked twice; one that was refused, or is used up, is asked again."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000, by_people=True)
    desk.consented(case, P103B=False)
    with within(desk):
        merchant = Merchant.objects.get()
    owner = desk.owner(APPROVED)
    anew = {"P103": True, "P103B": True}
    asked = take_consents(case, merchant, anew, by=owner, at=AT, lang="en")
    assert len(asked) == 1
    assert "Who holds the data: the platforms whose data you bring.\n" in asked[0].notice
    assert "contact: the lender's counter.\n" in asked[0].notice
    with within(desk):
        refused = Consent.objects.get(purpose="P103B", status="rejected")
    assert "数据提供方：您经营所在、由您提供数据的平台。\n" in refused.notice
    assert "联系方式：本机构柜台。\n" in refused.notice
    assert take_consents(case, merchant, anew, by=owner, at=AT, lang="zh") == []
    assess(case.number, by=desk.machine, at=AT)
    with within(desk):
        states = sorted(Consent.objects.filter(purpose="P103B").values_list("status", flat=True))
        assert (states, Consent.objects.filter(purpose="P103").count()) == (["consumed", "rejected"], 1)


def test_who_file_at_once_get_numbers_of_their_own(postgresql):
    """Nobody falls over another's number, and two taps of one merchant are one application."""
    desk = Desk()
    merchants = [desk.enrolled(name) for name in ("4", "9", "13")]
    owners = [desk.owner(merchant.merchant_id) for merchant in merchants]

    def file(number):
        one = number % 3
        return file_application(merchants[one], 100_000, "种苗", by=owners[one], at=AT).number

    found = in_threads(6, file)
    assert sorted(set(found)) == ["A2026-000001", "A2026-000002", "A2026-000003"]
    assert [found[number] == found[number + 3] for number in range(3)] == [True] * 3


def test_who_asks_for_people_gets_people(sqlite):
    """The policy's word is then advice, whatever it says."""
    case = Desk().assessed(APPROVED, amount=500_000, by_people=True)
    assert (case.state, case.automatic) == (State.REVIEW, False)


def test_a_new_decision_takes_the_case_back_to_its_review(desk):
    """Votes on an older decision count for nothing, and no committee grants more than the decision that holds."""
    case = desk.assessed(REFERRED, amount=200_000)
    review(case.number, "approve", reason="x", by=desk.as_(Role.REVIEWER), at=AT)
    with within(desk):
        Application.objects.filter(pk=case.pk).update(state=State.COMMITTEE)
        brought = Opinion(application=case, stage="approval", verdict="refer", amount_minor=200_000)
        brought.by, brought.on, brought.at = "user:999", DAY, AT
        brought.save()
    for number in (0, 1):
        vote(case.number, "approve", reason="x", by=desk.as_(Role.COMMITTEE, number), at=AT)
    with within(desk):
        made = DecisionRecord.objects.get(application_id=case.pk)
        later = DecisionRecord.objects.filter(pk=made.pk).values().get() | {
            "id": None,
            "limit_minor": 110_000,
        }
        DecisionRecord.objects.create(**later)
    with pytest.raises(LendingError, match="within the policy's limit of ¥1,100"):
        vote(case.number, "approve", reason="x", by=desk.as_(Role.COMMITTEE, 2), at=AT)
    desk.consented(case)
    assess(case.number, by=desk.machine, at=AT)
    assert desk.case(case.number).state == "review"


def test_other_people_judge_an_appeal(desk):
    """Whoever judged before it may neither review nor decide again, and the case is not in their queue."""
    case = desk.assessed(REFERRED, amount=200_000)
    first, other = desk.as_(Role.REVIEWER), desk.as_(Role.REVIEWER, 8)
    judge, second = desk.as_(Role.APPROVER), desk.as_(Role.APPROVER, 8)
    review(case.number, "decline", reason="x", by=first, at=AT)
    decline(case.number, reason="x", by=judge, at=AT)
    appeal(case.number, "再看一次", by=desk.owner(REFERRED), at=AT)
    with within(desk):
        assert [work.waits_for(one).count() for one in (first, other)] == [0, 1]
    with pytest.raises(AccessError):
        review(case.number, "decline", reason="x", by=first, at=AT)
    review(case.number, "approve", reason="x", by=other, at=AT)
    with within(desk):
        assert [work.waits_for(one).count() for one in (judge, second)] == [0, 1]
    with pytest.raises(AccessError):
        decline(case.number, reason="x", by=judge, at=AT)
    assert approve(case.number, reason="x", by=second, at=AT).state == "offered"
