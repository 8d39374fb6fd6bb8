"""Every feature, in one place."""

from suixin.features import (
    borrowing,
    cash,
    customers,
    debts,
    fulfilment,
    integrity,
    invoices,
    parcels,
    place,
    products,
    quality,
    relations,
    sales,
)
from suixin.features.feature import Family, Feature

OWN: tuple[Family, ...] = (
    sales.FAMILY,
    integrity.FAMILY,
    customers.FAMILY,
    products.FAMILY,
    fulfilment.FAMILY,
    parcels.PARCELS,
    parcels.REACH,
    quality.REVIEWS,
    quality.REFUNDS,
    invoices.FAMILY,
    cash.SETTLEMENTS,
    cash.ACCOUNT,
    debts.DEBTS,
    debts.BURDEN,
    borrowing.LOANS,
    borrowing.OUTCOMES,
    borrowing.INQUIRIES,
)
"""Families read from a merchant's own rows: computed bucket by bucket."""

AROUND: tuple[Family, ...] = (
    relations.RELATIONS,
    relations.HOUSEHOLD,
    relations.GROUP,
    place.WEATHER,
    place.MARKET,
    place.SEASONS,
    place.DISTANCE,
)
"""Families read from what lies around a merchant: computed for the whole county at once."""

FAMILIES: tuple[Family, ...] = (*OWN, *AROUND)
"""Every family, in the order of its columns."""

FEATURES: dict[str, Feature] = {feature.name: feature for family in FAMILIES for feature in family.features}
"""Every feature by name."""
