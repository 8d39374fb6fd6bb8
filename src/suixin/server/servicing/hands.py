"""Who is kept from a loan: the borrower's relatives among the staff. Of a borrower who was never enrolled nobody knows any."""

from collections.abc import Iterable

from django.db.models import QuerySet

from suixin.server.identity.access import Hands
from suixin.server.ledger.models import Book
from suixin.server.merchants.models import Merchant
from suixin.server.servicing.models import Facility, Loan


def of(borrowers: Iterable[str] | QuerySet[Loan, str] | QuerySet[Facility, str]) -> Hands:
    """Who is barred from what is these borrowers'; the program is nobody's relative."""
    told = Merchant.objects.filter(merchant_id__in=borrowers).exclude(relatives=[])
    lists = told.values_list("relatives", flat=True)
    return Hands(barred=frozenset(name for names in lists for name in names))


def of_loan(book: Book, number: str) -> Hands:
    """Who is barred from a loan."""
    return of(Loan.objects.filter(book_id=book.pk, number=number).values_list("borrower", flat=True))


def of_facility(book: Book, number: str) -> Hands:
    """Who is barred from a facility."""
    return of(Facility.objects.filter(book_id=book.pk, number=number).values_list("borrower", flat=True))
