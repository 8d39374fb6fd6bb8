"""A month by township: computed from loans and cases, suppressed, published once by a person, and kept as it was."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError
from house import AT
from lender import CARRIED
from screens import Screens

from suixin.errors import AccessError, ConflictError, LendingError
from suixin.regions.attack import exposed
from suixin.regions.table import WHOLE, Figure
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination.models import Application
from suixin.server.regions import documents
from suixin.server.regions.actions.publish_regions import publish_regions
from suixin.server.regions.figures import figures
from suixin.server.regions.models import Publication
from suixin.server.regions.queries import draft, due

ONE, TWO, THREE = "371302001", "371302002", "371302003"
SETTLED = datetime(2026, 1, 20, tzinfo=UTC)


def lent(counts, opened_on=date(2026, 1, 30)):
    """A bank that lent 1,000 yuan to so many borrowers of each township on one day, and is three days on."""
    made = Screens(opened_on=opened_on)
    for township, count in counts.items():
        for number in range(count):
            who = f"{township}-{number}"
            made.lend(f"L{who}", who, replace(CARRIED, village=f"{township}201"), principal=100_000)
    made.end(3)
    return made


def asked(made, township, count, state, granted):
    """So many cases of a township that came to an end in January: 1,000 yuan was asked for in each."""
    with tenancy.within(made.organisation.pk):
        for number in range(count):
            who = f"{state}{township}{number}"
            place = {"county": "371302", "village": f"{township}201", "industry": "0141"}
            Merchant(merchant_id=who, kind="farmer", enrolled_at=AT, **place).save()
            filed = {"filed_by": "user:1", "filed_at": AT, "filed_on": made.opened_on}
            more = {"state": state, "granted_minor": granted, "settled_at": SETTLED}
            Application(
                book=made.book, number=f"A{who}", merchant_id=who, amount_minor=100_000, **filed, **more
            ).save()


def true(made):
    with tenancy.within(made.organisation.pk):
        month = due(made.book)
        return figures(made.book, month.from_on, month.as_of)


def publish(made, by=None, at=AT):
    with tenancy.within(made.organisation.pk):
        shown = documents.digest(draft(made.book).document)
    return publish_regions(made.book, shown=shown, by=by or made.actor(Role.APPROVER), at=at)


def test_a_month_is_published_once_with_its_small_places_hidden(database):
    """Three borrowers in the third township: they and the smallest neighbour are hidden, here and in the table that is kept."""
    made = lent({ONE: 12, TWO: 11, THREE: 3})
    held = true(made)["lending"].columns
    assert held["borrowers"] == {
        WHOLE: Figure(26, 2_600_000),
        ONE: Figure(12, 1_200_000),
        TWO: Figure(11, 1_100_000),
        THREE: Figure(3, 300_000),
    }
    assert held["new"] == held["borrowers"]
    kept = publish(made)
    assert (kept.month, kept.from_on, kept.as_of) == (date(2026, 1, 1), date(2026, 1, 1), date(2026, 2, 2))
    columns = kept.tables["tables"]["lending"]["columns"]
    assert columns["borrowers"] == {WHOLE: [26, 2_600_000], ONE: [12, 1_200_000], TWO: None, THREE: None}
    assert columns["late"] == dict.fromkeys([WHOLE, ONE, TWO, THREE])
    again = documents.read(kept.tables)["lending"]
    assert exposed(again, documents.RELATIONS["lending"]) == []
    assert kept.digest == documents.digest(kept.tables)
    with tenancy.within(made.organisation.pk):
        record = Record.objects.get(action="regions.month.publish")
        assert (record.object_id, record.actor) == (str(kept.pk), made.actor(Role.APPROVER).name)
        with pytest.raises(LendingError, match="2026-01 is published"):
            draft(made.book)
    with pytest.raises(DatabaseError, match="stay as they are"), tenancy.within(made.organisation.pk):
        Publication.objects.filter(pk=kept.pk).update(digest="x")


def test_who_may_publish_and_only_what_was_shown(sqlite):
    """Neither an auditor nor an official; and not figures that have moved since the page was opened."""
    made = lent({ONE: 1})
    for role in (Role.AUDITOR, Role.OFFICIAL, Role.FUND_MANAGER, Role.CUSTOMER_MANAGER):
        with pytest.raises(AccessError):
            publish(made, by=made.actor(role))
    with pytest.raises(ConflictError, match="have changed"):
        publish_regions(made.book, shown="0" * 64, by=made.actor(Role.APPROVER), at=AT)
    assert publish(made).tables["tables"]["lending"]["columns"]["borrowers"] == dict.fromkeys([WHOLE, ONE])


def test_what_was_asked_for_and_not_granted(database):
    """Of twenty who asked, twelve were refused; eight got half. The later of two cases counts, and no open one."""
    made = lent({})
    asked(made, ONE, 12, "declined", 0)
    asked(made, ONE, 8, "signed", 50_000)
    asked(made, TWO, 30, "signed", 200_000)
    asked(made, THREE, 1, "withdrawn", 0)
    held = true(made)["demand"].columns
    assert {column: (held[column][ONE], held[column][TWO]) for column in held} == {
        "decided": (Figure(20, 2_000_000), Figure(30, 3_000_000)),
        "unmet": (Figure(20, 1_600_000), Figure(0, 0)),
        "granted": (Figure(8, 400_000), Figure(30, 3_000_000)),
        "refused": (Figure(12, 1_200_000), Figure(0, 0)),
    }
    assert held["decided"][THREE] == Figure(0, 0)


def test_a_borrower_is_counted_once_and_arrears_by_borrower(sqlite):
    """Two loans of one borrower, one of them late: one in arrears, with the late loan's principal alone."""
    made = Screens(opened_on=date(2025, 12, 1))
    made.lend("L1", "P1", months=1, principal=100_000)
    made.end(31)
    made.lend("L2", "P1", principal=250_000)
    made.end(2)
    held = true(made)["lending"].columns
    assert {column: held[column][ONE] for column in held} == {
        "borrowers": Figure(1, 350_000),
        "new": Figure(1, 350_000),
        "late": Figure(1, 100_000),
        "late90": Figure(0, 0),
    }


def test_the_next_month_begins_where_the_last_one_ended(sqlite):
    """Published on the last of January, the next one counts from there; who is new is nobody's difference."""
    made = lent({ONE: 12, TWO: 10}, date(2026, 1, 28))
    first = publish(made)
    assert (first.month, first.from_on, first.as_of) == (date(2025, 12, 1),) * 2 + (date(2026, 1, 31),)
    for number in range(2):
        carried = replace(CARRIED, village=f"{ONE}201")
        made.lend(f"Lnew{number}", f"new{number}", carried, principal=100_000)
    made.end(2)
    second = publish(made)
    assert (second.month, second.from_on, second.as_of) == (date(2026, 1, 1), first.as_of, date(2026, 2, 2))
    before, kept = (documents.read(one.tables)["lending"] for one in (first, second))
    assert kept.columns["borrowers"][ONE] == Figure(14, 1_400_000)
    assert kept.columns["new"] == dict.fromkeys([WHOLE, ONE, TWO])
    assert exposed(kept, documents.RELATIONS["lending"], [before]) == []
