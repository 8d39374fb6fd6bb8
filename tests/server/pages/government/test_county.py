"""The county map as an official sees it, and the page from which the bank publishes."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
from lender import CARRIED
from screens import Screens

from suixin.server.identity.roles import Role

MAP, DESK = "/government/", "/bank/regions"


def test_from_the_draft_to_the_map(sqlite):
    """Nothing is seen before it is published; then officials and the fund see it, hidden places marked, the sheet alike."""
    house = Screens(opened_on=date(2026, 1, 30))
    for at, count in (("1", 11), ("2", 10), ("3", 1)):
        for number in range(count):
            carried = replace(CARRIED, village=f"37130200{at}201")
            house.lend(f"L{at}-{number}", f"P{at}-{number}", carried, principal=100_000)
    house.end(3)
    assert "还没有发布任何月份" in house.page(Role.OFFICIAL, MAP)
    assert house.page(Role.OFFICIAL, f"{MAP}county.xlsx", 404)
    text = house.page(Role.APPROVER, DESK)
    assert "待发布: 2026-01" in text
    assert "由审批人员发布" in house.page(Role.AUDITOR, DESK)
    form = {"digest": re.search(r'name="digest" value="([0-9a-f]{64})"', text)[1]}
    assert house.send(Role.APPROVER, f"{DESK}/publish", {"digest": "x"})[1] == [
        "数字在显示之后有变化，请重新查看后再发布"
    ]
    assert house.send(Role.APPROVER, f"{DESK}/publish", form)[1] == ["已发布，政府和基金可以看到"]
    assert "上月数字已经发布" in house.page(Role.APPROVER, DESK)
    for role in (Role.OFFICIAL, Role.FUND_MANAGER):
        told = words(house.page(role, f"{MAP}?month=2026-01&measure=borrowers"))
        assert "全县 22 22,000.00元 – –" in told
        assert "371302001 11 11,000.00元" in told
        assert "371302002 不足10户*" in told
        assert "371302003 不足10户*" in told
    told = words(house.page(Role.OFFICIAL, f"{MAP}?measure=late", lang="en"))
    assert "County fewer than 10 borrowers*" in told
    assert house.page(Role.OFFICIAL, "/bank/loans", 403)
    assert house.page(Role.CUSTOMER_MANAGER, MAP, 403)
    assert "还没有发布任何月份" in Screens("other").page(Role.OFFICIAL, MAP)
    answer = house.client(Role.OFFICIAL).get(f"{MAP}county.xlsx?month=2026-01")
    assert answer["Content-Disposition"] == 'attachment; filename="county-2026-01.xlsx"'
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.values)
    hidden = "不足10户* fewer than 10*"
    assert [row[:4] for row in rows[1:]] == [
        ("–", "全县 county", 22, 22_000),
        ("371302001", "371302001", 11, 11_000),
        ("371302002", "371302002", hidden, hidden),
        ("371302003", "371302003", hidden, hidden),
    ]


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
