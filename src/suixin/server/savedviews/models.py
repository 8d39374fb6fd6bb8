"""A list's question and columns, kept under a name by the person who asks it often."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy
from suixin.server.identity.models import User

NAME = 30
"""The most characters of a name."""
QUESTION = 1_000
"""The most characters of a question, as an address has it."""
MOST = 20
"""The most views of one list that one person keeps."""


class SavedView(tenancy.OrganisationModel):
    """One person's view of one list; `question` is the end of its address, without any text that was typed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views", db_index=False)
    page = models.CharField(max_length=40)  # the name of the list's address
    name = models.CharField(max_length=NAME)
    question = models.CharField(max_length=QUESTION, blank=True)
    saved_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A name once a person and list."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "user", "page", "name"], name="saved_view_once")
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.name}"
