"""The audit log's rows, and the chain over them."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy


class Record(tenancy.OrganisationModel):
    """One thing that was done: who, when, what, to which object, from what to what, and why."""

    append_only: ClassVar[bool] = True

    at = models.DateTimeField()
    actor = models.CharField(
        max_length=80
    )  # 'user:17' or 'system:eod': no name, so that a name can be forgotten
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    before = models.CharField(max_length=64, blank=True)  # SHA-256, hex; '' where there was nothing
    after = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """Read by object, by actor, by action, and by time within an organisation."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "object_kind", "object_id"], name="audit_object"),
            models.Index(fields=["organisation", "id"], name="audit_order"),
            models.Index(fields=["organisation", "actor", "id"], name="audit_actor"),
            models.Index(fields=["organisation", "action", "id"], name="audit_action"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_kind} {self.object_id}"


class Seal(tenancy.OrganisationModel):
    """A record's place in its organisation's chain (`suixin.ledger.chain`)."""

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("organisation_id", "sequence")
    sequence = models.BigIntegerField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="seal")
    digest = models.BinaryField(max_length=32)
    link = models.BinaryField(max_length=32)

    class Meta(tenancy.OrganisationModel.Meta):
        """As the house's other rows."""

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.sequence}"
