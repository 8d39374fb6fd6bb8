"""Posting: balanced, once, all or none; properties 1, 2 and 5 of the reference's list."""

from datetime import date

import pytest
from django.db import IntegrityError
from house import AT, CASH, DAY, LOANS, OVERPAID, bank, book, moved, posted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suixin.errors import (
    AccessError,
    BusinessDateError,
    ConflictError,
    CurrencyError,
    LedgerError,
    TenancyError,
)
from suixin.ledger import balances
from suixin.ledger.transaction import reversal
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.actions.advance import advance
from suixin.server.ledger.actions.open_book import open_book
from suixin.server.ledger.actions.post import Posted
from suixin.server.ledger.models import Balance, Entry, Transaction
from suixin.server.ledger.verify import verify
from suixin.server.outbox.actions.write import News
from suixin.server.outbox.models import Message


def stored(book):
    with tenancy.within(book.organisation_id):
        return queries.stored_balances(book)


def journal(book):
    with tenancy.within(book.organisation_id):
        return [made for _, made in queries.journal(book)]


def findings(book):
    with tenancy.within(book.organisation_id):
        return [(found.what, found.words) for found in verify(book).findings]


def test_what_is_posted_is_read_back_as_it_was(database):
    """The journal and the balances say exactly what was posted, in the order in which it was."""
    held, program = book()
    made = [
        moved("b", 100_00, subject="loan-1", reference="loan-1"),
        moved("a", 7, LOANS, OVERPAID, reason="多收", value_on=date(2026, 1, 2)),
    ]
    assert posted(held, program, *made) == [Posted("b", 1, True), Posted("a", 2, True)]
    assert journal(held) == made
    assert stored(held) == {
        (CASH, "", "CNY"): -100_00,
        (LOANS, "", "CNY"): 7,
        (LOANS, "loan-1", "CNY"): 100_00,
        (OVERPAID, "", "CNY"): -7,
    }
    with tenancy.within(held.organisation_id):
        assert [tuple(row) for row in queries.trial_balance(held)] == [
            (CASH, "CNY", 0, 100_00),
            (LOANS, "CNY", 100_07, 0),
            (OVERPAID, "CNY", 0, 7),
        ]
    assert findings(held) == []


amounts = st.integers(1, 10**12)
accounts = st.sampled_from([CASH, LOANS, OVERPAID])
steps = st.lists(
    st.lists(
        st.tuples(st.integers(0, 8), accounts, accounts, amounts, st.sampled_from(["", "x"])), max_size=6
    ),
    max_size=5,
)


def keyed(step, first):
    """Transactions of a step: a key that comes again stands for what it stood for at first."""
    for key, debit, credit, amount, subject in step:
        if debit != credit:
            first.setdefault(f"k{key}", moved(f"k{key}", amount, debit, credit, subject))
            yield first[f"k{key}"]


def test_property_1_balances_are_the_fold_of_the_entries_at_every_step(database):
    """Whatever is posted, in whatever batches and with whatever repeats, the balances equal the pure fold."""

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=steps)
    def holds(steps):
        nonlocal count
        count += 1
        held, program = book(f"bank-{count}")
        first = {}
        for step in steps:
            batch = list(keyed(step, first))
            posted(held, program, *batch)
            assert stored(held) == balances.fold(first.values())
        assert findings(held) == []

    count = 0
    holds()


def test_property_1_a_balance_that_was_changed_by_hand_is_found(database):
    """A planted bug, a balance moved without an entry, is named with both figures."""
    held, program = book()
    posted(held, program, moved("a", 100))
    with database.behind() as door:
        if database.vendor == "postgresql":
            door.execute("ALTER TABLE ledger_balance DISABLE TRIGGER suixin_balance_touched")
        door.execute(f"UPDATE ledger_balance SET posted_minor = 99 WHERE account = '{LOANS}'")
        if database.vendor == "postgresql":
            door.execute("ALTER TABLE ledger_balance ENABLE TRIGGER suixin_balance_touched")
    assert findings(held) == [
        ("balance", f"{LOANS}  CNY: the balance says 99, the entries 100"),
        ("trial-balance", "CNY: debits exceed credits by -1"),
    ]


def test_property_1_postgresql_lets_nobody_but_an_entry_move_a_balance(postgresql):
    """Even the tables' owner is refused, while the guard stands."""
    held, program = book()
    posted(held, program, moved("a", 100))
    with postgresql.behind() as door, pytest.raises(Exception, match="only entries and holds move it"):
        door.execute("UPDATE ledger_balance SET posted_minor = 99")


def insert(door, number, organisation, book_id, entries, key="x", day="2026-01-05", lines=None):
    """A transaction by hand, in the order that each database wants."""
    transaction = (
        "INSERT INTO ledger_transaction (id, organisation_id, book_id, key, kind, booked_on, value_on, reference,"
        " reverses, reason, entry_count, digest, posted_by, posted_at) VALUES"
        f" ({number}, {organisation}, {book_id}, '{key}', 'x', '{day}', '{day}', '', '', '',"
        f" {len(entries) if lines is None else lines}, '', 'x', '2026-01-05')"
    )
    rows = ", ".join(f"({organisation}, {number}, {balance}, {amount})" for balance, amount in entries)
    insert_entries = (
        "INSERT INTO ledger_entry (organisation_id, transaction_id, balance_id, amount_minor) VALUES "
    )
    if not hasattr(door, "executescript"):
        statements = [f"WITH e AS ({insert_entries} {rows}) {transaction}" if rows else transaction]
    else:
        statements = [insert_entries + rows, transaction] if rows else [transaction]
        door.execute("PRAGMA foreign_keys = ON")
    door.execute("BEGIN")
    try:
        for statement in statements:
            door.execute(statement)
        door.execute("COMMIT")
    except BaseException:
        door.execute("ROLLBACK")
        raise


@pytest.mark.parametrize(
    ("entries", "more", "words"),
    [
        ([(1, 5), (2, -4)], {}, "does not balance"),
        ([(1, 5)], {}, "does not balance|has no entries"),
        ([(1, 5), (2, -5)], {"lines": 3}, "does not balance|has no entries"),
        ([], {"lines": 0}, "has no entries"),
        ([(1, 5), (77, -5)], {}, "does not balance|no such balance"),
        ([(1, 5), (3, -5)], {}, "does not balance|no such balance"),  # a balance of another bank's book
        ([(1, 5), (2, -5)], {"day": "2026-01-04"}, "business date"),
        ([(1, 10**16), (2, -(10**16))], {}, "entry_amount"),
        ([(1, 5), (1, -5)], {}, "pkey|there already|UNIQUE"),
    ],
)
def test_property_1_the_database_itself_refuses_what_does_not_balance(database, entries, more, words):
    """Whoever writes past our program, even a superuser, cannot commit a transaction that breaks the rules."""
    held, program = book()
    posted(held, program, moved("a", 100))
    posted(*book("other"), moved("a", 100))
    before = stored(held)
    with database.behind() as door:
        door.execute("SELECT 1")
        with pytest.raises(Exception, match=words):
            insert(door, 50, held.organisation_id, held.pk, entries, **more)
    assert stored(held) == before
    assert len(journal(held)) == 1


def test_property_1_the_same_hand_may_write_what_is_right(database):
    """The refusals above are for what is wrong alone: a right transaction by hand goes through and moves balances."""
    held, program = book()
    posted(held, program, moved("a", 100))
    with database.behind() as door:
        insert(door, 50, held.organisation_id, held.pk, [(1, 5), (2, -5)])
    assert sorted(stored(held).values()) in ([-105, 105], [-95, 95])


def test_property_1_an_entry_is_never_added_to_a_transaction_that_is_closed(database):
    """As many entries as it has, which balance each other, still may not be slipped into an old transaction."""
    held, program = book()
    posted(
        held,
        program,
        moved("a", 100),
        moved("b", 1, OVERPAID, LOANS, "s"),
        moved("c", 1, OVERPAID, LOANS, "t"),
    )
    with tenancy.within(held.organisation_id):
        lines = Balance.objects.filter(account=OVERPAID).values_list("pk", flat=True)
        values = ", ".join(
            f"({held.organisation_id}, 1, {line}, {amount})"
            for line, amount in zip(lines, (5, -5), strict=True)
        )
    late = f"INSERT INTO ledger_entry (organisation_id, transaction_id, balance_id, amount_minor) VALUES {values}"
    with database.behind() as door, pytest.raises(Exception, match=r"closed|does not balance"):
        door.execute(late)


def test_any_sign_that_can_be_printed_comes_back_as_it_went(database):
    """Columns go over as arrays, whose own signs stand in names as well."""
    held, program = book()
    made = []
    for sign in ['"', "\\", '\\"', "{", ",", "'", "%s", "穗"]:
        made += [moved(f"a{sign}b", 2, subject=sign, reference=2 * sign), moved(f"plain {sign}", 1)]
        posted(held, program, *made[-2:])
    made.append(moved("NULL", 3, subject="null"))
    posted(held, program, made[-1])
    assert journal(held) == made


def test_property_2_the_same_key_and_content_is_the_same_result_and_nothing_new(database):
    """A caller that never heard the answer may ask again."""
    held, program = book()
    first = posted(held, program, moved("a", 100), news=[News("paid", "a", {"sum": 1})])
    again = posted(held, program, moved("a", 100), news=[News("paid", "a", {"sum": 1})])
    assert (first, again) == ([Posted("a", 1, True)], [Posted("a", 1, False)])
    assert stored(held) == {(CASH, "", "CNY"): -100, (LOANS, "", "CNY"): 100}
    with tenancy.within(held.organisation_id):
        assert list(Message.objects.values_list("topic", "key", "payload")) == [("paid", "a", {"sum": 1})]


def test_property_2_a_repeat_on_a_later_day_is_still_the_same(database):
    """The night may fall between a call and its repeat."""
    held, program = book()
    posted(held, program, moved("a", 100))
    advance(held, date(2026, 1, 6), by=program, at=AT)
    assert posted(held, program, moved("a", 100)) == [Posted("a", 1, False)]


def test_property_2_the_same_key_with_other_content_is_a_conflict(database):
    """And nothing of the whole call is written."""
    held, program = book()
    posted(held, program, moved("a", 100))
    with pytest.raises(ConflictError, match="key 'a' was used before: transaction 1 says something else"):
        posted(held, program, moved("b", 1), moved("a", 101))
    assert [made.key for made in journal(held)] == ["a"]


def test_property_2_two_equal_keys_in_one_call(database):
    """Twice the same is once; two different ones are a conflict."""
    held, program = book()
    assert posted(held, program, moved("a", 100), moved("a", 100)) == [Posted("a", 1, True)] * 2
    assert stored(held)[LOANS, "", "CNY"] == 100
    with pytest.raises(ConflictError, match="key 'b' stands for two transactions in one call"):
        posted(held, program, moved("b", 1), moved("b", 2))


def test_property_2_without_the_unique_key_a_double_would_be_stored(sqlite):
    """A planted bug, a second row of one key, is what the guard on the key refuses."""
    held, program = book()
    posted(held, program, moved("a", 100))
    with sqlite.behind() as door:
        with pytest.raises(Exception, match="there already"):
            insert(door, 50, held.organisation_id, held.pk, [(1, 5), (2, -5)], key="a")
        door.execute("DROP TRIGGER suixin_transaction_added")
        door.execute("DROP INDEX IF EXISTS transaction_key")
        with pytest.raises(Exception, match="UNIQUE"):
            insert(door, 50, held.organisation_id, held.pk, [(1, 5), (2, -5)], key="a")


TABLES = ["ledger_transaction", "ledger_entry"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "verb", ["UPDATE {} SET organisation_id = organisation_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_property_5_no_row_of_the_journal_changes_or_goes(database, table, verb):
    """By Django, by SQL, or by a superuser's hand: a correction is a new transaction."""
    held, program = book()
    posted(held, program, moved("a", 100))
    if verb.startswith("TRUNCATE") and database.vendor == "sqlite":
        return  # SQLite has no such statement
    with database.behind() as door, pytest.raises(Exception, match="stay as they are"):
        door.execute(verb.format(table))
    assert findings(held) == []


def test_property_5_django_is_refused_as_well(database):
    """The ORM has no way around the triggers."""
    held, program = book()
    posted(held, program, moved("a", 100))
    for refused in (
        lambda: Entry.objects.update(amount_minor=1),
        lambda: Transaction.objects.update(reason="better"),
        lambda: Entry.objects.filter(amount_minor=100).delete(),
    ):
        with pytest.raises(IntegrityError, match="stay as they are"), tenancy.within(held.organisation_id):
            refused()


def test_property_5_insert_or_replace_is_no_way_around(sqlite):
    """SQLite's REPLACE deletes without asking a trigger, so the insertion itself is refused."""
    held, program = book()
    posted(held, program, moved("a", 100))
    with sqlite.behind() as door:
        for table in (*TABLES, "ledger_balance"):
            with pytest.raises(Exception, match=r"there already|is closed|begins at 0"):
                door.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    assert findings(held) == []


def test_property_5_a_guard_that_was_taken_away_is_found(database):
    """A planted bug, the trigger dropped: verify names it, though the rows are still right."""
    held, program = book()
    posted(held, program, moved("a", 100))
    name = "suixin_no_update" if database.vendor == "postgresql" else "suixin_no_update_ledger_entry"
    with database.behind() as door:
        door.execute(f"DROP TRIGGER {name}" + (" ON ledger_entry" if database.vendor == "postgresql" else ""))
        door.execute("UPDATE ledger_entry SET amount_minor = amount_minor")
    assert findings(held) == [("unguarded", "the guard suixin_no_update_ledger_entry is gone")]


def test_property_5_a_correction_is_an_exact_reversal_with_a_reason_once(database):
    """What was wrong stays visible, with what took it back and why."""
    held, program = book()
    wrong = moved("a", 100, subject="s")
    posted(held, program, wrong)
    right = reversal(wrong, "a-back", DAY, "typed twice")
    posted(held, program, right)
    assert stored(held) == {}
    assert journal(held) == [wrong, right]
    with pytest.raises(LedgerError, match="taken back before"):
        posted(held, program, reversal(wrong, "a-back-2", DAY, "again"))
    with pytest.raises(LedgerError, match="takes back nothing, which was never posted"):
        posted(held, program, moved("b", 1, reverses="nothing", reason="x"))
    posted(held, program, moved("c", 9))
    with pytest.raises(LedgerError, match="does not take back c exactly"):
        posted(held, program, moved("d", 8, CASH, LOANS, reverses="c", reason="x"))


@pytest.mark.parametrize(
    "text", ['"', "\\", '\\"', "{a,b}", "NULL", "穗信", "a, b", "'; DROP TABLE x; --", "%s"]
)
def test_any_text_is_stored_as_it_is(database, text):
    """Quotes, braces and backslashes mean nothing to the books."""
    held, program = book()
    made = moved(f"k{text}", 5, subject=text, reference=text, reason=text)
    posted(held, program, made, made)
    assert journal(held) == [made]
    assert stored(held)[LOANS, text, "CNY"] == 5


def test_a_batch_may_take_back_what_it_posts_itself(database):
    """A payment that bounces on its own day is one call, in order."""
    held, program = book()
    wrong = moved("z", 100)
    posted(held, program, wrong, reversal(wrong, "a", DAY, "bounced"))
    assert [made.key for made in journal(held)] == ["z", "a"]


def test_bad_input_is_a_typed_error_and_nothing_is_written(database):
    """Another currency, another day, another house's book, somebody who may not: each has its own name."""
    held, program = book()
    _, first, _, stranger = bank("other")
    with pytest.raises(CurrencyError, match="transaction a is in USD; the book is in CNY"):
        posted(held, program, moved("a", 1, currency="USD"))
    with pytest.raises(BusinessDateError, match="booked on 2026-01-04; the book is at 2026-01-05"):
        posted(held, program, moved("a", 1, day=date(2026, 1, 4)))
    with pytest.raises(AccessError, match="system:test may not do this: post transactions"):
        posted(held, stranger, moved("a", 1))
    with pytest.raises(AccessError, match="may not do this"):
        posted(held, first, moved("a", 1))
    with (
        pytest.raises(TenancyError, match="inside the transaction of organisation"),
        tenancy.within(first.organisation_id),
    ):
        posted(held, program, moved("a", 1))
    with pytest.raises(LedgerError, match="larger than any entry may be"):
        posted(held, program, moved("a", 10**15 + 1))
    assert journal(held) == []
    assert stored(held) == {}


def test_the_business_date_never_goes_back(database):
    """A day that is over stays over: by the action, and by SQL."""
    held, program = book()
    assert advance(held, date(2026, 1, 7), by=program, at=AT) == date(2026, 1, 7)
    assert advance(held, date(2026, 1, 7), by=program, at=AT) == date(2026, 1, 7)
    with pytest.raises(BusinessDateError, match="is at 2026-01-07; 2026-01-06 is over"):
        advance(held, date(2026, 1, 6), by=program, at=AT)
    with database.behind() as door, pytest.raises(Exception, match="business date"):
        door.execute("UPDATE ledger_book SET business_on = '2026-01-06'")


def test_a_person_moves_the_business_date_with_a_second_person_only(database):
    """Two people, of one house, not the same one twice."""
    _, first, second, program = bank()
    held = open_book("main", "CNY", DAY, by=first, at=AT)
    for other in (None, first, program, Actor(99, "user:99", first.granted)):
        with pytest.raises(AccessError, match="second person"):
            advance(held, date(2026, 1, 6), by=first, second=other, at=AT)
    assert advance(held, date(2026, 1, 6), by=first, second=second, at=AT) == date(2026, 1, 6)


def test_a_book_is_opened_once(database):
    """The same code with the same content is the same book; with other content it is a conflict."""
    _, first, _, program = bank()
    held = open_book("main", "CNY", DAY, by=first, at=AT)
    assert open_book("main", "CNY", DAY, by=first, at=AT) == held
    with pytest.raises(ConflictError, match="opened on 2026-01-05 in CNY"):
        open_book("main", "USD", DAY, by=first, at=AT)
    with pytest.raises(AccessError, match="open a book"):
        open_book("more", "CNY", DAY, by=program, at=AT)
