"""The tables of watching: the looks, and the alerts that they opened."""

from typing import Any, ClassVar

from django.db import models

from suixin.scoring.watch.rules import SEVERITIES
from suixin.server import tenancy
from suixin.server.ledger.models import Book
from suixin.server.servicing.models import Loan

ACTOR = 80
REASON = 500


class Look(tenancy.OrganisationModel):
    """One look at a book's live loans, on a business date: who was read, who was not and why, what it changed."""

    append_only: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    snapshot = models.CharField(max_length=80, blank=True)  # of the lake; '' if nobody was read
    known_until = models.DateField(null=True)  # the lake tells of no later day
    rules = models.CharField(max_length=64)  # hash of the early-warning rules
    counts = models.JSONField()  # loans, read, opened, rose, closed
    unread = models.JSONField()  # [borrower, why] of those without a consent to it
    made_by = models.CharField(max_length=ACTOR)
    made_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a business date."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["book", "day"], name="look_once")]

    def __str__(self) -> str:
        return f"look {self.day}"


class Alert(tenancy.OrganisationModel):
    """One signal on one loan (`suixin.scoring.watch.alerts`), and what people did about it.

    `gone_on` is the day on which its condition had been gone long enough, or its loan was watched no longer. A person may
    close an alert before that: while its condition lasts it opens no other one, unless the loan becomes graver.
    """

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """Whose turn it is."""

        OPEN = "open", "待处理"
        TAKEN = "taken", "处理中"
        CLOSED = "closed", "已关闭"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+", db_index=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    borrower = models.CharField(max_length=100)  # a keyed pseudonym
    code = models.CharField(max_length=30)  # the signal
    severity = models.SmallIntegerField()  # 1 to 3: watch, act, urgent; it never falls
    raised = models.JSONField()  # [day, severity] each time it rose, the opening first
    opened_on = models.DateField()
    seen_on = models.DateField()  # the last look that found its condition
    value = models.FloatField(null=True)  # the signal's measure when it last rose
    points = models.IntegerField()  # of the whole loan then
    chance = models.FloatField()  # of default within `horizon_days`, by the newest look
    horizon_days = models.IntegerField()
    proposed = models.CharField(max_length=20)  # an action of `suixin.scoring.watch.rules`
    evidence = models.JSONField()  # rows of the lake or of the ledger: table, id, day, field, value
    orders = models.JSONField()  # the merchant's newest orders then, alike
    months = models.JSONField()  # [last day, sold, expected or null] of twelve months, fen, when it last rose
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    taken_by = models.CharField(max_length=ACTOR, blank=True)
    taken_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    closed_by = models.CharField(max_length=ACTOR, blank=True)
    closed_because = models.CharField(max_length=20, blank=True)  # by the program; '' by a person
    reason = models.CharField(max_length=REASON, blank=True)  # of the person who closed it
    gone_on = models.DateField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """A signal once a loan while its condition lasts; read by state, and by loan."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["loan", "code"], condition=models.Q(gone_on=None), name="alert_once"
            ),
            models.CheckConstraint(
                condition=models.Q(severity__gte=1, severity__lte=len(SEVERITIES)), name="alert_severity"
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_on__isnull=False)
                | models.Q(state__in=["open", "taken"], closed_on=None, gone_on=None),
                name="alert_closed_on",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "state", "-severity", "id"], name="alert_board"),
            models.Index(fields=["loan", "id"], name="alert_loan"),
            models.Index(fields=["book", "borrower"], condition=models.Q(gone_on=None), name="alert_lasting"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.severity}"

    @property
    def merchant_id(self) -> str:
        """Whose alert it is, under the name that other tables use."""
        return self.borrower

    @property
    def severity_name(self) -> str:
        """watch, act or urgent."""
        return SEVERITIES[self.severity - 1]
