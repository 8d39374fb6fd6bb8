"""Many at once, and killed at any moment; properties 3 and 7 of the reference's list."""

import os
import random
import signal
import time
from contextlib import suppress

import cluster as clusters
import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from forks import acknowledged, forked
from house import AT, CASH, LOANS, OVERPAID, book, in_threads, moved, posted

from suixin.errors import LedgerError
from suixin.ledger import balances
from suixin.server import locks, storage, tenancy
from suixin.server.ledger import queries
from suixin.server.ledger.actions.place_hold import place_hold
from suixin.server.ledger.actions.post_hold import post_hold
from suixin.server.ledger.actions.seal import seal
from suixin.server.ledger.models import Balance
from suixin.server.ledger.verify import verify
from suixin.server.outbox.actions.write import News
from suixin.server.outbox.models import Message


def findings(held):
    with tenancy.within(held.organisation_id):
        return [(found.what, found.words) for found in verify(held).findings]


def state(held):
    """(keys in the journal, the pure fold of it, the balances as stored, topics told)."""
    with tenancy.within(held.organisation_id):
        made = [one for _, one in queries.journal(held)]
        told = sorted(Message.objects.values_list("key", flat=True))
        return [one.key for one in made], balances.fold(made), queries.stored_balances(held), told


def test_property_7_hot_accounts_cause_no_deadlock(database):
    """Six writers move money to and fro between the same three accounts, holds too, while a sealer seals."""
    held, program = book()
    posted(held, program, moved("fund", 10_000, CASH, OVERPAID))
    ways = [(CASH, LOANS), (LOANS, CASH), (LOANS, OVERPAID), (OVERPAID, LOANS), (CASH, OVERPAID)]

    def work(number):
        chance = random.Random(number)
        for turn in range(12):
            key = f"{number}-{turn}"
            if number == 0:
                seal(held, by=program, at=AT)
            elif turn % 4 == 3:
                place_hold(held, OVERPAID, "", key, 1, by=program, at=AT)
                post_hold(held, key, moved(key, 1, OVERPAID, CASH), by=program, at=AT)
            else:
                batch = [moved(f"{key}-{n}", 1, *chance.choice(ways), f"s{n % 3}") for n in range(4)]
                posted(held, program, *batch, moved(f"{key}-x", 1, CASH, OVERPAID))
        return "done"

    assert in_threads(7, work) == ["done"] * 7
    assert findings(held) == []
    keys, fold, stored, _ = state(held)
    assert len(keys) == 1 + 6 * (9 * 5 + 3)
    assert fold == stored


def test_property_7_locks_in_any_order_would_deadlock(postgresql):
    """A planted bug, the balances locked one by one as they come: PostgreSQL has to break the circle."""
    held, program = book()
    posted(held, program, moved("fund", 1), moved("more", 1, OVERPAID, LOANS))

    def work(number):
        with tenancy.within(held.organisation_id):
            order = ["pk", "-pk"][number]
            for balance in Balance.objects.order_by(order):
                locks.rows(Balance.objects.filter(pk=balance.pk))
                time.sleep(0.2)
        return "done"

    results = in_threads(2, work)
    assert [type(result) for result in results if result != "done"] == [OperationalError]
    assert "deadlock detected" in str(next(result for result in results if result != "done"))


def test_property_2_of_many_equal_calls_at_once_one_writes(database):
    """A key that eight callers use at the same moment is one transaction, and all hear its number."""
    held, program = book()
    results = in_threads(8, lambda _: posted(held, program, moved("a", 5), moved("b", 6)))
    assert {tuple(one.number for one in result) for result in results} == {
        (results[0][0].number, results[0][1].number)
    }
    assert sorted(result[0].new for result in results) == [False] * 7 + [True]
    assert state(held)[0] == ["a", "b"]


def test_property_2_batches_that_share_keys_in_another_order_do_not_deadlock(database):
    """Each waits for the keys in one order, whatever the order of its own call."""
    held, program = book()
    made = [moved(f"k{number}", number + 1) for number in range(30)]

    def work(number):
        order = made if number % 2 else made[::-1]
        return sum(one.new for one in posted(held, program, *order))

    results = in_threads(6, work)
    assert sorted(results) == [0, 0, 0, 0, 0, 30]


def post_for_ever(held, program, name):
    def work(say):
        for number in range(100_000):
            batch = [moved(f"{name}-{number}-{n}", n + 1, LOANS, CASH, f"s{number % 5}") for n in range(3)]
            posted(held, program, *batch, news=[News("moved", f"{name}-{number}", {})])
            say(f"{name}-{number}")

    return work


def assert_whole(held, said):
    """No transaction without its balances and its message, none lost that was acknowledged, none twice."""
    keys, fold, stored, told = state(held)
    assert fold == stored
    assert len(keys) == len(set(keys))
    calls = {key.rpartition("-")[0] for key in keys}
    assert {f"{call}-{n}" for call in calls for n in range(3)} == set(keys)
    assert set(told) == calls
    assert set(said) <= calls


def kill_rounds(held, program, rounds):
    chance, said = random.Random(7), []
    for turn in range(rounds):
        children = [forked(post_for_ever(held, program, f"{turn}-{n}")) for n in range(2)]
        time.sleep(chance.uniform(0.05, 0.25))
        for child, _ in children:
            os.kill(child, signal.SIGKILL)
        for child, reader in children:
            os.waitpid(child, 0)
            said += acknowledged(reader)
        assert_whole(held, said)
    assert said
    assert findings(held) == []


def test_property_3_killed_at_any_moment_a_posting_is_whole_or_not_there(database):
    """Two processes post, both are killed; what they heard is there, and nothing is half there."""
    held, program = book()
    kill_rounds(held, program, 3)


@pytest.mark.full
def test_property_3_fifty_kills(database):
    """The same, often enough to hit every step."""
    held, program = book()
    kill_rounds(held, program, 50)


def test_property_3_balances_in_a_transaction_of_their_own_are_found(database):
    """A planted bug, entries whose balances were to follow later: after the kill between the two, the check finds it."""
    held, program = book()
    with database.behind() as door:
        if database.vendor == "postgresql":
            door.execute("ALTER TABLE ledger_entry DISABLE TRIGGER suixin_entries_added")
        else:
            door.execute("DROP TRIGGER suixin_entries_added")
    child, reader = forked(
        lambda say: (posted(held, program, moved("a", 5)), say("a"), os.kill(os.getpid(), 9))
    )
    os.waitpid(child, 0)
    assert acknowledged(reader) == ["a"]
    _, fold, stored, _ = state(held)
    assert (stored, fold) == ({}, {(CASH, "", "CNY"): -5, (LOANS, "", "CNY"): 5})
    assert [what for what, _ in findings(held)] == ["balance", "balance", "unguarded"]


@pytest.mark.full
def test_property_3_fifty_kills_of_the_database_server(tmp_path):
    """A backend of PostgreSQL is killed, the server starts anew from its log; nothing acknowledged is missing."""
    from conftest import missing, use

    if clusters.programs() is None:
        missing("no PostgreSQL to kill")
    folder = clusters.started(f"kill-{os.getpid()}", os.getpid())
    url = f"host={folder} dbname=postgres"
    with psycopg.connect(f"{url} user={clusters.ROLE}", autocommit=True) as door:
        door.execute("CREATE DATABASE killed")
    use(f"postgresql:///killed?host={folder}&user={clusters.ROLE}")
    storage.migrate()
    held, program = book()
    chance, said = random.Random(7), []
    for turn in range(50):
        children = [forked(post_for_ever(held, program, f"{turn}-{n}")) for n in range(2)]
        time.sleep(chance.uniform(0.1, 0.4))
        with psycopg.connect(f"{url} user={clusters.OWNER}", autocommit=True) as door:
            found = door.execute("SELECT pid FROM pg_stat_activity WHERE datname = 'killed'").fetchall()
        if found:
            os.kill(found[0][0], signal.SIGKILL)
        for child, reader in children:
            with suppress(ProcessLookupError):
                os.waitpid(child, 0)
            said += acknowledged(reader)
        connection.close()
        wait_until_up(url)
        assert_whole(held, said)
    assert said
    assert findings(held) == []
    connection.close()


def wait_until_up(url):
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"{url} user={clusters.OWNER}").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def test_a_posting_joins_the_transaction_of_the_action_that_asks_for_it(database):
    """What an action writes beside its posting goes with it, if it fails afterwards."""
    held, program = book()

    def action():
        with tenancy.within(held.organisation_id):
            posted(held, program, moved("a", 5), news=[News("moved", "a", {})])
            raise LedgerError("the loan is closed")

    with pytest.raises(LedgerError, match="the loan is closed"):
        action()
    assert state(held) == ([], {}, {}, [])
    assert not transaction.get_connection().in_atomic_block
