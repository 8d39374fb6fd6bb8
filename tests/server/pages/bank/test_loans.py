"""The list of loans: what is asked stands in the address, figures are exact, nobody else's loan is seen."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import OperationalError, connection
from house import AT
from lender import CARRIED, DAY, NEXT
from screens import Screens

from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.servicing import lists
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.lists import Wanted
from suixin.server.servicing.models import Loan

OTHER = replace(CARRIED, village="371302002003", crop="apple", borrower_class="coop", agricultural=False)
QUIET = {Role.OWNER, Role.ADMINISTRATOR, Role.MODEL_OWNER, Role.VILLAGE_AGENT}


@pytest.fixture
def house(sqlite):
    return Screens()


def numbers(house, **asked):
    with tenancy.within(house.organisation.pk):
        found = lists.found(house.book, Wanted(**asked), house.day - NEXT)
        return sorted(found.values_list("number", flat=True))


def test_what_is_asked_is_what_is_listed(house):
    house.lend("A1", "P1")
    house.lend("B2", "P2", OTHER, principal=5_000_000)
    house.offered(house.contract("C3"))
    text = house.page(Role.REVIEWER, "/bank/loans")
    assert "3 笔" in text
    assert "150,000.00元" in text
    assert text.index(">C3<") < text.index(">B2<") < text.index(">A1<")  # the latest first
    text = house.page(Role.REVIEWER, "/bank/loans?township=371302002&crop=apple&state=active", lang="en")
    assert "1 loan" in text
    assert ">B2<" in text
    assert ">A1<" not in text
    assert 'value="active" selected' in text
    text = house.page(Role.REVIEWER, "/bank/loans?text=nobody")
    assert "没有符合条件的贷款" in text
    assert numbers(house, text="A") == ["A1"]
    assert numbers(house, text="P2") == ["B2"]
    assert numbers(house, township="371302") == ["A1", "B2", "C3"]
    assert numbers(house, crop=lists.NO_CROP) == ["A1", "C3"]
    assert numbers(house, on_book=True) == numbers(house, drawn=True) == ["A1", "B2"]
    assert numbers(house, borrower_class="coop") == numbers(house, agricultural=False) == ["B2"]
    assert numbers(house, granted_from=DAY, granted_to=DAY) == ["A1", "B2", "C3"]
    assert numbers(house, granted_from=date(2026, 1, 6)) == []


def test_a_borrower_is_found_by_name(house):
    house.lend("A1", "P1")
    who = Enrolled("P1", "farmer", "371302", "371302001201", "王秀英", shop_name="秀英果园")
    enrol(who, by=house.program, at=AT)
    assert numbers(house, text="秀英") == ["A1"]
    assert "秀英果园" in house.page(Role.COLLECTION, "/bank/loans?text=王秀英")


def test_a_question_that_is_none_asks_nothing(house):
    """Whatever stands in an address, the page answers."""
    house.lend("A1")
    for odd in (
        "page=x",
        "page=-1",
        "page=99",
        "five_class=9",
        "days=7-",
        "state=lent",
        "granted_from=May",
        "bad=2",
    ):
        assert "1 笔" in house.page(Role.AUDITOR, f"/bank/loans?{odd}"), odd
    assert "<script" not in house.page(Role.AUDITOR, "/bank/loans?text=%3Cscript%3E")


def test_how_late_a_loan_is_and_was(house):
    """Late from the second of February on, and asked for by days; then she pays, and what was seen stays."""
    house.lend("A1")
    house.lend("B2", principal=5_000_000)
    house.end(32)
    assert numbers(house, days="0") == ["A1", "B2"]  # at the end of the due date itself
    house.end(31)
    assert house.loan("A1").days_past_due(house.day - NEXT) == 31
    assert {code: len(numbers(house, days=code)) for code in lists.BUCKETS} == {
        "0": 0, "1-30": 0, "31-60": 2, "61-90": 0, "91-": 0, "1-": 2, "31-": 2,
    }  # fmt: skip
    pay = {"on": house.day, "key": "p", "currency": "CNY", "by": house.as_(Role.POST_LOAN), "at": AT}
    receive(house.book, "A1", 3_000_000, **pay)
    held = house.loan("A1")
    assert (held.days_past_due(house.day - NEXT), held.worst_days) == (0, 31)
    assert numbers(house, days="1-") == ["B2"]
    assert numbers(house, worst=30) == ["A1", "B2"]
    assert numbers(house, worst=31) == []
    assert (held.drawn_minor, held.rate_ppm) == (10_000_000, 43_500)


def test_days_late_and_class_are_as_of_one_day(house):
    """The day after the first day overdue: the list, the loan's page and its class speak of the end of the same day."""
    house.lend("A1")
    house.end(33)  # due on 5 February, overdue from the end of the sixth on; the book stands on the seventh
    held = house.loan("A1")
    assert (held.days_past_due(DAY + 32 * NEXT), held.five_class, held.state) == (1, 2, "arrears")
    said = '<time datetime="2026-02-06">2026年2月6日</time>日终'
    assert f"逾期天数、分类和准备截至 {said}" in house.page(Role.AUDITOR, "/bank/loans")
    assert f"逾期 1 天，截至 {said}" in house.page(Role.AUDITOR, "/bank/loans/A1")


def test_the_workbook_holds_the_loans_that_were_asked_for(house):
    """Text stays text, money is in yuan, days are days."""
    house.lend("=1+1", "P1")
    house.lend("B2", "P2", OTHER)
    answer = house.client(Role.AUDITOR).get("/bank/loans.xlsx?borrower=P1")
    sheet = openpyxl.load_workbook(BytesIO(answer.content))["loans"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head[0] == "编号\nnumber"
    days = (sheet["J2"].value, sheet["K2"].value)
    told = ("是 yes", "是 yes", "是 yes", "否 no")
    figures, ended = ("1 正常 normal", 0, 100_000, 100_000, 0, 0.0435), sheet["S2"].value
    assert rows == [
        ("=1+1", "P1", "正常还款 active", *figures, *days, "371302001201", "", "farmer", *told, ended)
    ]
    assert ended.date() == DAY - NEXT
    assert sheet["A2"].data_type == "s"
    assert (sheet["J2"].value.date(), sheet["K2"].value.date()) == (date(2026, 2, 5), DAY)


def test_who_may_not(house):
    house.lend("A1")
    for role in Role:
        if role in QUIET or role in {
            Role.OPERATOR,
            Role.OFFICIAL,
            Role.FUND_MANAGER,
            Role.CLAIMS,
            Role.VALIDATOR,
        }:
            for address in (
                "/bank/loans",
                "/bank/loans.xlsx",
                "/bank/loans/A1",
                "/bank/portfolio",
                "/bank/report",
            ):
                assert house.client(role).get(address).status_code == 403, (role, address)


def test_another_house_sees_nothing(database):
    """Not in the list, not in the sums, not by its number."""
    ours, theirs = Screens(), Screens("other")
    ours.lend("A1")
    theirs.lend("T1", principal=7_000_000)
    assert "70,000.00元" in theirs.page(Role.AUDITOR, "/bank/loans")
    text = ours.page(Role.AUDITOR, "/bank/loans?text=T1")
    assert ">T1<" not in text
    assert "0 笔" in text
    assert ours.client(Role.AUDITOR).get("/bank/loans/T1").status_code == 404
    assert ours.client(Role.AUDITOR).get("/bank/loans/A1").status_code == 200


def test_a_page_waits_for_nobody_who_writes(house):
    """On SQLite one writes at a time: the list is shown as it was before, whole, while the end of a day goes on for long."""
    house.lend("A1")
    assert "1 笔" in house.page(Role.AUDITOR, "/bank/loans")  # signed in, and seen this minute
    connection.cursor().execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE servicing_loan SET state = 'arrears'")
        assert house.client(Role.AUDITOR).get("/bank/loans?state=active").context["sums"].loans == 1
        writer.execute("ROLLBACK")
    with pytest.raises(OperationalError, match="readonly"), tenancy.reading(house.organisation.pk):
        Loan.objects.update(state="closed")  # whatever a page would write is refused, not only sometimes
    with tenancy.within(house.organisation.pk):
        assert Loan.objects.update(state="closed") == 1  # and the connection writes as before
