"""What an offer is worth when a higher rate loses customers.

An offer of `amount` at `rate` to a merchant with probability of default PD is expected to earn

    (1 - churn) x ([(1 - PD) x rate x (1 - tax) x B - PD x LGD - funding x B] x amount - cost of a loan)

before the cost of capital. `churn` is the share of customers of its grade who go elsewhere at that rate, and B the
years for which each unit lent is out: 1 for a loan that is repaid after a year, about 0.54 for 12 equal instalments.
The form is that of problem C of China's undergraduate mathematical modelling contest of 2020, with a bank's costs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from suixin.errors import UsageError

MONTHS = 12
MILLION = 1_000_000

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Repayment:
    """How a loan comes back, per unit lent.

    Attributes:
        principal: the share that falls due at the end of month 1, 2 ...; they sum to 1.
        interest: the unit-years whose interest is paid then, so that the payment is rate x this.
    """

    principal: tuple[float, ...]
    interest: tuple[float, ...]

    @property
    def balance_years(self) -> float:
        """B of the formula: years for which a unit lent is out."""
        return sum(self.interest)

    def paid(self) -> tuple[Floats, Floats]:
        """Principal and unit-years paid up to the end of month 0, 1 ... 12."""
        whole = [0.0] * (MONTHS - len(self.principal))
        principal = np.array([0.0, *accumulate([*self.principal, *whole])])
        return principal, np.array([0.0, *accumulate([*self.interest, *whole])])


def monthly(parts: Sequence[int]) -> Repayment:
    """Interest every month on what is left; `parts` is the principal due in month 1, 2 ... 12, in any unit.

    Raises:
        UsageError: no principal, or more than 12 months.
    """
    lent = sum(parts)
    if lent <= 0 or len(parts) > MONTHS:
        raise UsageError(f"a schedule of {len(parts)} months and {lent} fen: give 1 to {MONTHS} months")
    left = [lent, *(lent - gone for gone in accumulate(parts))]
    shares = tuple(part / lent for part in parts)
    return Repayment(shares, tuple(balance / lent / MONTHS for balance in left[:-1]))


def scheduled(principal: Sequence[int], interest: Sequence[int]) -> Repayment:
    """As a schedule has it: what its rows pay in month 1, 2 ... 12, in any unit.

    Interest bears no interest, so that over the whole term it is `rate x balance-years` whenever it is paid; the rows
    tell when. A season-fitted schedule or a sweep defers it from months that bring nothing. Rows without any interest,
    of a rate of 0, tell it by their principal: what has accrued is paid when principal is.

    Raises:
        UsageError: as `monthly`, or not as many months of interest as of principal.
    """
    even, whole = monthly(principal), sum(interest)
    if len(interest) != len(principal):
        raise UsageError(
            f"{len(principal)} months of principal and {len(interest)} of interest: give as many"
        )
    if whole:
        return Repayment(even.principal, tuple(even.balance_years * part / whole for part in interest))
    paid, owed = [], 0.0
    for part, accrued in zip(even.principal, even.interest, strict=True):
        owed += accrued
        paid.append(owed if part else 0.0)
        owed -= paid[-1]
    return Repayment(even.principal, tuple(paid))


BULLET = Repayment((0.0,) * (MONTHS - 1) + (1.0,), (0.0,) * (MONTHS - 1) + (1.0,))
"""Principal and interest after a year."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What the book decided on a merchant: approve, refer or decline, and its limit and rate, None where none."""

    decision: str
    limit_fen: int | None
    rate_ppm: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A merchant to whom money may be offered.

    Attributes:
        pd: probability of default within a year.
        smallest_fen, largest_fen: bounds of what is offered, if anything is.
        labels: attribute -> its value, or None where it is not known; caps are held by value.
        highest_ppm: the highest rate that it may be offered.
        booked: what the book decided, if the merchant comes from one.
    """

    merchant_id: str
    grade: str
    pd: float
    smallest_fen: int
    largest_fen: int
    repayment: Repayment = BULLET
    labels: Mapping[str, str | None] = field(default_factory=dict)
    highest_ppm: int = MILLION
    booked: Booked | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """What lending costs: shares of the amount (loss given default, funding a year, tax on interest), fen a loan."""

    lgd: float
    funding: float
    tax: float
    loan_fen: float


@dataclass(frozen=True, slots=True)
class Churn:
    """The rates that may be offered, parts per million a year, ascending; and who leaves at each.

    Attributes:
        lost: grade -> share of its customers lost at each rate, 0 to 1.

    Raises:
        UsageError: no rate, rates that do not ascend or lie outside 0 to 1, shares outside 0 to 1.
    """

    rates_ppm: tuple[int, ...]
    lost: Mapping[str, tuple[float, ...]]

    def __post_init__(self) -> None:
        if not self.rates_ppm:
            raise UsageError("there is no rate to offer; widen the bounds of the rates")
        for rate in self.rates_ppm:
            if not 0 < rate < MILLION:
                raise UsageError(f"the rate {rate / MILLION:g} lies outside 0 to 1; write 0.0435 for 4.35 %")
        for lower, higher in pairwise(self.rates_ppm):
            if higher <= lower:
                raise UsageError(
                    f"the rate {higher / MILLION:g} follows {lower / MILLION:g}; list the rates in ascending order"
                )
        for grade, shares in self.lost.items():
            for rate, share in zip(self.rates_ppm, shares, strict=True):
                if not 0 <= share <= 1:
                    raise UsageError(
                        f"churn_{grade} is {share:g} at the rate {rate / MILLION:g}; give a share from 0 to 1"
                    )

    def between(self, lowest_ppm: int, highest_ppm: int) -> "Churn":
        """Only the rates within the bounds; UsageError if there is none."""
        kept = [n for n, rate in enumerate(self.rates_ppm) if lowest_ppm <= rate <= highest_ppm]
        if not kept:
            raise UsageError(
                f"no rate of the churn table lies from {lowest_ppm / MILLION:g} to {highest_ppm / MILLION:g}; "
                f"it has {self.rates_ppm[0] / MILLION:g} to {self.rates_ppm[-1] / MILLION:g}"
            )
        lost = {grade: tuple(shares[n] for n in kept) for grade, shares in self.lost.items()}
        return Churn(tuple(self.rates_ppm[n] for n in kept), lost)


@dataclass(frozen=True, slots=True)
class Worth:
    """Every offer's worth, by candidate (n) and rate (k).

    Attributes:
        taken: (n, k) chance that the offer is taken.
        margin: (n, k) expected profit of a fen offered, before the cost of a loan.
        fixed: (n, k) expected cost of the loan, fen.
        drawn: (13, n, k) expected money out at the end of month 0 to 12, of a fen offered; who defaults pays nothing.
        allowed: (n, k) whether the rate may be offered.
    """

    taken: Floats
    margin: Floats
    fixed: Floats
    drawn: Floats
    allowed: Flags

    def profit(self, amounts: Whole) -> Floats:
        """(n, k) expected profit, fen, of an amount a candidate at each rate; nothing where nothing is offered."""
        return np.where(amounts[:, None] > 0, self.margin * amounts[:, None] - self.fixed, 0.0)


def worth(candidates: Sequence[Candidate], churn: Churn, costs: Costs) -> Worth:
    """What every candidate is worth at every rate; each candidate's grade must be in the churn table."""
    rates = np.array(churn.rates_ppm) / MILLION
    pd = np.array([one.pd for one in candidates])[:, None]
    years = np.array([one.repayment.balance_years for one in candidates])[:, None]
    taken = 1.0 - np.array([churn.lost[one.grade] for one in candidates])
    earned = (1 - pd) * rates * (1 - costs.tax) * years
    paid = [one.repayment.paid() for one in candidates]
    principal = np.array([part for part, _ in paid]).T[:, :, None]
    interest = np.array([part for _, part in paid]).T[:, :, None]
    return Worth(
        taken=taken,
        margin=taken * (earned - pd * costs.lgd - costs.funding * years),
        fixed=taken * costs.loan_fen,
        drawn=taken * (1 - (1 - pd) * (principal + interest * rates)),
        allowed=np.array(churn.rates_ppm) <= np.array([one.highest_ppm for one in candidates])[:, None],
    )


def worthwhile(found: Worth, smallest: Whole, largest: Whole, months: Sequence[int]) -> Flags:
    """(n, k) the offers that a best plan may need; the others are dominated, so leaving them out costs nothing.

    One rate dominates another for the same candidate if it earns no less at the smallest and at the largest amount
    (profit is linear between) and draws no more in any of the `months` whose liquidity may bind. No offer at all is a
    rate as well: it earns and draws 0. Of equal rates the lower stays. A rate that may not be offered dominates none.
    """
    low, high = found.profit(smallest), found.profit(largest)
    drawn = found.drawn[list(months)]
    kept = found.allowed & ((low > 0) | (high > 0) | (drawn < 0).any(axis=0))
    earlier = np.triu(np.ones((low.shape[1], low.shape[1]), dtype=bool), 1)
    for n in range(low.shape[0]):
        use = drawn[:, n]
        no_worse = (low[n][:, None] >= low[n]) & (high[n][:, None] >= high[n])
        no_worse &= (use[:, :, None] <= use[:, None, :]).all(axis=0) & found.allowed[n][:, None]
        kept[n] &= ~(no_worse & (earlier | ~no_worse.T)).any(axis=0)
    return kept
