"""What comes in for a loan: repayments, and settlements of a platform's sales that are swept."""

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StringConstraints, WithJsonSchema

from suixin.errors import LendingError
from suixin.lending.documents import read_event
from suixin.lending.events import Received, Source
from suixin.server.api.calls import Call, Key, reads, writes
from suixin.server.api.paging import Page, part
from suixin.server.api.shapes import Asked, Day, Money, Number, Sum, minor_of, money
from suixin.server.identity.scopes import Scope
from suixin.server.pages.bank import house
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.models import Loan, LoanEvent, Settlement, SweepAuthorisation

router = Router(tags=["payments"])
State = Annotated[Settlement.State, WithJsonSchema({"type": "string", "enum": Settlement.State.values})]
_REPAYMENTS, _SETTLEMENTS = "/loans/{str:number}/repayments", "/loans/{str:number}/settlements"
_Label = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[!-.0-~]+$")]


class RepaymentPart(Schema):
    """What of a payment went where."""

    to: str = Field(description="due_interest, due_principal ... as the contract orders it")
    due_on: date
    amount: Money


class RepaymentDone(Schema):
    """What a payment did."""

    loan: str
    key: str = Field(description="of the payment, as the statement and the ledger name it")
    amount: Money
    on: date
    parts: list[RepaymentPart]
    held: Money = Field(description="what is over and waits for the next date")
    owed: Money = Field(description="what would close the loan after it")


class Repayment(Schema):
    """A payment that came."""

    key: str
    on: date = Field(description="the day from which it counts")
    booked_on: date
    amount: Money
    source: Source
    taken_back: bool


class RepaymentPage(Schema):
    """A page of payments, the oldest first."""

    items: list[Repayment]
    next: str | None


class NewRepayment(Asked):
    """A payment to be taken in."""

    amount: Sum
    on: Day | None = Field(
        None, description="the day from which it counts, today's or an earlier one; today's unless told"
    )


class SettlementView(Schema):
    """A settlement."""

    loan: str
    settlement: str = Field(description="the platform's own name for it")
    platform: str
    shop: str
    sales: Money
    settled_on: date
    due_on: date = Field(description="the first day past the window within which sales can be returned")
    state: State
    withheld: Money
    returned: Money


class SettlementPage(Schema):
    """A page of settlements, the oldest first."""

    items: list[SettlementView]
    next: str | None


class NewSettlement(Asked):
    """A settlement to be taken in."""

    platform: _Label
    shop: _Label = Field(description="the pseudonym of the account that the platform pays to")
    settlement: _Label = Field(description="the platform's own name for it; it is taken in once")
    sales: Sum = Field(description="sales less refunds")
    settled_on: Day


@reads(router, _REPAYMENTS, Scope.LOANS_READ, RepaymentPage, "List a loan's repayments")
def list_repayments(request: Call, number: Number, page: Annotated[Page, Query(...)]) -> RepaymentPage:
    """Payments that came, also those that were taken back."""
    del request
    loan = house.loan(number)
    events = LoanEvent.objects.filter(loan_id=loan.pk)
    rows, following = part(events.filter(kind="received"), page, "repayments")
    gone = set(events.exclude(takes_back="").values_list("takes_back", flat=True))
    return RepaymentPage(items=[_repayment(row, loan, gone) for row in rows], next=following)


@writes(
    router,
    _REPAYMENTS,
    Scope.REPAYMENTS_WRITE,
    "lending.payment.receive",
    RepaymentDone,
    "Take in a repayment",
)
def repay(request: Call, number: Number, sent: NewRepayment, key: Key) -> RepaymentDone:
    """Take in a payment that has come; what is due is settled first, in the order of the contract."""
    loan = house.loan(number)
    book, caller = loan.book, request.auth
    day = house.today(book)
    amount, on, own = minor_of(sent.amount, book.currency), sent.on or day, f"api {caller.client.pk} {key}"
    done = receive(
        book, number, amount, on=on, key=own, currency=book.currency, by=caller.actor, at=timezone.now()
    )
    return _repaid(loan, own, amount, on, done)


@reads(router, _SETTLEMENTS, Scope.LOANS_READ, SettlementPage, "List a loan's settlements")
def list_settlements(request: Call, number: Number, page: Annotated[Page, Query(...)]) -> SettlementPage:
    """Settlements of sales whose shops are authorised for the loan."""
    del request
    loan = house.loan(number)
    found = Settlement.objects.filter(authorisation__loan_id=loan.pk).select_related("authorisation")
    rows, following = part(found, page, "settlements")
    return SettlementPage(items=[_settled(row, loan) for row in rows], next=following)


@writes(
    router,
    _SETTLEMENTS,
    Scope.SETTLEMENTS_WRITE,
    "lending.sweep.settle",
    SettlementView,
    "Take in a settlement",
)
def take_settlement(request: Call, number: Number, sent: NewSettlement, key: Key) -> SettlementView:
    """Take in what a platform settled; the share that the borrower signed for is withheld once its window is over."""
    del key
    loan = house.loan(number)
    found = SweepAuthorisation.objects.filter(loan_id=loan.pk, platform=sent.platform, shop=sent.shop)
    held = found.order_by("-pk").first()
    if held is None:
        raise LendingError(f"loan {number} has no authorisation of shop {sent.shop} on {sent.platform}")
    if sent.settled_on > house.today(loan.book):
        raise LendingError(f"settlement {sent.settlement} is of {sent.settled_on}, a day that has not come")
    made = settle(
        held,
        minor_of(sent.sales, loan.book.currency),
        settled_on=sent.settled_on,
        key=sent.settlement,
        by=request.auth.actor,
        at=timezone.now(),
    )
    return _settled(made, loan)


def _repayment(row: LoanEvent, loan: Loan, gone: set[str]) -> Repayment:
    event = read_event(row.kind, row.document)
    assert isinstance(event, Received)  # noqa: S101  asked for by its kind
    return Repayment(
        key=row.key,
        on=row.on,
        booked_on=row.booked_on,
        amount=money(event.amount_fen, loan.book.currency),
        source=event.source,
        taken_back=row.key in gone,
    )


def _repaid(loan: Loan, key: str, amount_minor: int, on: date, done: dict[str, Any]) -> RepaymentDone:
    currency = loan.book.currency
    return RepaymentDone(
        loan=loan.number,
        key=key,
        amount=money(amount_minor, currency),
        on=on,
        parts=[
            RepaymentPart(to=bucket, due_on=date.fromisoformat(due_on), amount=money(minor, currency))
            for bucket, due_on, minor in done["allocation"]
        ],
        held=money(done["overpaid_minor"], currency),
        owed=money(done["owed_minor"], currency),
    )


def _settled(row: Settlement, loan: Loan) -> SettlementView:
    held, currency = row.authorisation, loan.book.currency
    return SettlementView(
        loan=loan.number,
        settlement=row.key,
        platform=held.platform,
        shop=held.shop,
        sales=money(row.sales_minor, currency),
        settled_on=row.settled_on,
        due_on=row.due_on,
        state=Settlement.State(row.state),
        withheld=money(row.withheld_minor, currency),
        returned=money(row.returned_minor, currency),
    )
