"""Goods that were sold came back, all of a settlement's or a part: what was withheld from their sale goes back as well."""

from datetime import date, datetime

from suixin.errors import LendingError
from suixin.ledger import servicing
from suixin.lending.events import Received
from suixin.lending.sweep import withheld
from suixin.money import amount_text, check_minor
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import amending, hands, keeping, telling
from suixin.server.servicing.actions.settle import payment_key
from suixin.server.servicing.models import Loan, Settlement

ACTION = "lending.payment.take_back"


def return_sale(
    book: Book,
    settlement: Settlement,
    *,
    key: str,
    reason: str,
    by: Actor,
    at: datetime,
    sales_minor: int | None = None,
) -> Settlement:
    """Sales that were settled were returned, once for the key: what is withheld becomes what the rest would have given.

    A payment that was withheld is reversed exactly, and a smaller one counts from its day if something of it stays. A
    settlement that still waits is swept for what is left of it.

    Args:
        book: the lender's.
        settlement: whose sales.
        key: of the return.
        reason: in words.
        by: who heard of it.
        at: when.
        sales_minor: how much of the sales came back; all that is left of them if None.

    Raises:
        LendingError: no reason, or more came back than is left.
        ConflictError: the key was used for something else.
    """
    if not reason:
        raise LendingError(
            f"sales of {settlement.key} came back without a reason; give one", zh="请写明退货原因"
        )
    amending.judged(key)
    with tenancy.within(book.organisation_id):
        number = settlement.authorisation.loan.number
        by.require(ACTION, book, hands.of_loan(book, number))
        asked = {
            "loan": number,
            "settlement": payment_key(settlement, lessened=0),
            "sales_minor": sales_minor,
        }
        pk = settlement.pk
        once(
            ACTION,
            amending.scoped(book, number, key),
            asked,
            lambda: _returned(book, number, pk, sales_minor, key=key, reason=reason, by=by, at=at),
            at=at,
        )
        return Settlement.objects.select_related("authorisation__loan").get(pk=pk)


def _returned(
    book: Book,
    number: str,
    pk: int,
    sales_minor: int | None,
    *,
    key: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> dict[str, int]:
    """The settlement with less sales, and its loan with a smaller payment."""
    day = amending.open_day(book)
    (loan,) = amending.locked(book, number)
    (row,) = locks.rows(Settlement.objects.filter(pk=pk).select_related("authorisation"))
    left = row.sales_minor - row.returned_minor
    back = left if sales_minor is None else sales_minor
    if check_minor(back, "sales") != left and not 0 < back < left:
        raise LendingError(
            f"{amount_text(back, book.currency)} of settlement {row.key} cannot come back: {amount_text(left, book.currency)} of it are left",
            zh=f"这笔回款只剩 {amount_text(left, book.currency, 'zh')}，不能退回 {amount_text(back, book.currency, 'zh')}",
        )
    before = {"returned_minor": row.returned_minor, "withheld_minor": row.withheld_minor}
    row.returned_minor += back
    if row.state == Settlement.State.SWEPT:
        _lessen(book, loan, row, day, key=key, reason=reason, by=by, at=at)
    if row.returned_minor == row.sales_minor:
        row.state = Settlement.State.RETURNED
    row.save(update_fields=["state", "returned_minor", "withheld_minor", "lessened"])
    after = {"returned_minor": row.returned_minor, "withheld_minor": row.withheld_minor}
    record(by, ACTION, row, before=before, after=after, reason=reason, at=at)
    return after


def _lessen(
    book: Book, loan: Loan, row: Settlement, day: date, *, key: str, reason: str, by: Actor, at: datetime
) -> None:
    """The payment that was withheld, as it would have been of the sales that stay."""
    held, number, old = keeping.read(loan, with_events=True), loan.number, payment_key(row)
    terms = row.authorisation
    stays = withheld(row.sales_minor - row.returned_minor, terms.share_ppm, terms.keep_minor)
    if stays >= row.withheld_minor:  # it took no more than closed the loan
        return
    posted = queries.by_key(book, [f"{number}/{old}"]).get(f"{number}/{old}")
    if stays and posted is not None:
        row.lessened += 1
        new = payment_key(row)
        changed = servicing.lessen(held, old, stays, new, day, reason, posted)
    else:
        new, changed = "", servicing.take_back(held, old, day, reason, posted)
        row.state = Settlement.State.LEFT
    row.withheld_minor = stays
    amending.add_taken_back(loan, old, day, key=key, reason=reason, by=by, at=at)
    smaller = [one for one in changed.loan.events if isinstance(one, Received) and one.key == new]
    for event in smaller:
        amending.add_event(loan, event, day, by=by, at=at, reason=reason)

    def news() -> list[News]:
        gone = telling.taken_back(book, loan, old, day)
        return [gone, *(telling.received(book, loan, event) for event in smaller)]

    after, booked = changed.loan, changed.booked
    amending.finish(book, loan, after, booked, news, day=day, action=ACTION, by=by, at=at, reason=reason)
