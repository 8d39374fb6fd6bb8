"""The book's loans in figures: how late, how classed, where, on what, to whom, and how each quarter's loans went.

Every figure is a sum over loans that the list of loans shows when asked the same; together they are the ledger's principal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, F, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractQuarter, ExtractYear, Substr

from suixin.server.ledger import queries as ledger
from suixin.server.ledger.models import Book
from suixin.server.servicing.lists import AGING, BUCKETS, ON_BOOK, TOWNSHIP, ever, late
from suixin.server.servicing.models import Loan

PRINCIPAL = ("1303.01", "1303.02")
"""The ledger's accounts of principal: not yet due, and overdue."""

SHOWN = 10
"""So many of the largest of a kind are shown; the rest is one row."""


class Part(NamedTuple):
    """A part of the book: what it is by its code, how many loans, and their principal and allowance, minor units."""

    code: str
    loans: int
    principal_minor: int
    allowance_minor: int
    share: float


class Vintage(NamedTuple):
    """The loans granted in a quarter: how many were paid out, and how many of them were ever over 30 days past due.

    `ever_share` is by number; `first_on` and `last_on` are the quarter's days.
    """

    first_on: date
    last_on: date
    loans: int
    drawn_minor: int
    principal_minor: int
    ever: int
    ever_share: float

    @property
    def code(self) -> str:
        """Such as 2026Q1."""
        return f"{self.first_on.year}Q{(self.first_on.month + 2) // 3}"


@dataclass(frozen=True, slots=True)
class Tie:
    """The loans' principal beside the ledger's, minor units."""

    loans_minor: int
    ledger_minor: int

    @property
    def differs_by(self) -> int:
        """What the ledger has more; 0 is right."""
        return self.ledger_minor - self.loans_minor


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The book on its business date.

    Attributes:
        day: the business date.
        ended_on: the last day that was ended, of which days past due, classes and allowance are.
        loans: how many are on the book.
        borrowers: how many they are lent to.
        principal_minor: what is owed of them.
        allowance_minor: what is held against it.
        tie: against the ledger.
        aging: by days past due.
        classes: by the five classes, '1' to '5'.
        townships: the largest, and `OTHERS` together; crops and borrowers alike.
        crops: see above.
        borrowers_largest: see above.
        vintages: by quarter of grant, the oldest first.
    """

    day: date
    ended_on: date
    loans: int
    borrowers: int
    principal_minor: int
    allowance_minor: int
    tie: Tie
    aging: tuple[Part, ...]
    classes: tuple[Part, ...]
    townships: tuple[Part, ...]
    crops: tuple[Part, ...]
    borrowers_largest: tuple[Part, ...]
    vintages: tuple[Vintage, ...]

    def at_risk(self, days: int) -> tuple[int, float]:
        """Principal of loans more than so many days past due (30 or 90), minor units, and its share of the book."""
        codes = {one.code for one in AGING if one.least > days}
        minor = sum(part.principal_minor for part in self.aging if part.code in codes)
        return minor, _share(minor, self.principal_minor)

    @property
    def non_performing(self) -> tuple[int, float]:
        """Principal that is substandard or worse, minor units, and its share of the book."""
        minor = sum(part.principal_minor for part in self.classes if int(part.code) >= 3)
        return minor, _share(minor, self.principal_minor)

    @property
    def coverage(self) -> float | None:
        """Allowance over what is non-performing; None where nothing is."""
        bad, _ = self.non_performing
        return self.allowance_minor / bad if bad else None


def portfolio(book: Book) -> Portfolio:
    """The book's figures, in a number of queries that does not grow with it."""
    day = ledger.day_of(book)
    held = Loan.objects.filter(ON_BOOK, book_id=book.pk)
    sums = held.aggregate(
        loans=Count("id"),
        principal=Sum("principal_minor", default=0),
        allowance=Sum("allowance_minor", default=0),
    )
    total = {name: int(value) for name, value in sums.items()}
    whole = total["principal"]
    aging = held.annotate(code=Case(*_whens(day.ended_on), default=Value("0"), output_field=CharField()))
    return Portfolio(
        day=day.business_on,
        ended_on=day.ended_on,
        loans=total["loans"],
        borrowers=held.values("borrower")
        .distinct()
        .count(),  # hashed; COUNT(DISTINCT …) would sort all the names
        principal_minor=whole,
        allowance_minor=total["allowance"],
        tie=tie(book, whole),
        aging=_ordered(_parts(aging, whole), [one.code for one in AGING]),
        classes=_ordered(_parts(held.annotate(code=F("five_class")), whole), ["1", "2", "3", "4", "5"]),
        townships=_largest(held.annotate(code=Substr("profile__village", 1, TOWNSHIP)), total),
        crops=_largest(held.annotate(code=F("profile__crop")), total),
        borrowers_largest=_largest(held.annotate(code=F("borrower")), total),
        vintages=_vintages(book, day.ended_on),
    )


def tie(book: Book, loans_minor: int) -> Tie:
    """Loans' principal beside the ledger's."""
    return Tie(loans_minor, sum(ledger.totals(book, PRINCIPAL).values()))


def _whens(day: date) -> list[When]:
    return [When(late(BUCKETS[one.code], day), then=Value(one.code)) for one in AGING[1:]]


def _parts(held: QuerySet[Any, Any], whole: int, most: int | None = None) -> list[Part]:
    """The parts by their `code`; so many of the largest if `most` says."""
    sums = held.values("code").annotate(
        loans=Count("id"), principal=Sum("principal_minor"), allowance=Sum("allowance_minor")
    )
    return [
        Part(
            str(row["code"]),
            row["loans"],
            int(row["principal"]),
            int(row["allowance"]),
            _share(row["principal"], whole),
        )
        for row in (sums.order_by() if most is None else sums.order_by("-principal", "code")[:most])
    ]


def _ordered(parts: Sequence[Part], codes: Sequence[str]) -> tuple[Part, ...]:
    """One row a code, those without loans too."""
    known = {part.code: part for part in parts}
    return tuple(known.get(code, Part(code, 0, 0, 0, 0.0)) for code in codes)


def _largest(held: QuerySet[Any, Any], total: Mapping[str, int]) -> tuple[Part, ...]:
    """The largest parts by principal, and the others as one: what they leave of the whole, so that none is fetched."""
    parts = _parts(held, total["principal"], SHOWN)
    left = total["loans"] - sum(part.loans for part in parts)
    if not left:
        return tuple(parts)
    principal = total["principal"] - sum(part.principal_minor for part in parts)
    allowance = total["allowance"] - sum(part.allowance_minor for part in parts)
    return (*parts, Part(OTHERS, left, principal, allowance, _share(principal, total["principal"])))


OTHERS = "…"
"""The code of all parts that are not shown by themselves."""


def _vintages(book: Book, day: date) -> tuple[Vintage, ...]:
    drawn = Loan.objects.filter(book_id=book.pk, drawn_minor__gt=0)
    owed = Sum("principal_minor", filter=ON_BOOK, default=0)
    rows = (
        drawn.annotate(year=ExtractYear("profile__granted_on"), quarter=ExtractQuarter("profile__granted_on"))
        .values("year", "quarter")
        .annotate(
            loans=Count("id"), drawn=Sum("drawn_minor"), owed=owed, ever=Count("id", filter=ever(30, day))
        )
        .order_by("year", "quarter")
    )
    return tuple(
        Vintage(
            *quarter_of(row["year"], row["quarter"]),
            row["loans"],
            int(row["drawn"]),
            int(row["owed"]),
            row["ever"],
            _share(row["ever"], row["loans"]),
        )
        for row in rows
    )


def quarter_of(year: int, quarter: int) -> tuple[date, date]:
    """The first and the last day of a quarter, 1 to 4."""
    month = quarter * 3 - 2
    after = date(year + (quarter == 4), month + 3 if quarter < 4 else 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0
