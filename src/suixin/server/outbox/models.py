"""Messages that wait to be sent."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy


class Message(tenancy.OrganisationModel):
    """What others are to be told; written in the same transaction as what it tells, sent afterwards at least once."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """Told once a key, and found while it waits."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "topic", "key"], name="message_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["organisation", "id"], condition=models.Q(sent_at=None), name="message_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
