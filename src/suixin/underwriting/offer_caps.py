"""The caps of a policy on what an offer costs, held against each merchant at each rate as a decision holds them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from suixin.errors import UsageError
from suixin.underwriting.offer import default_rate, up_front_share
from suixin.underwriting.offers import MILLION, Candidate, Churn, Repayment
from suixin.underwriting.policy import Policy
from suixin.underwriting.price import nominal_rate

_LENT = 10**12  # fen: what rounding takes of a share of it is nothing


@dataclass(frozen=True, slots=True)
class Capped:
    """What the caps leave.

    Attributes:
        candidates: each with the highest rate that it may be offered; who may be offered none is left out.
        above_cap: offers, a merchant at a rate each, that cost more than the cap on the rate.
        above_default_cap: of the others those that would cost more than the cap when overdue.
        nobody: candidates without a rate.
    """

    candidates: tuple[Candidate, ...]
    above_cap: int
    above_default_cap: int
    nobody: int


def hold_caps(candidates: Sequence[Candidate], churn: Churn, policy: Policy, on: date) -> Capped:
    """The candidates with the rates that the policy allows.

    With something up front the cap is held against the nominal cost of all flows, else against the contract rate. A
    schedule is the candidate's own, with its interest in proportion to the rate: what it costs rises with the rate.

    Args:
        candidates: with their schedules.
        churn: the rates on offer.
        policy: has the caps and what is paid up front.
        on: the day of the contract.

    Raises:
        UsageError: nobody may be offered any of the rates.
    """
    cap, up_front, rates = policy.rate_cap(on), up_front_share(policy), churn.rates_ppm
    default_cap = policy.default_cost_cap.value if policy.default_cost_cap else None
    by_default = (
        len(rates)
        if default_cap is None
        else bisect_right(rates, default_cap, key=lambda r: default_rate(policy, r))
    )
    most = float(int(Decimal(repr(cap)) * MILLION))
    by_shape: dict[Repayment, int] = {}
    kept: list[Candidate] = []
    above_cap, above_default_cap = 0, 0
    for one in candidates:
        if (shape := one.repayment) not in by_shape:
            by_shape[shape] = bisect_right(rates, most, key=lambda r: cost(shape, r, up_front))
        by_cap = by_shape[shape]
        above_cap += len(rates) - by_cap
        above_default_cap += max(0, by_cap - by_default)
        if allowed := min(by_cap, by_default):
            kept.append(replace(one, highest_ppm=rates[allowed - 1]))
    if not kept:
        told = f"{cap:g} a year" + (f" with {up_front:g} of the loan paid up front" if up_front else "")
        overdue = "" if default_cap is None else f" and, when overdue, to {default_cap:g}"
        raise UsageError(
            f"no rate from {rates[0] / MILLION:g} to {rates[-1] / MILLION:g} keeps any loan to the policy's cap of "
            f"{told}{overdue}; offer lower rates"
        )
    return Capped(tuple(kept), above_cap, above_default_cap, len(candidates) - len(kept))


def cost(shape: Repayment, rate_ppm: int, up_front: float) -> float:
    """What a cap is held against, ppm: the contract rate, or with something up front the nominal cost of all flows.

    Args:
        shape: how the loan comes back.
        rate_ppm: contract rate.
        up_front: share of the loan that is paid up front; infinitely dear if nothing is left to pay out.
    """
    if not up_front:
        return rate_ppm
    if up_front >= 1:
        return float("inf")
    rate = rate_ppm / MILLION
    back = [
        round(_LENT * (part + years * rate))
        for part, years in zip(shape.principal, shape.interest, strict=True)
    ]
    return max(rate_ppm, nominal_rate([round(_LENT * up_front) - _LENT, *back]))
