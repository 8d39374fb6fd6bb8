"""The tables of sharing. A consent's record is its terms and its events; its own row is kept to be found and locked.

All rows belong to the organisation that is the recipient; a merchant is named by her key in the lake.
"""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy
from suixin.sharing.artefact import Kind, State

KEY = 100
WORDS = 200
ACTOR = 80
LIVE = (State.ACTIVE.value, State.PAUSED.value)


class Consent(tenancy.OrganisationModel):
    """A consent as its last event left it (`suixin.sharing`); the clock may have ended it since."""

    never_deleted: ClassVar[bool] = True

    consent_id = models.CharField(max_length=32)
    handle = models.CharField(max_length=KEY)
    merchant_id = models.CharField(max_length=KEY)
    purpose = models.CharField(max_length=10)
    terms = models.JSONField()
    notice = models.TextField()  # as it was shown
    status = models.CharField(max_length=12)
    version = models.IntegerField()
    hash = models.CharField(max_length=64)
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """One live consent a merchant and purpose; a later one takes its place."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "consent_id"], name="consent_number"),
            models.UniqueConstraint(fields=["organisation", "handle"], name="consent_handle"),
            models.UniqueConstraint(
                fields=["organisation", "merchant_id", "purpose"],
                condition=models.Q(status__in=LIVE),
                name="consent_live_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[one.value for one in State]), name="consent_status"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "merchant_id", "purpose"], name="consent_merchant")
        ]

    def __str__(self) -> str:
        return self.consent_id


class ConsentEvent(tenancy.OrganisationModel):
    """What happened to a consent, and the version that it made: its hash, and its artefact signed for the recipient."""

    append_only: ClassVar[bool] = True

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="events", db_index=False)
    version = models.IntegerField()
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.CharField(max_length=ACTOR)
    reason = models.CharField(max_length=WORDS, blank=True)
    auth_method = models.CharField(max_length=20, blank=True)
    evidence = models.CharField(max_length=WORDS, blank=True)
    witness = models.CharField(max_length=ACTOR, blank=True)
    hash = models.CharField(max_length=64)
    jws = models.TextField()

    class Meta(tenancy.OrganisationModel.Meta):
        """In the order of the versions."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["consent", "version"], name="consent_event_version"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[one.value for one in Kind]), name="consent_event_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent_id} v{self.version} {self.kind}"


class Receipt(tenancy.OrganisationModel):
    """One use of a merchant's data, for her to read; no two have one number under a consent."""

    append_only: ClassVar[bool] = True

    receipt_id = models.CharField(max_length=32)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="receipts", db_index=False)
    number = models.IntegerField()
    version = models.IntegerField()
    merchant_id = models.CharField(max_length=KEY)
    purpose = models.CharField(max_length=10)
    scopes = models.JSONField()
    what = models.CharField(max_length=WORDS)
    since = models.DateField()
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """Counted by consent, read by merchant."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "receipt_id"], name="consent_receipt_id"),
            models.UniqueConstraint(fields=["consent", "number"], name="consent_receipt_number"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "merchant_id", "id"], name="consent_receipt_merchant")
        ]

    def __str__(self) -> str:
        return self.receipt_id
