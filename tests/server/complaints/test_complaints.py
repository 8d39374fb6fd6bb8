"""Complaints: filed once, answered by somebody who had no hand in it, and what they hold up in the meantime."""

from datetime import date, timedelta

import pytest
from house import AT, in_threads
from journeys import APPROVED, DAY, DECLINED, NEXT_POLICY, REFERRED, Desk

from suixin.errors import AccessError, ConflictError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.complaints import queries
from suixin.server.complaints.actions.answer_complaint import Answer, answer_complaint
from suixin.server.complaints.actions.file_complaint import Said, file_complaint
from suixin.server.complaints.actions.take_complaint import take_complaint
from suixin.server.complaints.models import Complaint
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.release_policy import release_policy
from suixin.server.origination.actions.review import review
from suixin.server.servicing.actions.freeze_facility import freeze_facility
from suixin.server.servicing.actions.receive import receive

TERM = "\ncomplaints:\n  answer_days: {value: 15, source: board, since: 2026-01-01}\n"
WRONG = Said("data", "包裹当天就交给快递了", feature="inquiries_90d")
ANSWER = Answer("upheld", "data", "已更正，重新评估")


@pytest.fixture
def desk(database):
    return Desk()


def within(desk):
    return tenancy.within(desk.organisation.pk)


def filed(desk, merchant_id, said=WRONG, by=None):
    with within(desk):
        merchant = Merchant.objects.get(merchant_id=merchant_id)
    return file_complaint(merchant, said, by=by or desk.owner(merchant_id), at=AT)


def test_a_disputed_figure_brings_people_in(desk):
    """What the policy would have granted alone goes to a reviewer until the answer, and only until then."""
    first = desk.filed(APPROVED, amount=500_000)
    made = filed(desk, APPROVED)
    with within(desk):
        assert queries.disputed(APPROVED) == ["inquiries_90d"]
    desk.consented(first)
    assess(first.number, by=desk.machine, at=AT)
    held = desk.case(first.number)
    assert (held.state, held.automatic) == ("review", False)
    answer_complaint(made.number, ANSWER, by=desk.as_(Role.REVIEWER), at=AT)
    with within(desk):
        assert queries.disputed(APPROVED) == []
    desk.enrolled(DECLINED)
    filed(desk, DECLINED, Said("price", "利率太高"))
    refused = desk.assessed(DECLINED)
    assert (refused.state, refused.automatic) == ("declined", True)


def test_its_day_is_the_policys(desk):
    """Fifteen days from the business date where the policy says so; none where it is silent; late the day after."""
    desk.enrolled(APPROVED)
    assert filed(desk, APPROVED, Said("other", "a")).due_on is None
    owner, second = desk.as_(Role.MODEL_OWNER), desk.as_(Role.APPROVER, 9)
    release_policy(NEXT_POLICY + TERM, reason="term", by=owner, second=second, at=AT)
    made = filed(desk, APPROVED, Said("other", "b"))
    assert (made.number, made.due_on) == ("C2026-000002", date(2026, 1, 16))
    with within(desk):
        assert list(queries.late(DAY + timedelta(days=15))) == []
        assert [one.number for one in queries.late(DAY + timedelta(days=16))] == [made.number]
        wanted = queries.listed(queries.Wanted(), DAY)
        assert [one.number for one in wanted] == ["C2026-000002", "C2026-000001"]


def test_nobody_answers_a_complaint_about_themselves(desk):
    """The reviewer of the case does not, nor a relative, nor the merchant; another reviewer does, once."""
    case = desk.assessed(REFERRED, amount=200_000)
    reviewer, other = desk.as_(Role.REVIEWER), desk.as_(Role.REVIEWER, 8)
    review(case.number, "decline", reason="证据不足", by=reviewer, at=AT)
    made = filed(desk, REFERRED, Said("decision", "不公平", about=case.number))
    for barred in (reviewer, desk.owner(REFERRED), desk.as_(Role.APPROVER)):
        with pytest.raises(AccessError):
            answer_complaint(made.number, ANSWER, by=barred, at=AT)
        with pytest.raises(AccessError):
            take_complaint(made.number, by=barred, at=AT)
    assert take_complaint(made.number, by=other, at=AT).owner == other.name
    answer_complaint(made.number, ANSWER, by=other, at=AT)
    again = answer_complaint(made.number, ANSWER, by=other, at=AT)
    assert (again.state, again.answered_on) == ("answered", DAY)
    with pytest.raises(ConflictError, match="answered already"):
        answer_complaint(made.number, Answer("rejected", "none", "x"), by=other, at=AT)
    with pytest.raises(ConflictError, match="is answered"):
        take_complaint(made.number, by=other, at=AT)
    with within(desk):
        said = Record.objects.filter(object_kind="complaints.complaint").order_by("id")
        assert [one.action for one in said] == [
            "service.complaint.file",
            "service.complaint.take",
            "service.complaint.answer",
        ]


def test_who_had_the_loan_in_hand_does_not_answer(desk):
    """Who took a payment, froze the line or wrote the complaint down is barred; somebody else of post-loan is not."""
    case = desk.signed(APPROVED, amount=500_000)
    loan = draw(case.number, 100_000, key="k", by=desk.owner(APPROVED), at=AT)
    teller, freezer, writer, other = (desk.as_(Role.POST_LOAN, number) for number in range(4))
    receive(desk.book, loan, 1_000, on=DAY, key="p", currency="CNY", by=teller, at=AT)
    freeze_facility(desk.book, case.facility, frozen=True, reason="x", by=freezer, at=AT)
    made = filed(desk, APPROVED, Said("conduct", "态度差", about=loan, channel="counter"), by=writer)
    for barred in (teller, freezer, writer):
        with pytest.raises(AccessError):
            answer_complaint(made.number, ANSWER, by=barred, at=AT)
    assert answer_complaint(made.number, ANSWER, by=other, at=AT).answered_by == other.name


def test_the_same_words_twice_are_one_complaint(desk):
    """A second tap does nothing; the same figure in other words is told that it is disputed."""
    desk.enrolled(APPROVED)
    assert filed(desk, APPROVED).pk == filed(desk, APPROVED).pk
    with pytest.raises(ConflictError, match="inquiries_90d is disputed already"):
        filed(desk, APPROVED, Said("data", "还是不对", feature="inquiries_90d"))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("data", "  "), "0 characters"),
        (Said("data", "x" * 1_001), "1001 characters"),
        (Said("weather", "x"), "is no complaint"),
        (Said("data", "x", channel="pigeon"), "is no complaint"),
        (Said("data", "x", feature="password"), "is no figure"),
        (Said("price", "x", feature="inquiries_90d"), "is no figure"),
        (Said("other", "x", about="A2026-000001"), "no application and no loan of this merchant"),
    ],
)
def test_what_is_no_complaint(sqlite, said, words):
    """Each is told by name, and nothing is kept; another merchant's application is none of theirs."""
    desk = Desk()
    desk.filed(DECLINED)
    desk.enrolled(APPROVED)
    with pytest.raises(UsageError, match=words):
        filed(desk, APPROVED, said)
    with within(desk):
        assert Complaint.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("", "data", "x"), "say what the complaint was"),
        (Answer("upheld", "fate", "x"), "say what the complaint was"),
        (Answer("upheld", "data", " "), "0 characters"),
        (Answer("upheld", "none", "x"), "has a cause"),
    ],
)
def test_what_is_no_answer(sqlite, answer, words):
    """Each is told by name, and the complaint waits on."""
    desk = Desk()
    desk.enrolled(APPROVED)
    made = filed(desk, APPROVED)
    with pytest.raises(UsageError, match=words):
        answer_complaint(made.number, answer, by=desk.as_(Role.REVIEWER), at=AT)
    with within(desk):
        assert Complaint.objects.get().is_open


def test_two_people_answer_at_once(desk):
    """One answer stands; the other is told whose."""
    desk.enrolled(APPROVED)
    made = filed(desk, APPROVED)
    people = [desk.as_(Role.REVIEWER), desk.as_(Role.REVIEWER, 8)]

    def answering(number):
        answer = Answer("partly", "process", f"答复{number}")
        try:
            return answer_complaint(made.number, answer, by=people[number], at=AT).answered_by
        except ConflictError as error:
            return str(error)

    found = in_threads(2, answering)
    winners = [one for one in found if one.startswith("user:")]
    assert len(winners) == 1
    assert any(f"answered already, by {winners[0]}" in one for one in found)
