"""Which loans somebody wants to see: one question for the list, its export, and every figure that can be opened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from suixin.server import tenancy
from suixin.server.ledger.models import Book
from suixin.server.merchants.models import Holder
from suixin.server.servicing.models import Loan, MonthEnd, Profile, days_past_due

TOWNSHIP = 9
"""Digits of a village's code that name its township (GB/T 10114)."""

NO_CROP = "-"
"""Asks for loans whose profile names no crop."""

CLASSES = (1, 2, 3, 4, 5)
NEW = 0
"""Asks for loans that were not on the book at the end of that month."""

OFF_BOOK = (Loan.State.WRITTEN_OFF, Loan.State.RECOVERED)
_NAMED = 200  # at most so many people of a name are looked for


class Bucket(NamedTuple):
    """Days past due from the least to the most, both included; without an end if `most` is None."""

    code: str
    least: int
    most: int | None

    def holds(self, days: int) -> bool:
        """Whether so many days fall in it."""
        return self.least <= days and (self.most is None or days <= self.most)


AGING = (
    Bucket("0", 0, 0),
    Bucket("1-30", 1, 30),
    Bucket("31-60", 31, 60),
    Bucket("61-90", 61, 90),
    Bucket("91-", 91, None),
)
"""Every loan that is on the book is in exactly one of these."""

BUCKETS = {one.code: one for one in (*AGING, Bucket("1-", 1, None), Bucket("31-", 31, None))}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the loans; what is '' or None is not asked.

    Attributes:
        text: the beginning of a number, a borrower's pseudonym, or a part of a name.
        state: of `Loan.State`.
        five_class: 1 to 5; 3 to 5 together are `bad`.
        bad: non-performing.
        days: the code of a bucket of days past due.
        worst: more days past due than these were seen at some time.
        township: its code, the first nine digits of the village's.
        crop: as the profile names it, `NO_CROP` for those without one.
        borrower: a pseudonym.
        borrower_class: as the profile names it.
        inclusive, agricultural, credit_only, first_time: as the profile says.
        granted_from: the first day of grant.
        granted_to: the last.
        on_book: principal is owed and on the balance sheet.
        drawn: something was paid out.
        was_on: the end of a month.
        was: the class that they were in then, or `NEW`.
    """

    text: str = ""
    state: str = ""
    five_class: int | None = None
    bad: bool | None = None
    days: str = ""
    worst: int | None = None
    township: str = ""
    crop: str = ""
    borrower: str = ""
    borrower_class: str = ""
    inclusive: bool | None = None
    agricultural: bool | None = None
    credit_only: bool | None = None
    first_time: bool | None = None
    granted_from: date | None = None
    granted_to: date | None = None
    on_book: bool | None = None
    drawn: bool | None = None
    was_on: date | None = None
    was: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return all(getattr(self, field.name) in {"", None} for field in fields(self))


ON_BOOK = Q(is_live=True, principal_minor__gt=0) & ~Q(state__in=OFF_BOOK)
"""Principal is owed and on the balance sheet: together these loans are the ledger's principal."""


def late(bucket: Bucket, day: date) -> Q:
    """Loans whose days past due on a day fall in a bucket; see `Loan.days_past_due`."""
    still = Q(from_on=day) | Q(overdue_on=None, from_on__lt=day)
    ended = Q(from_on__gt=day, ended_days__gte=bucket.least)
    stands = Q(overdue_days__gte=bucket.least)
    runs = Q(overdue_on__lte=day - timedelta(days=bucket.least), from_on__lt=day)
    if bucket.most is not None:
        ended &= Q(ended_days__lte=bucket.most)
        stands &= Q(overdue_days__lte=bucket.most)
        runs &= Q(overdue_on__gte=day - timedelta(days=bucket.most))
    return ended | (still & stands) | runs


def ever(days: int, day: date) -> Q:
    """Loans that were more than so many days past due when somebody looked, or are now."""
    return Q(worst_days__gt=days) | late(Bucket("", days + 1, None), day)


def was(five_class: int, day: date) -> Q:
    """Loans that were in a class at the end of a month, or not on the book then."""
    held = MonthEnd.objects.filter(day=day)
    if five_class == NEW:
        return ~Q(pk__in=held.values("loan_id"))
    return Q(pk__in=held.filter(five_class=five_class).values("loan_id"))


def in_township(code: str) -> Q:
    """Loans whose village lies in a township, or in a county if the code is shorter."""
    return Q(profile__village__gte=code, profile__village__lt=f"{code}:")  # ':' comes after '9'


def found(book: Book, wanted: Wanted, day: date) -> QuerySet[Loan]:
    """The loans that are wanted, unordered."""
    asked = Q(book_id=book.pk)
    for part in _parts(wanted, day):
        asked &= part
    return Loan.objects.filter(asked)


def _parts(wanted: Wanted, day: date) -> list[Q]:
    parts = []
    if wanted.text:
        parts.append(by_text(wanted.text))
    if wanted.bad is not None:
        parts.append(Q(five_class__gte=3) if wanted.bad else Q(five_class__lt=3))
    if wanted.days:
        parts.append(late(BUCKETS[wanted.days], day))
    if wanted.worst is not None:
        parts.append(ever(wanted.worst, day))
    if wanted.township:
        parts.append(in_township(wanted.township))
    if wanted.crop:
        parts.append(Q(profile__crop="" if wanted.crop == NO_CROP else wanted.crop))
    if wanted.was_on is not None and wanted.was is not None:
        parts.append(was(wanted.was, wanted.was_on))
    if wanted.drawn is not None:
        parts.append(Q(drawn_minor__gt=0) if wanted.drawn else Q(drawn_minor=0))
    if wanted.on_book is not None:
        parts.append(ON_BOOK if wanted.on_book else ~ON_BOOK)
    plain = {name: getattr(wanted, name) for name in _PLAIN}
    return parts + [Q(**{_PLAIN[name]: value}) for name, value in plain.items() if value not in {"", None}]


_PLAIN = {
    "state": "state",
    "five_class": "five_class",
    "borrower": "borrower",
    "borrower_class": "profile__borrower_class",
    "inclusive": "profile__inclusive",
    "agricultural": "profile__agricultural",
    "credit_only": "profile__credit_only",
    "first_time": "profile__first_time",
    "granted_from": "profile__granted_on__gte",
    "granted_to": "profile__granted_on__lte",
}


def by_text(text: str) -> Q:
    """Loans whose number begins so, or whose borrower has this pseudonym, or a name of which it is a part."""
    named = Holder.objects.filter(Q(name__contains=text) | Q(shop_name__contains=text))
    people = list(named.values_list("merchant__merchant_id", flat=True)[:_NAMED])
    return Q(number__startswith=text) | Q(borrower__in=[text, *people])


def keys(loans: QuerySet[Loan]) -> Any:
    """The keys of loans, the latest first: a page of them is found without reading a loan."""
    return loans.order_by("-id").values_list("id", flat=True)


def rows(ids: Sequence[int]) -> list[Loan]:
    """These loans, the latest first, with their profiles and without their documents."""
    held = Loan.objects.filter(id__in=ids).select_related("profile").order_by("-id")
    return list(held.defer("contract", "account", "begins"))


class Sums(NamedTuple):
    """Of the loans that are asked for: how many, their principal on the book, and what was written off, minor units."""

    loans: int
    principal_minor: int
    off_book_minor: int


def sums(loans: QuerySet[Loan]) -> Sums:
    """What they come to; what the bank has written off is owed still, and is none of its balance."""
    off = Q(state__in=OFF_BOOK)
    held = loans.aggregate(
        count=Count("id"), on=Sum("principal_minor", filter=~off), off=Sum("principal_minor", filter=off)
    )
    return Sums(held["count"], held["on"] or 0, held["off"] or 0)


class Line(NamedTuple):
    """A loan in an export; amounts in minor units."""

    number: str
    borrower: str
    state: str
    five_class: int
    principal_minor: int
    drawn_minor: int
    allowance_minor: int
    rate_ppm: int
    bills_on: date | None
    granted_on: date
    village: str
    crop: str
    borrower_class: str
    agricultural: bool
    inclusive: bool
    credit_only: bool
    first_time: bool
    days: int


_COLUMNS = {name: f"profile__{name}" if hasattr(Profile, name) else name for name in Line._fields[:-1]}


def lines(loans: QuerySet[Loan], day: date) -> list[Line]:
    """Every one of the loans as a line, the latest first."""
    late_by = ("from_on", "overdue_on", "overdue_days", "ended_days")
    rows: Iterable[tuple[Any, ...]] = loans.order_by("-id").values_list(*_COLUMNS.values(), *late_by)
    return [_line(row, day) for row in rows]


def _line(row: tuple[Any, ...], day: date) -> Line:
    *columns, from_on, overdue_on, overdue_days, ended_days = row
    late_days = days_past_due(from_on, overdue_on, overdue_days, ended_days, day)
    return Line._make([*columns, late_days])


def townships() -> list[str]:
    """Codes of the townships in which the house has ever lent."""
    return sorted({village[:TOWNSHIP] for village in _different("village")})


def crops() -> list[str]:
    """Crops on which the house has ever lent."""
    return [crop for crop in _different("crop") if crop]


def _different(column: str) -> list[str]:
    """The different values of a column that has an index, by one look into it each: DISTINCT reads every loan."""
    table, house = Profile._meta.db_table, tenancy.current()
    following = f"SELECT {column} FROM {table} WHERE organisation_id = %s"  # noqa: S608
    question = f"""
        WITH RECURSIVE seen(held) AS (
            SELECT ({following} ORDER BY {column} LIMIT 1)
            UNION ALL
            SELECT ({following} AND {column} > seen.held ORDER BY {column} LIMIT 1)
            FROM seen WHERE seen.held IS NOT NULL
        )
        SELECT held FROM seen WHERE held IS NOT NULL"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(question, [house, house])
        return [held for (held,) in cursor.fetchall()]
