"""What a household can carry: a bad year's sales, less what they cost, what it lives on and what it owes already.

A household lives all year on what it sells in its season. What it needs to live and to serve its other debts is
therefore set aside from the months in proportion to what they bring: every month keeps the same share of its sales.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from suixin.underwriting.exact import exactly, fen
from suixin.underwriting.forecast import YEAR
from suixin.underwriting.policy_parts import Capacity as Terms
from suixin.underwriting.season_fit import grace_of

MEASURED, ASSUMED = "measured", "assumed"


@dataclass(frozen=True, slots=True)
class CapacityPart:
    """One step from sales to what may serve the loan, over its term.

    Attributes:
        name: the step; deductions are below 0.
        amount_fen: fen over the term.
        basis: 'measured' from the merchant's own rows, 'assumed' from the policy, '' for what follows from others.
        feature: the feature that it was measured by, '' if none.
        value: the share, the amount or the number that was taken.
    """

    name: str
    amount_fen: int
    basis: str = ""
    feature: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is left of a bad year.

    Attributes:
        parts: from sales to what may serve the loan.
        share: the part of each month's sales that is left for debt service.
        service_share: the part of that which a schedule may ask for.
    """

    parts: tuple[CapacityPart, ...]
    share: Fraction
    service_share: Fraction

    def available(self, sales: Sequence[int]) -> tuple[int, ...]:
        """What is left of sales by month, fen."""
        part, whole = self.share.numerator, self.share.denominator
        return tuple(max(0, month) * part // whole for month in sales)


def capacity(terms: Terms, features: Mapping[str, float | None], sales: Sequence[int]) -> Capacity:
    """Work out the capacity.

    Args:
        terms: the policy's figures.
        features: feature -> value; None or absent where unknown.
        sales: the months of the term in a bad year (`Forecast.bad_year`), fen.
    """
    whole = sum(sales)
    parts = [CapacityPart("sales_bad_year", whole)]
    if brushed := features.get("self_dealing_share_365d") or 0.0:  # what was found has more beside it
        doubted = float(exactly(brushed) * exactly(terms.doubt.value))
        parts.append(_cost(whole, "doubted_sales", doubted, MEASURED, "self_dealing_share_365d"))
    parts += [_cost(whole, *found) for found in _cost_shares(terms, features)]
    margin = max(0, sum(part.amount_fen for part in parts))
    parts.append(CapacityPart("margin", margin))
    parts.append(_living(terms, features, margin, len(sales)))
    parts.append(_debt_service(features, len(sales)))
    left = margin + parts[-2].amount_fen + parts[-1].amount_fen
    if left < 0:
        parts.append(CapacityPart("shortfall", -left))
        left = 0
    part = exactly(terms.service_share.value)
    parts.append(CapacityPart("available", left))
    parts.append(
        CapacityPart("debt_service_room", math.floor(left * part), ASSUMED, "", terms.service_share.value)
    )
    return Capacity(tuple(parts), Fraction(left, whole) if whole else Fraction(0), part)


def affordable(
    held: Capacity, sales: Sequence[int], annual_rate: float, fee: float, grace_months: int = 0
) -> int:
    """The largest loan that the room for debt service repays at a rate, fen.

    Present value of the room of each month at rate / 12, less the fee. Interest that is deferred bears none, so what
    a schedule at this rate asks for is never more than this allows. Months of grace repay nothing.
    """
    monthly = 1.0 + annual_rate / YEAR
    left = held.available(sales)
    grace = grace_of(left, grace_months)
    room = [float(month * held.service_share) for month in left]
    value = sum(month / monthly**number for number, month in enumerate(room[grace:], start=grace + 1))
    return math.floor(value / (1.0 + fee))


_Share = tuple[str, float, str, str]


def _cost_shares(terms: Terms, features: Mapping[str, float | None]) -> list[_Share]:
    """Name, share of sales, basis and feature of what it costs to sell."""
    fee, margin = features.get("fee_share_365d"), features.get("invoice_margin_365d")
    found: list[_Share] = [
        ("platform_fees", terms.fee_share.value, ASSUMED, "")
        if fee is None
        else ("platform_fees", min(max(fee, 0.0), 1.0), MEASURED, "fee_share_365d"),
        ("freight", terms.freight_share.value, ASSUMED, ""),
    ]
    goods = terms.goods_share.value
    if margin is None:
        found.append(("cost_of_goods", goods, ASSUMED, ""))
    else:
        # Sales to oneself are invoiced too, and would make goods look cheaper than they are.
        genuine = 1.0 - (features.get("self_dealing_share_365d") or 0.0)
        share = (1.0 - margin) / genuine if genuine > 0.0 else 1.0
        goods = min(max(share, terms.goods_share_lowest.value), terms.goods_share_highest.value)
        found.append(("cost_of_goods", goods, MEASURED, "invoice_margin_365d"))
    if features.get("harvest_months") is not None:  # who grows what he sells loses some of it before the sale
        lost = terms.produce_loss_share.value
        found.append(("produce_loss", goods * lost / (1.0 - lost), ASSUMED, "harvest_months"))
    return found


def _cost(sales: int, name: str, share: float, basis: str, feature: str) -> CapacityPart:
    return CapacityPart(name, -math.ceil(sales * exactly(share)), basis, feature, share)


def _debt_service(features: Mapping[str, float | None], months: int) -> CapacityPart:
    """What the loans of the household ask for over the term: each to its end, where it ends sooner."""
    service, running = features.get("monthly_debt_service"), features.get("debt_service_months")
    asked = Fraction(months) if running is None else min(exactly(running), Fraction(months))
    basis = MEASURED if service is not None else ASSUMED
    owed = math.ceil(fen(service or 0.0) * asked)
    return CapacityPart("debt_service", -owed, basis, "monthly_debt_service", service or 0.0)


def _living(terms: Terms, features: Mapping[str, float | None], margin: int, months: int) -> CapacityPart:
    """The part of its living that the shop bears: all of the allowance, but no more than a share of the margin."""
    size = features.get("household_members")
    members = size if size is not None else terms.members.value
    allowance = fen(terms.living_allowance.value) * members * months
    most = float(margin * exactly(terms.living_share.value))
    if most < allowance:
        return CapacityPart("living", -math.ceil(most), ASSUMED, "", terms.living_share.value)
    basis = ASSUMED if size is None else MEASURED
    return CapacityPart(
        "living", -math.ceil(allowance), basis, "household_members" if size is not None else "", members
    )
