"""Queries of the bureau on their pages: the application says who asked, the auditor reads the log, the list goes out."""

import io
import shutil
from datetime import timedelta

from counter import OFFERED, REVIEW, said, text_of
from django.core.files.uploadedfile import SimpleUploadedFile
from house import AT
from journeys import county
from python_calamine import CalamineWorkbook

from suixin.lake.store import Lake
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.models import Desk
from suixin.server.servicing.days import business_days
from suixin.server.servicing.models import DayEnd
from suixin.server.verification.models import BureauQuery


def table_of(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def sent_in(client, file, button, where="import", **more):
    return client.post(
        f"/bank/bureau/{where}", more | {"file": SimpleUploadedFile("r.csv", file.encode()), "do": button}
    )


def test_the_application_and_the_log_say_who_asked(counter):
    """When, by whom, which bureau, how old the report was; the auditor takes the log away and asks nobody."""
    page = text_of(counter.client(Role.REVIEWER).get(f"/bank/applications/{OFFERED}"))
    assert "征信查询 2026年1月5日 16:00 · 系统 · 演示征信 demo 报告日期 2025年" in page
    with (
        counter.within()
    ):  # counted to the business date, as an assessment does, and not to the 5th on which it was asked
        reported, today = (
            BureauQuery.objects.get(application=OFFERED).report.reported_on,
            counter.book.business_on,
        )
    assert today < AT.date()
    assert f"当时 {(today - reported).days} 天" in page
    before, after = AT - timedelta(hours=1), AT + timedelta(hours=1)
    with counter.within():
        past = today - timedelta(days=1)
        DayEnd(book=counter.book, day=past, step="done", began_at=AT, finished_at=AT).save(force_insert=True)
        assert business_days(counter.book, [before, AT, after]) == {before: past, AT: today, after: today}
    assert "没有报告" in text_of(counter.client(Role.REVIEWER).get(f"/bank/applications/{REVIEW}"))
    auditor = counter.client(Role.AUDITOR, language="en")
    log = text_of(auditor.get("/bank/bureau"))
    assert "4 queries" in log
    assert "Take the list" not in log
    assert "P103B" not in log
    head, *rows = table_of(auditor.get("/bank/bureau.xlsx").content)
    assert head[:7] == ["reference", "asked on", "who asked", "merchant", "application", "purpose", "bureau"]
    assert [(row[4], row[5], row[8]) for row in rows][-1] == (OFFERED, "credit bureau query", "report")
    assert auditor.post("/bank/bureau/ask", {"bureau": "x"}).status_code == 403


def test_a_list_goes_out_and_what_comes_back_is_told(counter):
    """Nothing to ask about without a consent; then the list, and the faults of a file on the page that comes back."""
    with counter.within():
        case, merchant = counter.case("A2026-000005"), merchant_of("5")
    take_consents(case, merchant, dict.fromkeys(ASKED, True), by=counter.owner("5"), at=AT)
    manager = counter.client(Role.CUSTOMER_MANAGER)
    assert "已核验身份、已授权的申请：1 笔" in text_of(manager.get("/bank/bureau"))
    assert said(manager.post("/bank/bureau/ask", {"bureau": ""})) == ["请填写征信机构名称，最多 100 字"]
    head, row = table_of(manager.post("/bank/bureau/ask", {"bureau": "某持牌征信"}).content)[:2]
    assert head == ["查询编号", "姓名", "证件号", "目的"]
    with counter.within():
        assert row[:2] == [BureauQuery.objects.get(by_file=True).reference, "张5"]
    assert "1 次查询未答复" in text_of(manager.get("/bank/bureau"))
    assert "等待征信报告" in text_of(manager.get("/bank/applications/A2026-000005"))
    file = f"reference,reported_on,kind,lender,balance,monthly_service\n{row[0]},soon,loan,x,1,1\n"
    page = sent_in(manager, file, "import")
    assert said(page) == ["导入 0 份报告，0 份此前已有，1 处错误"]
    assert "2 报告日期 soon 填不晚于今天的日期" in text_of(page)
    assert said(manager.post("/bank/bureau/import")) == ["请选择一个 .csv 或 .xlsx 文件"]
    client = counter.client(Role.CUSTOMER_MANAGER, language="en")
    assert "Give the chosen up" in text_of(client.get("/bank/bureau"))
    assert "Give the chosen up" not in text_of(
        counter.client(Role.AUDITOR, language="en").get("/bank/bureau")
    )
    where, sent = "/bank/bureau/give-up", {"query": [row[0], "Q0"], "reason": "机构停业"}
    assert counter.client(Role.REVIEWER).post(where, sent).status_code == 403
    assert said(manager.post(where, sent | {"reason": ""})) == [
        "2 项没有办理：原因有 0 个字，请写 1 至 200 个"
    ]
    assert said(manager.post(where, sent)) == [
        "已放弃 1 次；客户重新授权后可再次查询",
        "1 项没有办理：没有等待答复的查询 Q0",
    ]
    page = text_of(manager.get("/bank/bureau"))
    assert "已放弃 2026年1月5日 · 机构停业" in page
    assert "次查询未答复" not in page
    assert "放弃所选查询" not in page
    assert table_of(manager.get("/bank/bureau.xlsx").content)[1][8] == "已放弃"
    assert "已放弃" in text_of(manager.get("/bank/applications/A2026-000005"))


def test_a_file_is_read_before_it_is_imported_and_its_faults_go_out_as_a_workbook(counter, tmp_path):
    """Reading says what the import then says, the lake's refusals among it, and writes nothing down; a form without a button reads."""
    shutil.copytree(county(), tmp_path / "lake")
    with counter.within():
        Desk.objects.update(lake=str(tmp_path / "lake"))
        case, merchant = counter.case("A2026-000005"), merchant_of("5")
    take_consents(case, merchant, dict.fromkeys(ASKED, True), by=counter.owner("5"), at=AT)
    manager = counter.client(Role.CUSTOMER_MANAGER, language="en")
    number = table_of(manager.post("/bank/bureau/ask", {"bureau": "某持牌征信"}).content)[1][0]
    head = "查询编号,报告日期,种类,贷款人,余额（元）,每月还款（元）\n"
    good = f"{head}{number},2025-12-20,贷款,邮储,1000,10\n"
    bad = f"{good}{number},2025-12-20,贷款,=1+1,1000,10\nB0,2025-12-20,无,,0,0\n"
    with counter.within():
        before = Record.objects.count()
    snapshot = Lake.open(tmp_path / "lake").snapshot
    page = sent_in(manager, bad, "try")
    assert said(page) == ["Read only. Reports that would be kept: 0; there already: 0; faults: 2"]
    mend = "the lake does not take it (the text would run as a formula in a spreadsheet): take the leading = + - @ away"
    assert f"3 lender =1+1 {mend} 4 reference B0 no query has this number" in text_of(page)
    assert "Nothing was kept" in text_of(page)
    assert table_of(sent_in(manager, bad, "faults").content) == [
        ["row", "column", "value", "mend"],
        [3.0, "lender", "=1+1", mend],
        [4.0, "reference", "B0", "no query has this number"],
    ]
    for button in ("faults", ""):  # nothing to take away: it says so
        assert said(sent_in(manager, good, button)) == [
            "Read only. Reports that would be kept: 1; there already: 0; faults: 0"
        ]
    with counter.within():
        assert Record.objects.count() == before
    assert Lake.open(tmp_path / "lake").snapshot == snapshot
    assert said(sent_in(manager, bad, "import")) == ["Reports kept: 0; there already: 0; faults: 2"]
    assert Lake.open(tmp_path / "lake").snapshot == snapshot  # not half of a report
    assert said(sent_in(manager, good, "import")) == ["Reports kept: 1; there already: 0; faults: 0"]
    assert said(sent_in(manager, bad.replace("=1+1", "x"), "try")) == [
        "Read only. Reports that would be kept: 0; there already: 0; faults: 2"
    ]
    other = good.replace("1000,10", "2000,20")
    wrong = {"where": "correct", "reason": "导错了文件"}
    page = sent_in(manager, other, "try", **wrong)
    assert said(page) == ["Read only. Reports that would be corrected: 1; the same as there: 0; faults: 0"]
    assert "Nothing was corrected" in text_of(page)
    assert 'value="导错了文件"' in page.content.decode()
    assert said(sent_in(manager, other, "import", where="correct")) == [
        "the reason has 0 characters; write 1 to 200"
    ]
    assert said(sent_in(manager, other, "import", **wrong)) == [
        "Reports corrected: 1; the same as there: 0; faults: 0"
    ]
    log = text_of(manager.get("/bank/bureau"))
    assert "1 debt · corrected 5 Jan 2026 · 导错了文件" in log
    rows = table_of(manager.get("/bank/bureau.xlsx").content)
    assert (rows[0][-1], rows[1][-1]) == ("why corrected", "导错了文件")
    assert sent_in(counter.client(Role.AUDITOR), other, "try", **wrong).status_code == 403
    assert said(sent_in(manager, "reference,kind,y\n", "try")) == [
        "r.csv lacks the columns 报告日期 (reported_on), 贷款人 (lender), 余额 (balance), 每月还款 (monthly_service); it has reference, kind, y"
    ]
    assert sent_in(counter.client(Role.AUDITOR), good, "try").status_code == 403
