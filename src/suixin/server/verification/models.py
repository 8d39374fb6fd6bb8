"""The tables of identity checks; none of them knows a name or a number of identity."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy

KEY = 100
ACTOR = 80
WORDS = 100
REASON = 200


class IdentityRequest(tenancy.OrganisationModel):
    """A merchant was put on a list for a licensed provider; the number is all by which the answer finds back."""

    append_only: ClassVar[bool] = True

    reference = models.CharField(max_length=20)
    merchant_id = models.CharField(max_length=KEY)
    fingerprint = models.CharField(max_length=64)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A number once; found by merchant."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="identity_request_reference"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "merchant_id"], name="identity_request_merchant")
        ]

    def __str__(self) -> str:
        return self.reference


class IdentityCheck(tenancy.OrganisationModel):
    """An answer to the question whether name and number of identity belong together; the latest one holds.

    `fingerprint` is a keyed digest of the name and the number that were checked (`suixin.server.verification.people`):
    once the holder is called otherwise, the check is another person's.
    """

    append_only: ClassVar[bool] = True

    class Verdict(models.TextChoices):
        """What was found."""

        MATCHED = "matched", "一致"
        MISMATCH = "mismatch", "不一致"
        UNKNOWN = "unknown", "库中无此号"

    class How(models.TextChoices):
        """By whom."""

        PROVIDER = "provider", "核验机构"
        COUNTER = "counter", "柜台核验证件"
        DEMO = "demo", "演示"

    merchant_id = models.CharField(max_length=KEY)
    fingerprint = models.CharField(max_length=64)
    ending = models.CharField(max_length=2)  # the number's last two signs, for people to tell papers apart
    how = models.CharField(max_length=10, choices=How.choices)
    provider = models.CharField(max_length=WORDS)
    reference = models.CharField(max_length=WORDS)  # the provider's, or where the copy of the paper is kept
    request = models.OneToOneField(
        IdentityRequest, on_delete=models.PROTECT, null=True, related_name="answer"
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    checked = models.JSONField()  # which of name, identity_number, telephone
    expires_on = models.DateField(null=True)  # the paper's last day; None for 长期, and where nobody told one
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """Found by merchant; an answer that came from a list has the number that it was asked under."""

        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=["matched", "mismatch", "unknown"]), name="identity_verdict"
            ),
            models.CheckConstraint(
                condition=models.Q(how__in=["counter", "demo"], request=None)
                | models.Q(how="provider", request__isnull=False),
                name="identity_how",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "merchant_id", "id"], name="identity_merchant")
        ]

    def __str__(self) -> str:
        return f"identity {self.merchant_id} {self.verdict}"


class TakenBack(tenancy.OrganisationModel):
    """A provider's answer that was imported by mistake and counts no more; it stays in the log, and the check before it holds."""

    append_only: ClassVar[bool] = True

    check_of = models.OneToOneField(IdentityCheck, on_delete=models.PROTECT, related_name="taken_back")
    reason = models.CharField(max_length=REASON)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One an answer."""

    def __str__(self) -> str:
        return f"taken back {self.check_of_id}"


class BureauQuery(tenancy.OrganisationModel):
    """A query of the credit bureau about a merchant: who asked, when, for what, under which consent's receipt."""

    append_only: ClassVar[bool] = True

    reference = models.CharField(max_length=20)
    merchant_id = models.CharField(max_length=KEY)
    application = models.CharField(max_length=30)
    purpose = models.CharField(max_length=10)
    provider = models.CharField(max_length=WORDS)
    by_file = models.BooleanField()  # the bureau answers later, by a file
    receipt_id = models.CharField(max_length=32)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A number once, and a receipt once: a consent to one query is one query."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "reference"], name="bureau_reference"),
            models.UniqueConstraint(fields=["organisation", "receipt_id"], name="bureau_receipt"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "application"], name="bureau_application")
        ]

    def __str__(self) -> str:
        return self.reference


class BureauReport(tenancy.OrganisationModel):
    """What the bureau answered: of which day, how many debts, and the digest of its rows, which stand in the lake."""

    append_only: ClassVar[bool] = True

    query = models.OneToOneField(BureauQuery, on_delete=models.PROTECT, related_name="report")
    reported_on = models.DateField(null=True)  # None where it knows of no report
    rows = models.IntegerField()
    digest = models.CharField(max_length=64)
    snapshot = models.CharField(max_length=60)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a query."""

    def __str__(self) -> str:
        return f"report {self.query_id}"


class ReportCorrection(tenancy.OrganisationModel):
    """What holds of a report since a person put another file in its place; the latest one holds, and none is lost.

    The rows of both stand in the lake: a debt that the corrected file no longer names is there as one of nothing.
    """

    append_only: ClassVar[bool] = True

    report = models.ForeignKey(BureauReport, on_delete=models.PROTECT, related_name="corrections")
    reported_on = models.DateField()
    rows = models.IntegerField()
    digest = models.CharField(max_length=64)
    earlier = models.CharField(max_length=64)  # the digest of what held before
    snapshot = models.CharField(max_length=60)
    reason = models.CharField(max_length=REASON)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """In the order in which they came."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["report", "id"], name="correction_order")]

    def __str__(self) -> str:
        return f"correction {self.report_id}"


class GivenUp(tenancy.OrganisationModel):
    """A query that its bureau never answered, given up by a person: it takes no answer any more, and stays in the log."""

    append_only: ClassVar[bool] = True

    query = models.OneToOneField(BureauQuery, on_delete=models.PROTECT, related_name="given_up")
    reason = models.CharField(max_length=REASON)
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a query."""

    def __str__(self) -> str:
        return f"given up {self.query_id}"
