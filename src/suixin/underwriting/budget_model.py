"""Sharing a budget as a mixed-integer linear programme, solved by HiGHS.

An offer is one candidate at one rate. It has a binary (is it made?) and a number of steps (how much?), which lies from
the candidate's smallest to its largest amount if it is made and is 0 if not. Steps that need not be whole are found much
sooner, and the bound that they prove holds for whole steps, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from suixin.errors import UsageError
from suixin.underwriting.offers import Floats, Whole

TIME_IS_UP = 1  # scipy's status
_HALF = 0.5
_WHOLE = 1e-5  # how far below a whole number the solver's may lie


@dataclass(frozen=True, slots=True)
class Limit:
    """A sum that is bounded: the offers in it, the weight of each a step, and the most that the sum may be."""

    offers: Whole
    weights: Floats
    most: float


@dataclass(frozen=True, slots=True)
class Model:
    """The programme, an entry an offer.

    Attributes:
        candidate: whose offer it is, 0 to `candidates` - 1.
        smallest, largest: steps that are offered, if anything is.
        margin: profit a step. fixed: taken off the profit if the offer is made.
        limits: budget, caps and months of liquidity.
    """

    candidate: Whole
    candidates: int
    smallest: Whole
    largest: Whole
    margin: Floats
    fixed: Floats
    limits: Sequence[Limit]


def solve(model: Model, gap: float, seconds: float, *, whole: bool) -> tuple[Whole, float]:
    """The steps of each offer, and a proven bound on the profit of any sharing.

    Args:
        model: the programme; offering nothing must be allowed by its limits.
        gap: the search ends when profit and bound differ by no more than this share of the profit.
        seconds: the search ends after this time.
        whole: search over whole steps; else steps are rounded down afterwards, and the caller has to look whether the
            limits still hold and how much that cost.

    Raises:
        UsageError: time was up before any sharing was found.
    """
    offers = model.candidate.size
    steps, made = slice(0, offers), slice(offers, None)
    found = milp(
        c=np.concatenate([-model.margin, model.fixed]),
        integrality=np.concatenate([np.full(offers, float(whole)), np.ones(offers)]),
        bounds=Bounds(0, np.concatenate([model.largest, np.ones(offers)])),
        constraints=_constraints(model),
        options={"mip_rel_gap": gap, "time_limit": seconds},
    )
    if found.x is None and found.status == TIME_IS_UP:
        raise UsageError(f"no sharing was found in {seconds:g} s; give more with --seconds")
    if found.x is None:
        raise RuntimeError(f"the solver failed: {found.message}")
    amounts = np.maximum(np.floor(found.x[steps] + _WHOLE), model.smallest)
    return np.where(found.x[made] > _HALF, amounts, 0).astype(np.int64), -float(found.mip_dual_bound)


def _constraints(model: Model) -> list[LinearConstraint]:
    """Steps within their bounds if the offer is made, one rate a candidate, and the limits."""
    offers = model.candidate.size
    number = np.arange(offers)
    one = csr_array((np.ones(offers), (number, number)), shape=(offers, offers))
    own = csr_array((np.ones(offers), (model.candidate, number)), shape=(model.candidates, offers))
    largest = csr_array((-model.largest.astype(float), (number, number)), shape=(offers, offers))
    smallest = csr_array((-model.smallest.astype(float), (number, number)), shape=(offers, offers))
    none = csr_array((model.candidates, offers))
    rows = np.repeat(np.arange(len(model.limits)), [limit.offers.size for limit in model.limits])
    columns = np.concatenate([limit.offers for limit in model.limits])
    weights = np.concatenate([limit.weights for limit in model.limits])
    limits = csr_array((weights, (rows, columns)), shape=(len(model.limits), offers))
    unlimited = csr_array(limits.shape)
    return [
        LinearConstraint(hstack([one, largest]), ub=0),
        LinearConstraint(hstack([one, smallest]), lb=0),
        LinearConstraint(hstack([none, own]), ub=1),
        LinearConstraint(hstack([limits, unlimited]), ub=[limit.most for limit in model.limits]),
    ]
