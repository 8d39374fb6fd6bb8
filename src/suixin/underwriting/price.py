"""The price: contract rate from its parts, and the all-in rate as the IRR of every dated flow.

rate = funding + cost of the loan / average balance + PD x LGD + capital x (ROE - funding) + margin + tax
"""

from collections.abc import Sequence
from datetime import date

from suixin.lending.irr import dated_irr, monthly_nominal_irr
from suixin.lending.schedule import Schedule
from suixin.underwriting.decision import PriceComponent
from suixin.underwriting.policy_price import Price

MILLION = 1_000_000


def contract_rate(
    terms: Price, pd: float, limit_fen: int, discount_ppm: int = 0, lgd: float | None = None
) -> tuple[int, tuple[PriceComponent, ...]]:
    """The nominal annual rate in ppm, and its components, which add up to it.

    Args:
        terms: the policy's figures.
        pd: probability of default within a year.
        limit_fen: the amount lent; a small loan bears its fixed cost on a small balance.
        discount_ppm: what the ladder takes off; never below 0 in sum.
        lgd: loss given default where it was measured; None for the policy's.
    """
    balance = limit_fen / 100 * terms.average_balance_share.value
    parts = {
        "funding": terms.funding.value,
        "operations": terms.cost_a_loan.value / balance,
        "expected_loss": pd * (terms.lgd.value if lgd is None else lgd),
        "capital": terms.capital.value * (terms.return_on_equity.value - terms.funding.value),
        "margin": terms.margin.value,
    }
    parts["tax"] = sum(parts.values()) * terms.tax.value / (1 - terms.tax.value)
    components = tuple(PriceComponent(name, round(part * MILLION)) for name, part in parts.items())
    rate = sum(component.rate_ppm for component in components)
    if discount_ppm:
        components += (PriceComponent("ladder_discount", -min(discount_ppm, rate)),)
    return max(0, rate - discount_ppm), components


def nominal_cost(schedule: Schedule, fee_fen: int) -> int:
    """The nominal annual rate in ppm, monthly IRR x 12, with every fee: what a cap on the rate is held against."""
    return nominal_rate([fee_fen - schedule.principal_fen, *(row.total_fen for row in schedule.rows)])


def nominal_rate(flows_by_month: Sequence[int]) -> int:
    """Monthly IRR x 12 of the flows of months 0, 1, 2 ..., fen, in ppm."""
    return round(monthly_nominal_irr(flows_by_month) * MILLION)


def all_in_rate(schedule: Schedule, fee_fen: int, start_on: date, subsidised: float = 0.0) -> int:
    """The annual effective rate in ppm that the borrower pays with every fee: IRR of dated flows, ACT/365.

    Args:
        schedule: the instalments.
        fee_fen: everything paid up front.
        start_on: the day of the drawdown.
        subsidised: the part of the interest that the government pays.
    """
    flows = [(start_on, fee_fen - schedule.principal_fen)]
    flows += [
        (row.due_on, row.total_fen - round(row.interest_fen * subsidised))
        for row in schedule.rows
        if row.total_fen
    ]
    return round(dated_irr(flows) * MILLION)
