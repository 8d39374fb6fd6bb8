"""The complaint desk and the merchant's side of it, as pages."""

from counter import APPROVED, OFFERED, said, text_of

from suixin.server.complaints.models import Complaint
from suixin.server.identity.roles import Role

MINE, DESK = "/me/complaints", "/bank/complaints"
WORDS = {"kind": "data", "words": "查询次数不对", "feature": "inquiries_90d", "about": OFFERED}


def test_from_the_phone_to_the_answer(counter):
    """Filed on the phone with the figure, seen at the desk and on the application, answered, and read by the merchant."""
    phone = counter.client(Role.OWNER)
    assert "经营时长（剔除刷单）：730天" in text_of(phone.get(MINE))
    assert said(phone.post(f"{MINE}/file", WORDS)) == ["投诉已提交"]
    number = "C2026-000001"
    desk = counter.client(Role.POST_LOAN)
    assert f"{number} 张{APPROVED} 数据有误 查询次数不对 2026年1月1日 – 待答复" in text_of(desk.get(DESK))
    assert f"有未答复的投诉 {number}" in text_of(desk.get(f"/bank/applications/{OFFERED}"))
    assert said(desk.post(f"{DESK}/{number}/take")) == ["已受理"]
    page = counter.client(Role.MODEL_OWNER).get(f"/bank/applications/{OFFERED}")
    assert f"有未答复的投诉 {number}" in text_of(page)
    assert f"{DESK}/{number}" not in page.content.decode()  # a page that a model owner may not open
    sent = {"outcome": "upheld", "cause": "data", "words": "已更正"}
    assert said(desk.post(f"{DESK}/{number}/answer", sent)) == ["已答复，客户可以看到"]
    assert "答复 · 成立 · 2026年1月1日 已更正" in text_of(phone.get(MINE))
    assert "没有符合条件的投诉" in text_of(desk.get(f"{DESK}?state=late"))


def test_at_the_counter(counter):
    """A customer manager writes it down and does not answer it; a village agent sees what they filed, and no more."""
    manager, agent = counter.client(Role.CUSTOMER_MANAGER), counter.client(Role.VILLAGE_AGENT)
    sent = {"merchant": APPROVED, "kind": "conduct", "channel": "telephone", "words": "夜里打电话"}
    assert said(manager.post(f"{DESK}/file", sent)) == ["投诉已登记"]
    page = text_of(manager.get(f"{DESK}/C2026-000001"))
    assert "由未经手此案的审查或贷后人员答复" in page
    assert manager.post(f"{DESK}/C2026-000001/answer", {}).status_code == 403
    assert agent.get(f"{DESK}/C2026-000001").status_code == 404
    assert "夜里打电话" not in text_of(agent.get(DESK))
    assert said(agent.post(f"{DESK}/file", sent | {"words": "x", "merchant": "nobody"})) == [
        "没有登记过编号为 nobody 的商户"
    ]
    assert said(agent.post(f"{DESK}/file", sent | {"words": "字太小"})) == ["投诉已登记"]
    assert "字太小" in text_of(agent.get(f"{DESK}/C2026-000002"))
    answer = manager.get(f"{DESK}.xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="complaints.xlsx"'
    with counter.within():
        assert Complaint.objects.count() == 2


def test_what_is_ticked_is_taken_on_together(counter):
    """Two at once; one that there is not is told; a customer manager has no ticks."""
    phone, desk = counter.client(Role.OWNER), counter.client(Role.REVIEWER)
    for words in ("利率高", "查询多"):
        phone.post(f"{MINE}/file", {"kind": "price", "words": words})
    numbers = ["C2026-000001", "C2026-000002"]
    assert desk.get(DESK).content.decode().count('name="complaint"') == 2
    assert 'name="complaint"' not in counter.client(Role.CUSTOMER_MANAGER).get(DESK).content.decode()
    answer = desk.post(f"{DESK}/take", {"complaint": [*numbers, "C1"], "question": "state=open"})
    assert answer["Location"] == f"{DESK}?state=open"
    assert said(answer) == ["已受理 2 件", "1 项没有办理：没有投诉 C1"]
    with counter.within():
        owners = Complaint.objects.order_by("number").values_list("number", "owner")
        assert list(owners) == [(one, counter.actor(Role.REVIEWER).name) for one in numbers]
