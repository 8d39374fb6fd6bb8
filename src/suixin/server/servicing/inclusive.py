"""The inclusive-finance report (普惠金融): the book's loans counted by 口径, as of the business date.

Each row counts the loans on the book that are so; `new` are those granted in the calendar year of the business date,
whatever became of them. The row of all of them is the ledger's principal.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, Sum

from suixin.money import round_ratio
from suixin.server.ledger import queries as ledger
from suixin.server.ledger.models import Book
from suixin.server.merchants.models import Merchant
from suixin.server.servicing.lists import ON_BOOK
from suixin.server.servicing.models import Loan
from suixin.server.servicing.portfolio import Tie, tie

COUNTED: dict[str, dict[str, Any]] = {
    "all": {},
    "inclusive": {"inclusive": True},
    "agricultural": {"agricultural": True},
    "credit_only": {"credit_only": True},
    **{str(kind): {"borrower_class": str(kind)} for kind in Merchant.Kind.values},
}
"""Row -> what the list of loans is asked for it; the rows of borrower classes together are the row of all."""


class Counted(NamedTuple):
    """A row: households, balances in minor units, the rate weighted by balance (ppm), and what is non-performing."""

    code: str
    households: int
    loans: int
    balance_minor: int
    rate_ppm: int | None
    new_loans: int
    new_minor: int
    first_time: int
    bad_loans: int
    bad_minor: int

    @property
    def bad_share(self) -> float:
        """Non-performing share of the balance."""
        return self.bad_minor / self.balance_minor if self.balance_minor else 0.0


class Report(NamedTuple):
    """The report: its day, the first day of its year, its rows in the order of `COUNTED`, and the ledger beside them."""

    day: date
    year_from: date
    rows: tuple[Counted, ...]
    tie: Tie


def report(book: Book) -> Report:
    """The report of a book, one query a row."""
    day = ledger.day_of(book).business_on
    year_from = day.replace(month=1, day=1)
    rows = tuple(_row(book, code, asked, year_from, day) for code, asked in COUNTED.items())
    return Report(day, year_from, rows, tie(book, rows[0].balance_minor))


def _row(book: Book, code: str, asked: Mapping[str, Any], year_from: date, day: date) -> Counted:
    its = Q(**{f"profile__{name}": value for name, value in asked.items()})
    new = Q(profile__granted_on__gte=year_from, profile__granted_on__lte=day)
    bad = ON_BOOK & Q(five_class__gte=3)
    found = Loan.objects.filter(its, book_id=book.pk, drawn_minor__gt=0).aggregate(
        households=Count("borrower", filter=ON_BOOK, distinct=True),
        loans=Count("id", filter=ON_BOOK),
        balance=Sum("principal_minor", filter=ON_BOOK, default=0),
        weighed=Sum(F("principal_minor") * F("rate_ppm"), filter=ON_BOOK, default=0),
        new_loans=Count("id", filter=new),
        new=Sum("drawn_minor", filter=new, default=0),
        first_time=Count("borrower", filter=new & Q(profile__first_time=True), distinct=True),
        bad_loans=Count("id", filter=bad),
        bad=Sum("principal_minor", filter=bad, default=0),
    )
    balance = int(found["balance"])
    rate = round_ratio(int(found["weighed"]), balance) if balance else None
    return Counted(
        code,
        found["households"],
        found["loans"],
        balance,
        rate,
        found["new_loans"],
        int(found["new"]),
        found["first_time"],
        found["bad_loans"],
        int(found["bad"]),
    )


def as_fraction(rate_ppm: int | None) -> Decimal | None:
    """A rate for a sheet."""
    return None if rate_ppm is None else Decimal(rate_ppm).scaleb(-6)
