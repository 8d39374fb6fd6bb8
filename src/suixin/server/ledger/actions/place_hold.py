"""Place a hold."""

from datetime import datetime

from django.utils import timezone

from suixin.errors import ConflictError, FundsError, LedgerError
from suixin.money import check_minor
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Balance, Book, Hold


def place_hold(
    book: Book,
    account: str,
    subject: str,
    key: str,
    amount_minor: int,
    *,
    by: Actor,
    reference: str = "",
    at: datetime | None = None,
) -> Hold:
    """Set a sum aside on an account; the same key with the same content returns the hold as it is now.

    Args:
        book: the lender's.
        account: of the chart.
        subject: whose.
        key: names the hold within its book.
        amount_minor: above 0.
        by: who answers for it; it stands in the hold's row.
        reference: what it belongs to.
        at: now, unless told.

    Raises:
        FundsError: less is available.
        ConflictError: the key is that of another hold.
        LedgerError: nothing above 0 was asked.
        AccessError: the actor may not.
    """
    by.require("ledger.hold.place", book)
    if check_minor(amount_minor, "hold") <= 0:
        raise LedgerError(f"hold {key} of {amount_minor}; give a sum above 0")
    with tenancy.within(book.organisation_id):
        line = Balance.objects.filter(book_id=book.pk, account=account, subject=subject)
        found = locks.rows(line.filter(currency=book.currency))
        held = Hold.objects.filter(book_id=book.pk, key=key).select_related("balance").first()
        if held is not None:
            if (held.balance_id, held.amount_minor, held.reference) != (
                found[0].pk if found else None,
                amount_minor,
                reference,
            ):
                raise ConflictError(f"hold {key!r} was placed before with other content")
            return held
        available = found[0].available_minor if found else 0
        if available < amount_minor:
            raise FundsError(
                f"{account} {subject}: {available} minor units are available, not {amount_minor}"
            )
        made = Hold(
            book=book,
            balance=found[0],
            key=key,
            amount_minor=amount_minor,
            reference=reference,
            placed_by=by.name,
            placed_at=at or timezone.now(),
        )
        made.save(force_insert=True)
        return made
