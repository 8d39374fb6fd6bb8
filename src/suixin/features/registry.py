"""Every feature, in one place."""

from suixin.features import customers, debts, fulfilment, invoices, quality, sales
from suixin.features.feature import Family, Feature

FAMILIES: tuple[Family, ...] = (
    sales.FAMILY,
    customers.FAMILY,
    fulfilment.FAMILY,
    quality.REVIEWS,
    quality.REFUNDS,
    invoices.FAMILY,
    debts.DEBTS,
    debts.BURDEN,
)
"""The families, in the order of their columns."""

FEATURES: dict[str, Feature] = {feature.name: feature for family in FAMILIES for feature in family.features}
"""Every feature by name."""
