"""Identities on their pages: the paper at the counter, the list that goes out, the answers with what is wrong with them."""

import io

from counter import said, text_of
from django.core.files.uploadedfile import SimpleUploadedFile
from house import AT
from journeys import card
from python_calamine import CalamineWorkbook

from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.models import Desk
from suixin.server.verification.models import IdentityCheck

WHERE = "/bank/assisted/merchants/21"
PAPER = {"number": card("21"), "expires_on": "2031-05-01", "kept_at": "档案柜 3-17"}


def comes(counter):
    """Somebody enrolled where nobody is verified by it, with an application."""
    with counter.within():
        Desk.objects.update(demo=False)
        who = Enrolled("21", "farmer", "371302", "371302001201", "李二一", identity_number=card("21"))
        merchant = enrol(who, by=counter.program, at=AT)
    manager = counter.actor(Role.CUSTOMER_MANAGER)
    case = file_application(merchant, 500_000, "种苗", by=manager, at=AT, channel="assisted")
    return case.number


def sent_in(client, file, button):
    sent = {"provider": "某持牌机构", "file": SimpleUploadedFile("a.csv", file.encode()), "do": button}
    return client.post("/bank/identities/import", sent)


def test_the_paper_is_seen_at_the_counter(counter):
    """The pages say that it is missing, who may write it down finds the form, and afterwards they say who saw it."""
    number = comes(counter)
    manager = counter.client(Role.CUSTOMER_MANAGER)
    assert "未核验" in text_of(manager.get(f"/bank/applications/{number}"))
    assert "身份 身份未核验：请核验" in text_of(
        counter.client(Role.REVIEWER).get(f"/bank/applications/{number}")
    )
    assert "请客户带身份证找客户经理" in text_of(counter.client(Role.VILLAGE_AGENT).get(WHERE))
    assert said(manager.post(f"{WHERE}/identity", PAPER | {"number": card("4")})) == [
        "证件号码与登记的不一致；请重新核对两处"
    ]
    assert said(manager.post(f"{WHERE}/identity", PAPER | {"expires_on": ""})) == [
        "“”不是日期，请写成 2026-03-01"
    ]
    assert said(manager.post(f"{WHERE}/identity", PAPER)) == ["身份已核验"]
    page = text_of(manager.get(f"/bank/applications/{number}"))
    assert "身份 已核验 柜台核验证件 · 柜台 counter" in page
    assert f"尾号 {card('21')[-2:]} · 档案柜 3-17 · 有效期至 2031年5月1日" in page
    assert counter.client(Role.VILLAGE_AGENT).post(f"{WHERE}/identity", PAPER).status_code == 403


def test_a_list_goes_out_and_its_answers_come_back(counter):
    """The workbook names who is to be checked; its answers are kept, and a bad row is told with its mend."""
    comes(counter)
    manager = counter.client(Role.CUSTOMER_MANAGER)
    page = text_of(manager.get("/bank/identities"))
    assert "尚未核验的客户：1 位" in page
    assert "未登记证件号" not in page
    with counter.within():
        nameless = enrol(
            Enrolled("22", "farmer", "371302", "371302001201", "李二二"), by=counter.program, at=AT
        )
    file_application(
        nameless, 500_000, "种苗", by=counter.actor(Role.CUSTOMER_MANAGER), at=AT, channel="assisted"
    )
    assert "客户：1 位 · 另有 1 位未登记证件号，不在名单内" in text_of(manager.get("/bank/identities"))
    taken = manager.post("/bank/identities/ask").content
    head, row = CalamineWorkbook.from_filelike(io.BytesIO(taken)).get_sheet_by_index(0).to_python()[:2]
    assert head == ["核验编号", "姓名", "证件号", "电话", "结果", "流水号", "有效期至"]
    assert row[1:3] == ["李二一", card("21")]
    file = f"reference,verdict,number\n{row[0]},matched,N1\nV0,matched,N2\n"
    page = sent_in(manager, file, "try")
    assert said(page) == ["试读：可导入 1 条结果，0 条此前已有，1 处错误"]
    assert 'value="某持牌机构"' in page.content.decode()
    taken = sent_in(manager, file, "faults").content
    assert CalamineWorkbook.from_filelike(io.BytesIO(taken)).get_sheet_by_index(0).to_python() == [
        ["行", "列", "现在的值", "怎样改"],
        [3.0, "核验编号", "V0", "没有问过这个编号"],
    ]
    with counter.within():
        assert not IdentityCheck.objects.filter(how="provider").exists()
        assert not Record.objects.filter(action="verification.identity.import").exists()
    page = sent_in(manager, file, "import")
    assert said(page) == ["导入 1 条结果，0 条此前已有，1 处错误"]
    assert "3 核验编号 V0 没有问过这个编号" in text_of(page)
    listed = text_of(counter.client(Role.AUDITOR, language="en").get("/bank/identities"))
    assert f"21 李二一 {card('21')[-2:]} they belong together a provider 某持牌机构 N1" in listed
    assert "Take the list" not in listed
    assert card("21") not in listed
    with counter.within():
        assert IdentityCheck.objects.filter(how="provider").count() == 1
        assert Record.objects.filter(action="verification.identity.ask").count() == 1
    assert said(manager.post("/bank/identities/import", {"provider": "x"})) == [
        "请选择一个 .csv 或 .xlsx 文件"
    ]
    assert counter.client(Role.AUDITOR).post("/bank/identities/ask").status_code == 403


def test_a_wrong_file_is_undone_on_the_page(counter):
    """Its answer is ticked and taken back for a reason; the customer is on the next list, and the new answer holds."""
    number = comes(counter)
    manager = counter.client(Role.CUSTOMER_MANAGER)
    first = first_of(manager)
    sent_in(manager, f"reference,verdict,number\n{first},matched,N1\n", "import")
    page = text_of(manager.get("/bank/identities"))
    assert "尚未核验的客户：0 位" in page
    with counter.within():
        key = IdentityCheck.objects.get(how="provider").pk
    where, chosen = "/bank/identities/take-back", {"check": [key, "x"], "reason": "导错了文件"}
    assert counter.client(Role.AUDITOR).post(where, chosen).status_code == 403
    assert said(manager.post(where, chosen)) == [
        "已撤销 1 条结果；此前的核验重新有效，没有的须重新核验",
        "1 项没有办理：没有编号为 0 的有效机构核验结果",
    ]
    page = text_of(manager.get("/bank/identities"))
    assert "尚未核验的客户：1 位" in page
    assert "一致 已撤销 2026年1月5日 · 导错了文件" in page
    assert "撤销所选结果" not in page  # nothing else is to be taken back
    assert "未核验" in text_of(manager.get(f"/bank/applications/{number}"))
    second = first_of(manager)
    assert second != first
    sent_in(manager, f"reference,verdict,number\n{second},mismatch,N2\n", "import")
    assert "核验未通过" in text_of(manager.get(f"/bank/applications/{number}"))
    taken = CalamineWorkbook.from_filelike(io.BytesIO(manager.get("/bank/identities.xlsx").content))
    rows = taken.get_sheet_by_index(0).to_python()
    assert [row[-1] for row in rows] == ["撤销原因", "", "导错了文件"] + [""] * (len(rows) - 3)


def first_of(client):
    """The number under which the first of the list is asked about."""
    taken = client.post("/bank/identities/ask").content
    return CalamineWorkbook.from_filelike(io.BytesIO(taken)).get_sheet_by_index(0).to_python()[1][0]


def test_the_work_list_says_that_the_identity_comes_first(counter):
    """A filed case with its consents waits for the identity, then to be assessed."""
    number = comes(counter)
    with counter.within():
        case, merchant = counter.case(number), merchant_of("21")
    manager, witness = counter.actor(Role.CUSTOMER_MANAGER), counter.actor(Role.REVIEWER)
    given = dict.fromkeys(ASKED, True)
    take_consents(case, merchant, given, by=manager, at=AT, signed_paper="纸 2026-17", witness=witness)
    client = counter.client(Role.CUSTOMER_MANAGER)
    assert "下一步：核验身份" in text_of(client.get(f"/bank/applications/{number}"))
    assert "先核验身份" in text_of(client.get(f"/bank/assisted/{number}"))
    client.post(f"{WHERE}/identity", PAPER)
    assert "下一步：评估" in text_of(client.get(f"/bank/applications/{number}"))
