"""Merchants as a lender knows them; who they are by name stands in a table of its own."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy


class Merchant(tenancy.OrganisationModel):
    """A merchant who may borrow, under the pseudonym that the lake, the ledger and the audit log use."""

    never_deleted: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """Who borrows, as the reports of inclusive finance count it."""

        FARMER = "farmer", "农户"
        SOLE_TRADER = "sole_trader", "个体工商户"
        FIRM_OWNER = "firm_owner", "小微企业主"
        SMALL_FIRM = "small_firm", "小微企业"
        COOP = "coop", "合作社"

    merchant_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    county = models.CharField(max_length=6)  # GB/T 2260
    village = models.CharField(max_length=12)  # its first nine digits are the township's
    industry = models.CharField(max_length=6)  # GB/T 4754
    crop = models.CharField(max_length=30, blank=True)
    platform = models.CharField(max_length=40, blank=True)
    shop = models.CharField(max_length=100, blank=True)  # a pseudonym of the pay-out account
    relatives = models.JSONField(default=list)  # staff who are the merchant's relatives, as actors' names
    enrolled_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """Once an organisation."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "merchant_id"], name="merchant_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["farmer", "sole_trader", "firm_owner", "small_firm", "coop"]),
                name="merchant_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.merchant_id


class Holder(tenancy.OrganisationModel):
    """The person behind a merchant: the only table that knows a name, a number of identity, a telephone."""

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="holder")
    name = models.CharField(max_length=60)
    shop_name = models.CharField(max_length=60, blank=True)
    identity_number = models.CharField(max_length=18, blank=True)
    telephone = models.CharField(max_length=20, blank=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """One a merchant."""

    def __str__(self) -> str:
        return f"holder {self.pk}"

    @property
    def masked_telephone(self) -> str:
        """As pages show it: 138 **** 5678."""
        digits = self.telephone
        return f"{digits[:3]} **** {digits[-4:]}" if len(digits) >= 11 else "*" * len(digits)

    @property
    def masked_identity(self) -> str:
        """As pages show it: the first six and the last two signs."""
        held = self.identity_number
        return f"{held[:6]}{'*' * (len(held) - 8)}{held[-2:]}" if len(held) > 8 else "*" * len(held)
