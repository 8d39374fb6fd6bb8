"""Two policies side by side: everything that can be said of the decisions that both made on the same cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from suixin.underwriting.decision import Outcome
from suixin.underwriting.figures import Change, changes
from suixin.underwriting.groups import Effects, effects
from suixin.underwriting.policy import Policy
from suixin.underwriting.portfolio import (
    Pair,
    Portfolio,
    expected_loss,
    migration,
    portfolio,
    swapped_in,
    swapped_out,
)

Sides = tuple[Portfolio, Portfolio]
"""What A offers, and what B offers."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Policy A against policy B.

    Attributes:
        days: the as-of dates.
        merchants: how many different ones.
        decisions: how many each policy made: a merchant on a date each.
        changes: the figures that differ.
        sides: over all dates; sums of money are the mean of the dates.
        by_date: the same of each date by itself.
        loss_of_b_by_a_fen: expected loss of what B offers, with A's PD and LGD: without a change of the yardstick.
        migration: (outcome under A, under B) -> how many decisions.
        swapped_in, swapped_out: merchants whom only B, or only A, approves.
        effects: what becomes of each group.
    """

    days: tuple[date, ...]
    merchants: int
    decisions: int
    changes: tuple[Change, ...]
    sides: Sides
    by_date: dict[date, Sides]
    loss_of_b_by_a_fen: int
    migration: dict[tuple[Outcome, Outcome], int]
    swapped_in: tuple[Pair, ...]
    swapped_out: tuple[Pair, ...]
    effects: Effects


def comparison(pairs: Sequence[Pair], days: Sequence[date], a: Policy, b: Policy) -> Comparison:
    """Everything of these pairs.

    Args:
        pairs: a merchant on a date each.
        days: the dates they are of, each once.
        a: the policy that is compared with.
        b: the policy that might take its place.
    """
    offers_of_b = ((pair.b.offered_fen, pair.a.pd) for pair in pairs)
    return Comparison(
        days=tuple(days),
        merchants=len({pair.merchant_id for pair in pairs}),
        decisions=len(pairs),
        changes=tuple(changes(a, b)),
        sides=_sides(pairs, a, b, len(days)),
        by_date={day: _sides([pair for pair in pairs if pair.as_of == day], a, b, 1) for day in days},
        loss_of_b_by_a_fen=expected_loss(offers_of_b, a.price.lgd.value, len(days)),
        migration=migration(pairs),
        swapped_in=tuple(swapped_in(pairs)),
        swapped_out=tuple(swapped_out(pairs)),
        effects=effects(pairs),
    )


def _sides(pairs: Sequence[Pair], a: Policy, b: Policy, dates: int) -> Sides:
    return (
        portfolio([pair.a for pair in pairs], a.price.lgd.value, dates),
        portfolio([pair.b for pair in pairs], b.price.lgd.value, dates),
    )
