"""The due-diligence file: what is missing before anybody approves, and a file whose every byte can be checked."""

import io
import json
import zipfile
from copy import copy
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from house import AT
from journeys import APPROVED, DAY, DECLINED, NEXT_POLICY, REFERRED, Desk

from suixin.errors import AccessError, LendingError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.complaints.models import Complaint
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.record_visit import Seen, record_visit
from suixin.server.origination.actions.release_policy import release_policy
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.seal_dossier import seal_dossier
from suixin.server.origination.dossier.archive import archive
from suixin.server.origination.dossier.checks import checks, gaps
from suixin.server.origination.dossier.facts import facts_of
from suixin.server.origination.models import Dossier, SiteVisit
from suixin.server.watching.models import Alert

CARD = "11010519491231002X"  # the example of GB 11643-1999
DILIGENCE = """
diligence:
  visit_days: {value: 180, source: board, since: 2026-01-01}
  first_check_days: {value: 30, source: board, since: 2026-01-01}
"""
SEEN = Seen(on=DAY, place="沂河村大棚", findings="三座大棚，番茄挂果", with_whom="王会计")


@pytest.fixture
def desk(database):
    return diligent(Desk())


def diligent(desk):
    """The desk with a policy that asks for visits."""
    owner, second = desk.as_(Role.MODEL_OWNER), desk.as_(Role.APPROVER, 9)
    release_policy(NEXT_POLICY + DILIGENCE, reason="diligence", by=owner, second=second, at=AT)
    return desk


def within(desk):
    return tenancy.within(desk.organisation.pk)


def facts(desk, case):
    with within(desk):
        return facts_of(desk.case(case.number), AT)


def standing(desk, case, **changed):
    """Code -> how it stands, of the case as it is, or as it would be with other facts."""
    with within(desk):
        return {one.code: one.found.standing.value for one in checks(replace(facts(desk, case), **changed))}


def reviewed(desk, case):
    review(case.number, "approve", reason="货真价实", by=desk.as_(Role.REVIEWER), at=AT)


def test_what_is_missing_shrinks_as_people_do_their_work(desk):
    """A referred case from its filing to its first check: the items that are missing, by name, at each step."""
    case = desk.filed(REFERRED, amount=200_000)
    assert gaps_of(desk, case) == []
    desk.consented(case)
    assess(case.number, by=desk.machine, at=AT)
    assert gaps_of(desk, case) == ["bureau", "visit"]
    reviewed(desk, case)
    record_visit(case.number, SEEN, by=desk.as_(Role.REVIEWER), at=AT)
    assert gaps_of(desk, case) == ["bureau"]
    approve(case.number, reason="同意", by=desk.as_(Role.APPROVER), at=AT + timedelta(minutes=1))
    desk.sign(case.number)
    draw(case.number, 100_000, key="k", by=desk.owner(REFERRED), at=AT)
    found = standing(desk, case)
    assert found == {
        "identity": "kept",
        "consents": "kept",
        "receipts": "kept",
        "bureau": "gap",
        "decision": "kept",
        "replay": "kept",
        "visit": "kept",
        "review": "kept",
        "apart": "kept",
        "authority": "kept",
        "agreement": "kept",
        "paid_out": "kept",
        "use": "later",
        "alerts": "later",
        "complaints": "later",
    }
    assert standing(desk, case, today=DAY + timedelta(days=31))["use"] == "gap"
    looked = replace(SEEN, used_as_agreed=True)
    record_visit(case.number, looked, by=desk.as_(Role.POST_LOAN), at=AT)
    assert standing(desk, case, today=DAY + timedelta(days=31))["use"] == "kept"
    record_visit(case.number, replace(looked, used_as_agreed=False), by=desk.as_(Role.POST_LOAN), at=AT)
    assert standing(desk, case)["use"] == "gap"


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([(5, True)], "kept"),
        ([(31, True)], "gap"),  # a day too late
        ([(5, True), (20, False)], "gap"),
        ([(20, False), (5, True)], "gap"),  # typed in the other order
        ([(5, False), (20, True)], "kept"),
        ([(-1, True)], "gap"),  # before the money was there
    ],
)
def test_the_first_check_is_judged_by_its_days(sqlite, visits, expected):
    """In time, and by what the last of them found."""
    desk = diligent(Desk())
    case = desk.signed(APPROVED, amount=500_000)
    draw(case.number, 100_000, key="k", by=desk.owner(APPROVED), at=AT)
    held = tuple(
        SiteVisit(pk=number, kind="after", on=DAY + timedelta(days=days), used_as_agreed=used)
        for number, (days, used) in enumerate(visits)
    )
    assert standing(desk, case, visits=held, today=DAY + timedelta(days=40))["use"] == expected


def test_money_that_was_not_paid_out_has_no_use(desk):
    """A signed line is not yet money."""
    case = desk.signed(APPROVED, amount=500_000)
    with pytest.raises(LendingError, match="nothing was paid out yet"):
        record_visit(case.number, replace(SEEN, used_as_agreed=True), by=desk.as_(Role.POST_LOAN), at=AT)


def gaps_of(desk, case):
    with within(desk):
        return gaps(checks(facts_of(desk.case(case.number), AT)))


def test_the_policys_own_yes_needs_no_visit(desk):
    """Within the automatic authority nobody goes and nobody reviews; with a card on file nothing is missing."""
    desk.enrolled(APPROVED, identity_number=CARD)
    case = desk.signed(APPROVED, amount=500_000)
    found = standing(desk, case)
    assert [code for code, how in found.items() if how == "not_asked"] == ["visit", "review"]
    assert gaps_of(desk, case) == []


def test_a_visit_after_the_decision_does_not_count(desk):
    """Nor one that is older than the policy allows."""
    case = desk.assessed(REFERRED, amount=200_000)
    reviewed(desk, case)
    old = replace(SEEN, on=DAY - timedelta(days=181))
    record_visit(case.number, old, by=desk.as_(Role.REVIEWER), at=AT)
    assert standing(desk, case)["visit"] == "gap"
    record_visit(case.number, replace(SEEN, on=DAY - timedelta(days=180)), by=desk.as_(Role.REVIEWER), at=AT)
    assert standing(desk, case)["visit"] == "kept"
    assert standing(desk, case, today=DAY + timedelta(days=1))["visit"] == "gap"
    approve(case.number, reason="同意", by=desk.as_(Role.APPROVER), at=AT - timedelta(minutes=1))
    assert standing(desk, case)["visit"] == "gap"


def test_what_was_changed_is_named(desk):
    """A decision with another figure is neither what its digest says nor what is made again; so is an agreement."""
    case = desk.signed(APPROVED, amount=500_000)
    held = facts(desk, case)
    held.records[-1].document = held.records[-1].document.replace('"grade":"B"', '"grade":"A"')
    with within(desk):
        assert gaps(checks(held)) == ["decision", "replay"]
        held.records[-1].limit_minor = 499_999
        assert "authority" in gaps(checks(replace(held, case=people_decided(held.case))))
        held.records[-1].limit_minor = 500_000
        held.case.agreement = held.case.agreement.replace("500000", "900000")
        assert gaps(checks(held))[-1] == "agreement"


def test_what_nobody_answered_is_missing(desk):
    """An early warning that is nobody's, a complaint after its day; within it the complaint waits."""
    case = desk.signed(APPROVED, amount=500_000)
    draw(case.number, 100_000, key="k", by=desk.owner(APPROVED), at=AT)
    held = facts(desk, case)
    warned = Alert(state="open", opened_on=DAY)
    said = Complaint(number="C1", state="open", due_on=DAY)
    for alerts, complaints, today, expected in (
        ((warned,), (), DAY, ("gap", "later")),
        ((Alert(state="taken", opened_on=DAY),), (said,), DAY, ("kept", "later")),
        ((), (said,), DAY + timedelta(days=1), ("later", "gap")),
        ((), (Complaint(number="C1", state="answered", due_on=DAY),), DAY, ("later", "kept")),
    ):
        with within(desk):
            changed = replace(held, alerts=alerts, complaints=complaints, today=today)
            found = {one.code: one.found.standing.value for one in checks(changed)}
        assert (found["alerts"], found["complaints"]) == expected


def people_decided(case):
    """The same case, as if people had granted it."""
    other = copy(case)
    other.automatic = False
    return other


def test_the_file_proves_itself(desk):
    """Every digest of the manifest is right, its own stands in the audit log, and equal facts make equal bytes."""
    desk.enrolled(APPROVED, identity_number=CARD, telephone="13800001234")
    case = desk.signed(APPROVED, amount=500_000)
    made = seal_dossier(case.number, by=desk.as_(Role.CUSTOMER_MANAGER), at=AT)
    with within(desk):
        held = bytes(Dossier.objects.get().content)
        said = Record.objects.get(action="lending.case.seal")
    assert (made.gaps, said.reason, sha256(held).hexdigest()) == ([], made.digest, made.digest)
    with zipfile.ZipFile(io.BytesIO(held)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert {name.partition("/")[0] for name in files} == {
        "agreement.json", "alerts.json", "application.json", "audit.json", "bureau.json", "checklist.json", "checklist.txt",
        "complaints.json", "consents.json",
        "decisions", "loans.json", "opinions.json", "policies", "receipts.json", "signature.json", "visits.json",
    }  # fmt: skip
    assert [one["action"] for one in json.loads(files["audit.json"])][:2] == [
        "lending.case.file",
        "lending.case.assess",
    ]
    everything = b"".join(files.values()).decode()
    for private in (CARD, "13800001234", f"张{APPROVED}"):
        assert private not in everything
    with within(desk):
        before = facts(desk, case)
        assert archive(before, checks(before)) == archive(before, checks(before))


def test_who_visited_does_not_approve(desk):
    """A visitor has investigated; a relative neither visits nor seals; nobody visits the future or a place without a name."""
    case = desk.assessed(REFERRED, amount=200_000)
    reviewed(desk, case)
    both = desk.as_(Role.REVIEWER)
    record_visit(case.number, SEEN, by=both, at=AT)
    approver = desk.as_(Role.APPROVER)
    with pytest.raises(AccessError):
        approve(case.number, reason="x", by=replace(approver, name=both.name), at=AT)
    with pytest.raises(AccessError):
        record_visit(case.number, SEEN, by=approver, at=AT)
    for wrong, error, words in (
        (replace(SEEN, on=DAY + timedelta(days=1)), LendingError, "has not come"),
        (replace(SEEN, place=" "), UsageError, "place has 1 characters"),
        (replace(SEEN, findings="x" * 1_001), UsageError, "findings has 1001 characters"),
        (replace(SEEN, used_as_agreed=True), LendingError, "nothing was paid out yet"),
    ):
        with pytest.raises(error, match=words):
            record_visit(case.number, wrong, by=both, at=AT)
    kin = desk.as_(Role.REVIEWER, 7)
    desk.enrolled(DECLINED, relatives=(kin.name,))
    own = desk.filed(DECLINED)
    for barred in (
        lambda: record_visit(own.number, SEEN, by=kin, at=AT),
        lambda: seal_dossier(own.number, by=kin, at=AT),
    ):
        with pytest.raises(AccessError):
            barred()
    with within(desk):
        assert SiteVisit.objects.filter(application__number=own.number).count() == 0
