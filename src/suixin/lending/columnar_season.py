"""Columns of loans whose principal follows the harvest, by weights; equal to `schedule.season` and `amortise.build`."""

import numpy as np

from suixin.calendar import MAX_MONTHS
from suixin.errors import UsageError
from suixin.lending.columnar import MAX_PRINCIPAL_FEN, PPM, Columns, Ints, due_days, interest_of, judge

MAX_WEIGHT = 1_000_000


def seasons(
    principal_fen: Ints,
    rate_ppm: Ints,
    months: Ints,
    start_day: Ints,
    weights: Ints,
    *,
    defer_interest: bool = False,
) -> Columns:
    """Make the monthly schedules of many loans whose principal is split by weights, largest remainder first.

    Args:
        principal_fen: as in `columnar.schedules`, and so are rate, months and start.
        rate_ppm: see above.
        months: see above.
        start_day: see above.
        weights: [period, loan], 0 to 1,000,000, as many rows as the longest term; 0 beyond a loan's own term, and
            at least one above 0 for each.
        defer_interest: a month of weight 0 pays nothing, its interest is added to the next that pays; else every
            month pays its interest.

    Raises:
        UsageError: a figure out of range, or weights of another shape, type or sign.
    """
    judge("principal_fen", principal_fen, principal_fen, 1, MAX_PRINCIPAL_FEN)
    judge("rate_ppm", rate_ppm, principal_fen, 0, PPM - 1)
    judge("months", months, principal_fen, 1, MAX_MONTHS)
    judge("start_day", start_day, principal_fen, -700_000, 2_900_000)
    longest = int(months.max(initial=0))
    _judge_weights(weights, months, longest)
    principal = _split(principal_fen, weights)
    balances = principal_fen - np.cumsum(principal, axis=0)
    owing = np.concatenate([principal_fen[None, :], balances[:-1]]) if longest else balances
    interest = interest_of(owing, rate_ppm)
    if defer_interest:
        interest = _deferred(interest, weights > 0)
    return Columns(months, due_days(start_day, months, longest), principal, interest, balances)


def _split(total: Ints, weights: Ints) -> Ints:
    """`money.split` of every loan: floors, and a fen more for the largest remainders, the earlier of equals first."""
    base = weights.sum(axis=0)
    parts, rest = np.divmod(total * weights, base)
    rank = np.argsort(np.argsort(-rest, axis=0, kind="stable"), axis=0, kind="stable")
    more: Ints = parts + (rank < total - parts.sum(axis=0))
    return more


def _deferred(interest: Ints, pays: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Ints:
    """Interest of the months that do not pay, added to the next that does; all that ever accrued is paid by the last."""
    paid = np.zeros_like(interest)
    held = np.zeros(interest.shape[1], np.int64)
    for number, charge in enumerate(interest):
        held = held + charge
        paid[number] = np.where(pays[number], held, 0)
        held = np.where(pays[number], 0, held)
    return paid


def _judge_weights(weights: Ints, months: Ints, longest: int) -> None:
    if weights.dtype != np.int64 or weights.shape != (longest, len(months)):
        raise UsageError(
            f"weights are a {weights.dtype} of shape {weights.shape}; pass int64 of {(longest, len(months))}"
        )
    if weights.size and not 0 <= weights.min() <= weights.max() <= MAX_WEIGHT:
        raise UsageError(f"weights run from {weights.min()} to {weights.max()}; give 0 to {MAX_WEIGHT}")
    beyond = np.arange(longest)[:, None] >= months
    if weights[beyond].any():
        raise UsageError("weights beyond a loan's own term; give 0 there")
    if not weights.any(axis=0).all():
        raise UsageError(f"loan {int(np.argmin(weights.any(axis=0)))} has no weight above 0; give it one")
