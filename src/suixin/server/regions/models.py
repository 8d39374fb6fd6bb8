"""The tables of published months, and of the maps on which they are drawn."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy
from suixin.server.ledger.models import Book


class Publication(tenancy.OrganisationModel):
    """A month's figures by township as they were published: what was hidden is not in it (`regions.documents`)."""

    append_only: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="publications")
    month = models.DateField()  # its first day
    from_on = models.DateField()  # what happened counts from this day on
    as_of = models.DateField()  # until before this one; what is owed is as this day begins
    tables = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the tables
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A month once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "month"], name="publication_once"),
            models.CheckConstraint(
                condition=models.Q(as_of__gt=models.F("from_on")), name="publication_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Ground(tenancy.OrganisationModel):
    """A county's own map: the latest is the one that is drawn on; one without shapes means squares again."""

    append_only: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="grounds")
    approval = models.CharField(max_length=120)  # the approval number of the map, and whose it is
    outline = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """Any number a book."""

    def __str__(self) -> str:
        return f"{self.approval} ({len(self.shapes)})"

    @property
    def shapes(self) -> dict[str, Any]:
        """Township -> path and the place of its name."""
        held: dict[str, Any] = self.outline.get("shapes", {})
        return held
