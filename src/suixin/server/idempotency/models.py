"""Writes that were done under a key."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy


class DoneWrite(tenancy.OrganisationModel):
    """The result of a write, kept under the key that its caller chose."""

    append_only: ClassVar[bool] = True

    action = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    body = models.BinaryField(max_length=32)  # SHA-256
    result = models.JSONField()
    done_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A key stands for one write of its kind."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "action", "key"], name="done_write_once")
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
