"""Applications: listed, shown, filed; the decision that holds and its why."""

from datetime import date, datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool, WithJsonSchema

from suixin.server.api.calls import Call, Key, reads, writes
from suixin.server.api.paging import Page, part
from suixin.server.api.shapes import Asked, Money, Number, Rate, Sum, Words, maybe, minor_of, money, rate
from suixin.server.identity.scopes import Scope
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import work
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.models import Application
from suixin.server.pages.bank import house

router = Router(tags=["applications"])
State = Annotated[Application.State, WithJsonSchema({"type": "string", "enum": Application.State.values})]
Channel = Annotated[
    Application.Channel, WithJsonSchema({"type": "string", "enum": Application.Channel.values})
]


class ApplicationView(Schema):
    """An application."""

    number: str
    merchant_id: str = Field(description="the merchant's pseudonym, as in the lake")
    state: State
    channel: Channel
    asked: Money
    purpose: str
    by_people: bool = Field(description="the applicant refuses a decision by the machine alone")
    filed_on: date = Field(description="the book's business date")
    filed_at: datetime
    granted: Money | None = Field(description="the limit, once it is granted")
    annual_rate: Rate | None
    settled_at: datetime | None = Field(description="when it was signed, declined or withdrawn")


class ApplicationPage(Schema):
    """A page of applications, the oldest first."""

    items: list[ApplicationView]
    next: str | None = Field(description="the cursor of the next page; null on the last")


class WantedApplications(Page):
    """Which applications."""

    state: State | None = None
    merchant_id: Number | None = None


class NewApplication(Asked):
    """An application to be filed."""

    merchant_id: Number = Field(description="of a merchant who is enrolled")
    amount: Sum
    purpose: Words
    by_people: StrictBool = Field(False, description="the applicant refuses a decision by the machine alone")


@reads(router, "/applications", Scope.APPLICATIONS_READ, ApplicationPage, "List applications")
def list_applications(request: Call, wanted: Annotated[WantedApplications, Query(...)]) -> ApplicationPage:
    """The house's applications, the oldest first."""
    found = _seen(request)
    for name in ("state", "merchant_id"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    rows, following = part(found, wanted, "applications")
    return ApplicationPage(items=[shown(row) for row in rows], next=following)


@reads(router, "/applications/{str:number}", Scope.APPLICATIONS_READ, ApplicationView, "Show an application")
def show_application(request: Call, number: Number) -> ApplicationView:
    """One application."""
    return shown(case_of(request, number))


@writes(
    router,
    "/applications",
    Scope.APPLICATIONS_WRITE,
    "lending.case.file",
    ApplicationView,
    "File an application",
)
def file(request: Call, sent: NewApplication, key: Key) -> ApplicationView:
    """File an application for a merchant who is enrolled; while one is open, the same wish is that one."""
    del key
    merchant = merchant_of(sent.merchant_id)
    made = file_application(
        merchant,
        minor_of(sent.amount, house.book().currency),
        sent.purpose,
        by=request.auth.actor,
        at=timezone.now(),
        channel=Application.Channel.API,
        by_people=sent.by_people,
    )
    return shown(made)


def case_of(request: Call, number: str) -> Application:
    """An application of the house; of another's nobody learns that it is there."""
    found = _seen(request).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def shown(case: Application) -> ApplicationView:
    """An application as the API tells it."""
    currency = case.book.currency
    return ApplicationView(
        number=case.number,
        merchant_id=case.merchant_id,
        state=Application.State(case.state),
        channel=Application.Channel(case.channel),
        asked=money(case.amount_minor, currency),
        purpose=case.purpose,
        by_people=case.by_people,
        filed_on=case.filed_on,
        filed_at=case.filed_at,
        granted=maybe(case.granted_minor or None, currency),
        annual_rate=rate(case.rate_ppm) if case.rate_ppm else None,
        settled_at=case.settled_at,
    )


def _seen(request: Call) -> QuerySet[Application]:
    return work.seen_by(request.auth.actor).select_related("book")
