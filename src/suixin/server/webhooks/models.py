"""Endpoints, what is to be delivered to each, and every attempt."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy


class Endpoint(tenancy.OrganisationModel):
    """An address of one of the house's systems, the topics that it hears, and the secret that signs what it is sent."""

    never_deleted: ClassVar[bool] = True

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    topics = models.JSONField()
    secret = models.BinaryField(max_length=120)  # sealed by `suixin.server.webhooks.sealing`
    old_secret = models.BinaryField(max_length=120, null=True)  # which signs as well until `old_until`
    old_until = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True)  # switched off since
    off_because = models.CharField(max_length=400, blank=True)
    failures = models.IntegerField(default=0)  # one after the other
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)  # nothing is sent before: it has just failed

    class Meta(tenancy.OrganisationModel.Meta):
        """A code once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "code"], name="endpoint_once")
        ]

    def __str__(self) -> str:
        return self.code


class Delivery(tenancy.OrganisationModel):
    """One event for one endpoint: sent at least once, again after a failure, until it is taken or given up."""

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "待送达"
        DELIVERED = "delivered", "已送达"
        DEAD = "dead", "已放弃"

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    event_id = models.CharField(max_length=60)
    topic = models.CharField(max_length=60)
    body = models.TextField()  # as it is sent, byte by byte, whenever it is sent
    happened_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.IntegerField(default=0)  # since it began to wait
    next_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """An event once an endpoint; what is due is found, and lists are read by state and topic."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "delivered", "dead"]), name="delivery_state"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["organisation", "next_at"],
                condition=models.Q(state="waiting"),
                name="delivery_due",
            ),
            models.Index(fields=["organisation", "state", "id"], name="delivery_by_state"),
            models.Index(fields=["organisation", "topic", "id"], name="delivery_by_topic"),
        ]

    def __str__(self) -> str:
        return self.event_id


class Attempt(tenancy.OrganisationModel):
    """One try to deliver, and what came of it."""

    append_only: ClassVar[bool] = True

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.IntegerField()
    status = models.SmallIntegerField(null=True)  # of HTTP; None: there was no answer
    said = models.CharField(max_length=600, blank=True)  # what was answered, clipped and masked, or why none

    class Meta(tenancy.OrganisationModel.Meta):
        """As the house's other rows."""

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status}"
