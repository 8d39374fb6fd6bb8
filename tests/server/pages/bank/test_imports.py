"""A file of applications: read without filing, its faults by row and column, filed once."""

import io
import re
from datetime import timedelta

import pytest
import xlsxwriter
from counter import FILED, Counter, enrolled, said, text_of
from django.core.files.uploadedfile import SimpleUploadedFile
from house import AT
from journeys import APPROVED
from python_calamine import CalamineWorkbook

from suixin.errors import LendingError, SourceError
from suixin.server.audit.models import Record
from suixin.server.identity.access import system
from suixin.server.identity.roles import Role
from suixin.server.origination import batches, sheet
from suixin.server.origination.actions import file_batch
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.forget_lines import forget_lines
from suixin.server.origination.actions.read_batch import read_batch
from suixin.server.origination.actions.take_back_batch import take_back_batch
from suixin.server.origination.actions.withdraw_batch import withdraw_batch
from suixin.server.origination.models import LINES_KEPT, Application, ApplicationBatch, Opinion
from suixin.server.origination.sheet import Wish
from suixin.server.tasks.models import Task
from suixin.server.tasks.working import carry_out_what_waits

GOOD = '商户编号,申请金额（元）,用途,要求人工\r\n7,"30,000",种苗,\r\n8,1200.50,包装物流,是\r\n'
BAD = (
    "merchant_id,amount,purpose\n7,30000,seedlings\n,abc,\n7,1234.567,x\n5,100,seed\n99,100,=1+1\n98,-3,13812345678\n"
    "9,1000000.01,seed\n97,￥12,000,周转\n14,￥12,000\n15,99999999999999999999,seed\n"
)


def upload(client, text, name="applications.csv"):
    content = text.encode() if isinstance(text, str) else text
    return client.post("/bank/imports", {"file": SimpleUploadedFile(name, content)})


def test_a_file_is_read_first_and_filed_once(database):
    """Chinese headings, grouped amounts; the same file uploaded again is the same batch, and files nothing more."""
    counter = Counter().staffed(Role.CUSTOMER_MANAGER)
    enrolled(counter, "7", "8")
    client = counter.client(Role.CUSTOMER_MANAGER)
    where = upload(client, GOOD).url
    page = text_of(client.get(where))
    assert "可以提交 2 31,200.50元" in page
    with counter.within():
        assert not Application.objects.exists()
    for _ in range(2):
        assert said(client.post(f"{where}/file")) == []
        carry_out_what_waits()
    assert upload(client, GOOD).url == where
    ended = client.get(where)
    assert "已提交 2 31,200.50元" in text_of(ended)
    linked = re.findall(r'<a href="/bank/applications/([^"]+)">([^<]+)</a>', ended.content.decode())
    assert linked == [("A2026-000001", "A2026-000001"), ("A2026-000002", "A2026-000002")]
    with counter.within():
        filed = list(
            Application.objects.order_by("id").values_list(
                "number", "merchant_id", "amount_minor", "purpose", "channel", "by_people", "state"
            )
        )
        batch = ApplicationBatch.objects.get()
        listed = [(one.good, one.bad) for one in batches.found(batches.Wanted(text="applic", state="filed"))]
        others = [list(batches.found(batches.Wanted(state=one))) for one in ("waiting", "nothing")]
        assert (listed, others) == ([(2, 0)], [[], []])
    assert filed == [
        ("A2026-000001", "7", 3_000_000, "种苗", "bulk", False, "filed"),
        ("A2026-000002", "8", 120_050, "包装物流", "bulk", True, "filed"),
    ]
    assert batch.filed == ["A2026-000001", "A2026-000002"]
    assert batch.filed_by == counter.actor(Role.CUSTOMER_MANAGER).name


def test_every_fault_has_its_row_column_and_mend(counter):
    """All of a row at once: nothing given, twice in the file, open already, not enrolled, beyond the policy, a comma, a telephone number."""
    enrolled(counter, "7", "9", "14", "15")
    client = counter.client(Role.CUSTOMER_MANAGER)
    where = upload(client, BAD).url
    faults = [(one.row, one.column, one.value, one.en) for one, _ in client.get(where).context["faults"]]
    amount = "give an amount above 0 in yuan, such as 30000"
    words = "say the purpose in words; quote an amount with a comma, or leave the comma out"
    most = "the policy in force grants a borrower at most ¥1,000,000.00; ask for no more"
    comma = (
        "a cell beyond the headings; quote an amount with a comma or leave the comma out, else clear the cell"
    )
    assert faults == [
        (3, "amount", "abc", amount),
        (3, "merchant_id", "", "give the merchant's key"),
        (3, "purpose", "", "give a purpose of at most 60 characters"),
        (4, "amount", "1234.567", "give an amount of at most two decimals, such as 1234.56"),
        (4, "merchant_id", "7", "it stands in row 2 too; keep one of them"),
        (5, "merchant_id", "5", f"application {FILED} is still open"),
        (6, "merchant_id", "99", "not enrolled; enrol them first"),
        (7, "amount", "-3", amount),
        (7, "merchant_id", "98", "not enrolled; enrol them first"),
        (7, "purpose", "138****5678", words),
        (8, "amount", "1000000.01", most),
        (9, "extra", "周转", comma),
        (9, "merchant_id", "97", "not enrolled; enrol them first"),
        (10, "purpose", "000", words),
        (11, "amount", "9" * 20, "the amount is too large; give what is needed"),
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{where}/faults.xlsx").content))
    head, first, *_ = book.get_sheet_by_index(0).to_python()
    assert (head, first) == (
        ["行", "列", "现在的值", "怎样改"],
        [3.0, "申请金额", "abc", "填写大于 0 的金额，单位元，如 30000"],
    )
    client.post(f"{where}/file")
    carry_out_what_waits()
    with counter.within():
        assert list(
            Application.objects.filter(channel="bulk").values_list("merchant_id", "amount_minor")
        ) == [("7", 3_000_000)]


def test_a_row_that_cannot_be_filed_any_more_becomes_a_fault(counter):
    """Between reading and filing the merchant applied herself."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    enrolled(counter, "8")
    where = upload(client, "merchant_id,amount,purpose\n6,100,seed\n8,200,seed\n").url
    counter.filed("6", amount=1_000_000)
    client.post(f"{where}/file")
    carry_out_what_waits()
    page = client.get(where)
    assert [row["merchant_id"] for row, _, _ in page.context["rows"]] == ["8"]
    assert [(one.row, one.en) for one, _ in page.context["faults"]] == [
        (2, "application A2026-000007 is still open")
    ]


def test_a_file_without_a_good_row_files_nothing(counter):
    """It says so, and what was wrong can be mended elsewhere and read again: the same bytes are judged anew."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    text = "merchant_id,amount,purpose\n7,100,seed\n"
    where = upload(client, text).url
    assert said(client.post(f"{where}/file")) == ["applications.csv 没有可以提交的行；请改正后重新上传"]
    listed = [len(client.get(f"/bank/imports?state={one}").context["rows"]) for one in batches.STATES]
    assert (listed, "无可提交" in text_of(client.get("/bank/imports"))) == ([0, 0, 0, 1, 0], True)
    enrolled(counter, "7")
    assert upload(client, text).url == where
    assert client.get(where).context["total_minor"] == 10_000


def workbook(rows):
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    sheet_one = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet_one.write_row(number, 0, row)
    book.close()
    return held.getvalue()


def test_workbooks_and_old_chinese_text_are_read():
    """Numbers in cells, GB 18030, a heading with its unit, blank rows."""
    wish = Wish(3, "17", 3_000_050, "种苗", by_people=False)
    rows = [["商户", "金额(元)", "借款用途"], [], [17, 30000.5, "种苗"]]
    old = "商户,金额,用途\n\n17,¥30000.50元,种苗\n".encode("gb18030")
    for table in (sheet.table("a.xlsx", workbook(rows)), sheet.table("a.csv", old)):
        assert sheet.read(table, sheet.guess(table.heads)) == ([wish], [], [])


ODD = (
    "2026年春季助农贷款汇总表,,,,\n客户号,身份证号,拟贷款额,资金投向,备注\n"
    "7,99130219800101007X,30000,种苗,\n8,99130219800101008X,四万,农膜,急\n"
)
"""A title above the headings, none of which the import knows, and a column that is none of its business."""


def test_columns_are_chosen_by_hand_once(counter):
    """What stands in them is shown masked, and kept until one has chosen; the next file with these headings is not asked about."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    enrolled(counter, "7", "8")
    where = upload(client, ODD, "汇总表.csv").url
    page = text_of(client.get(where))
    assert ("7 · 8" in page, "D 资金投向 种苗 · 农膜" in page, "1980" in page) == (True, True, False)
    assert said(client.post(f"{where}/file")) == ["请先为 汇总表.csv 选列"]
    chosen = {"merchant_id": "0", "amount": "2", "purpose": "3"}
    for wrong, told in (
        ({"purpose": ""}, "请选择以下内容所在的列：用途"),
        ({"purpose": "2"}, "有一列选了两次；每项请选不同的列"),
        ({"by_people": "7"}, "汇总表.csv 没有第 8 列"),
    ):
        assert said(client.post(f"{where}/columns", chosen | wrong)) == [told]
    assert said(client.post(f"{where}/columns", chosen)) == []
    page = client.get(where)
    read_as = [("商户编号", "客户号"), ("申请金额", "拟贷款额"), ("用途", "资金投向")]
    assert (page.context["columns"], "客户号" in text_of(page)) == (read_as, True)
    assert [(row["row"], row["amount_minor"]) for row, _, _ in page.context["rows"]] == [(3, 3_000_000)]
    assert [(one.row, one.column, one.value) for one, _ in page.context["faults"]] == [(4, "amount", "四万")]
    with counter.within():
        batch = ApplicationBatch.objects.get()
        assert (batch.lines, batch.chosen) == (None, True)
    assert said(client.post(f"{where}/columns", chosen))[0].startswith("汇总表.csv 不再等待选列")
    again = upload(client, ODD.replace("四万", "40000")).url
    assert len(client.get(again).context["rows"]) == 2
    asked = client.post(
        "/bank/imports", {"file": SimpleUploadedFile("a.csv", GOOD.encode()), "choose": "yes"}
    ).url
    assert client.get(asked).context["wanted"][0] == (
        "merchant_id",
        "商户编号",
        True,
        0,
    )  # guessed, and asked all the same
    with counter.within():
        assert [one.state for one in batches.found(batches.Wanted())] == ["columns", "waiting", "waiting"]


def test_cells_that_nobody_asked_for_are_not_kept(counter):
    """After a day without a choice, by the end of the day; the page says why nothing of the file can be filed."""
    file = read_batch("a.csv", ODD.encode(), by=counter.actor(Role.CUSTOMER_MANAGER), at=AT)
    program = system(counter.organisation.pk, "end-of-day")
    late = AT + LINES_KEPT
    assert [forget_lines(by=program, at=at) for at in (late - timedelta(seconds=1), late)] == [0, 1]
    with counter.within():
        assert ApplicationBatch.objects.get().lines is None
    page = text_of(counter.client(Role.CUSTOMER_MANAGER).get(f"/bank/imports/{file.pk}"))
    assert "没有及时选列，文件内容已不再保留；请重新上传" in page


def test_a_file_is_taken_back(database):
    """What nobody worked on is withdrawn, for the reason given; an offer that somebody has stays; the same bytes may come again."""
    counter = Counter().staffed(Role.CUSTOMER_MANAGER, Role.REVIEWER)
    enrolled(counter, "5", "6")
    counter.enrolled(APPROVED)
    client = counter.client(Role.CUSTOMER_MANAGER)
    text = f"merchant_id,amount,purpose\n5,100,seed\n{APPROVED},5000,seed\n6,100,seed\n"
    where = upload(client, text).url
    assert said(client.post(f"{where}/take-back", {"reason": " "})) == ["请填写撤销原因，最多 500 字"]
    client.post(f"{where}/file")
    carry_out_what_waits()
    with counter.within():
        case = Application.objects.get(merchant_id=APPROVED)
    counter.consented(case)
    assess(case.number, by=counter.machine, at=AT)
    assert "没有人处理过的 2 笔会撤回" in text_of(client.get(where))
    assert counter.client(Role.REVIEWER).post(f"{where}/take-back", {"reason": "r"}).status_code == 403
    for _ in range(2):
        assert said(client.post(f"{where}/take-back", {"reason": "去年的名单"})) == []
        carry_out_what_waits()
    page = client.get(where)
    states = [(row["merchant_id"], state.en) for row, _, state in page.context["rows"]]
    assert states == [("5", "withdrawn"), (APPROVED, "to be signed"), ("6", "withdrawn")]
    assert "去年的名单" in text_of(page)
    with counter.within():
        (task,) = Task.objects.filter(kind="taking_back")
        assert (task.state, task.total, task.done, task.refused) == ("done", 3, 3, 1)
        reasons = set(Opinion.objects.filter(stage="withdrawal").values_list("reason", flat=True))
        assert reasons == {"去年的名单"}
        assert Record.objects.filter(action="lending.case.take_back").count() == 1
    assert said(client.post(f"{where}/file")) == ["applications.csv 已撤销；如需提交，请重新上传"]
    anew = upload(client, text).url
    assert (anew != where, [row["merchant_id"] for row, _, _ in client.get(anew).context["rows"]]) == (
        True,
        ["5", "6"],
    )


def test_a_file_that_is_taken_back_while_it_is_filed(database, monkeypatch):
    """The step that runs is the last one."""
    monkeypatch.setattr(file_batch, "STEP", 1)
    counter = Counter().staffed(Role.CUSTOMER_MANAGER)
    enrolled(counter, "5", "6")
    by = counter.actor(Role.CUSTOMER_MANAGER)
    batch = read_batch("a.csv", b"merchant_id,amount,purpose\n5,100,seed\n6,100,seed\n", by=by, at=AT)

    def told(left, done):
        if done:
            take_back_batch(batch.pk, "wrong list", by=by, at=AT)

    with pytest.raises(LendingError, match=r"a\.csv was taken back"):
        file_batch.file_batch(batch.pk, by=by, at=AT, told=told)
    with counter.within():
        assert list(Application.objects.values_list("merchant_id", "state")) == [("5", "filed")]
    withdraw_batch(batch.pk, by=by, at=AT)
    with counter.within():
        assert list(Application.objects.values_list("merchant_id", "state")) == [("5", "withdrawn")]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"x", "is neither .csv nor .xlsx"),
        ("a.xlsx", b"merchant_id", "is no workbook, whatever it is called"),
        (
            "a.csv",
            b"",
            "lacks the columns 商户编号 \\(merchant_id\\), 申请金额 \\(amount\\), 用途 \\(purpose\\)",
        ),
        (
            "a.csv",
            b"merchant_id,amount\n",
            "lacks the columns 用途 \\(purpose\\); it has merchant_id, amount",
        ),
        ("a.csv", b"17,30000,seed\n18,1,seed\n", "row 1 of a.csv holds 17 where headings should stand"),
        ("a.csv", b"\xff\xff\xff", "neither UTF-8 nor GB 18030"),
        ("a.csv", "商户,金额,用途\n17,1,种\0苗\n".encode(), "holds the sign NUL"),
        ("a.csv", b"merchant_id,amount,purpose\n,,\n", "has no rows of data below its headings"),
        ("a.csv", b"x" * 2_000_001, "has 2,000,001 bytes"),
        ("a.csv", b"merchant_id,amount,purpose\n" + b"1,1,x\n" * 1_001, "has 1001 rows; give at most 1000"),
    ],
)
def test_what_is_no_such_file_is_refused(name, content, told):
    """With what is wrong, before a row is looked at."""
    with pytest.raises(SourceError, match=told) as refused:
        sheet.table(name, content)
    assert refused.value.zh.startswith("a.")


def test_who_may_not(counter):
    """A reviewer, an owner, and another house; no file, and nothing is kept of a bad one."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    where = upload(client, GOOD).url
    for role in (Role.REVIEWER, Role.OWNER, Role.VILLAGE_AGENT, Role.AUDITOR):
        assert counter.client(role).get("/bank/imports").status_code == 403
        assert counter.client(role).post(f"{where}/file").status_code == 403
    theirs = Counter("theirs").staffed(Role.CUSTOMER_MANAGER).client(Role.CUSTOMER_MANAGER)
    assert theirs.get(where).status_code == theirs.post(f"{where}/file").status_code == 404
    assert said(client.post("/bank/imports")) == ["请选择一个 .csv 或 .xlsx 文件"]
    assert said(upload(client, "x", "a.txt"))[0].startswith("a.txt 不是 .csv 或 .xlsx 文件")
    with counter.within():
        assert ApplicationBatch.objects.count() == 1
    head = client.get("/bank/imports/template.csv").content.decode("utf-8-sig")
    assert head == "商户编号,申请金额（元）,用途,要求人工\r\n"
