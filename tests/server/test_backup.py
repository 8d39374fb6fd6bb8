"""A database is backed up while others post, and put into an empty one."""

import stat
import threading

import orjson
import psycopg
import pytest
from django.db import connection
from house import AT, CASH, OVERPAID, bank, book, moved, posted
from lender import Lender

from conftest import use
from suixin.errors import BackupError, ServerError
from suixin.server import backup, guards, storage, tenancy
from suixin.server.audit.models import Record
from suixin.server.idempotency.models import DoneWrite
from suixin.server.identity.models import Organisation, User
from suixin.server.ledger import queries
from suixin.server.ledger.actions.place_hold import place_hold
from suixin.server.ledger.actions.seal import seal
from suixin.server.ledger.models import Book
from suixin.server.ledger.verify import verify
from suixin.server.outbox.actions.write import News
from suixin.server.outbox.models import Message
from suixin.server.servicing import tie


def quiet(*_):
    pass


@pytest.fixture
def empty(database, tmp_path, request):
    """Another database of the same kind, without a table, to be used when it is called."""

    def sqlite():
        use(f"sqlite:///{tmp_path}/empty.sqlite3")

    def postgresql():
        server, _, rest = database.url.removeprefix("postgresql:///").partition("?")
        name = f"{server}_empty"
        words = " ".join(rest.split("&"))
        with psycopg.connect(f"{words} dbname=postgres", autocommit=True) as door:
            door.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        use(f"postgresql:///{name}?{rest}")

    yield {"sqlite": sqlite, "postgresql": postgresql}[database.vendor]
    connection.close()


def state(organisation_id):
    """Everything that counts of an organisation, as it is read."""
    with tenancy.within(organisation_id):
        books = list(Book.objects.order_by("pk"))
        return [
            [[queries.stored_balances(one), list(queries.journal(one)), tie.breaks(one)] for one in books],
            list(User.objects.order_by("pk").values_list()),
            list(Record.objects.order_by("pk").values_list()),
            list(Message.objects.order_by("pk").values_list()),
            list(DoneWrite.objects.order_by("pk").values_list()),
        ]


def test_a_restored_database_is_the_one_that_was_backed_up(database, empty, tmp_path):
    """Two houses, loans, a hold, seals: every row, every guard, and both go on where they stopped."""
    held, program = book("other", "CNY")
    odd = {"多": 'a\tb\nc\\N "d" \\.'}
    posted(
        held,
        program,
        moved("a", 12, CASH, OVERPAID),
        moved("b", 5, reference="\\N"),
        news=[News("t", "k", odd)],
    )
    place_hold(held, OVERPAID, "", "hold", 3, by=program, at=AT)
    lender = Lender()
    lender.lent()
    lender.end(3)
    seal(lender.book, by=lender.program, at=AT)
    before = [state(held.organisation_id), state(lender.organisation.pk)]
    made = backup.backup(tmp_path / "b", at=AT, progress=quiet)
    assert [(one["organisation"], one["transactions"]) for one in made["books"]] == [
        ("other", 2),
        ("rural", 5),
    ]
    empty()
    done = backup.restore(tmp_path / "b", progress=quiet)
    assert done["books"] == [
        {"organisation": "other", "book": "main", "transactions": 2, "sealed": 0, "findings": []},
        {"organisation": "rural", "book": "main", "transactions": 5, "sealed": 5, "findings": []},
    ]
    assert [state(held.organisation_id), state(lender.organisation.pk)] == before
    assert guards.missing() == []
    storage.require_ready()
    posted(held, program, moved("c", 1))
    lender.end(2)
    bank("third")
    with tenancy.directory("suixin.operator", "on"):
        assert list(Organisation.objects.order_by("pk").values_list("code", flat=True)) == [
            "other",
            "rural",
            "third",
        ]


class Writer(threading.Thread):
    """Posts until it is told to stop, and remembers what it heard."""

    def __init__(self, held, program):
        super().__init__()
        self.held, self.program = held, program
        self.heard, self.stopped, self.warm = [], False, threading.Event()

    def run(self):
        try:
            while not self.stopped:
                key = f"k{len(self.heard)}"
                posted(self.held, self.program, *(moved(f"{key}-{n}", n + 1, subject=key) for n in range(5)))
                self.heard.append(key)
                if len(self.heard) == 5:
                    self.warm.set()
        finally:
            connection.close()


@pytest.mark.full
def test_nothing_that_was_acknowledged_before_the_backup_is_missing(database, empty, tmp_path):
    """Under load: what was heard before is in, whole calls only, the books balance, and the chain holds."""
    held, program = book()
    writer = Writer(held, program)
    writer.start()
    writer.warm.wait(30)
    seal(held, by=program, at=AT)
    before = list(writer.heard)
    backup.backup(tmp_path / "b", at=AT, progress=quiet)
    during = len(writer.heard)
    writer.stopped = True
    writer.join()
    assert len(before) >= 5
    assert during > len(before)  # nobody waited for the backup
    empty()
    (found,) = backup.restore(tmp_path / "b", progress=quiet)["books"]
    assert found["findings"] == []
    assert found["sealed"] >= 25
    with tenancy.within(held.organisation_id):
        keys = {made.key for _, made in queries.journal(held)}
        assert verify(held).findings == []
    calls = {key.partition("-")[0] for key in keys}
    assert set(before) <= calls
    assert keys == {f"{call}-{n}" for call in calls for n in range(5)}


def test_a_file_that_was_cut_off_or_changed_is_refused(database, empty, tmp_path):
    """Every byte counts, and nothing of the file reaches the database."""
    held, program = book()
    posted(held, program, moved("a", 5))
    path = tmp_path / "b"
    backup.backup(path, at=AT, progress=quiet)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    whole = path.read_bytes()
    empty()
    places = range(0, len(whole), max(1, len(whole) // 40))
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in [*places, len(whole) - 1]]
    for bad in [*changed, b"", whole[:-1], whole[: len(whole) // 2], whole[1:], whole + b"0"]:
        path.write_bytes(bad)
        with pytest.raises(BackupError, match="cut off or changed"):
            backup.restore(path, progress=quiet)
    assert connection.introspection.table_names() == []


def test_only_an_empty_database_is_filled(database, tmp_path):
    held, program = book()
    posted(held, program, moved("a", 5))
    backup.backup(tmp_path / "b", at=AT, progress=quiet)
    with pytest.raises(
        ServerError, match=r"the database is not empty \(\d+ tables\); restore into a new one"
    ):
        backup.restore(tmp_path / "b", progress=quiet)
    with tenancy.within(held.organisation_id):
        assert verify(held).transactions == 1


def signed(path, change):
    """The file with another manifest, and a digest that fits."""
    from hashlib import sha256
    from zipfile import ZipFile

    old = ZipFile(path)
    other = path.with_name("other")
    with ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, orjson.dumps(change(orjson.loads(data))) if name == "manifest.json" else data)
        new.comment = b"0" * 64
    data = other.read_bytes()[:-64]
    other.write_bytes(data + sha256(data).hexdigest().encode())
    return other


WRONG = {
    "has format 2; this version reads 1": {"format": 2},
    "is a backup of oracle, the database is": {"database": "oracle"},
    "needs ledger.0099_later; this is": {"migrations": [["ledger", "0099_later"]]},
    "its manifest cannot be read": {"members": "none"},
}


@pytest.mark.parametrize("words", WRONG)
def test_what_this_version_or_database_cannot_hold_is_refused_by_name(database, empty, tmp_path, words):
    backup.backup(tmp_path / "b", at=AT, progress=quiet)
    bad = signed(tmp_path / "b", lambda manifest: manifest | WRONG[words])
    empty()
    with pytest.raises(BackupError, match=words):
        backup.restore(bad, progress=quiet)
    assert connection.introspection.table_names() == []


def test_a_backup_that_fails_leaves_the_old_file_and_nothing_else(database, tmp_path):
    """Stopped half-way, or without a place to write."""
    path = tmp_path / "b"
    path.write_bytes(b"the one before")

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.backup(path, at=AT, progress=stop)
    with pytest.raises(BackupError, match=r"nowhere/b cannot be written: No such file or directory"):
        backup.backup(tmp_path / "nowhere/b", at=AT, progress=quiet)
    assert path.read_bytes() == b"the one before"
    assert [one.name for one in tmp_path.iterdir()] == ["b"]


@pytest.mark.full
def test_a_restore_that_is_stopped_leaves_postgresql_empty(postgresql, tmp_path):
    """Tables and rows come in one transaction."""
    url = postgresql.url.removeprefix("postgresql:///")
    name, _, rest = url.partition("?")
    backup.backup(tmp_path / "b", at=AT, progress=quiet)
    with psycopg.connect(f"{' '.join(rest.split('&'))} dbname=postgres", autocommit=True) as door:
        door.execute(f"CREATE DATABASE {name}_empty TEMPLATE template0")
    use(f"postgresql:///{name}_empty?{rest}")

    def stop(what, *_):
        if what == "servicing_loan":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.restore(tmp_path / "b", progress=stop)
    assert connection.introspection.table_names() == []
    connection.close()
