"""The county map as an official sees it, and the page from which the bank publishes."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from lender import CARRIED
from screens import Screens

from suixin.server import tenancy
from suixin.server.audit.models import Record
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
    assert "待发布：2026-01" in text
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
    assert "County fewer than 10*" in told
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


def a_map(*townships):
    """Squares side by side, as GeoJSON."""
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    places = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[[at + x, y - 0.5] for x, y in corners]]},
        }
        for at, code in enumerate(townships)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": places})


def test_the_countys_own_map_takes_the_place_of_squares(database):
    """With its approval number below; a township without a figure is blank; what is no map is refused; squares come back."""
    house = Screens(opened_on=date(2026, 1, 30))
    for number in range(11):
        house.lend(f"L{number}", f"P{number}", replace(CARRIED, village="371302001201"), principal=100_000)
    house.end(3)
    text = house.page(Role.APPROVER, DESK)
    form = {"digest": re.search(r'name="digest" value="([0-9a-f]{64})"', text)[1]}
    house.send(Role.APPROVER, f"{DESK}/publish", form)

    def bring(content, approval="鲁SG(2026)001号", **more):
        sent = {"approval": approval, "file": SimpleUploadedFile("图.geojson", content)} | more
        return house.send(Role.APPROVER, f"{DESK}/ground", sent)[1]

    assert "<path" not in house.page(Role.OFFICIAL, MAP)
    assert bring(a_map("371302")) == ["第 1 个面的代码是 '371302'；乡镇代码为 9 位数字"]
    assert bring(a_map("371302001"), approval="x") == ["请填写审图号和地图来源，4 到 120 字"]
    assert bring(a_map("371302001", "371302009")) == ["地图已更换"]
    page = house.page(Role.OFFICIAL, MAP)
    assert re.findall(r'<path class="(tile-\w+)" d="([^"]+)"', page) == [
        ("tile-4", "M0 400L400 400L400 0L0 0L0 400Z"),
        ("tile-none", "M400 400L800 400L800 0L400 0L400 400Z"),
    ]
    assert "鲁SG(2026)001号" in page
    assert "11,000" in page.replace("1.1万元", "11,000")
    assert bring(b"") == ["地图文件是空的，请另选一个文件"]
    assert bring(b"PK\x03") == ["这不是 JSON 文件：第 1 行第 1 个字符起读不下去"]
    assert house.send(Role.APPROVER, f"{DESK}/ground", {})[1] == ["请选择一个 GeoJSON 文件"]
    assert "<path" in house.page(Role.OFFICIAL, MAP)  # what is no map removes none
    assert bring(a_map("371302009")) == ["地图已更换"]
    assert "有 1 个乡镇不在图上" in house.page(Role.OFFICIAL, MAP)
    assert house.client(Role.AUDITOR).post(f"{DESK}/ground", {"squares": "yes"}).status_code == 403
    assert "<path" not in Screens("other").page(Role.OFFICIAL, MAP)
    assert house.send(Role.APPROVER, f"{DESK}/ground", {"squares": "yes"})[1] == ["已恢复方格"]
    assert "<path" not in house.page(Role.OFFICIAL, MAP)
    with tenancy.within(house.organisation.pk):
        assert Record.objects.filter(action="regions.ground.set").count() == 3


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
