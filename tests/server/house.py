"""A small bank for the tests: two administrators, one book, a few transactions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from django.db import DatabaseError, connection

from suixin.errors import SuixinError
from suixin.ledger.transaction import Entry as Line
from suixin.ledger.transaction import Transaction, gathered
from suixin.server import tenancy
from suixin.server.identity import access
from suixin.server.identity.actions.found_organisation import NewPerson, found_organisation
from suixin.server.identity.models import User
from suixin.server.identity.roles import Kind, Role
from suixin.server.ledger.actions.open_book import open_book
from suixin.server.ledger.actions.post import post

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)
CASH, LOANS, OVERPAID = "1002.01", "1303.01", "2241.01"


def bank(code="rural"):
    """An organisation of two administrators; (organisation, its two actors, the program's actor)."""
    people = [NewPerson(f"{code}-{name}", name, Role.ADMINISTRATOR) for name in ("wang", "li")]
    made = found_organisation(code, Kind.BANK, code, people, at=AT)
    with tenancy.within(made.pk):
        first, second = (access.actor_of(user) for user in User.objects.order_by("pk"))
    return made, first, second, access.system(made.pk, "test")


def book(code="rural", currency="CNY"):
    """A bank's open book and the program's actor."""
    _, first, _, program = bank(code)
    return open_book("main", currency, DAY, by=first, at=AT), program


def moved(key, amount, debit=LOANS, credit=CASH, subject="", day=DAY, currency="CNY", **more):
    """One transaction of two entries, minor units."""
    entries = gathered([Line(debit, subject, currency, amount), Line(credit, "", currency, -amount)])
    return Transaction(key, "moved", day, more.pop("value_on", day), entries, **more)


def in_threads(count, work):
    """The results (or errors) of `work(number)` on as many connections."""

    def one(number):
        try:
            return work(number)
        except (SuixinError, DatabaseError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def posted(book, program, *transactions, **options):
    return post(book, transactions, by=program, at=AT, **options)
