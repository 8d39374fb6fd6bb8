"""The audit log: who, when, what, why; append-only and sealed."""

import pytest
from django.apps import apps
from house import AT, DAY, bank

from suixin.errors import AccessError, UsageError
from suixin.ledger.chain import Break, Fault
from suixin.server import tenancy
from suixin.server.audit import queries
from suixin.server.audit.actions.record import record, state_digest
from suixin.server.audit.actions.seal import seal
from suixin.server.audit.models import Record
from suixin.server.audit.objects import OBJECTS
from suixin.server.ledger.actions.open_book import open_book
from suixin.server.pages.logobjects import _KNOWN


def told(made):
    with tenancy.within(made.pk):
        rows = Record.objects.order_by("pk")
        return [(row.actor, row.action, row.object_kind, row.before, row.after, row.reason) for row in rows]


def broken(made):
    with tenancy.within(made.pk):
        return queries.first_break()


def test_an_action_leaves_who_what_and_the_state_it_made(database):
    """The digest proves a state without keeping it."""
    made, first, _, _ = bank()
    open_book("main", "CNY", DAY, by=first, at=AT)
    after = state_digest({"opened_on": DAY, "currency": "CNY", "code": "main"})
    assert told(made)[1:] == [(first.name, "ledger.book.open", "ledger.book", "", after, "")]
    assert told(made)[0][:3] == ("system:founding", "identity.organisation.found", "identity.organisation")


def test_what_fails_leaves_nothing(database):
    """The record stands in the transaction of the act."""
    made, first, _, _ = bank()
    with pytest.raises(UsageError, match="currency 'XXX' is unknown"):
        open_book("main", "XXX", DAY, by=first, at=AT)
    assert len(told(made)) == 1


def test_an_action_without_a_name_cannot_be_recorded(database):
    """The registry is complete or the program stops."""
    made, first, _, _ = bank()
    with pytest.raises(UsageError, match="is not registered"), tenancy.within(made.pk):
        record(first, "ledger.book.burn", made, at=AT)


UNSAID = {
    "audit.record", "audit.seal", "idempotency.donewrite", "identity.recoverycode", "identity.token", "identity.tries",
    "identity.usage", "intake.rowoutcome", "ledger.balance", "ledger.entry", "ledger.head", "ledger.hold",
    "ledger.seal", "ledger.transaction", "merchants.holder", "origination.decisionrecord", "origination.dossier",
    "origination.opinion", "origination.sitevisit", "outbox.message", "servicing.loanevent", "servicing.monthend",
    "servicing.profile", "servicing.riskshare", "sharing.consentevent", "verification.bureaureport",
    "verification.givenup", "verification.identityrequest", "verification.reportcorrection", "verification.takenback",
    "webhooks.attempt",
}  # fmt: skip
"""Tables of which no action writes in the log."""


def test_every_kind_of_object_has_words(sqlite):
    """Who reads the log is never shown a table's name: a new table has words, or stands with those that are not written of."""
    made, first, _, _ = bank()
    tables = {
        model._meta.label_lower for model in apps.get_models() if model.__module__.startswith("suixin.")
    }
    assert tables - OBJECTS.keys() == UNSAID
    assert OBJECTS.keys() <= tables
    assert _KNOWN.keys() <= OBJECTS.keys()
    with pytest.raises(UsageError, match=r"object 'audit\.record' has no words"), tenancy.within(made.pk):
        record(first, "ledger.book.open", Record(), at=AT)


@pytest.mark.parametrize(
    "verb",
    ["UPDATE audit_record SET reason = 'x'", "DELETE FROM audit_record", "TRUNCATE audit_record CASCADE"],
)
def test_no_record_changes_or_goes(database, verb):
    """Not even by a superuser's hand."""
    bank()
    if verb.startswith("TRUNCATE") and database.vendor == "sqlite":
        return  # SQLite has no such statement
    with database.behind() as door, pytest.raises(Exception, match="stay as they are"):
        door.execute(verb)


def test_the_sealed_log_tells_where_it_was_changed(database):
    """Edited, then deleted: each at its number; a person does not seal."""
    made, first, _, program = bank()
    for code in ("a", "b", "c"):
        open_book(code, "CNY", DAY, by=first, at=AT)
    with pytest.raises(AccessError):
        seal(first)
    assert (seal(program), seal(program), broken(made)) == (4, 0, None)
    with database.behind() as door:
        for trigger in ("suixin_no_update", "suixin_no_delete"):
            name = trigger if database.vendor == "postgresql" else f"{trigger}_audit_record"
            door.execute(
                f"DROP TRIGGER {name}" + (" ON audit_record" if database.vendor == "postgresql" else "")
            )
        door.execute("UPDATE audit_record SET reason = 'better' WHERE id = 3")
        assert broken(made) == Break(3, Fault.EDITED)
        if database.vendor == "postgresql":
            door.execute("SET session_replication_role = replica")
        door.execute("DELETE FROM audit_record WHERE id = 2")
        assert broken(made) == Break(2, Fault.MISSING)
