"""Withhold from settled sales whose return window is over."""

from datetime import date, datetime
from typing import NamedTuple

from suixin.errors import SuixinError
from suixin.lending.events import Received, Source
from suixin.lending.prepay import Way
from suixin.lending.sweep import withheld
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import write
from suixin.server.servicing import amending, keeping, telling
from suixin.server.servicing.actions.settle import payment_key
from suixin.server.servicing.models import Settlement

ORDER = ("due_on", "authorisation_id", "key")
"""In which settlements are swept: not as they came, for webhooks overtake each other."""


class Swept(NamedTuple):
    """How many settlements paid something, and those that could not be swept, with the reason."""

    paid: int
    failed: list[dict[str, str]]


def sweep(book: Book, *, by: Actor, at: datetime) -> Swept:
    """Sweep every settlement that is past its return window on the business date.

    Of each, the authorised share is withheld, what stays with the household is left, and never more is taken than
    what closes the loan. What is due is paid first, the rest prepays the next parts. One that its loan refuses waits for
    the next day and is listed; it stops no other.
    """
    with tenancy.within(book.organisation_id):
        day = amending.open_day(book)
        waiting = Settlement.objects.filter(
            authorisation__loan__book_id=book.pk, state=Settlement.State.WAITING, due_on__lte=day
        )
        found = list(waiting.order_by(*ORDER).values_list("id", "key"))
    paid, failed = 0, list[dict[str, str]]()
    for pk, key in found:
        try:
            paid += _one(book, pk, day, by=by, at=at)
        except SuixinError as error:
            failed.append({"settlement": key, "reason": str(error)})
    return Swept(paid, failed)


def _one(book: Book, pk: int, day: date, *, by: Actor, at: datetime) -> int:
    with tenancy.within(book.organisation_id):
        row = Settlement.objects.select_related("authorisation__loan").get(pk=pk)
        (loan,) = amending.locked(book, row.authorisation.loan.number)
        waiting = locks.rows(Settlement.objects.filter(pk=pk, state=Settlement.State.WAITING))
        if not waiting:  # another one swept it
            return 0
        row, authorisation = waiting[0], row.authorisation
        owed = keeping.read(loan, with_events=False).on(day).payoff_fen if loan.is_live else 0
        sales = row.sales_minor - row.returned_minor
        amount = min(withheld(sales, authorisation.share_ppm, authorisation.keep_minor), owed)
        key = payment_key(row)
        if amount > 0:
            event = Received(key, day, amount, Source.SWEEP, Way.KEEP)
            amending.let_happen(
                book,
                loan.number,
                lambda _: event,
                key=key,
                asked={"settlement": pk},
                action="lending.payment.receive",
                by=by,
                at=at,
            )
        row.state = Settlement.State.SWEPT if amount > 0 else Settlement.State.LEFT
        row.withheld_minor = max(amount, 0)
        row.save(update_fields=["state", "withheld_minor"])
        write([telling.split(book, row, loan, key, day)], at=at)
        return int(amount > 0)
