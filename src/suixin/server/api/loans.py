"""Loans: listed and shown, with the schedule and the statement."""

from datetime import date
from typing import Annotated, Any

from ninja import Field, Query, Router, Schema
from pydantic import WithJsonSchema

from suixin.server.api.calls import Call, reads
from suixin.server.api.paging import Page, part
from suixin.server.api.shapes import CLASSED_ON, Day, Money, Number, Rate, money, rate
from suixin.server.identity.scopes import Scope
from suixin.server.ledger import queries as ledger
from suixin.server.ledger.models import Book
from suixin.server.pages.bank import house
from suixin.server.servicing import queries
from suixin.server.servicing.history import Planned, plan
from suixin.server.servicing.models import Loan

router = Router(tags=["loans"])
State = Annotated[Loan.State, WithJsonSchema({"type": "string", "enum": Loan.State.values})]


class LoanView(Schema):
    """A loan: what is owed on the book's business date, its class as of the end of the day before."""

    number: str
    borrower: str = Field(description="the merchant's pseudonym, as in the lake")
    state: State
    five_class: int = Field(ge=1, le=5, description="1 normal ... 5 loss")
    drawn: Money = Field(description="all that was paid out")
    principal: Money = Field(description="what is owed of it")
    allowance: Money
    annual_rate: Rate
    days_past_due: int
    classed_on: date = Field(description=CLASSED_ON)
    granted_on: date
    next_due_on: date | None


class LoanPage(Schema):
    """A page of loans, the oldest first."""

    business_on: date
    items: list[LoanView]
    next: str | None = Field(description="the cursor of the next page; null on the last")


class Payoff(Schema):
    """What closes a loan today."""

    on: date
    principal: Money
    interest: Money
    late: Money
    fees: Money
    held: Money = Field(description="money of the borrower that is held, taken off")
    total: Money


class LoanDetail(LoanView):
    """A loan, and what closes it."""

    purpose: str
    payoff: Payoff | None = Field(description="null before anything was paid out")


class WantedLoans(Page):
    """Which loans."""

    state: State | None = None
    borrower: Number | None = None


class Instalment(Schema):
    """A date of the schedule."""

    due_on: date
    principal: Money
    interest: Money
    total: Money
    balance: Money = Field(description="principal owed after it")
    open: Money = Field(description="of what fell due, what is not paid")


class Schedule(Schema):
    """A loan's dates: before the last change as they were signed, after it as they are now."""

    loan: str
    business_on: date
    instalments: list[Instalment]


class StatementLine(Schema):
    """A line of a statement; what the borrower owes more is positive."""

    booked_on: date
    value_on: date
    kind: str
    principal: Money
    interest: Money
    fees: Money
    held: Money
    owed: Money = Field(description="after this line")
    reason: str


class Statement(Schema):
    """What was booked for a loan."""

    loan: str
    lines: list[StatementLine]


class Days(Schema):
    """From a day to a day, both included."""

    first_on: Day | None = None
    last_on: Day | None = None


@reads(router, "/loans", Scope.LOANS_READ, LoanPage, "List loans")
def list_loans(request: Call, wanted: Annotated[WantedLoans, Query(...)]) -> LoanPage:
    """The book's loans, the oldest first."""
    del request
    book = house.book()
    found = Loan.objects.filter(book_id=book.pk).select_related("profile")
    for name in ("state", "borrower"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    rows, following = part(found.defer("contract", "account", "begins"), wanted, "loans")
    day = ledger.day_of(book)
    items = [LoanView(**_columns(row, book, day.ended_on)) for row in rows]
    return LoanPage(business_on=day.business_on, items=items, next=following)


@reads(router, "/loans/{str:number}", Scope.LOANS_READ, LoanDetail, "Show a loan")
def show_loan(request: Call, number: Number) -> LoanDetail:
    """One loan, with what closes it today."""
    del request
    row = house.loan(number)
    return LoanDetail(
        **_columns(row, row.book, house.ended(row.book)),
        purpose=row.profile.purpose,
        payoff=_payoff(row) if row.drawn_minor else None,
    )


@reads(router, "/loans/{str:number}/schedule", Scope.LOANS_READ, Schedule, "Show a loan's schedule")
def show_schedule(request: Call, number: Number) -> Schedule:
    """When what falls due, and what of it is open."""
    del request
    row = house.loan(number)
    day = house.today(row.book)
    currency = row.book.currency
    return Schedule(
        loan=number, business_on=day, instalments=[_instalment(one, currency) for one in plan(row, day)]
    )


@reads(router, "/loans/{str:number}/statement", Scope.LOANS_READ, Statement, "Show a loan's statement")
def show_statement(request: Call, number: Number, days: Annotated[Days, Query(...)]) -> Statement:
    """All that was booked, or what was booked from a day to a day."""
    del request
    row = house.loan(number)
    lines = queries.statement(row.book, number, days.first_on, days.last_on)
    return Statement(loan=number, lines=[_line(one, row.book.currency) for one in lines])


def _columns(row: Loan, book: Book, ended_on: date) -> dict[str, Any]:
    currency = book.currency
    return {
        "number": row.number,
        "borrower": row.borrower,
        "state": Loan.State(row.state),
        "five_class": row.five_class,
        "drawn": money(row.drawn_minor, currency),
        "principal": money(row.principal_minor, currency),
        "allowance": money(row.allowance_minor, currency),
        "annual_rate": rate(row.rate_ppm),
        "days_past_due": row.days_past_due(ended_on),
        "classed_on": ended_on,
        "granted_on": row.profile.granted_on,
        "next_due_on": row.bills_on,
    }


def _payoff(row: Loan) -> Payoff:
    held, currency = queries.payoff(row.book, row.number), row.book.currency
    return Payoff(
        on=held.on,
        principal=money(held.principal_minor, currency),
        interest=money(held.interest_minor, currency),
        late=money(held.late_minor, currency),
        fees=money(held.fees_minor, currency),
        held=money(held.held_minor, currency),
        total=money(held.total_minor, currency),
    )


def _instalment(one: Planned, currency: str) -> Instalment:
    row = one.row
    return Instalment(
        due_on=row.due_on,
        principal=money(row.principal_fen, currency),
        interest=money(row.interest_fen, currency),
        total=money(row.total_fen, currency),
        balance=money(row.balance_fen, currency),
        open=money(one.open_minor, currency),
    )


def _line(one: queries.Line, currency: str) -> StatementLine:
    return StatementLine(
        booked_on=one.booked_on,
        value_on=one.value_on,
        kind=one.kind,
        principal=money(one.principal_minor, currency),
        interest=money(one.interest_minor, currency),
        fees=money(one.fees_minor, currency),
        held=money(one.held_minor, currency),
        owed=money(one.owed_minor, currency),
        reason=one.reason,
    )
