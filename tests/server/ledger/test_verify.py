"""Sealing and verifying; property 6: every way to tamper with the chain is located."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house import AT, CASH, LOANS, OVERPAID, bank, book, moved, posted

from suixin.errors import AccessError, LedgerError
from suixin.ledger import chain
from suixin.server import tenancy
from suixin.server.ledger.actions.seal import seal
from suixin.server.ledger.models import Seal
from suixin.server.ledger.verify import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = KEY.public_key().public_bytes_raw().hex()


def report(held, **options):
    with tenancy.within(held.organisation_id):
        return verify(held, **options)


def found(held, **options):
    return [(finding.what, finding.sequence) for finding in report(held, **options).findings]


def sealed_book(count=5, **options):
    held, program = book()
    for number in range(1, count + 1):
        posted(held, program, moved(f"t{number}", number * 10, subject=f"s{number}"))
    return held, program, seal(held, by=program, at=AT, **options)


class Tamper:
    """A hand that takes the guards away, tampers, and puts them back."""

    def __init__(self, database):
        self.database = database

    def __call__(self, *statements):
        with self.database.behind() as door:
            if self.database.vendor == "postgresql":
                door.execute("SET session_replication_role = replica")  # no trigger, no foreign key
                for statement in statements:
                    door.execute(statement)
                return
            kept = door.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in kept:
                door.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                door.execute(statement)
            for _, sql in kept:
                door.execute(sql)


@pytest.fixture
def tamper(database):
    return Tamper(database)


def test_sealing_gives_every_transaction_its_link_in_order(database):
    """The chain is that of the pure library over the journal, whatever the size of the batches."""
    held, program = book()
    made = [moved(f"t{number}", number) for number in range(1, 8)]
    posted(held, program, *made[:5])
    assert seal(held, by=program, at=AT, batch=2).transactions == 5
    posted(held, program, *made[5:])
    sealed = seal(held, by=program, at=AT, batch=2)
    links = chain.sealed(chain.Head(0, chain.GENESIS), [chain.digest(one) for one in made])
    with tenancy.within(held.organisation_id):
        rows = [
            (one.sequence, bytes(one.digest), bytes(one.link)) for one in Seal.objects.order_by("sequence")
        ]
    assert rows == [tuple(link) for link in links]
    assert sealed == (2, chain.Head(7, links[-1].link))
    assert seal(held, by=program, at=AT) == (0, chain.Head(7, links[-1].link))
    assert (report(held).transactions, report(held).sealed, found(held)) == (7, 7, [])


def test_only_the_program_seals(database):
    """A person with a key could otherwise seal what he has changed."""
    _, first, _, _ = bank("other")
    held, _ = book()
    with pytest.raises(AccessError):
        seal(held, by=first, at=AT)


def test_an_empty_book_is_sealed_and_verified(database):
    """Nothing is a chain too."""
    held, program = book()
    assert seal(held, by=program, at=AT) == (0, chain.Head(0, chain.GENESIS))
    assert found(held) == []


EDITS = {
    "amount": ["UPDATE ledger_entry SET amount_minor = -amount_minor WHERE transaction_id = 3"],
    "kind": ["UPDATE ledger_transaction SET kind = 'movee' WHERE id = 3"],
    "date": ["UPDATE ledger_transaction SET value_on = '2025-12-31' WHERE id = 3"],
    "one entry": ["UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE transaction_id = 3"],
    "whose": ["UPDATE ledger_balance SET subject = 'mine' WHERE subject = 's3'"],
}


@pytest.mark.parametrize("statements", EDITS.values(), ids=EDITS)
def test_property_6_an_edit_is_located(tamper, statements):
    """One changed byte of the third transaction is reported as the third."""
    held, _, _ = sealed_book()
    tamper(*statements)
    assert ("edited", 3) in found(held)


@pytest.mark.parametrize("column", ["digest", "link"])
def test_property_6_one_flipped_byte_of_the_chain_is_located(database, tamper, column):
    """The chain's own rows are no safer than the journal's."""
    held, _, _ = sealed_book()
    value = "'\\x00'::bytea" if database.vendor == "postgresql" else "x'00'"
    tamper(f"UPDATE ledger_seal SET {column} = {value} WHERE sequence = 3")
    assert found(held) == [("relinked", 3)]


def test_property_6_an_edit_with_its_digests_is_located(database, tamper):
    """Whoever recomputes the content's digest too is betrayed by the link."""
    held, _, _ = sealed_book()
    forged = chain.digest(moved("t3", 31, subject="s3")).hex()
    value = f"'\\x{forged}'::bytea" if database.vendor == "postgresql" else f"x'{forged}'"
    tamper(
        "UPDATE ledger_entry SET amount_minor = CASE WHEN amount_minor > 0 THEN 31 ELSE -31 END WHERE transaction_id = 3",
        f"UPDATE ledger_transaction SET digest = {value} WHERE id = 3",
        f"UPDATE ledger_seal SET digest = {value} WHERE sequence = 3",
        "UPDATE ledger_balance SET posted_minor = 31 WHERE subject = 's3'",
        f"UPDATE ledger_balance SET posted_minor = -151 WHERE account = '{CASH}'",
    )
    assert found(held) == [("relinked", 3)]


def test_property_6_a_deletion_is_located(tamper):
    """A transaction that is gone, with or without its seal."""
    held, _, _ = sealed_book()
    tamper("DELETE FROM ledger_entry WHERE transaction_id = 3", "DELETE FROM ledger_transaction WHERE id = 3")
    assert found(held)[0] == ("missing", 3)
    tamper("DELETE FROM ledger_seal WHERE sequence = 3")
    assert found(held)[0] == ("missing", 3)


def test_property_6_an_insertion_is_located(database, tamper):
    """A balanced transaction between the sealed ones, with right balances, was never sealed."""
    held, program = book()
    posted(held, program, *(moved(f"t{number}", 10) for number in (1, 2, 3)))
    moved_up = [
        "UPDATE ledger_entry SET transaction_id = 4 WHERE transaction_id = 3",
        "UPDATE ledger_transaction SET id = 4 WHERE id = 3",
    ]
    if database.vendor == "postgresql":
        tamper(*moved_up, "SELECT setval('ledger_transaction_id_seq', 4)")
    else:
        tamper("PRAGMA foreign_keys = OFF", *moved_up)
    posted(held, program, *(moved(f"t{number}", 10) for number in (5, 6)))
    seal(held, by=program, at=AT)
    columns = "organisation_id, book_id, kind, booked_on, value_on, reference, reverses, reason, entry_count, digest, posted_by, posted_at"
    tamper(
        f"INSERT INTO ledger_transaction (id, key, {columns}) SELECT 3, 'slipped', {columns} FROM ledger_transaction WHERE id = 4",
        "INSERT INTO ledger_entry (organisation_id, transaction_id, balance_id, amount_minor) SELECT organisation_id, 3, balance_id, amount_minor FROM ledger_entry WHERE transaction_id = 4",
        "UPDATE ledger_balance SET posted_minor = posted_minor + 10 * CASE WHEN posted_minor > 0 THEN 1 ELSE -1 END",
    )
    assert found(held) == [("inserted", 3)]


def test_property_6_a_reordering_is_located(tamper):
    """Two seals that changed their transactions."""
    held, _, _ = sealed_book()
    tamper(
        "UPDATE ledger_seal SET transaction_id = 99 WHERE sequence = 2",
        "UPDATE ledger_seal SET transaction_id = 2 WHERE sequence = 4",
        "UPDATE ledger_seal SET transaction_id = 4 WHERE sequence = 2",
    )
    assert found(held) == [("reordered", 2)]


def cut(after, *, heads):
    tables = [
        "ledger_entry WHERE transaction_id",
        "ledger_seal WHERE sequence",
        "ledger_transaction WHERE id",
    ]
    if heads:
        tables.append("ledger_head WHERE sequence")
    return [f"DELETE FROM {table} > {after}" for table in tables]


def test_property_6_a_tail_that_was_cut_off_is_located(tamper):
    """Even with right balances the head betrays it; and where the heads were cut too, one that was kept elsewhere."""
    held, _, sealed = sealed_book(key=KEY)
    fix = [
        "DELETE FROM ledger_balance WHERE subject IN ('s4', 's5')",
        f"UPDATE ledger_balance SET posted_minor = -60 WHERE account = '{CASH}'",
    ]
    tamper(*cut(3, heads=False), *fix)
    assert found(held) == [("cut", 4)]
    tamper(*cut(3, heads=True))
    assert found(held) == []
    assert found(held, kept=[sealed.head]) == [("cut", 4)]


def test_property_6_a_head_is_signed_by_the_right_key(database, tamper):
    """A chain that was made anew as a whole cannot be signed anew."""
    held, program, _ = sealed_book(key=KEY)
    assert found(held, signer=SIGNER) == []
    assert found(held, signer="00" * 32) == [("unsigned", 5)]
    posted(held, program, moved("more", 1))
    seal(held, by=program, at=AT)
    assert found(held, signer=SIGNER) == [("unsigned", 6)]


def test_what_was_changed_before_it_was_sealed_is_not_sealed(tamper):
    """The seal never vouches for what nobody posted; verify says which transaction it is."""
    held, program, _ = sealed_book(3)
    posted(held, program, moved("t4", 40, LOANS, OVERPAID))
    tamper("UPDATE ledger_transaction SET reference = 'x' WHERE id = 4")
    with pytest.raises(LedgerError, match="transaction t4 differs from what was posted"):
        seal(held, by=program, at=AT)
    assert [(one.what, one.words) for one in report(held).findings] == [
        ("edited", "transaction 4, not sealed yet")
    ]
