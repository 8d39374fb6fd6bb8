"""Rates that follow the LPR: which loans are set anew on a day, and to what."""

from datetime import date, datetime
from typing import NamedTuple

from suixin.errors import LendingError
from suixin.lending.lpr import LprTable, Reprice, floating_rate, repricing_days
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing.actions.reprice import reprice
from suixin.server.servicing.models import Loan, LoanEvent


class Floats(NamedTuple):
    """How a loan's rate follows the LPR: on which days, by how many basis points, and for which term in months."""

    reprice: Reprice
    basis_points: int
    months: int


def reprice_all(book: Book, day: date, lpr: LprTable | None, *, by: Actor, at: datetime) -> int:
    """Set the rate of every loan anew whose day it is; one that a person has repriced on the day stays so.

    Raises:
        LendingError: such a loan is there and no table of the LPR was given.
    """
    due = _due(book, day)
    if not due:
        return 0
    if lpr is None:
        raise LendingError(
            f"{len(due)} loans are repriced on {day}; give the table of the LPR",
            zh=f"{day} 有 {len(due)} 笔贷款要重定价，请提供 LPR 表",
        )
    for number, held in due:
        rate = floating_rate(lpr, day, held.months, held.basis_points)
        reprice(book, number, rate, key=f"repriced {day}", by=by, at=at)
    return len(due)


def _due(book: Book, day: date) -> list[tuple[str, Floats]]:
    with tenancy.within(book.organisation_id):
        by_hand = LoanEvent.objects.filter(loan__book_id=book.pk, kind="repriced", on=day)
        live = Loan.objects.filter(
            book_id=book.pk, is_live=True, reprices__isnull=False, principal_minor__gt=0
        )
        rows = live.exclude(pk__in=by_hand.values("loan_id")).order_by("id")
        found = []
        for number, document, granted_on in rows.values_list(
            "number", "reprices", "profile__granted_on"
        ).iterator():
            kind, basis_points, months = document or ("never", 0, 0)
            held = Floats(Reprice(kind), int(basis_points), int(months))
            if day in repricing_days(granted_on, held.months, held.reprice):
                found.append((number, held))
        return found
