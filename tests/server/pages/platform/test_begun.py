"""A put that stops between the lake and the database goes on as the same put: every row in once, and none counted otherwise."""

from datetime import timedelta

import pytest
from counter import said, text_of
from django.db import DatabaseError
from house import AT
from journeys import APPROVED
from quarantined import GOOD, House, lines_of, mend

from suixin.errors import AccessError, LakeBusyError, LakeError
from suixin.lake import ingests
from suixin.lake.forget import forget
from suixin.lake.store import Lake
from suixin.lake.writing import writing
from suixin.server import console
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.intake import lakes, mended, putting, tomend
from suixin.server.intake.actions.let_go_mended import let_go_mended
from suixin.server.intake.actions.put_mended import put_mended
from suixin.server.intake.actions.read_mended import read_mended
from suixin.server.intake.models import KEPT_DAYS, MendedFile, RowOutcome
from suixin.server.tasks.working import carry_out_what_waits

REFUSE = {
    "sqlite": (
        "CREATE TRIGGER full_disk BEFORE INSERT ON intake_rowoutcome BEGIN SELECT RAISE(ABORT, 'no room'); END",
        "DROP TRIGGER full_disk",
    ),
    "postgresql": (
        "ALTER TABLE intake_rowoutcome ADD CONSTRAINT full_disk CHECK (false) NOT VALID",
        "ALTER TABLE intake_rowoutcome DROP CONSTRAINT full_disk",
    ),
}
"""A database that takes no outcome, and the end of that."""
BEGUN = {2: "begun", 3: "begun", 4: "open", 5: "begun", 6: "open"}
DONE = {2: "mended", 3: "mended", 4: "open", 5: "mended", 6: "open"}


@pytest.fixture
def house(sqlite, tmp_path):
    return House(tmp_path)


def content(house, **changes):
    return tomend.as_csv(mend(lines_of(house.taken()), **(changes or GOOD)))


def read(house, made, number=0):
    who = house.actor(Role.OPERATOR, number)
    return read_mended(house.number, "orders", "m.csv", made, by=who, at=AT)


def put(house, file, number=0):
    return put_mended(file.pk, by=house.actor(Role.OPERATOR, number), at=AT)


def dies_after_the_lake(house, database, file):
    """The rows are in the lake, and the database refuses what it is told of them."""
    refuse, again = REFUSE[database.vendor]
    door = database.behind()
    door.execute(refuse)
    with pytest.raises(DatabaseError):
        put(house, file)
    door.execute(again)
    door.close()


def dies_before_the_lake(house, file, monkeypatch):
    """What is begun is written, and the lake does not take it: another writes for too long."""
    monkeypatch.setattr(putting, "WAIT_SECONDS", 0.1)
    with writing(house.lake, 1.0, AT), pytest.raises(LakeBusyError):
        put(house, file)


def log(house):
    with house.within():
        steps = Record.objects.filter(action__startswith="data.quarantine.").order_by("pk")
        return [one.action.rpartition(".")[2] for one in steps]


def test_what_stopped_between_lake_and_database_goes_on_and_is_in_once(database, tmp_path):
    """Its rows are neither dismissed nor brought by another file meanwhile; somebody else goes on, and nothing is put in again."""
    house = House(tmp_path)
    made = content(house)
    file = read(house, made)
    dies_after_the_lake(house, database, file)
    facts = house.facts()
    assert house.states() == BEGUN
    places = [house.rows()[row].place for row in (2, 4)]
    answer = house.operator().post(f"{house.where}/dismiss", {"place": places, "reason": "r"})
    assert said(answer) == ["m.csv 正在提交其中的行；请先继续提交该文件"]
    other = read(house, content(house, r4={"order_id": "api-4"}) + made.splitlines()[1] + b"\n")
    assert [(one["row"], one["rule"]) for one in other.faults] == [("2", "begun")]
    assert [line[1] for line in lines_of(house.taken())[1:]] == ["4", "6"]
    assert read(house, made).is_begun
    page = text_of(house.operator().get(f"/platform/mended/{file.pk}"))
    assert "提交未完成 这些行可能已在数据湖中" in page
    done = put(house, file, 1)
    assert (done.made, done.mended, done.there, done.good) == (house.number + 1, 3, 0, 3)
    assert (house.facts(), Lake.open(house.lake).manifest.sequence) == (facts, house.number + 1)
    assert house.states() == DONE
    assert put(house, file).done_by == house.actor(Role.OPERATOR, 1).name
    with house.within():
        assert RowOutcome.objects.count() == 3
    assert log(house) == ["take", "try", "begin", "take", "try", "take", "mend"]


def test_what_stopped_before_the_lake_goes_on(house, monkeypatch):
    """The claim stands although nothing is in the lake; going on puts all of it in; the page says where it stopped and has the button."""
    file = read(house, content(house))
    before = house.facts()
    where = f"/platform/mended/{file.pk}"
    assert house.operator().post(f"{where}/put").url == where
    assert "等待后台开始" in text_of(house.client(Role.AUDITOR).get(where))
    monkeypatch.setattr(putting, "WAIT_SECONDS", 0.1)
    with writing(house.lake, 1.0, AT):
        assert [(one.state, one.phase) for one in carry_out_what_waits()] == [("failed", "puts")]
    page = text_of(house.operator().get(where))
    assert "再次检查各行 已完成 写入数据湖 停在这里 登记结果" in page
    assert str(house.lake) not in page
    assert (house.facts(), house.states()) == (before, BEGUN)
    assert "继续提交" in text_of(house.operator().get(where))
    assert "继续提交" not in text_of(house.client(Role.AUDITOR).get(where))
    assert "提交中 3" in text_of(house.operator().get(house.where))
    house.operator(1).post(f"{where}/put")
    carry_out_what_waits()
    assert (house.facts(), house.states()) == (before + 2, DONE)
    assert log(house) == ["take", "try", "begin", "begin", "mend"]


def test_rows_of_the_forgotten_are_gone_and_the_put_still_ends(house, sqlite, monkeypatch):
    """In the lake already: the lake says so, and the file is done. Not there: its rows are free again, and it is uploaded anew."""
    file = read(house, content(house))
    dies_after_the_lake(house, sqlite, file)
    second = read(house, content(house, r4={"order_id": "api-4", "merchant_id": "5"}))
    dies_before_the_lake(house, second, monkeypatch)
    forget(house.lake, APPROVED, now=AT, grace_days=0)
    assert put(house, file).made == house.number + 1
    with pytest.raises(LakeError, match="upload it again"):
        put(house, second)
    with house.within():
        held = MendedFile.objects.get(pk=second.pk)
    assert (held.is_begun, held.claimed) == (False, [])
    assert (house.states(), log(house)[-2:]) == ({3: "mended", 6: "open"}, ["mend", "let_go"])


def test_what_the_lake_set_aside_after_all_stays_open(house):
    """A row turned bad between the look and the commit, and then the server died: the lake is asked which ones came in."""
    file = read(house, content(house, **GOOD, r4={"order_id": "=1"}))
    with house.within():
        _, lake = lakes.held()
        of = lakes.to_mend(lake, house.number, "orders")
        kept = (house.lake / "mending" / file.digest).read_bytes()
        rows, _ = mended.unpacked(kept, house.rows().values(), file.pk)
        claimed = [[one.line, one.of.row, one.of.place] for one in rows]
        MendedFile.objects.update(begun_at=AT, claimed=claimed, faults=[])
    putting.put(lake, of, "orders", file.digest, rows, at=AT, dry_run=False)
    assert set(house.states().values()) == {"begun", "open"}
    done = put(house, file)
    assert (done.mended, done.faults) == (
        3,
        [{"line": 4, "row": "4", "column": "order_id", "rule": "formula_text"}],
    )
    assert house.states() == DONE
    assert ingests.numbered(house.lake, Lake.open(house.lake).manifest, done.made).total.accepted == 3


def test_what_nobody_puts_in_is_let_go_of_in_the_evening(house, monkeypatch):
    """Not a day early; its rows stay open, what is begun stays, and the same file may be uploaded again."""
    begun = read(house, content(house, r2={"amount": "1.00"}))
    dies_before_the_lake(house, begun, monkeypatch)
    made = content(house, r3=GOOD["r3"])
    file = read(house, made)
    page = text_of(house.operator().get(f"/platform/mended/{file.pk}"))
    assert "逾期不提交即不再保留： 2026年2月4日" in page
    assert "m.csv · 可入库 1 行，保留至 2026年2月4日" in text_of(house.operator().get(house.where))
    end = AT + timedelta(days=KEPT_DAYS)
    assert let_go_mended(by=house.program, at=end - timedelta(seconds=1)) == 0
    monkeypatch.setattr("django.utils.timezone.now", lambda: end)
    more = {"lpr": None, "key": None, "workers": 1, "progress": lambda *_: None}
    list(console.end_days(house.organisation.code, "main", house.day, house.day, **more))
    assert [one.name for one in (house.lake / "mending").iterdir()] == [begun.digest]
    where = f"/platform/mended/{file.pk}"
    assert "这些行已不再保留；需要时请重新上传。 2026年2月4日" in text_of(house.operator().get(where))
    assert "请重新上传" in said(house.operator().post(f"{where}/put"))[0]
    with house.within():
        (line,) = Record.objects.filter(action="data.quarantine.let_go")
    assert (line.actor, line.reason) == ("system:end-of-day", "not put in for 30 days")
    assert house.states()[3] == "open"
    again = read_mended(house.number, "orders", "m.csv", made, by=house.actor(Role.OPERATOR), at=end)
    assert (again.pk, again.let_go_at, put(house, again).mended) == (file.pk, None, 1)
    with pytest.raises(AccessError):
        let_go_mended(by=house.actor(Role.OPERATOR), at=end)
