"""The tables of intake: mended files, and what became of rows that were set aside. Neither holds a row's content."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy
from suixin.server.origination.models import Desk

ACTOR = 80
REASON = 200
NAME = 100
KEPT_DAYS = 30
"""So long the rows of a mended file wait to be put in. They are real values outside the quarantine, kept for an errand of
hours: no longer than the month that the deliveries look back on, since PIPL article 19 allows the shortest time that serves."""


class MendedFile(tenancy.OrganisationModel):
    """A file of rows that an ingest set aside, mended by a person: what was found when it was read, and what it did, once.

    Its rows lie in the lake until then (`suixin.lake.mending`), for `KEPT_DAYS` at most. From the moment it is begun, which
    is written before the lake is touched, its rows are its own until it is done (docs/decisions/0025).
    """

    never_deleted: ClassVar[bool] = True

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+")
    ingest = models.IntegerField()  # the one that set the rows aside
    table = models.CharField(max_length=30)
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    name = models.CharField(max_length=NAME)
    good = models.IntegerField()  # rows that would come in
    there = models.IntegerField()  # of these, those that the lake holds already
    faults = models.JSONField()  # line, row, column, rule each
    read_by = models.CharField(max_length=ACTOR)
    read_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    claimed = models.JSONField(
        default=list
    )  # once begun: line, number and place of each row, in the order of the put
    let_go_at = models.DateTimeField(null=True)  # nobody put it in while its rows were kept
    done_by = models.CharField(max_length=ACTOR, blank=True)
    done_at = models.DateTimeField(null=True)
    made = models.IntegerField(null=True)  # the ingest that it became; 0 if all its rows were there already
    mended = models.IntegerField(default=0)  # rows

    class Meta(tenancy.OrganisationModel.Meta):
        """A file once an ingest and table."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["desk", "ingest", "table", "digest"], name="mended_file_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_begun(self) -> bool:
        """Whether its rows are on their way: perhaps in the lake, not yet told here."""
        return self.begun_at is not None and self.done_at is None

    @property
    def kept_until(self) -> datetime:
        """When its rows are let go of, unless they are put in."""
        return self.read_at + timedelta(days=KEPT_DAYS)

    @property
    def places(self) -> list[str]:
        """Of the rows that it has begun with."""
        return [place for _, _, place in self.claimed]


class RowOutcome(tenancy.OrganisationModel):
    """What became of a row that was set aside; a row without one is open. It never changes: a row is mended or dismissed once."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What."""

        MENDED = "mended", "已修正"
        DISMISSED = "dismissed", "已搁置"

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    ingest = models.IntegerField()
    table = models.CharField(max_length=30)
    place = models.CharField(max_length=32)  # of the row in its source: a digest of file and number
    kind = models.CharField(max_length=10, choices=Kind.choices)
    file = models.ForeignKey(MendedFile, on_delete=models.PROTECT, null=True, related_name="outcomes")
    reason = models.CharField(max_length=REASON, blank=True)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a row; what is mended names the file, what is dismissed the reason."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["desk", "ingest", "table", "place"], name="row_outcome_once"),
            models.CheckConstraint(
                condition=models.Q(kind="mended", file__isnull=False, reason="")
                | (models.Q(kind="dismissed", file=None) & ~models.Q(reason="")),
                name="row_outcome_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ingest} {self.table}"
