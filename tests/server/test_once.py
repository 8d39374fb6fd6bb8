"""Writes under a key, and messages that wait to be sent."""

import pytest
from house import AT, bank, in_threads

from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.idempotency.actions.once import once
from suixin.server.idempotency.models import DoneWrite
from suixin.server.outbox.actions.send import send
from suixin.server.outbox.actions.write import News, write
from suixin.server.outbox.models import Message

ACTION = "ledger.book.read"


def test_a_write_is_done_once(database):
    """The same key and body hear the first result; another body is a conflict; another action is another key."""
    made, *_ = bank()
    done = []

    def do():
        done.append(1)
        return {"number": len(done)}

    with tenancy.within(made.pk):
        assert [once(ACTION, "k", {"a": 1, "b": 2}, do, at=AT) for _ in range(2)] == [{"number": 1}] * 2
        assert once(ACTION, "k", {"b": 2, "a": 1}, do, at=AT) == {"number": 1}
        assert once("audit.log.read", "k", {"a": 1}, do, at=AT) == {"number": 2}
        with pytest.raises(
            ConflictError, match=r"key 'k' of ledger\.book\.read was used before for something else"
        ):
            once(ACTION, "k", {"a": 2}, do, at=AT)
    assert len(done) == 2


def test_of_many_at_once_one_writes(database):
    """Whoever comes second undoes what it wrote and hears the first one's result."""
    made, *_ = bank()

    def work(number):
        def do():
            write([News("done", f"by-{number}", {})], at=AT)
            return number

        with tenancy.within(made.pk):
            return once(ACTION, "k", {}, do, at=AT)

    results = in_threads(6, work)
    assert len(set(results)) == 1
    with tenancy.within(made.pk):
        assert [message.key for message in Message.objects.all()] == [f"by-{results[0]}"]
        assert DoneWrite.objects.count() == 1


def test_a_message_is_sent_in_order_and_once_if_all_goes_well(database):
    """What fails on the way waits for the next time."""
    made, *_ = bank()
    with tenancy.within(made.pk):
        write([News("moved", key, {"n": key}) for key in "abc"], at=AT)
        write([News("moved", "a", {"n": "again"})], at=AT)
    carried = []

    def carry(message):
        if message.key == "c" and "c?" not in carried:
            carried.append("c?")
            raise ConnectionError("the line is down")
        carried.append((message.key, message.payload))

    assert send(made.pk, carry, at=AT, limit=2) == 2
    with pytest.raises(ConnectionError):
        send(made.pk, carry, at=AT)
    assert (send(made.pk, carry, at=AT), send(made.pk, carry, at=AT)) == (1, 0)
    assert carried == [("a", {"n": "a"}), ("b", {"n": "b"}), "c?", ("c", {"n": "c"})]
