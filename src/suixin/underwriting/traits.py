"""The groups that a merchant belongs to when two policies are compared: place, legal form, size, age, borrowing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from suixin.underwriting.portfolio import Trait

UNKNOWN: Trait = (99, "unknown")
TENURE = ((180, "under 6 months"), (365, "6 to 12 months"), (730, "1 to 2 years"))
LONGEST = "2 years or more"
TOWNSHIP_DIGITS = 9  # a village has three more (GB/T 10114)
DIMENSIONS = ("township", "legal_form", "annual_sales", "tenure", "borrowing")


@dataclass(frozen=True, slots=True)
class Known:
    """What the groups are made from; None where it is not known.

    Attributes:
        region_code: the merchant's village or another place.
        legal_form: as registered.
        sales: genuine sales of a year, else invoiced ones, major units.
        days: of genuine trading.
        borrowed: whether a loan of the merchant or a debt of its household is known.
    """

    region_code: str | None
    legal_form: str | None
    sales: float | None
    days: float | None
    borrowed: bool | None


def known(features: Mapping[str, Any], region_code: str, legal_form: str) -> Known:
    """What the features of a merchant tell, and the register ('' where it does not say)."""
    told = [features[name] for name in ("loans_taken", "lenders") if name in features]
    sold = features.get("genuine_gmv_365d")
    return Known(
        region_code or None,
        legal_form or None,
        features.get("invoiced_sales_365d") if sold is None else sold,
        features.get("genuine_trading_days"),
        any(told) if told else None,
    )


def quarters(everybody: Iterable[Known]) -> list[float]:
    """The three edges that split those whose sales are known into quarters; none if there are fewer than two."""
    sales = [each.sales for each in everybody if each.sales is not None]
    return quantiles(sales, n=4, method="inclusive") if len(sales) > 1 else []


def traits(of: Known, edges: Sequence[float], currency: str) -> Mapping[str, Trait]:
    """Dimension -> group.

    Args:
        of: what is known.
        edges: as `quarters` gives them.
        currency: of the sales, for the group's name.
    """
    groups = (
        (0, of.region_code[:TOWNSHIP_DIGITS]) if of.region_code else UNKNOWN,
        (0, of.legal_form) if of.legal_form else UNKNOWN,
        _size(of.sales, edges, currency),
        _tenure(of.days),
        {None: UNKNOWN, False: (0, "first-time borrower"), True: (1, "loans or debts known")}[of.borrowed],
    )
    return dict(zip(DIMENSIONS, groups, strict=True))


def _size(sales: float | None, edges: Sequence[float], currency: str) -> Trait:
    if sales is None or not edges:
        return UNKNOWN
    quarter = sum(sales >= edge for edge in edges)
    if quarter == 0:
        return quarter, f"below {edges[0]:,.0f} {currency}"
    if quarter == len(edges):
        return quarter, f"from {edges[-1]:,.0f} {currency}"
    return quarter, f"{edges[quarter - 1]:,.0f} to {edges[quarter]:,.0f} {currency}"


def _tenure(days: float | None) -> Trait:
    if days is None:
        return UNKNOWN
    place = sum(days >= edge for edge, _ in TENURE)
    return place, TENURE[place][1] if place < len(TENURE) else LONGEST
