"""Identities: asked through a port, kept without the number, and nothing is granted, signed or drawn without one."""

import os
from datetime import date

import pytest
from house import AT
from journeys import APPROVED, DECLINED, REFERRED, Desk, card

from suixin.errors import AccessError, LendingError, SourceError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import keys
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Holder, Merchant
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.review import review
from suixin.server.origination.models import Desk as DeskRow
from suixin.server.sharing.models import Receipt
from suixin.server.verification.actions.ask_provider import ask_provider
from suixin.server.verification.actions.import_answers import import_answers
from suixin.server.verification.actions.take_back_check import take_back_check
from suixin.server.verification.actions.verify import verify, verify_at_counter
from suixin.server.verification.checks import OVER, SOON, Wanted, found
from suixin.server.verification.models import IdentityCheck, IdentityRequest
from suixin.server.verification.providers import Demo
from suixin.server.verification.queries import Standing, held_of, verified

GOOD_UNTIL = date(2031, 5, 1)
TODAY = AT.date()
COPY = "档案柜 3-17"


@pytest.fixture
def desk(database):
    """A desk that is no demonstration: nobody is verified by being enrolled."""
    return real(Desk())


def real(made):
    with within(made):
        DeskRow.objects.update(demo=False)
    return made


def within(desk):
    return tenancy.within(desk.organisation.pk)


def merchant(desk, key):
    with within(desk):
        return Merchant.objects.select_related("holder").get(merchant_id=key)


def seen(desk, key, **more):
    more = {"kept_at": COPY, "expires_on": GOOD_UNTIL, "by": desk.as_(Role.CUSTOMER_MANAGER), "at": AT} | more
    return verify_at_counter(merchant(desk, key), more.pop("number", card(key)), **more)


def standing(desk, key, on=TODAY):
    with within(desk):
        return held_of(merchant(desk, key), on).standing


def consented(desk, key, **more):
    case = desk.filed(key, **more)
    desk.consented(case)
    return case


def test_nothing_is_decided_before_the_paper_was_seen(desk):
    """No assessment, and no consent is used up by the try; after the counter the policy grants by itself."""
    case = consented(desk, APPROVED, amount=500_000)
    with pytest.raises(LendingError, match="the identity of merchant 4 is not verified yet"):
        assess(case.number, by=desk.machine, at=AT)
    with within(desk):
        assert not Receipt.objects.exists()
    made = seen(desk, APPROVED)
    assert (made.how, made.verdict, made.ending, made.reference) == (
        "counter",
        "matched",
        card("4")[-2:],
        COPY,
    )
    assess(case.number, by=desk.machine, at=AT)
    assert desk.case(case.number).automatic
    with within(desk):
        kept = IdentityCheck.objects.values().get()
        said = Record.objects.get(action="verification.identity.check")
    assert card(APPROVED) not in str(kept)
    assert (said.actor, said.object_id) == (desk.as_(Role.CUSTOMER_MANAGER).name, str(made.pk))


def test_a_paper_that_ends_stops_people_the_signature_and_the_draw(sqlite):
    """Whoever approves, signs or draws after the paper's last day is told; a new paper opens the way again."""
    desk = real(Desk())
    for key, amount in ((APPROVED, 500_000), (REFERRED, 200_000)):
        case = consented(desk, key, amount=amount)
        seen(desk, key, expires_on=AT.date())
        assess(case.number, by=desk.machine, at=AT)
    offered, referred = "A2026-000001", "A2026-000002"
    review(referred, "approve", reason="x", by=desk.as_(Role.REVIEWER), at=AT)
    desk.end(5)

    ended = "was verified by a paper that is no longer good"
    with pytest.raises(LendingError, match=f"merchant {REFERRED} {ended}"):
        approve(referred, reason="y", by=desk.as_(Role.APPROVER), at=AT)
    with pytest.raises(LendingError, match=f"merchant {APPROVED} {ended}"):
        desk.sign(offered)
    assert standing(desk, REFERRED, date(2026, 1, 6)) is Standing.EXPIRED
    assert ending(desk, OVER) == [REFERRED, APPROVED]
    seen(desk, APPROVED, expires_on=None)  # 长期
    assert (ending(desk, OVER), ending(desk, SOON, AT.date())) == ([REFERRED], [REFERRED])
    desk.sign(offered)
    called(desk, APPROVED, "别人")
    with pytest.raises(LendingError, match="was verified under another name or number"):
        draw(offered, 100_000, key="k", by=desk.owner(APPROVED), at=AT)
    called(desk, APPROVED, f"张{APPROVED}")
    draw(offered, 100_000, key="k", by=desk.owner(APPROVED), at=AT)


def ending(desk, paper, today=date(2026, 1, 6)):
    """Whose latest paper ends so."""
    with within(desk):
        return [one.merchant_id for one in found(Wanted(paper=paper), today)]


def called(desk, key, name):
    with within(desk):
        Holder.objects.filter(merchant__merchant_id=key).update(name=name)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"number": card("5")}, LendingError, "not the one on file"),
        ({"number": card("4")[:-1] + "?"}, UsageError, "seventeen digits"),
        ({"kept_at": "box"}, UsageError, "where the copy of the paper is kept"),
        ({"expires_on": date(2026, 1, 4)}, LendingError, "was good until 2026-01-04"),
        ({"expires_on": date(2100, 1, 1)}, LendingError, "was good until 2100-01-01"),
    ],
)
def test_a_paper_that_does_not_fit_verifies_nobody(sqlite, changed, error, words):
    """Another number than on file, no place of the copy, a paper that has ended or ends in no time of ours."""
    desk = real(Desk())
    desk.enrolled(APPROVED)
    with pytest.raises(error, match=words):
        seen(desk, APPROVED, **changed)
    assert standing(desk, APPROVED) is Standing.NONE


def test_who_may_verify(sqlite):
    """A customer manager who is no relative; the demonstration's provider answers in the demonstration alone."""
    desk = real(Desk())
    kin = desk.as_(Role.CUSTOMER_MANAGER, 7)
    desk.enrolled(APPROVED, identity_number="", relatives=(kin.name,))
    for by in (kin, desk.as_(Role.REVIEWER), desk.as_(Role.ADMINISTRATOR)):
        with pytest.raises(AccessError):
            seen(desk, APPROVED, by=by)
    assert merchant(desk, APPROVED).holder.identity_number == ""
    with pytest.raises(UsageError, match="no number of identity on file"):
        verify(merchant(desk, APPROVED), Demo(demo=True), by=desk.as_(Role.CUSTOMER_MANAGER), at=AT)
    seen(desk, APPROVED)  # the number comes on file from the paper
    assert merchant(desk, APPROVED).holder.identity_number == card(APPROVED)
    with pytest.raises(AccessError, match="in the demonstration only"):
        verify(merchant(desk, APPROVED), Demo(demo=False), by=desk.program, at=AT)


def answered(lines, *rows):
    """The provider's file: (place in the list, verdict, number, expires)."""
    text = "核验编号,结果,流水号,有效期至\n"
    for place, *said in rows:
        reference = lines[place].reference if isinstance(place, int) else place
        text += ",".join([reference, *said]) + "\n"
    return text.encode()


def test_a_list_goes_out_and_its_answers_come_back_once(desk):
    """The list keeps its numbers until they are answered; the same file twice keeps nothing more; bad rows stop no good one."""
    by = desk.as_(Role.CUSTOMER_MANAGER)
    for key in (APPROVED, REFERRED, DECLINED):
        desk.filed(key)
    desk.enrolled("7")  # asks for nothing, and is not asked about
    lines = ask_provider(by=by, at=AT)
    assert [(one.person.merchant_id, one.person.identity_number) for one in lines] == [
        (key, card(key)) for key in (APPROVED, REFERRED, DECLINED)
    ]
    assert ask_provider(by=by, at=AT) == lines
    file = answered(
        lines,
        (0, "一致", "N1", "2031-05-01"),
        (1, "mismatch", "N2", ""),
        (2, "maybe", "", "soon"),
        ("V00", "一致", "N4", "长期"),
        (0, "不一致", "N5", ""),
    )
    made = import_answers("a.csv", file, "某持牌机构", by=by, at=AT)
    assert (made.kept, made.there) == (2, 0)
    assert [(one.row, one.column, one.en) for one in made.faults] == [
        (4, "expires", "a date, such as 2031-05-01, or long-term"),
        (4, "number", "give the provider's own number"),
        (4, "verdict", "say matched, mismatch or unknown"),
        (5, "reference", "nothing was asked under this number"),
        (6, "reference", "it was answered otherwise; take a new list and ask again"),
    ]
    again = import_answers("a.csv", file, "某持牌机构", by=by, at=AT)
    assert (again.kept, again.there, len(again.faults)) == (0, 2, 5)
    assert standing(desk, APPROVED) is Standing.VERIFIED
    assert standing(desk, REFERRED) is Standing.FAILED
    assert standing(desk, DECLINED) is Standing.NONE
    with within(desk):
        assert verified([APPROVED, REFERRED, DECLINED], AT.date()) == {APPROVED}
        assert IdentityRequest.objects.count() == 3
    following = ask_provider(by=by, at=AT)
    assert [one.person.merchant_id for one in following] == [REFERRED, DECLINED]
    assert following[1] == lines[2]  # not answered yet
    assert following[0].reference != lines[1].reference


def test_an_answer_for_somebody_who_is_called_otherwise_by_now_is_a_fault(sqlite):
    """Name or number changed between the list and its answer; a relative's answer is for a colleague to import."""
    desk = real(Desk())
    kin = desk.as_(Role.CUSTOMER_MANAGER, 7)
    desk.filed(APPROVED)
    desk.enrolled(REFERRED, relatives=(kin.name,))
    desk.filed(REFERRED)
    lines = ask_provider(by=kin, at=AT)
    called(desk, APPROVED, "别人")
    file = answered(lines, (0, "一致", "N1", ""), (1, "一致", "N2", ""))
    made = import_answers("a.csv", file, "某持牌机构", by=kin, at=AT)
    assert [(one.row, one.en) for one in made.faults] == [
        (2, "name or number have changed since; take a new list and ask again"),
        (3, "a relative of yours; let a colleague import it"),
    ]
    with pytest.raises(SourceError, match="lacks the columns"):
        import_answers("a.csv", b"x\n", "某持牌机构", by=kin, at=AT)
    with pytest.raises(SourceError, match="more cells in row 2 than headings; quote a value with a comma"):
        import_answers("a.csv", "核验编号,结果,流水号\nV1,一致,N,1\n".encode(), "某持牌机构", by=kin, at=AT)
    with pytest.raises(UsageError, match="name the provider"):
        import_answers("a.csv", file, " ", by=kin, at=AT)


def test_an_answer_of_a_wrong_file_is_taken_back_and_asked_for_anew(desk):
    """The check before it holds again, without one the customer is on the list under a new number; the log keeps all of it."""
    by = desk.as_(Role.CUSTOMER_MANAGER)
    kin = desk.as_(Role.CUSTOMER_MANAGER, 7)
    desk.filed(APPROVED)
    desk.enrolled(REFERRED, relatives=(kin.name,))
    desk.filed(REFERRED)
    lines = ask_provider(by=by, at=AT)
    seen(desk, REFERRED)
    file = answered(lines, (0, "一致", "N1", "2026-01-20"), (1, "不一致", "N2", ""))
    tried = import_answers("a.csv", file, "某持牌机构", by=by, at=AT, dry_run=True)
    with within(desk):
        assert IdentityCheck.objects.count() == 1
    assert import_answers("a.csv", file, "某持牌机构", by=by, at=AT) == tried
    assert (standing(desk, APPROVED), standing(desk, REFERRED)) == (Standing.VERIFIED, Standing.FAILED)
    with within(desk):
        one, two = IdentityCheck.objects.filter(how="provider").order_by("pk")
        counter = IdentityCheck.objects.get(how="counter")
    with pytest.raises(UsageError, match="write 1 to 200"):
        take_back_check(one.pk, " ", by=by, at=AT)
    for who in (desk.as_(Role.REVIEWER), kin):
        with pytest.raises(AccessError):
            take_back_check(two.pk, "x", by=who, at=AT)
    for check in (one, two):
        take_back_check(check.pk, "导错了文件", by=by, at=AT)
    for number in (one.pk, counter.pk, 0):
        with pytest.raises(LendingError, match="no answer of a provider counts"):
            take_back_check(number, "x", by=by, at=AT)
    assert (standing(desk, APPROVED), standing(desk, REFERRED)) == (Standing.NONE, Standing.VERIFIED)
    assert ending(desk, SOON, AT.date()) == []
    (following,) = ask_provider(by=by, at=AT)
    assert (following.person.merchant_id, following.reference != lines[0].reference) == (APPROVED, True)
    assert import_answers("a.csv", file, "某持牌机构", by=by, at=AT).there == 2  # it stays taken back
    right = answered([following], (0, "不一致", "N3", ""))
    assert import_answers("b.csv", right, "某持牌机构", by=by, at=AT).kept == 1
    assert standing(desk, APPROVED) is Standing.FAILED
    with within(desk):
        said = Record.objects.filter(action="verification.identity.take_back").order_by("pk")
        assert [(each.object_id, each.reason) for each in said] == [
            (str(one.pk), "导错了文件"),
            (str(two.pk), "导错了文件"),
        ]


def test_a_new_key_before_the_old_one_changes_nobodys_standing(sqlite, monkeypatch):
    """The fingerprint is known under any of the keys, and under none of another's."""
    desk = Desk()  # the demonstration: verified as soon as enrolled
    desk.enrolled(APPROVED)
    assert standing(desk, APPROVED) is Standing.VERIFIED
    old = keys.new_key()
    with monkeypatch.context() as changed:
        changed.setenv("SUIXIN_FACTOR_KEY", f"{old},{os.environ['SUIXIN_FACTOR_KEY']}")
        assert standing(desk, APPROVED) is Standing.VERIFIED
        changed.setenv("SUIXIN_FACTOR_KEY", old)
        assert standing(desk, APPROVED) is Standing.CHANGED
