"""Long work behind a page: told step by step, cut off and gone on with, done once, by whoever asked and may still."""

import os
import re
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from browsing import SOURCE
from counter import Counter, enrolled, said, text_of
from django.db import DatabaseError, connection
from house import AT, in_threads

from suixin.errors import AccessError
from suixin.server.audit.models import Record
from suixin.server.identity.actions.withdraw_role import withdraw_role
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions import file_batch
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.read_batch import read_batch
from suixin.server.origination.models import Application, ApplicationBatch
from suixin.server.tasks.actions import carry_out
from suixin.server.tasks.actions.ask import ask
from suixin.server.tasks.actions.carry_out import carry_out_next
from suixin.server.tasks.models import QUIET, Task
from suixin.server.tasks.working import carry_out_what_waits

KIND = Task.Kind.APPLICATIONS
MANAGER = Role.CUSTOMER_MANAGER
REFUSE = {
    "sqlite": (
        """CREATE TRIGGER full_disk BEFORE INSERT ON origination_application WHEN NEW.merchant_id = '9'
        BEGIN SELECT RAISE(ABORT, 'no room'); END""",
        "DROP TRIGGER full_disk",
    ),
    "postgresql": (
        "ALTER TABLE origination_application ADD CONSTRAINT full_disk CHECK (merchant_id <> '9') NOT VALID",
        "ALTER TABLE origination_application DROP CONSTRAINT full_disk",
    ),
}
"""A database that takes no application of merchant 9, and the end of that."""
MERCHANTS = ("5", "6", "7", "9", "10")


def bank(code="rural", merchants=MERCHANTS):
    """A bank whose customer manager has read a file of a row a merchant; with the file."""
    counter = Counter(code).staffed(MANAGER)
    enrolled(counter, *merchants)
    return counter, file_of(counter, merchants)


def file_of(counter, merchants):
    text = "merchant_id,amount,purpose\n" + "".join(f"{one},100,seed\n" for one in merchants)
    return read_batch("a.csv", text.encode(), by=counter.actor(MANAGER), at=AT)


def asked(counter, file, number=0):
    return ask(KIND, file.pk, by=counter.actor(MANAGER, number), at=AT)


def stood(counter, file):
    """The last task on the file: state, rows done, rows, refused."""
    with counter.within():
        task = Task.objects.filter(subject=file.pk).latest("pk")
    return str(task.state), task.done, task.total, task.refused


def filed(counter):
    with counter.within():
        return list(Application.objects.order_by("id").values_list("merchant_id", "filed_by"))


def part(client, where, step=""):
    """What htmx is given."""
    return client.get(f"{where}?step={step}", headers={"HX-Request": "true"}).content.decode()


def test_what_was_cut_off_goes_on_and_does_each_row_once(database, monkeypatch):
    """The database fails in the second step: the first stays and is told; another house's work is done; then it goes on."""
    monkeypatch.setattr(file_batch, "STEP", 2)
    counter, file = bank()
    theirs, other = bank("theirs", ["3"])
    where, client = f"/bank/imports/{file.pk}", counter.client(MANAGER)
    assert {client.post(f"{where}/file").url for _ in range(2)} == {where}
    asked(theirs, other)
    assert stood(counter, file) == ("waiting", 0, None, 0)
    assert "等待后台开始" in text_of(client.get(where))
    refuse, again = REFUSE[database.vendor]
    door = database.behind()
    door.execute(refuse)
    with pytest.raises(DatabaseError):
        carry_out_what_waits()
    door.execute(again)
    door.close()
    assert stood(theirs, other) == ("done", 1, 1, 0)
    assert stood(counter, file) == ("running", 2, 5, 0)
    shown = part(client, where, "running-3")
    assert '<progress class="progress" aria-label="已处理的行" max="5" value="2">' in shown
    assert re.findall(r'hx-get="([^"]+)" hx-trigger="every 2s"', shown) == ["?step=running-4"]
    assert "正在进行，已完成 40%" in shown
    assert "正在进行" not in part(client, where, "running-4")  # whoever hears the page has heard it
    assert file_of(counter, MERCHANTS).filed == [
        "A2026-000001",
        "A2026-000002",
    ]  # the same bytes, not read anew
    with counter.within():
        file_application(merchant_of("7"), 500, "seed", by=counter.actor(MANAGER, 1), at=AT)
    assert [(one.state, one.refused) for one in carry_out_what_waits()] == [("done", 1)]
    assert stood(counter, file) == ("done", 5, 5, 1)
    me = counter.actor(MANAGER).name
    assert [who for who, by in filed(counter) if by == me] == ["5", "6", "9", "10"]
    with counter.within():
        batch = ApplicationBatch.objects.get()
        assert (len(batch.filed), [one["row"] for one in batch.faults], batch.filed_by) == (4, [4], me)
        log = Record.objects.filter(action__in=("service.task.ask", "lending.case.import")).order_by("pk")
        assert [(one.action, one.actor) for one in log] == [
            ("lending.case.import", me),
            ("service.task.ask", me),
            ("lending.case.import", me),
        ]
        assert Record.objects.get(action="service.task.carry_out").actor == "system:tasks"
    assert "已提交 4" in text_of(client.get(where))
    ended = part(client, where)
    assert ("hx-trigger" in ended, "查看结果" in ended) == (False, True)
    assert asked(counter, file) is None


def test_two_presses_and_two_workers_are_one_task(database):
    """At the same moment, by two people and by two processes."""
    counter, file = bank()
    found = in_threads(2, lambda number: asked(counter, file, number).pk)
    assert len(set(found)) == 1
    ended = in_threads(2, lambda _: len(carry_out_what_waits()))
    assert sum(ended) + len(carry_out_what_waits()) == 1
    assert [who for who, _ in filed(counter)] == list(MERCHANTS)


def test_what_one_may_no_longer_do_is_not_done(database):
    """The role was taken away before its turn came: nothing is filed, the page says why, and a colleague goes on from it."""
    counter, file = bank()
    counter.staffed(Role.REVIEWER, Role.ADMINISTRATOR)
    with pytest.raises(AccessError):
        ask(KIND, file.pk, by=counter.actor(Role.REVIEWER), at=AT)
    asked(counter, file)
    with counter.within():
        held = Membership.objects.get(user=counter.user(MANAGER), role=MANAGER)
    first, second = (counter.actor(Role.ADMINISTRATOR, number) for number in (0, 1))
    withdraw_role(held.pk, by=first, second=second, reason="r", at=AT)
    assert [str(one.state) for one in carry_out_what_waits()] == ["failed"]
    assert filed(counter) == []
    where, colleague = f"/bank/imports/{file.pk}", counter.client(MANAGER, 1)
    page = text_of(colleague.get(where))
    assert "没有完成：您没有办理此事的权限" in page
    assert "提交 5 笔申请" in page
    assert "Not done: you may not do this: " in text_of(counter.client(MANAGER, 1, "en").get(where))
    assert said(colleague.post(f"{where}/file")) == []
    carry_out_what_waits()
    assert {by for _, by in filed(counter)} == {counter.actor(MANAGER, 1).name}
    with pytest.raises(AccessError):
        carry_out_next(by=first, clock=lambda: AT)


def test_what_fails_again_and_again_ends(sqlite, caplog):
    """A bug is told as one, with a line in the log; work at which the program dies each time is given up."""
    counter, file = bank()
    with counter.within():
        ApplicationBatch.objects.update(rows=[{"row": 2}])
    asked(counter, file)
    (task,) = carry_out_what_waits()
    assert task.why_en.startswith("the program failed")
    assert [one.getMessage() for one in caplog.records] == ["a task failed"]
    asked(counter, file)
    with counter.within():
        Task.objects.filter(ended_at=None).update(tries=carry_out.MOST_TRIES, begun_at=AT)
    (task,) = carry_out_what_waits()
    assert task.why_en.startswith("the work stopped 3 times")


def test_where_nobody_works_the_page_says_so_and_asks_no_more(sqlite, monkeypatch):
    """A page that asked for ever would keep a forgotten screen signed in."""
    counter, file = bank()
    asked(counter, file)
    where, client = f"/bank/imports/{file.pk}", counter.client(MANAGER)
    for late, told in ((QUIET, False), (QUIET + timedelta(seconds=1), True)):
        monkeypatch.setattr("django.utils.timezone.now", lambda late=late: AT + late)
        shown = part(client, where)
        assert ("很久没有进展" in shown, "hx-trigger" not in shown) == (told, told)


def test_the_command_does_what_waits(suixin, database):
    """For whoever runs no `suixin serve`; each task's end is printed."""
    counter, file = bank()
    asked(counter, file)
    assert suixin("tasks", "run").stdout == f"task 1 (applications {file.pk}) done\n"
    assert suixin("tasks", "run", "--json").stdout == "[]\n"


@pytest.mark.full
def test_a_worker_that_is_killed_leaves_each_row_done_once(sqlite):
    """A real process, killed while it files; the next one goes on behind what was committed."""
    many = [str(number) for number in range(100, 500)]
    counter, file = bank(merchants=many)
    asked(counter, file)
    connection.close()
    env = os.environ | {"SUIXIN_DATABASE": sqlite.url, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "suixin", "tasks", "run"]
    with subprocess.Popen(command, env=env) as worker:
        while stood(counter, file)[1] < file_batch.STEP:
            assert worker.poll() is None
            time.sleep(0.01)
        worker.kill()
    state, done, total, _ = stood(counter, file)
    assert (state, total) == ("running", 400)
    assert file_batch.STEP <= done == len(filed(counter)) < 400
    carry_out_what_waits()
    assert [who for who, _ in filed(counter)] == many
