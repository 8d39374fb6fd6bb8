"""Rows that were set aside: seen masked, taken away with a line in the log, mended and put in once, or dismissed."""

import csv
import io
import stat
import time
from datetime import timedelta

import orjson
import pytest
from counter import Counter, said, text_of
from house import AT, in_threads
from journeys import APPROVED
from programs import DECLARED, Program
from python_calamine import CalamineWorkbook
from quarantined import GOOD, RULES, House, lines_of, mend

from suixin.errors import SourceError, UsageError
from suixin.lake import ingests, mending, quality_rules, quarantine
from suixin.lake.forget import forget
from suixin.lake.store import Lake
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.intake import mended, putting, rules, tomend
from suixin.server.intake.actions.put_mended import put_mended
from suixin.server.intake.actions.read_mended import read_mended
from suixin.server.intake.models import MendedFile, RowOutcome
from suixin.server.pages.platform.words import CONSISTENCY
from suixin.server.tasks.working import carry_out_what_waits


@pytest.fixture
def house(sqlite, tmp_path):
    return House(tmp_path)


def test_a_mended_row_comes_in_once_by_the_same_route(house):
    """Taken, mended, read without putting anything in, put in; twice is once; the rest stays open; the log has each step."""
    before = house.facts()
    lines = mend(lines_of(house.taken()), **GOOD, r4={"amount": "9.99"})
    where = house.upload(lines).url
    looked = house.operator().get(where).context
    file = looked["file"]
    assert (file.good, file.there, file.made) == (3, 0, None)
    assert [(one.row, one.rule, one.value) for one, _ in looked["faults"]] == [
        ("4", "formula_text", '=HYPERLINK("http://x")')
    ]
    assert house.facts() == before
    assert set(house.states().values()) == {"open"}
    kept = house.lake / "mending" / file.digest
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for _ in range(2):
        assert said(house.operator().post(f"{where}/put")) == []
        carry_out_what_waits()
    assert [(one.row, one.rule, one.value) for one, _ in house.operator().get(where).context["faults"]] == [
        ("4", "formula_text", "")
    ]
    page = house.operator().get(where)
    assert (page.context["file"].mended, page.context["file"].made) == (3, house.number + 1)
    assert house.states() == {2: "mended", 3: "mended", 4: "open", 5: "mended", 6: "open"}
    assert not kept.exists()
    lake = Lake.open(house.lake)
    assert (lake.manifest.sequence, lake.verify(), house.facts()) == (house.number + 1, [], before + 2)
    one = ingests.numbered(house.lake, lake.manifest, house.number + 1)
    assert {name: getattr(one.record, name) for name in DECLARED} == DECLARED
    assert (one.record.adapter, one.record.source, one.total.accepted) == ("mended", "核心系统", 3)
    assert f"rows that ingest {house.number} had set aside" in one.record.assumptions[-1]
    shown = house.operator().get(f"/platform/ingests/{house.number + 1}")
    assert shown.context["assumed"] == [
        "没有获知时间的记录，视为发生时即已知",
        f"人工修正：入库 {house.number} 隔离的行",
    ]
    assert house.upload(lines).url == where  # the same file is the same, and done
    with house.within():
        log = Record.objects.filter(action__startswith="data.quarantine.").order_by("pk")
        steps = [line.action.rpartition(".")[2] for line in log]
        assert steps == ["take", "try", "begin", "mend"]
        assert {line.actor for line in log} == {house.actor(Role.OPERATOR).name}


def test_what_is_shown_is_masked_and_what_is_taken_is_real(house):
    """A telephone number is whole in the file alone; a formula is text in both kinds of it; a page says why, in both languages."""
    page = house.client(Role.AUDITOR).get(house.where)
    assert {one.row: one.rule for one, _, _ in page.context["rows"]} == RULES
    text = text_of(page)
    assert "13812345678" not in text
    assert "138****5678" in text
    assert "没有这个商户 先补充商户表，再提交本行" in text
    sheet = CalamineWorkbook.from_filelike(
        io.BytesIO(house.client(Role.AUDITOR).get(f"{house.where}.xlsx").content)
    )
    masked = sheet.get_sheet_by_index(0).to_python()[1:]
    assert {int(row[0]) for row in masked} == set(RULES)
    assert "13812345678" not in str(masked)
    english = house.client(Role.OPERATOR, language="en").get(f"{house.where}?rule=conflict")
    assert "the same key, known at the same time, was given with other values" in text_of(english)
    assert [one.row for one, _, _ in english.context["rows"]] == [5]
    answer = house.taken()
    assert answer["Content-Disposition"] == f'attachment; filename="to-mend-{house.number}-orders.csv"'
    lines = lines_of(answer)
    assert lines[0][:5] == ["#file", "#row", "#column", "#reason", "#mend"]
    held = {int(line[1]): dict(zip(lines[0], line, strict=True)) for line in lines[1:]}
    assert (held[2]["buyer_id"], held[2]["amount"]) == ("13812345678", "-1")
    assert held[4]["order_id"] == '\'=HYPERLINK("http://x")'
    assert (held[5]["amount"], held[3]["colour"], held[6]["#line"]) == ("64.00", "red", "[1]")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(house.taken("xlsx").content)).get_sheet_by_index(0)
    body = sheet.to_python(skip_empty_area=False)
    assert [row[1] for row in body[1:]] == ["2", "3", "4", "5", "6"]
    assert body[3][lines[0].index("order_id")] == '=HYPERLINK("http://x")'
    with house.within():
        taken = Record.objects.filter(action="data.quarantine.take")
        assert [one.reason for one in taken] == [f"ingest {house.number}, orders: 5 rows"] * 2


def test_a_workbook_and_old_chinese_text_come_back(house):
    """The workbook as it was downloaded, its bad cells mended; GB 18030; both read as they were written."""
    content = house.taken("xlsx").content
    where = house.sent(content, "mended.xlsx").url
    file = house.operator().get(where).context["file"]
    assert (file.good, len(file.faults)) == (0, 5)
    lines = mend(lines_of(house.taken()), r2={"amount": "2", "#reason": "金额为负，已改"})
    where = house.upload(lines, encoding="gb18030").url
    assert house.operator().get(where).context["file"].good == 1
    rows = text_of(house.operator().get(house.where))
    assert ("可入库 1 行" in rows, "可入库 0 行" in rows) == (
        True,
        False,
    )  # nothing waits where nothing can come in


def test_only_rows_that_were_set_aside_are_taken(house):
    """A stranger's row, one twice, one that is settled: told with its line, and nothing of it reaches the lake."""
    lines = mend(lines_of(house.taken()), **GOOD)
    place = house.rows()[5].place
    answer = house.operator().post(f"{house.where}/dismiss", {"place": place, "reason": "平台确认 金额有误"})
    assert said(answer) == ["已搁置"]
    beyond = house.operator().get(house.upload([lines[0], [*lines[2], "000"]]).url).context["faults"]
    assert [(one.line, one.row, one.rule) for one, _ in beyond] == [(2, "3", "shifted")]
    stranger = [*lines[1]]
    stranger[1] = "1"
    bad = [*lines, lines[1], stranger]
    where = house.upload(bad).url
    found = house.operator().get(where).context
    assert [(one.line, one.row, one.rule) for one, _ in found["faults"]] == [
        (4, "5", "settled"),
        (5, "2", "twice"),
        (6, "1", "not_aside"),
    ]
    assert found["file"].good == 2
    house.operator().post(f"{where}/put")
    carry_out_what_waits()
    assert house.states() == {2: "mended", 3: "mended", 4: "open", 5: "dismissed", 6: "open"}
    assert "平台确认 金额有误" in text_of(house.client(Role.AUDITOR).get(f"{house.where}?state=dismissed"))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"x", "is neither .csv nor .xlsx"),
        ("a.csv", b"", "lacks the columns #file, #row, order_id"),
        ("a.csv", b"order_id,merchant_id\nx,y\n", "lacks the columns #file, #row"),
        ("a.csv", b"#file,#row,#row\n", "names #row more than once"),
        ("a.xlsx", b"PK\x03\x04", "is no workbook"),
        ("a.csv", b"\xff\xff\xff", "is neither UTF-8 nor GB 18030"),
    ],
)
def test_what_is_no_such_file_is_refused_before_a_row_is_looked_at(name, content, told):
    """Kinds, empty files, wrong columns."""
    with pytest.raises(SourceError, match=told):
        mended.read(name, content, "orders", [])


def test_a_file_without_rows_or_with_too_many_is_refused():
    """The headings alone, and one row more than a file may have."""
    head = "#file,#row,order_id,merchant_id,ordered_at,amount\n"
    with pytest.raises(SourceError, match="has no row"):
        mended.read("a.csv", head.encode(), "orders", [])
    many = head + "f,1,a,b,c,1\n" * (tomend.MOST_ROWS + 1)
    with pytest.raises(SourceError, match="give at most 1,000"):
        mended.read("a.csv", many.encode(), "orders", [])


def test_who_may_not(house, tmp_path):
    """Auditor and administrator read and change nothing; a lender's other roles see nothing; another house neither."""
    lines = mend(lines_of(house.taken()), **GOOD)
    where = house.upload(lines).url
    posts = [f"{house.where}/{verb}" for verb in ("take", "dismiss", "mend")] + [f"{where}/put"]
    for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.APPROVER):
        assert {house.client(role).post(post).status_code for post in posts} == {403}
    assert house.client(Role.AUDITOR).get(where).status_code == 200
    assert house.client(Role.ADMINISTRATOR).get(house.where).status_code == 403
    assert house.client(Role.APPROVER).get("/platform/").status_code == 403
    theirs = Counter("theirs").staffed(Role.OPERATOR).client(Role.OPERATOR)
    assert theirs.get(where).status_code == theirs.get(house.where).status_code == 404
    assert said(theirs.post(f"{where}/put")) == ["要处理的内容已经不在"]
    assert set(house.states().values()) == {"open"}
    for place, reason in (("x", "r"), ("", "r"), (house.rows()[2].place, " ")):
        sent = {"place": place, "reason": reason} if place else {"reason": reason}
        assert "已搁置" not in said(house.operator().post(f"{house.where}/dismiss", sent))
    assert set(house.states().values()) == {"open"}


def test_of_two_at_once_one_puts_in(database, tmp_path, monkeypatch):
    """The same file by two people, and each row's outcome once."""
    house = House(tmp_path)
    content = tomend.as_csv(mend(lines_of(house.taken()), **GOOD))
    people = [house.actor(Role.OPERATOR, number) for number in range(2)]
    file = read_mended(house.number, "orders", "m.csv", content, by=people[0], at=AT)
    taken = putting.ingest

    def slow(*given, **more):
        time.sleep(0.1)
        return taken(*given, **more)

    monkeypatch.setattr(putting, "ingest", slow)
    done = in_threads(2, lambda at: put_mended(file.pk, by=people[at], at=AT))
    assert [(one.made, one.mended) for one in done] == [(house.number + 1, 3)] * 2
    assert Lake.open(house.lake).manifest.sequence == house.number + 1
    with house.within():
        assert RowOutcome.objects.filter(kind="mended").count() == 3
        assert Record.objects.filter(action="data.quarantine.mend").count() == 1


def test_who_is_forgotten_is_in_no_mended_file(house):
    """Pending files go at once, and the database held nothing of a row; the file is uploaded again without them."""
    lines = mend(lines_of(house.taken()), **GOOD)
    where = house.upload(lines).url
    forget(house.lake, APPROVED, now=AT, grace_days=0)
    assert list((house.lake / "mending").iterdir()) == []
    assert said(house.operator().post(f"{where}/put")) == ["修正文件已经不在，请重新上传"]
    with house.within():
        held = orjson.dumps(
            [*MendedFile.objects.values("faults", "name"), *RowOutcome.objects.values("place")]
        )
    assert b"13812345678" not in held
    where = house.upload(lines).url  # by who had downloaded it before
    found = house.operator().get(where).context
    assert found["file"].good == 0
    assert [(one.row, one.rule, one.value) for one, _ in found["faults"]] == [
        ("2", "not_aside", ""),
        ("3", "forgotten", ""),
        ("5", "not_aside", ""),
    ]
    assert list((house.lake / "mending").iterdir()) == []
    assert quarantine.of_ingest(Lake.open(house.lake), "orders", house.number)["row"].to_list() == [3, 6]
    page = house.client(Role.AUDITOR).get(house.where)
    assert page.context["gone"] == 3


def test_who_is_forgotten_while_a_file_is_read_is_not_kept(house, monkeypatch):
    """The rows were looked at before and would be kept after; and a forget that died half-way clears them when asked again."""
    lines = mend(lines_of(house.taken()), **GOOD)
    kept = mending.keep

    def late(*given):
        forget(house.lake, APPROVED, now=AT, grace_days=0)
        kept(*given)

    with monkeypatch.context() as slow:
        slow.setattr(mending, "keep", late)
        assert said(house.upload(lines)) == ["其间有人的数据已被删除；请重新上传文件"]
    assert list((house.lake / "mending").iterdir()) == []
    mending.keep(house.lake, "a" * 64, b"[]")
    forget(house.lake, APPROVED, now=AT, grace_days=0)
    assert list((house.lake / "mending").iterdir()) == []


def test_the_database_holds_nothing_of_a_line(house):
    """Neither what stood where the row's number should, nor the value at fault, which the page tells from the lake."""
    lines = lines_of(house.taken())
    head = lines[0]
    shifted = ["f", "110101199003071234", *lines[1][2:]]
    bad = mend(lines, r2={"amount": "张三"})
    where = house.upload([*bad, shifted]).url
    found = house.client(Role.AUDITOR).get(where)
    assert [(one.line, one.row, one.column, one.rule, one.value) for one, _ in found.context["faults"]] == [
        (2, "2", "amount", "wrong_type", "张三"),
        (3, "", "", "not_aside", ""),
    ]
    with house.within():
        assert MendedFile.objects.get().faults == [
            {"line": 2, "row": "2", "column": "amount", "rule": "wrong_type"},
            {"line": 3, "row": "", "column": "", "rule": "not_aside"},
        ]
    (kept,) = (house.lake / "mending").iterdir()
    values = {name: cell for name, cell in zip(head, bad[1], strict=True) if cell and name[0] != "#"}
    assert orjson.loads(kept.read_bytes()) == [[2, house.rows()[2].place, values]]


def test_no_more_rows_are_taken_than_a_file_brings_back(house, monkeypatch):
    """And the log says how many those are."""
    monkeypatch.setattr(tomend, "MOST_ROWS", 2)
    assert [line[1] for line in lines_of(house.taken())[1:]] == ["2", "3"]
    with house.within():
        taken = Record.objects.get(action="data.quarantine.take")
        assert taken.reason == f"ingest {house.number}, orders: 2 rows"


def test_a_lake_that_is_damaged_is_told_without_its_paths(house):
    """Every page of it says so and none breaks."""
    (house.lake / "ingests" / f"{house.number:06}.json").write_bytes(b"{")
    pages = ("", "connectors.xlsx", "ingests", "ingests.xlsx", f"ingests/{house.number}")
    for page in (*(f"/platform/{one}" for one in pages), house.where):
        answer = house.client(Role.AUDITOR, language="en").get(page)
        assert (answer.status_code, "the lake cannot be read" in text_of(answer)) == (503, True), page
    (told,) = said(house.operator().post(f"{house.where}/take", {}))
    assert told.startswith(f"没有办成（the lake/ingests/{house.number:06}.json: is damaged")


def test_deliveries_and_ingests_are_listed(house):
    """Who delivered, how much of it was bad, and whether it is time; narrowed by the address, and taken away as xlsx."""
    auditor = house.client(Role.AUDITOR)
    found = [
        (one.source, one.adapter, one.state, one.read, one.aside)
        for one, _, _ in auditor.get("/platform/").context["rows"]
    ]
    assert found == [
        ("核心系统", "api", "bad", 6, 5),
        ("云岭县（虚构） seed 7", "standard", "fine", found[1][3], 0),
    ]
    sent = {"place": [one.place for one in house.rows().values()], "reason": "平台确认作废"}
    house.operator().post(f"{house.where}/dismiss", sent)
    (core, *_), *_ = [one for one in auditor.get("/platform/").context["rows"] if one[0].adapter == "api"]
    assert (core.aside, core.waiting, core.state) == (5, 0, "fine")  # settled rows are nobody's work any more
    page = auditor.get("/platform/ingests?aside=yes")
    assert [one.number for one, _, _ in page.context["rows"]] == [house.number]
    assert page.context["page"].paginator.count == 1
    assert auditor.get("/platform/ingests?route=own_mall").context["page"].paginator.count == 1
    assert auditor.get("/platform/ingests?text=nothing").context["page"].paginator.count == 0
    one = auditor.get(f"/platform/ingests/{house.number}").context
    assert [(row["name"], row["counts"].read, row["counts"].quarantined) for row in one["tables"]] == [
        ("orders", 6, 5)
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(auditor.get("/platform/ingests.xlsx?aside=yes").content))
    assert book.get_sheet_by_index(0).to_python()[1][7:] == [6.0, 1.0, 0.0, 0.0, 5.0]
    assert auditor.get("/platform/connectors.xlsx").status_code == 200
    assert auditor.get("/platform/ingests/999").status_code == 404
    assert "读取 = 接收 + 已有 + 隔离" in text_of(auditor.get("/platform/?check=yes"))


def test_a_break_is_shown_if_it_ever_happens(house):
    """Somebody changed a file of the lake: the sum is told, and no page falls over."""
    path = house.lake / "ingests" / f"{house.number:06d}.json"
    document = orjson.loads(path.read_bytes())
    document["tables"]["orders"]["read"] = 7
    path.write_bytes(orjson.dumps(document))
    page = house.client(Role.AUDITOR).get("/platform/?check=yes")
    assert [(one.number, one.table) for one in page.context["breaks"]] == [(house.number, "orders")]
    assert "7 ≠ 1 + 0 + 5" in text_of(page)


def test_a_delivery_that_is_late_says_so(house, monkeypatch):
    """A mall is late after two days; of a simulation nothing is expected; a client that never pushed stands there, too."""
    late = Program(house, Scope.DATA_WRITE)
    with house.within():
        type(late.client).objects.filter(pk=late.client.pk).update(name="新平台")
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=2, hours=2))
    rows = house.client(Role.AUDITOR).get("/platform/").context["rows"]
    assert [(one.source, one.state) for one, _, _ in rows] == [
        ("新平台", "never"),
        ("核心系统", "late"),
        ("云岭县（虚构） seed 7", "fine"),
    ]


@pytest.mark.parametrize("digest", ["../../CURRENT", "a" * 63, "A" * 64, "", "/etc/passwd"])
def test_a_path_is_built_from_a_digest_alone(digest, tmp_path):
    """Nothing that a sender calls a file reaches the disk."""
    with pytest.raises(UsageError, match="is no SHA-256"):
        mending.keep(tmp_path, digest, b"x")
    assert list(tmp_path.iterdir()) == []


def test_every_rule_has_its_words():
    """In both languages, with a mend; so has every rule between tables."""
    assert rules.RULES.keys() == quarantine.RULES.keys()
    assert CONSISTENCY.keys() == {one.code for one in quality_rules.RULES}


@pytest.mark.parametrize(
    "cell", ["=1+1", "-1", "-1.5", "+86 138", "@x", "'=1", "''-x", "\tx", "plain", "-", ""]
)
def test_a_cell_comes_back_as_it_went(cell):
    """What a spreadsheet would run begins with an apostrophe, which is taken off again; numbers stay numbers."""
    (line,) = csv.reader(io.StringIO(tomend.as_csv([[cell, "x"]]).decode("utf-8-sig")))
    assert tomend.as_it_was(line[0]) == cell
    assert line[0][:1] not in {"=", "+", "@", "\t"}
