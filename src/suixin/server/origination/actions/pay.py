"""A borrower pays by hand: what is due, or more of it ahead of its date."""

from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.lending.prepay import Way
from suixin.money import check_minor
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.servicing import looks, payments
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.models import Loan, LoanEvent


def pay(
    number: str,
    amount_minor: int,
    collector: payments.Collector,
    *,
    key: str,
    by: Actor,
    at: datetime,
    ahead: Way = Way.KEEP,
) -> dict[str, Any]:
    """Pay, once for the key; what is due is settled first, and what is over prepays the next parts.

    Raises:
        LendingError: no such loan, nothing, or more than closes it.
        AccessError: it is another merchant's, or nobody collects.
    """
    with tenancy.within(by.organisation_id):
        row = Loan.objects.select_related("book").filter(number=number).first()
        if row is None:
            raise LendingError(f"there is no loan {number!r}", zh=f"没有贷款 {number}")
        by.require("lending.loan.pay", row)
        if check_minor(amount_minor, "amount") <= 0:
            raise LendingError("a payment of nothing; give more than 0", zh="还款金额须大于 0")
        if not LoanEvent.objects.filter(loan_id=row.pk, key=key).exists():  # before anybody's money moves
            looks.at_most_payoff(row, amount_minor)
        day = queries.day_of(row.book).business_on
        came = collector.collect(amount_minor, day, key)
        machine = access.system(by.organisation_id, "collection")
        done = receive(
            row.book,
            number,
            came.amount_minor,
            on=came.on,
            key=came.key,
            currency=row.book.currency,
            by=machine,
            at=at,
            ahead=ahead,
            beyond=False,
        )
        record(by, "lending.loan.pay", row, after={"amount_minor": amount_minor, "key": key}, at=at)
        return done
