"""The portfolio and the report: every figure is that of the list it opens, and all of them are the ledger's principal."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from io import BytesIO

import openpyxl
from django.db import connection
from django.test.utils import CaptureQueriesContext
from house import AT, moved, posted
from lender import CARRIED
from screens import Screens

from suixin.lending.prepay import Way
from suixin.lending.schedule import Method
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.write_off import write_off
from suixin.server.servicing.inclusive import report
from suixin.server.servicing.lists import NEW
from suixin.server.servicing.portfolio import OTHERS, portfolio, quarter_of
from suixin.server.servicing.queries import payoff
from suixin.server.servicing.transitions import OFF, month_end_ago, transitions

APPLE = replace(CARRIED, village="371302002003", crop="apple", borrower_class="coop", agricultural=False)
FIRST = replace(CARRIED, first_time=True, credit_only=False)


def held(house):
    with tenancy.within(house.organisation.pk):
        return portfolio(house.book)


def counted(house):
    with tenancy.within(house.organisation.pk):
        return {row.code: row[1:] for row in report(house.book).rows}


def lived(house):
    """Five loans: two late from February on, one that bears only interest, one closed, one written off."""
    house.lend("L1", "P1", APPLE)
    house.lend("L2", "P1", principal=4_000_000)
    house.lend("L3", "P2", FIRST, principal=6_000_000, method=Method.BULLET, months=1)
    house.lend("L4", "P3", principal=1_000_000)
    house.lend("L5", "P4", principal=2_000_000)
    pay = {"on": house.day, "key": "all", "currency": "CNY", "by": house.as_(Role.POST_LOAN), "at": AT}
    receive(house.book, "L4", 1_000_000, ahead=Way.KEEP, **pay)
    by, second = house.as_(Role.APPROVER), house.as_(Role.APPROVER, 1)
    write_off(house.book, "L5", key="off", reason="gone", by=by, second=second, at=AT)
    house.end(31)
    receive(house.book, "L2", 341_240, **pay | {"on": house.day, "key": "february"})
    house.end(32)


def test_the_book_counts_what_the_lists_and_the_ledger_count(database):
    house = Screens()
    lived(house)
    the_book_in_figures(house)
    every_total_opens_its_loans(house)
    the_report_counts_by_borrower(house)
    the_classes_have_moved(house)
    a_difference_to_the_ledger_is_said(house)


def the_book_in_figures(house):
    """By hand: L1 100,000 and L3 60,000 are 31 days late, L2 has paid February and is late since 5 March by three days."""
    found = held(house)
    assert (found.loans, found.borrowers) == (3, 2)
    left = 4_000_000 - 326_740
    assert found.principal_minor == 16_000_000 + left
    assert found.tie.differs_by == 0
    assert {part.code: (part.loans, part.principal_minor) for part in found.aging} == {
        "0": (0, 0), "1-30": (1, left), "31-60": (2, 16_000_000), "61-90": (0, 0), "91-": (0, 0),
    }  # fmt: skip
    assert found.at_risk(30) == (16_000_000, 16_000_000 / (16_000_000 + left))
    assert found.at_risk(90) == (0, 0.0)
    assert {part.code: part.loans for part in found.classes} == {"1": 0, "2": 3, "3": 0, "4": 0, "5": 0}
    assert sum(part.allowance_minor for part in found.classes) == found.allowance_minor > 0
    assert (found.non_performing, found.coverage) == ((0, 0.0), None)
    assert [(part.code, part.principal_minor) for part in found.townships] == [
        ("371302002", 10_000_000),
        ("371302001", 6_000_000 + left),
    ]
    assert [part.code for part in found.crops] == ["apple", ""]
    assert [(part.code, part.loans) for part in found.borrowers_largest] == [("P1", 2), ("P2", 1)]
    (one,) = found.vintages
    assert (one.code, one.loans, one.drawn_minor, one.ever) == ("2026Q1", 5, 23_000_000, 3)
    assert (one.first_on, one.last_on, one.principal_minor) == (
        date(2026, 1, 1),
        date(2026, 3, 31),
        16_000_000 + left,
    )


def links(text):
    """(address, loans said beside it) of every row of the page that opens a list."""
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</tr>", text, re.DOTALL)
    for row in rows:
        url, count = (
            re.search(r'href="(/bank/loans\?[^"]*)"', row),
            re.search(r'<td class="n">(\d+)</td>', row),
        )
        if url and count:
            yield unescape(url[1]), int(count[1])


def every_total_opens_its_loans(house):
    """Followed link by link: as many loans as the row says."""
    text = house.page(Role.AUDITOR, "/bank/portfolio")
    assert "与总账一致" in text
    opened = list(links(text))
    assert len(opened) == 5 + 5 + 2 + 2 + 2 + 1
    for url, count in opened:
        assert f"{count} 笔，" in house.page(Role.AUDITOR, url), url
    late = unescape(re.search(r'href="([^"]*worst=30[^"]*)"', text)[1])
    assert "3 笔，" in house.page(Role.AUDITOR, late)  # the one that was written off is late, too
    everything = re.sub(r"<[^>]+>", "", house.page(Role.AUDITOR, "/bank/loans"))
    assert "5 笔，本金余额 196,732.60元 · 另有已核销 20,000.00元" in everything


def the_report_counts_by_borrower(house):
    """Households once, rates weighted by balance, the year's new loans whether repaid or not."""
    left = 4_000_000 - 326_740
    found = counted(house)
    # households, loans, balance, rate, new loans, new, first-time, bad loans, bad
    assert found["all"] == (2, 3, 16_000_000 + left, 43_500, 5, 23_000_000, 1, 0, 0)
    assert found["coop"] == (1, 1, 10_000_000, 43_500, 1, 10_000_000, 0, 0, 0)
    assert (
        found["farmer"] == found["agricultural"] == (2, 2, 6_000_000 + left, 43_500, 4, 13_000_000, 1, 0, 0)
    )
    assert found["credit_only"] == (1, 2, 10_000_000 + left, 43_500, 4, 17_000_000, 0, 0, 0)
    assert found["small_firm"] == (0, 0, 0, None, 0, 0, 0, 0, 0)
    text = house.page(Role.AUDITOR, "/bank/report", lang="en")
    assert "ties to the ledger" in text
    for row, *figures in re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</th>(.*?)</tr>", text):
        for url, said in re.findall(r'<a href="([^"]*)">([^<]*)</a>', figures[0]):
            sum_said = f"<strong>{said}</strong>" if "¥" in said else f"{said} loans"
            if "granted_from" not in url or "first_time" in url:
                assert sum_said in house.page(Role.AUDITOR, unescape(url), lang="en"), (row, url)
    answer = house.client(Role.AUDITOR).get("/bank/report.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.content))["inclusive-finance"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert rows["全部贷款 all loans"] == (2, 3, 196_732.6, 0.0435, 5, 230_000, 1, 0, 0, 0)


def the_classes_have_moved(house):
    """By hand: since the end of February L2 has fallen, L1 stays where it was, L3 is repaid since, L6 is new."""
    left = 4_000_000 - 326_740
    february, january = date(2026, 2, 28), date(2026, 1, 31)
    assert moved_since(house, february) == {
        (1, 2): (1, left),
        (2, 2): (2, 16_000_000),
    }
    with tenancy.within(house.organisation.pk):
        due = payoff(house.book, "L3").total_minor
    pay = {"on": house.day, "key": "all", "currency": "CNY", "by": house.as_(Role.POST_LOAN), "at": AT}
    receive(house.book, "L3", due, **pay)
    house.lend("L6", "P5", principal=700_000)
    assert [month_end_ago(house.day, months) for months in (0, 1, 3)] == [
        february,
        january,
        date(2025, 11, 30),
    ]
    assert month_end_ago(date(2026, 3, 31), 1) == february  # a month's last day counts as itself
    expected = {(1, 2): (1, left), (2, 2): (1, 10_000_000), (2, OFF): (1, 6_000_000), (NEW, 1): (1, 700_000)}
    assert moved_since(house, february) == expected
    assert moved_since(house, january) == {
        (1, 2): (2, 14_000_000), (1, OFF): (1, 6_000_000), (NEW, 1): (1, 700_000),
    }  # fmt: skip
    text = house.page(Role.AUDITOR, "/bank/portfolio", lang="en")
    assert "No classes were kept of that day" in text  # the book was not open a quarter ago
    cells = re.findall(r'<a href="(/bank/loans\?was_on=2026-01-31[^"]*)">(\d+)</a>', text)
    assert [int(count) for _, count in cells] == [2, 1, 1]
    for (url, _), numbers in zip(cells, (["L2", "L1"], ["L3"], ["L6"]), strict=True):
        assert re.findall(r">(L\d)</a>", house.page(Role.AUDITOR, unescape(url), lang="en")) == numbers, url
    assert "3 loans" in house.page(Role.AUDITOR, "/bank/loans?was_on=2026-02-28&was=x&on_book=yes", lang="en")


def moved_since(house, day):
    """(class then, class now) -> (loans, principal) of the cells that are not empty."""
    with tenancy.within(house.organisation.pk):
        cells = [cell for row in transitions(house.book, day).rows for cell in row.cells if cell.loans]
    return {(cell.was, cell.now): (cell.loans, cell.principal_minor) for cell in cells}


def a_difference_to_the_ledger_is_said(house):
    """Planted: a posting to a loan's account that is no event of the loan."""
    posted(house.book, house.program, moved("by hand", 700, subject="L1", day=house.day))
    assert held(house).tie.differs_by == 700
    for address in ("/bank/portfolio", "/bank/report"):
        text = house.page(Role.AUDITOR, address)
        assert "与总账不符" in text
        assert "7.00元" in text


def test_more_loans_ask_no_more_questions(sqlite):
    """And beyond ten borrowers the others are one row."""
    house, asked = Screens(), []
    for size in range(12):
        house.lend(f"L{size}", f"P{size:02}", principal=1_000_000 * (size + 1))
        if size in {0, 11}:
            house.page(Role.AUDITOR, "/bank/portfolio")
            with CaptureQueriesContext(connection) as seen:
                house.page(Role.AUDITOR, "/bank/portfolio")
                house.page(Role.AUDITOR, "/bank/report")
            asked.append(len(seen))
    assert asked[0] == asked[1]
    *_, tenth, others = held(house).borrowers_largest
    assert (tenth.code, others.code, others.loans, others.principal_minor) == ("P02", OTHERS, 2, 3_000_000)


def test_an_empty_book(sqlite):
    house = Screens()
    found = held(house)
    assert (found.loans, found.principal_minor, found.at_risk(30), found.vintages) == (0, 0, (0, 0.0), ())
    assert "还没有放款" in house.page(Role.AUDITOR, "/bank/portfolio")
    assert "与总账一致" in house.page(Role.AUDITOR, "/bank/report")
    assert "还没有贷款" in house.page(Role.AUDITOR, "/bank/loans")
    assert quarter_of(2026, 4) == (date(2026, 10, 1), date(2026, 12, 31))
