"""What may be drawn under a facility."""

from datetime import date

from suixin.errors import LendingError
from suixin.server import locks
from suixin.server.ledger.models import Book
from suixin.server.servicing.models import Facility, Loan


def of_loan(book: Book, number: str) -> Facility | None:
    """The facility of a loan, locked; lock it before the loan."""
    pk = Loan.objects.filter(book_id=book.pk, number=number).values_list("facility_id", flat=True).first()
    return locks.rows(Facility.objects.filter(pk=pk))[0] if pk else None


def judge(facility: Facility, amount_minor: int, day: date) -> None:
    """Refuse a drawdown that the facility does not bear.

    Raises:
        LendingError: frozen, not running on the day, or passed by the sum.
    """
    if facility.frozen:
        raise LendingError(
            f"facility {facility.number} is frozen; nothing is drawn until it is released",
            zh=f"额度 {facility.number} 已冻结，解冻前不能用款",
        )
    if not facility.opened_on <= day < facility.expires_on:
        raise LendingError(
            f"facility {facility.number} runs from {facility.opened_on} to before {facility.expires_on}, not {day}",
            zh=f"额度 {facility.number} 的用款期是 {facility.opened_on} 至 {facility.expires_on} 前",
        )
    used = sum(Loan.objects.filter(facility_id=facility.pk).values_list("principal_minor", flat=True))
    if used + amount_minor > facility.limit_minor:
        raise LendingError(
            f"drawdown of {amount_minor} passes the limit of facility {facility.number}: {used} of "
            f"{facility.limit_minor} are drawn, {facility.limit_minor - used} are left",
            zh=f"用款 {amount_minor / 100:,.2f} 元超过可用额度：还剩 {(facility.limit_minor - used) / 100:,.2f} 元",
        )
