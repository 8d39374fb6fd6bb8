"""The audit log: what is asked for, page by page, with the digest that the chain seals."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from house import AT
from screens import Screens

from suixin.server import tenancy
from suixin.server.audit import content
from suixin.server.audit.actions.record import record
from suixin.server.audit.actions.seal import seal
from suixin.server.audit.models import Record
from suixin.server.audit.queries import Asked, written
from suixin.server.identity.roles import Role


@pytest.fixture
def house(sqlite):
    made = Screens()
    made.lend("L1")
    made.person(Role.AUDITOR)
    return made


def found(house, **asked):
    with tenancy.within(house.organisation.pk):
        return [(one.record.action, one.record.actor) for one in written(Asked(**asked))]


def test_what_is_asked_is_what_is_found(house):
    loan, desk = house.loan(), house.as_(Role.DISBURSEMENT).name
    assert found(house, action="lending.loan.disburse") == [("lending.loan.disburse", desk)]
    its = found(house, object_kind="servicing.loan", object_id=str(loan.pk))
    assert [action for action, _ in its] == [
        "lending.loan.disburse",
        "lending.loan.accept",
        "lending.loan.offer",
    ]
    assert found(house, actor=desk, action="lending.loan.offer") == []
    day = AT.date()
    assert found(house, from_on=day, to_on=day) == found(house)
    assert found(house, from_on=day + timedelta(days=1)) == found(house, to_on=day - timedelta(days=1)) == []
    text = house.page(Role.AUDITOR, "/bank/log?action=lending.loan.disburse")
    with tenancy.within(house.organisation.pk):
        row = Record.objects.get(action="lending.loan.disburse")
        assert content.digest(row).hex() in text
        assert row.after in text
    assert "待封存" in text
    assert text.count("<tr>") == 2
    assert "没有符合条件的记录" in house.page(Role.AUDITOR, "/bank/log?actor=nobody")
    text = house.page(Role.ADMINISTRATOR, f"/bank/log?actor={house.organisation.code}-wang", lang="en")
    assert set(re.findall(r'<span class="soft">(user:\d+|system:\w+)</span>', text)) == {house.first.name}
    assert "open a book" in text


def test_what_a_line_is_about_is_told_in_words_and_opened_by_who_may_see_it(house):
    """By the number that people know, in both languages; an administrator sees no loan, an auditor does."""
    kind = f"/bank/log?object_kind=servicing.loan&object_id={house.loan().pk}"
    page = house.page(Role.AUDITOR, kind)
    assert page.count('<a href="/bank/loans/L1">贷款 L1</a>') == 3
    page = house.page(Role.ADMINISTRATOR, kind, lang="en")
    assert page.count("loan L1 <span") == 3
    assert "/bank/loans/L1" not in page
    answer = house.client(Role.AUDITOR).get("/bank/log.xlsx?object_kind=servicing.loan")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert {cells[5:8] for cells in sheet.iter_rows(min_row=2, values_only=True)} == {
        ("贷款", "L1", "servicing.loan")
    }


def test_a_civil_day_is_chinese(house):
    """Half past midnight of the sixth in China is still the fifth by UTC."""
    at = datetime(2026, 2, 5, 16, 30, tzinfo=UTC)
    with tenancy.within(house.organisation.pk):
        record(house.program, "ledger.book.read", house.book, at=at)
    sixth = at.date() + timedelta(days=1)
    assert found(house, from_on=sixth, to_on=sixth) == [("ledger.book.read", house.program.name)]
    assert found(house, from_on=at.date(), to_on=at.date()) == []


def test_a_page_at_a_time(house):
    with tenancy.within(house.organisation.pk):
        for _ in range(120):
            record(house.program, "ledger.book.seal", house.book, at=AT)
    address, pages = "/bank/log?action=ledger.book.seal", []
    while address:
        text = house.page(Role.AUDITOR, address)
        pages.append(text.count("<tr>") - 1)
        onward = re.search(r'href="(\?[^"]*)" rel="next"', text)
        address = f"/bank/log{onward[1].replace('&amp;', '&')}" if onward else ""
    assert pages == [50, 50, 20]


def test_whether_the_chain_holds(database):
    """It does; then somebody behind the walls changes a reason, and the first broken place is named."""
    house = Screens()
    house.lend("L1")
    sealed = seal(house.program)
    text = house.page(Role.ADMINISTRATOR, "/bank/log?check=yes")
    assert "链完好" in text
    assert f"链上第 {sealed} 条" in text
    if database.vendor == "sqlite":
        behind = database.behind()
        names = [
            row[0]
            for row in behind.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_record'"
            )
        ]
        for name in names:
            behind.execute(f"DROP TRIGGER {name}")
        behind.execute(
            "UPDATE audit_record SET reason = 'other' WHERE id = (SELECT min(id) + 2 FROM audit_record)"
        )
        behind.close()
        assert "链在第 3 条断开" in house.page(Role.AUDITOR, "/bank/log?check=yes")


def test_who_may_not(house):
    for role in set(Role) - {Role.AUDITOR, Role.ADMINISTRATOR}:
        assert house.client(role).get("/bank/log").status_code == 403, role
    theirs = Screens("other")
    theirs.lend("T1")
    assert "lending.loan.disburse" in {action for action, _ in found(theirs)}
    assert len(found(house, action="lending.loan.disburse")) == 1


@pytest.mark.parametrize(
    "odd",
    [
        "before=x",
        "before=-1",
        "from_on=May",
        "from_on=0001-01-01",
        "to_on=9999-12-31",
        "action=none",
        "actor=%3Cb%3E",
        "object_id=%27",
    ],
)
def test_a_question_that_is_none_is_answered(house, odd):
    assert "审计日志" in house.page(Role.AUDITOR, f"/bank/log?{odd}")
