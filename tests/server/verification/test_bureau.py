"""The credit bureau: one query for a consent, its report in the lake by a declared route, and a log of who asked."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from house import AT
from journeys import APPROVED, REFERRED, Desk, county

from suixin.errors import AccessError, ConsentError, LendingError, SourceError, UsageError
from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.origination import documents, work
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.have_assessed import have_assessed
from suixin.server.origination.actions.review import review
from suixin.server.origination.dossier.checks import checks
from suixin.server.origination.dossier.facts import facts_of
from suixin.server.origination.models import DecisionRecord
from suixin.server.origination.models import Desk as DeskRow
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent, Receipt
from suixin.server.verification.actions.ask_bureau import ask_bureau
from suixin.server.verification.actions.correct_reports import correct_reports
from suixin.server.verification.actions.give_up_query import give_up_query
from suixin.server.verification.actions.import_reports import import_reports
from suixin.server.verification.bureaus import Held
from suixin.server.verification.log import Answer, Wanted, found, of_application
from suixin.server.verification.models import BureauQuery

HEAD = "查询编号,报告日期,种类,贷款人,余额（元）,每月还款（元）\n"
BUREAU = "某持牌征信"
DAY = timedelta(days=1)


@pytest.fixture
def desk(database, tmp_path):
    return apart(Desk(), tmp_path)


def apart(made, folder):
    """The desk with a lake of its own, into which reports may come."""
    shutil.copytree(county(), folder / "lake")
    with within(made):
        DeskRow.objects.update(lake=str(folder / "lake"))
    return made


def within(desk):
    return tenancy.within(desk.organisation.pk)


def case_of(desk, key, **answers):
    case = desk.filed(key, amount=200_000, by_people=True)
    desk.consented(case, **answers)
    return case


def queries(desk, case):
    with within(desk):
        return of_application(case.number)


def asked(desk, **more):
    return ask_bureau(BUREAU, by=more.get("by", desk.as_(Role.CUSTOMER_MANAGER)), at=AT)


def imported(desk, *rows, name="r.csv"):
    text = HEAD + "".join(f"{row}\n" for row in rows)
    return import_reports(name, text.encode(), by=desk.as_(Role.CUSTOMER_MANAGER), at=AT)


def next_of(desk, case):
    with within(desk):
        return work.rows([desk.case(case.number)], AT)[0].next


def standing(desk, case):
    with within(desk):
        found = checks(facts_of(desk.case(case.number), AT))
        return {one.code: one.found.standing.value for one in found if one.code in {"bureau", "receipts"}}


def test_an_assessment_asks_and_says_how_old_the_answer_was(desk):
    """One query with the receipt's number, the age that the decision knows, and no second one without a new consent."""
    case = desk.assessed(APPROVED, amount=500_000)
    (query,) = queries(desk, case)
    with within(desk):
        receipt = Receipt.objects.get(purpose="P103B")
        made = documents.read_decision(DecisionRecord.objects.get().document)
        lake = Lake.open(county())
    assert (query.receipt_id, query.purpose, query.by, query.by_file) == (
        receipt.receipt_id,
        "P103B",
        "system:policy",
        False,
    )
    age = (made.as_of - query.report.reported_on).days
    assert age == made.features["bureau_age_days"]
    again = Held("x", lake, made.as_of).query(APPROVED)
    assert (query.report.digest, query.report.rows) == (again.digest, again.rows)
    other = desk.assessed(REFERRED, amount=200_000)
    (nothing,) = queries(desk, other)
    assert (nothing.report.reported_on, nothing.report.rows) == (None, 0)
    with pytest.raises(ConsentError) as refused:
        assess(other.number, by=desk.machine, at=AT)
    assert refused.value.why == "consumed"
    assert len(queries(desk, other)) == 1


def test_a_list_goes_out_and_its_reports_feed_the_decision(desk):
    """The list uses the consent once; until its answer is there nothing is assessed; then the report's age decides."""
    case, refused = case_of(desk, REFERRED), case_of(desk, APPROVED, P103B=False)
    assert next_of(desk, case) == "assess"
    (line,) = asked(desk)
    assert (line.query.application, line.person.merchant_id) == (case.number, REFERRED)
    assert [one.query.reference for one in asked(desk)] == [line.query.reference]
    with within(desk):
        assert Receipt.objects.filter(purpose="P103B").count() == 1
        assert Consent.objects.get(merchant_id=REFERRED, purpose="P103B").status == "consumed"
    assert (next_of(desk, case), next_of(desk, refused)) == ("bureau", "consent")
    with pytest.raises(LendingError, match="has not answered query"):
        assess(case.number, by=desk.machine, at=AT)
    number = line.query.reference
    rows = (f"{number},2025-12-20,贷款,县联社,12000,500", f"{number},2025-12-20,guarantee,邮储,3000.50,0")
    done = imported(desk, *rows)
    assert (done.kept, done.there, done.faults) == (1, 0, ())
    assert imported(desk, *rows).there == 1
    assert next_of(desk, case) == "assess"
    made = assess(case.number, by=desk.machine, at=AT)
    found = documents.read_decision(made.document).features
    assert (found["bureau_age_days"], found["household_debt"], found["lenders"]) == (12, 15_000.5, 1)
    assert standing(desk, case) == {"bureau": "kept", "receipts": "kept"}
    (query,) = queries(desk, case)
    assert (query.report.reported_on, query.report.rows) == (date(2025, 12, 20), 2)
    lake = Lake.open(_lake(desk))
    held = lake.whole("exposures").collect().filter(exposure_id=f"{number}-1")
    assert held.select("source", "route", "balance_fen", "monthly_service_fen").rows() == [
        ("bureau", "licensed_bureau", 1_200_000, 50_000)
    ]
    assess(case.number, by=desk.machine, at=AT)  # on the same report, without another query
    assert len(queries(desk, case)) == 1
    assert standing(desk, case)["receipts"] == "kept"


def _lake(desk):
    with within(desk):
        return Path(DeskRow.objects.get().lake)


def test_a_report_with_a_fault_is_left_out_whole(sqlite, tmp_path):
    """Each fault with row, column and mend; nothing of it is in the lake, and the good report is."""
    desk = apart(Desk(), tmp_path)
    for key in (APPROVED, REFERRED):
        case_of(desk, key)
    one, two = (line.query.reference for line in asked(desk))
    done = imported(
        desk,
        f"{one},2025-12-20,无,,0,0",
        f"{two},2025-12-20,贷款,县联社,12000,500",
        f"{two},2025-12-21,贷款,邮储,1,1",
        f"{two},2026-01-06,债,,x,-1",
        f"{two},2025-12-20,none,,5,0",
        "B0,2025-12-20,none,,0,0",
    )
    assert (done.kept, done.there) == (1, 0)
    amount = "an amount in yuan; 0 where there is no debt"
    assert [(each.row, each.column, each.en) for each in done.faults] == [
        (4, "reported_on", "another day than in row 3"),
        (5, "balance", amount),
        (5, "kind", "say loan, guarantee or none"),
        (5, "lender", "name the lender"),
        (5, "reported_on", "a date up to today, such as 2026-03-01"),
        (5, "service", amount),
        (6, "balance", amount),
        (7, "reference", "no query has this number"),
    ]
    ids = Lake.open(_lake(desk)).whole("exposures").collect()["exposure_id"].to_list()
    assert [each for each in ids if each.startswith("B")] == [f"{one}-1"]
    other = imported(desk, f"{one},2025-12-20,贷款,县联社,1,1")
    assert [each.en for each in other.faults] == [
        "this query was answered by another report; if that was a wrong file, correct the report"
    ]
    with pytest.raises(SourceError, match="lacks the columns"):
        import_reports("r.csv", b"x\n", by=desk.as_(Role.CUSTOMER_MANAGER), at=AT)


def test_who_is_not_asked_about(sqlite):
    """Without a verified identity, after a withdrawal, by a relative, or by another role nobody is asked about."""
    desk = Desk()
    kin = desk.as_(Role.CUSTOMER_MANAGER, 7)
    desk.enrolled(REFERRED, relatives=(kin.name,))
    desk.enrolled("7", identity_number="")
    cases = [case_of(desk, key) for key in (APPROVED, REFERRED, "7")]
    with within(desk):
        consent = Consent.objects.get(merchant_id=APPROVED, purpose="P103B")
    withdraw(consent.consent_id, by=desk.owner(APPROVED), at=AT, reason="x")
    assert asked(desk, by=kin) == []
    for role in (Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(AccessError):
            asked(desk, by=desk.as_(role))
        with pytest.raises(AccessError):
            import_reports("r.csv", HEAD.encode(), by=desk.as_(role), at=AT)
    with pytest.raises(UsageError, match="name the bureau"):
        ask_bureau(" ", by=kin, at=AT)
    with within(desk):
        assert not BureauQuery.objects.exists()
    assert [line.query.application for line in asked(desk)] == [cases[1].number]


def given_up(desk, number, **more):
    who = more.get("by", desk.as_(Role.CUSTOMER_MANAGER))
    return give_up_query(number, more.get("reason", "机构停业"), by=who, at=AT)


def test_a_query_that_nobody_answers_is_given_up_and_asked_anew_under_another_consent(desk):
    """The first consent stays used up; the late answer is refused; the second list is another query with a receipt of its own."""
    case = case_of(desk, REFERRED)
    (first,) = asked(desk)
    number = first.query.reference
    given_up(desk, number)
    assert (next_of(desk, case), asked(desk)) == ("consent", [])
    with pytest.raises(ConsentError) as refused:
        assess(case.number, by=desk.machine, at=AT)
    assert refused.value.why == "consumed"
    desk.consented(case)
    assert next_of(desk, case) == "assess"
    (second,) = asked(desk)
    late = imported(desk, f"{number},2025-12-20,贷款,县联社,12000,500")
    assert (late.kept, [one.en for one in late.faults]) == (0, ["this query was given up"])
    assert next_of(desk, case) == "bureau"
    assert imported(desk, f"{second.query.reference},2025-12-20,无,,0,0").kept == 1
    assess(case.number, by=desk.machine, at=AT)
    newest, oldest = queries(desk, case)
    assert (oldest.given_up.reason, newest.report.rows) == ("机构停业", 0)
    with within(desk):
        receipts = list(Receipt.objects.filter(purpose="P103B").order_by("pk"))
        assert [one.receipt_id for one in receipts] == [oldest.receipt_id, newest.receipt_id]
        assert len({one.consent_id for one in receipts}) == 2
        asked_for = {answer: [one.pk for one in found(Wanted(answer=answer))] for answer in Answer}
        assert asked_for == {"waiting": [], "report": [newest.pk], "none": [], "given_up": [oldest.pk]}
        assert [one.pk for one in found(Wanted(text=number, from_on=AT.date(), to_on=AT.date()))] == [
            oldest.pk
        ]
        (line,) = Record.objects.filter(action="verification.bureau.give_up")
    assert (line.actor, line.reason) == (desk.as_(Role.CUSTOMER_MANAGER).name, "机构停业")
    assert standing(desk, case)["receipts"] == "kept"


def test_what_is_not_given_up(sqlite, tmp_path):
    """Without a reason, by a relative or a role that may not ask, an answered query, one twice, or one that does not exist."""
    desk = apart(Desk(), tmp_path)
    kin = desk.as_(Role.CUSTOMER_MANAGER, 7)
    desk.enrolled(REFERRED, relatives=(kin.name,))
    case_of(desk, REFERRED)
    case_of(desk, APPROVED)
    one, two = sorted(asked(desk), key=lambda line: line.person.merchant_id != REFERRED)
    for reason in ("", " ", "x" * 201):
        with pytest.raises(UsageError, match="write 1 to 200"):
            given_up(desk, one.query.reference, reason=reason)
    for who in (kin, *(desk.as_(role) for role in (Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR))):
        with pytest.raises(AccessError):
            given_up(desk, one.query.reference, by=who)
    imported(desk, f"{two.query.reference},2025-12-20,无,,0,0")
    given_up(desk, one.query.reference)
    for number in (one.query.reference, two.query.reference, "B0"):
        with pytest.raises(LendingError, match="waits for an answer"):
            given_up(desk, number)


def corrected(desk, *rows, reason="导错了文件", by=None, at=AT, **more):
    text = HEAD + "".join(f"{row}\n" for row in rows)
    by = by or desk.as_(Role.CUSTOMER_MANAGER)
    return correct_reports("r.csv", text.encode(), reason, by=by, at=at, **more)


def known_of(desk, case):
    """What the latest decision knows of debts, and how many decisions there are."""
    with within(desk):
        made = list(DecisionRecord.objects.filter(application=case).order_by("pk"))
    found = documents.read_decision(made[-1].document).features
    return [found[name] for name in ("bureau_age_days", "household_debt", "lenders")], len(made)


def test_a_wrong_file_is_corrected_and_what_it_named_alone_counts_no_more(desk):
    """The case is assessed anew on the right debts, both reports stay on record, and the same file again changes nothing."""
    case = case_of(desk, REFERRED)
    number = asked(desk)[0].query.reference
    wrong = (f"{number},2025-12-20,贷款,县联社,12000,500", f"{number},2025-12-20,贷款,邮储,3000.50,0")
    imported(desk, *wrong)
    assess(case.number, by=desk.machine, at=AT)
    assert known_of(desk, case) == ([12, 15_000.5, 2], 1)
    right = f"{number},2025-11-20,贷款,农行,500,5"
    tried = corrected(desk, right, dry_run=True)
    assert (tried.kept, tried.there, tried.faults) == (1, 0, ())
    assert known_of(desk, case) == ([12, 15_000.5, 2], 1)
    assert corrected(desk, right) == tried
    assert known_of(desk, case) == ([42, 500, 1], 2)
    assert desk.case(case.number).state == "review"
    again = corrected(desk, right)
    assert (again.kept, again.there) == (0, 1)
    assert imported(desk, right).there == 1
    assert imported(desk, *wrong).kept == 0
    assert corrected(desk, f"{number},2025-12-20,无,,0,0").kept == 1
    assert known_of(desk, case) == ([12, 0, 0], 3)
    lake = Lake.open(_lake(desk))
    held = lake.whole("exposures").collect().filter(pl.col("exposure_id").str.starts_with(number))
    assert held.select("exposure_id", "kind", "lender_id", "balance_fen").rows() == [
        (f"{number}-1", "none", "none", 0),
        (f"{number}-2", "none", "none", 0),
    ]
    assert lake.verify() == []
    (query,) = queries(desk, case)
    first, second = query.report.corrections.all()
    assert (query.report.rows, first.rows, second.rows) == (2, 1, 0)
    assert (first.earlier, second.earlier) == (query.report.digest, first.digest)
    with within(desk):
        lines = Record.objects.filter(action="verification.bureau.correct").order_by("pk")
        assert [(one.actor, one.reason) for one in lines] == [
            (desk.as_(Role.CUSTOMER_MANAGER).name, "导错了文件")
        ] * 2


def test_what_is_not_corrected(sqlite, tmp_path):
    """No reason, another role, a relative, no report yet, an offer or a contract that rests on it, or a row that the lake refuses."""
    desk = apart(Desk(), tmp_path)
    kin = desk.as_(Role.CUSTOMER_MANAGER, 7)
    desk.enrolled(REFERRED, relatives=(kin.name,))
    offer = desk.filed(APPROVED, amount=500_000)
    desk.consented(offer)
    case = case_of(desk, REFERRED)
    of = {line.person.merchant_id: line.query.reference for line in asked(desk)}
    assert [one.en for one in corrected(desk, f"{of[REFERRED]},2025-12-20,无,,0,0").faults] == [
        "it has no report yet; import it"
    ]
    none = [f"{number},2025-12-20,无,,0,0" for number in of.values()]
    assert imported(desk, *none).kept == 2
    for number in (offer.number, case.number):
        assess(number, by=desk.machine, at=AT)
    right = f"{of[REFERRED]},2025-12-20,贷款,农行,500,5"
    for reason in ("", " ", "x" * 201):
        with pytest.raises(UsageError, match="write 1 to 200"):
            corrected(desk, right, reason=reason)
    for role in (Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(AccessError):
            corrected(desk, right, by=desk.as_(role))
    theirs = f"{of[APPROVED]},2025-12-20,贷款,农行,500,5"
    snapshot = Lake.open(_lake(desk)).snapshot
    assert [one.en for one in corrected(desk, right, theirs, by=kin).faults] == [
        "a relative of yours; let a colleague import it",
        f"the offer of application {offer.number} rests on it; withdraw that application first",
    ]
    desk.sign(offer.number)
    (signed,) = corrected(desk, theirs).faults
    assert signed.zh == f"申请 {offer.number} 已依据这份报告签约，不再更正：请客户重新授权，再次查询"
    refused = corrected(desk, f"{of[REFERRED]},2025-12-20,贷款,农行,2000000000,5")
    assert [(one.row, one.column, one.zh) for one in refused.faults] == [
        (2, "balance", "数据湖不接收（金额超过十亿元）：核对单位为元")
    ]
    with within(desk):
        assert not Record.objects.filter(action="verification.bureau.correct").exists()
        consent = Consent.objects.get(merchant_id=REFERRED, purpose="P103")
    assert Lake.open(_lake(desk)).snapshot == snapshot
    withdraw(consent.consent_id, by=desk.owner(REFERRED), at=AT, reason="x")
    made = corrected(desk, right)  # it is right from now on, and people are told that the case is not
    assert made.kept == 1
    assert made.faults[0].en.startswith(
        f"it is corrected, but application {case.number} could not be assessed anew; do so before it is approved: "
    )
    assert known_of(desk, case)[1] == 1


def test_nothing_is_granted_on_a_report_that_was_corrected_since(desk):
    """Reviewed, then corrected while it could not be assessed anew: the approver is told to; assessed, it goes its way again."""
    case = case_of(desk, APPROVED)
    (line,) = asked(desk)
    reference = line.query.reference
    assert imported(desk, f"{reference},2025-12-20,无,,0,0").kept == 1
    assess(case.number, by=desk.machine, at=AT)

    def reviewed():
        reviewer = desk.as_(Role.REVIEWER)
        return review(case.number, "approve", reason="看过", by=reviewer, at=AT + 2 * DAY)

    def approved():
        return approve(case.number, reason="同意", by=desk.as_(Role.APPROVER), at=AT + 2 * DAY)

    reviewed()
    with within(desk):
        consent = Consent.objects.filter(merchant_id=APPROVED, purpose="P103").latest("pk")
    withdraw(consent.consent_id, by=desk.owner(APPROVED), at=AT, reason="x")
    made = corrected(desk, f"{reference},2025-12-20,贷款,农行,500,5", at=AT + DAY)
    assert (made.kept, len(made.faults)) == (1, 1)
    with pytest.raises(LendingError, match="have it assessed anew") as refused:
        approved()
    assert refused.value.zh == f"申请 {case.number} 评估之后，查询 {reference} 的征信报告已更正；请先重新评估"
    desk.consented(case)
    have_assessed(case.number, by=desk.as_(Role.CUSTOMER_MANAGER), at=AT + 2 * DAY, reason="已更正")
    reviewed()
    assert approved().state == "offered"
