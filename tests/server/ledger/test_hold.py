"""Holds; property 4: available = posted - pending, parallel holds never exceed it, a voided hold is never posted."""

import pytest
from house import AT, CASH, LOANS, OVERPAID, book, in_threads, moved, posted
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from suixin.errors import ConflictError, FundsError, HoldError, LedgerError
from suixin.server import tenancy
from suixin.server.ledger import queries
from suixin.server.ledger.actions.place_hold import place_hold
from suixin.server.ledger.actions.post import Posted
from suixin.server.ledger.actions.post_hold import post_hold
from suixin.server.ledger.actions.void_hold import void_hold
from suixin.server.ledger.models import Balance, Hold
from suixin.server.ledger.verify import verify


def funded(amount=100):
    """A book in which a borrower's overpayment is held for him: a liability, so a credit is what is available."""
    held, program = book()
    posted(held, program, moved("in", amount, CASH, OVERPAID))
    return held, program


def line(held):
    with tenancy.within(held.organisation_id):
        found = queries.balance_of(held, OVERPAID)
        return found.posted_minor, found.pending_minor, found.available_minor


def out(key, amount):
    return moved(key, amount, OVERPAID, CASH)


def findings(held):
    with tenancy.within(held.organisation_id):
        return [(found.what, found.words) for found in verify(held).findings]


def test_a_hold_lessens_what_is_available_until_it_is_posted_or_voided(database):
    """Posted and pending are two figures; only together they say what may be taken."""
    held, program = funded()
    place_hold(held, OVERPAID, "", "h1", 60, by=program, at=AT)
    place_hold(held, OVERPAID, "", "h2", 30, by=program, at=AT)
    assert line(held) == (-100, 90, 10)
    assert post_hold(held, "h1", out("t1", 50), by=program, at=AT) == Posted("t1", 2, True)
    assert line(held) == (-50, 30, 20)
    assert void_hold(held, "h2", by=program, reason="changed his mind", at=AT).state == "voided"
    assert line(held) == (-50, 0, 50)
    assert findings(held) == []


def test_each_step_of_a_hold_may_be_asked_for_twice(database):
    """The same answer, and nothing new."""
    held, program = funded()
    for _ in range(2):
        assert place_hold(held, OVERPAID, "", "h1", 60, by=program, at=AT).amount_minor == 60
        assert place_hold(held, OVERPAID, "", "h2", 40, by=program, at=AT).amount_minor == 40
    assert [post_hold(held, "h1", out("t1", 60), by=program, at=AT).new for _ in range(2)] == [True, False]
    assert [void_hold(held, "h2", by=program, reason="x", at=AT).state for _ in range(2)] == ["voided"] * 2
    assert line(held) == (-40, 0, 40)


def test_bad_input_is_a_typed_error_and_nothing_moves(database):
    """More than there is, nothing, another hold's key, a hold that is not there, more than it holds."""
    held, program = funded()
    place_hold(held, OVERPAID, "", "h1", 60, by=program, at=AT)
    with pytest.raises(FundsError, match="40 minor units are available, not 41"):
        place_hold(held, OVERPAID, "", "h2", 41, by=program, at=AT)
    with pytest.raises(FundsError, match="0 minor units are available"):
        place_hold(held, LOANS, "", "h2", 1, by=program, at=AT)
    with pytest.raises(LedgerError, match="give a sum above 0"):
        place_hold(held, OVERPAID, "", "h2", 0, by=program, at=AT)
    with pytest.raises(ConflictError, match="placed before with other content"):
        place_hold(held, OVERPAID, "", "h1", 59, by=program, at=AT)
    with pytest.raises(HoldError, match="never placed"):
        void_hold(held, "h9", by=program, reason="x", at=AT)
    with pytest.raises(HoldError, match="never placed"):
        post_hold(held, "h9", out("t", 1), by=program, at=AT)
    for taken in (61, 0):
        with pytest.raises(HoldError, match=f"holds 60 minor units; {taken} would be taken"):
            post_hold(held, "h1", out("t", 61) if taken else moved("t", 1), by=program, at=AT)
    with pytest.raises(FundsError, match="takes what is held"):
        posted(held, program, out("t", 41))
    assert line(held) == (-100, 60, 40)


def test_property_4_a_voided_hold_is_never_posted_and_a_posted_one_never_voided(database):
    """By the actions, and by a superuser's SQL."""
    held, program = funded()
    place_hold(held, OVERPAID, "", "void", 10, by=program, at=AT)
    place_hold(held, OVERPAID, "", "post", 10, by=program, at=AT)
    void_hold(held, "void", by=program, reason="x", at=AT)
    post_hold(held, "post", out("t", 10), by=program, at=AT)
    with pytest.raises(HoldError, match="is void; place another one"):
        post_hold(held, "void", out("t2", 10), by=program, at=AT)
    with pytest.raises(HoldError, match="was posted by t; reverse that instead"):
        void_hold(held, "post", by=program, reason="x", at=AT)
    with pytest.raises(HoldError, match="was posted by t"):
        post_hold(held, "post", out("t3", 10), by=program, at=AT)
    with database.behind() as door:
        for state, key in (("posted", "x"), ("placed", "")):
            with pytest.raises(Exception, match="stays as it is"):
                door.execute(
                    f"UPDATE ledger_hold SET state = '{state}', transaction_key = '{key}' WHERE key = 'void'"
                )
        with pytest.raises(Exception, match="stay as they are"):
            door.execute("DELETE FROM ledger_hold")
    assert line(held) == (-90, 0, 90)


def test_property_4_a_pending_figure_that_was_changed_is_found(database):
    """A planted bug: what is held no longer equals the holds."""
    held, program = funded()
    place_hold(held, OVERPAID, "", "h1", 60, by=program, at=AT)
    with database.behind() as door:
        if database.vendor == "postgresql":
            door.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER")
        door.execute("UPDATE ledger_balance SET pending_minor = 10 WHERE pending_minor = 60")
        if database.vendor == "postgresql":
            door.execute("ALTER TABLE ledger_balance ENABLE TRIGGER USER")
    assert [(what, words.partition(": ")[2]) for what, words in findings(held)] == [
        ("pending", "10 is held, the holds say 60")
    ]


def test_property_4_parallel_holds_never_exceed_what_is_available(database):
    """Of eight callers that want 30 each out of 100, three are served, whoever comes first."""
    held, program = funded()
    results = in_threads(8, lambda n: place_hold(held, OVERPAID, "", f"h{n}", 30, by=program, at=AT))
    assert [type(result) for result in results].count(Hold) == 3
    assert [type(result) for result in results].count(FundsError) == 5
    assert line(held) == (-100, 90, 10)


def test_property_4_without_the_check_in_the_action_the_database_still_refuses(database):
    """A planted bug, holds placed without asking what is available: the balance's own rule stops the fourth."""
    held, _ = funded()

    def unchecked(number):
        with tenancy.within(held.organisation_id):
            balance = Balance.objects.get(account=OVERPAID)
            made = Hold(
                book=held, balance=balance, key=f"h{number}", amount_minor=30, placed_by="x", placed_at=AT
            )
            made.save(force_insert=True)
            return made

    results = in_threads(6, unchecked)
    assert [type(result).__name__ for result in results].count("Hold") == 3
    assert all("balance_available" in str(result) for result in results if not isinstance(result, Hold))
    assert line(held) == (-100, 90, 10)


def test_property_4_a_hold_is_posted_or_voided_by_one_of_many(database):
    """Four that post and four that void the same hold at once: one effect."""
    held, program = funded()
    place_hold(held, OVERPAID, "", "h", 60, by=program, at=AT)

    def end(number):
        if number % 2:
            return void_hold(held, "h", by=program, reason="x", at=AT).state
        return post_hold(held, "h", out(f"t{number}", 60), by=program, at=AT).key

    results = in_threads(8, end)
    done = {result for result in results if isinstance(result, str)}
    assert len(done) == 1
    assert all(isinstance(result, HoldError) for result in results if not isinstance(result, str))
    assert line(held) == ((-100, 0, 100) if done == {"voided"} else (-40, 0, 40))
    assert findings(held) == []


class Holding(RuleBasedStateMachine):
    """A life of one account against a model of three numbers."""

    def __init__(self):
        super().__init__()
        Holding.count += 1
        self.held, self.program = book(f"bank-{Holding.count}")
        posted(self.held, self.program, moved("in", 1000, CASH, OVERPAID))
        self.posted, self.open, self.ended, self.number = 1000, {}, {}, 0

    def next_key(self):
        self.number += 1
        return f"k{self.number}"

    def available(self):
        return self.posted - sum(self.open.values())

    @rule(amount=st.integers(1, 600))
    def place(self, amount):
        key = self.next_key()
        if amount > self.available():
            with pytest.raises(FundsError):
                place_hold(self.held, OVERPAID, "", key, amount, by=self.program, at=AT)
        else:
            place_hold(self.held, OVERPAID, "", key, amount, by=self.program, at=AT)
            self.open[key] = amount

    @rule(amount=st.integers(1, 600))
    def take(self, amount):
        if self.open and amount > self.available():
            with pytest.raises(FundsError):
                posted(self.held, self.program, out(self.next_key(), amount))
        else:
            posted(self.held, self.program, out(self.next_key(), amount))
            self.posted -= amount

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def end(self, data):
        key = data.draw(st.sampled_from(sorted(self.open)))
        amount = self.open.pop(key)
        if data.draw(st.booleans()):
            void_hold(self.held, key, by=self.program, reason="x", at=AT)
            self.ended[key] = ""
        else:
            taken = data.draw(st.integers(1, amount))
            self.ended[key] = self.next_key()
            post_hold(self.held, key, out(self.ended[key], taken), by=self.program, at=AT)
            self.posted -= taken

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def end_again(self, data):
        key = data.draw(st.sampled_from(sorted(self.ended)))
        with pytest.raises(HoldError):
            post_hold(self.held, key, out(self.next_key(), 1), by=self.program, at=AT)

    @invariant()
    def the_line_is_as_modelled(self):
        pending = sum(self.open.values())
        assert line(self.held) == (-self.posted, pending, self.posted - pending)


def test_property_4_any_life_of_an_account_is_as_the_model_says(database):
    """Whatever is placed, taken, posted and voided in whatever order, the three figures are right at every step."""
    Holding.count = 0
    run_state_machine_as_test(
        Holding, settings=settings(max_examples=8, stateful_step_count=15, deadline=None)
    )
