"""The tables of servicing. A loan's record is its contract and its events; everything else is kept to be quick."""

from datetime import date
from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy
from suixin.server.ledger.models import Book

NUMBER = 40
KEY = 100
LISTED = (
    "is_live",
    "state",
    "five_class",
    "from_on",
    "overdue_on",
    "overdue_days",
    "ended_days",
    "worst_days",
    "principal_minor",
    "drawn_minor",
    "allowance_minor",
    "rate_ppm",
    "borrower",
    "number",
)
"""What lists of loans ask for stands in one index, so that none of them reads the documents of a hundred thousand loans."""


def days_past_due(
    from_on: date, overdue_on: date | None, overdue_days: int, ended_days: int, day: date
) -> int:
    """Days past due on a day, of a loan's columns of these names: of its quiet days, or the one before them."""
    if day < from_on:
        return ended_days
    return overdue_days if overdue_on is None or day == from_on else (day - overdue_on).days


class Facility(tenancy.OrganisationModel):
    """What one borrower may have drawn at any time, in all loans under it (授信额度)."""

    never_deleted: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="facilities")
    number = models.CharField(max_length=NUMBER)
    borrower = models.CharField(max_length=100)  # a keyed pseudonym
    limit_minor = models.BigIntegerField()
    frozen = models.BooleanField(default=False)  # nothing is drawn until it is released
    opened_on = models.DateField()
    expires_on = models.DateField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A number once a book."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "number"], name="facility_number"),
            models.CheckConstraint(condition=models.Q(limit_minor__gt=0), name="facility_limit"),
            models.CheckConstraint(
                condition=models.Q(expires_on__gt=models.F("opened_on")), name="facility_days"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Loan(tenancy.OrganisationModel):
    """A loan: its contract, and what its events have come to when it was last looked at.

    `account` is the document of the account (`suixin.lending.documents`), `begins` its positions; the columns between
    are those of `suixin.lending.stretch.Stretch`, by which quiet nights are closed without reading any document.
    """

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """Where a loan is in its life."""

        OFFERED = "offered"
        WITHDRAWN = "withdrawn"
        ACCEPTED = "accepted"
        ACTIVE = "active"
        ARREARS = "arrears"
        RESTRUCTURED = "restructured"
        RENEWED = "renewed"
        CLOSED = "closed"
        WRITTEN_OFF = "written_off"
        RECOVERED = "recovered"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="loans", db_index=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="loans", null=True)
    number = models.CharField(max_length=NUMBER)
    borrower = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OFFERED)
    offered_as = models.CharField(max_length=64)  # SHA-256 of all that was offered
    offered_by = models.CharField(max_length=80)
    accepted_by = models.CharField(max_length=80, blank=True)
    signature = models.CharField(max_length=64, blank=True)  # SHA-256 of what was signed
    contract = models.TextField()
    risk = models.JSONField(null=True)
    flags = models.JSONField(default=list)
    restructurings = models.SmallIntegerField(default=0)
    restructured_on = models.JSONField(default=list)
    small_retail = models.BooleanField(default=True)
    non_performing_on = models.DateField(null=True)
    reprices = models.JSONField(null=True)
    account = models.TextField()
    begins = models.JSONField()
    five_class = models.SmallIntegerField(default=1)
    allowance_minor = models.BigIntegerField(default=0)
    is_live = models.BooleanField(default=False)
    principal_minor = models.BigIntegerField(default=0)  # on the day it was last looked at
    drawn_minor = models.BigIntegerField(default=0)  # all that was paid out
    rate_ppm = models.IntegerField(default=0)  # the annual rate that it bears
    overdue_days = models.IntegerField(default=0)  # days past due on `from_on`
    overdue_on = models.DateField(
        null=True
    )  # after it they are the days since then; None if they stand still
    ended_days = models.IntegerField(default=0)  # on the day before `from_on`, of what is not paid since
    worst_days = models.IntegerField(default=0)  # the most days past due at the end of any day
    bills_on = models.DateField(null=True)  # the next day on which something falls due
    from_on = models.DateField()
    until_on = models.DateField()
    interest = models.BigIntegerField()
    interest_daily = models.BigIntegerField()
    cap_minor = models.BigIntegerField()
    late = models.BigIntegerField()
    late_daily = models.BigIntegerField()
    late_paid_minor = models.BigIntegerField()
    year_days = models.SmallIntegerField()
    books_state = models.CharField(max_length=12)

    class Meta(tenancy.OrganisationModel.Meta):
        """A number once a book; the end of a day reads the live ones in order."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "number"], name="loan_number")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["book", "id"], condition=models.Q(is_live=True), name="loan_live"),
            models.Index(fields=["book", "bills_on"], condition=models.Q(is_live=True), name="loan_bills"),
            models.Index(fields=["book", "borrower"], name="loan_borrower"),
            models.Index(fields=["organisation", "book", "id", *LISTED], name="loan_list"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def merchant_id(self) -> str:
        """Whose loan it is, under the name that other tables use."""
        return self.borrower

    def days_past_due(self, day: date) -> int:
        """Days past due on a day of its quiet days, on the one before them or the first one after them.

        People are shown those of the last day that was ended (`ledger.queries.Day.ended_on`), as class and allowance
        are; a payment since then counts at once.
        """
        return days_past_due(self.from_on, self.overdue_on, self.overdue_days, self.ended_days, day)


class Profile(tenancy.OrganisationModel):
    """What a loan carries for every report, as of its grant; it never changes (`bank-practice`: what each loan carries)."""

    append_only: ClassVar[bool] = True

    loan = models.OneToOneField(Loan, on_delete=models.PROTECT, related_name="profile")
    borrower_class = models.CharField(max_length=20)
    client_credit_minor = models.BigIntegerField()
    purpose = models.CharField(max_length=60)
    industry = models.CharField(max_length=6)  # GB/T 4754
    agricultural = models.BooleanField()
    inclusive = models.BooleanField()
    green = models.BooleanField()
    first_time = models.BooleanField()
    credit_only = models.BooleanField()
    renewal = models.BooleanField()
    security = models.CharField(max_length=20)
    channel = models.CharField(max_length=40)
    partner = models.CharField(max_length=60, blank=True)
    payment_mode = models.CharField(max_length=20)
    county = models.CharField(max_length=6)  # GB/T 2260
    village = models.CharField(max_length=12)  # its first nine digits are the township's
    crop = models.CharField(max_length=30, blank=True)
    granted_on = models.DateField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a loan; found by place, crop and day of grant."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "village", "crop", "loan"], name="profile_place"),
            models.Index(fields=["organisation", "crop", "loan"], name="profile_crop"),
            models.Index(fields=["organisation", "granted_on", "loan"], name="profile_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.borrower_class}"


class MonthEnd(tenancy.OrganisationModel):
    """A loan that was on the book at the end of a month: its class and its principal then, minor units."""

    append_only: ClassVar[bool] = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="month_ends", db_index=False)
    day = models.DateField()
    five_class = models.SmallIntegerField()
    principal_minor = models.BigIntegerField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a loan and month; counted by day and class."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["loan", "day"], name="month_end_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["organisation", "day", "five_class", "loan", "principal_minor"], name="month_end_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.day}"


class RiskShare(tenancy.OrganisationModel):
    """Who bears which part of a loan's loss, from when to when, up to what, and until when it must be claimed."""

    append_only: ClassVar[bool] = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="risk_shares")
    party = models.CharField(max_length=20)
    share_ppm = models.IntegerField()
    cap_minor = models.BigIntegerField(null=True)
    from_on = models.DateField()
    until_on = models.DateField()
    claim_by_on = models.DateField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A share lies between nothing and all."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["loan", "party"], name="risk_share_party"),
            models.CheckConstraint(
                condition=models.Q(share_ppm__gte=0, share_ppm__lte=1_000_000), name="risk_share_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.share_ppm}"


class LoanEvent(tenancy.OrganisationModel):
    """Something that happened to a loan, or (`takes_back`) that something had not happened."""

    append_only: ClassVar[bool] = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="events", db_index=False)
    key = models.CharField(max_length=KEY)
    kind = models.CharField(max_length=20)
    on = models.DateField()
    document = models.TextField(blank=True)
    takes_back = models.CharField(max_length=KEY, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    booked_on = models.DateField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A key once a loan; taken back once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["loan", "key"], name="loan_event_key"),
            models.UniqueConstraint(
                fields=["loan", "takes_back"],
                condition=~models.Q(takes_back=""),
                name="loan_event_taken_back_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["loan", "id"], name="loan_event_order")]

    def __str__(self) -> str:
        return self.key


class SweepAuthorisation(tenancy.OrganisationModel):
    """A signed word of the borrower: this share of what that shop is paid goes to this loan (回款扣还授权)."""

    never_deleted: ClassVar[bool] = True

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="sweeps")
    platform = models.CharField(max_length=40)
    shop = models.CharField(max_length=100)  # a pseudonym of the pay-out account
    share_ppm = models.IntegerField()
    keep_minor = models.BigIntegerField()  # of each settlement, for working cash and the household
    return_days = models.SmallIntegerField()  # the window within which a sale can be returned
    signed_on = models.DateField()
    signature = models.CharField(max_length=64)  # SHA-256 of what was signed
    ended_on = models.DateField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """One live authorisation a loan and shop."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["loan", "platform", "shop"],
                condition=models.Q(ended_on=None),
                name="sweep_authorisation_once",
            ),
            models.CheckConstraint(
                condition=models.Q(share_ppm__gt=0, share_ppm__lte=1_000_000, keep_minor__gte=0),
                name="sweep_authorisation_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.share_ppm}"


class Settlement(tenancy.OrganisationModel):
    """Sales that a platform paid out, and what was withheld from them once their return window was over."""

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """Waiting for its window, swept, left alone, or returned."""

        WAITING = "waiting"
        SWEPT = "swept"
        LEFT = "left"
        RETURNED = "returned"

    authorisation = models.ForeignKey(
        SweepAuthorisation, on_delete=models.PROTECT, related_name="settlements"
    )
    key = models.CharField(max_length=KEY)  # the platform's own
    sales_minor = models.BigIntegerField()
    settled_on = models.DateField()
    due_on = models.DateField()  # the first day past the return window
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    withheld_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)  # of its sales, what came back
    lessened = models.SmallIntegerField(default=0)  # so often its payment was made smaller

    class Meta(tenancy.OrganisationModel.Meta):
        """A platform's key once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["authorisation", "key"], name="settlement_key"),
            models.CheckConstraint(condition=models.Q(sales_minor__gt=0), name="settlement_sales"),
            models.CheckConstraint(
                condition=models.Q(returned_minor__gte=0, returned_minor__lte=models.F("sales_minor")),
                name="settlement_returned",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["due_on"], condition=models.Q(state="waiting"), name="settlement_waiting")
        ]

    def __str__(self) -> str:
        return self.key


class DayEnd(tenancy.OrganisationModel):
    """How far the end of a book's day has come; while it is not finished, nothing else is written to the book's loans."""

    never_deleted: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="day_ends", db_index=False)
    day = models.DateField()
    step = models.CharField(max_length=10)
    done_to = models.BigIntegerField(default=0)  # loans of the step up to this id are done
    counts = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """One a day."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "day"], name="day_end_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.step}"
