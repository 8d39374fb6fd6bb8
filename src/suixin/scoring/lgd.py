"""Loss given default: what was still owed long after a default, over what was owed at it; else the policy's figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from suixin.scoring.metrics import interval

FEWEST = 20  # workouts; of fewer the policy's figure is taken
WORKOUT_DAYS = 180  # a workout that was watched for less says too little
MEASURED, ASSUMED = "measured", "assumed"


@dataclass(frozen=True, slots=True)
class Lgd:
    """Loss given default.

    Attributes:
        value: share of the exposure at default that is lost.
        basis: 'measured' or 'assumed'.
        workouts: defaults whose balances were watched for long enough.
        low, high: 90 % interval of the mean where it is measured, else the value.
    """

    value: float
    basis: str
    workouts: int
    low: float
    high: float


def loss_given_default(
    workouts: Iterable[tuple[int, Sequence[tuple[int, float]]]], annual_rate: float, assumed: float
) -> Lgd:
    """Mean loss of workouts, or what is assumed if there are fewer than 20.

    Each fall of the balance is a recovery, discounted to the day of default (workout LGD, Basel CRE36.85 ff.); cost of
    collection is not in the balances. Whatever is owed at the last report counts as lost: unfinished workouts make the
    figure too high rather than too low.

    Args:
        workouts: day of default, and dated balances (day, amount) in any order.
        annual_rate: at which recoveries are discounted, a year.
        assumed: the policy's figure.
    """
    losses = [loss for day, balances in workouts if (loss := _loss(day, balances, annual_rate)) is not None]
    if len(losses) < FEWEST:
        return Lgd(assumed, ASSUMED, len(losses), assumed, assumed)
    mean, low, high = interval(losses, 0.0)
    return Lgd(mean, MEASURED, len(losses), max(low, 0.0), min(high, 1.0))


def _loss(day: int, balances: Sequence[tuple[int, float]], annual_rate: float) -> float | None:
    """None where the balance at default, or what came after, is not known."""
    ordered = sorted(balances)
    before = [amount for on, amount in ordered if on <= day]
    after = [(on, amount) for on, amount in ordered if on > day]
    if not before or before[-1] <= 0 or not after or after[-1][0] - day < WORKOUT_DAYS:
        return None
    owed, recovered, last = before[-1], 0.0, before[-1]
    for on, amount in after:
        recovered += max(last - amount, 0.0) / (1 + annual_rate) ** ((on - day) / 365)
        last = min(last, amount)
    return float(np.clip(1 - recovered / owed, 0.0, 1.0))
