"""Whether a silent shop still trades: every life that fits the silence, one by one, and lives of known length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.underwriting.lifetimes import still_trades

chances = st.floats(0.01, 0.99)


def one_by_one(empty: list[float], ceases: float) -> tuple[float, float]:
    """Of a shop that sold, and then not in `empty` (newest first): each month in which it may have ceased, or in none."""
    oldest_first = empty[::-1]
    lives = []  # likelihood, months begun as a shop that trades, whether it still does
    for end in range(len(empty) + 1):  # ceased at the start of month `end`, or not yet
        likelihood = 1.0
        for month in range(end):
            likelihood *= (1 - ceases) * oldest_first[month]
        still = end == len(empty)
        lives.append((likelihood * (1.0 if still else ceases), end + (not still), still))
    whole = sum(likelihood for likelihood, _, _ in lives)
    trades = sum(likelihood for likelihood, _, still in lives if still) / whole
    return trades, sum(likelihood * begun for likelihood, begun, _ in lives) / whole


@given(st.lists(chances, max_size=12), chances)
def test_every_life_that_fits_the_silence(empty: list[float], ceases: float) -> None:
    """The two figures are the mean over all of them."""
    padded = np.array([empty + [0.5] * (12 - len(empty))])
    trades, begun = still_trades(padded, np.array([len(empty)]), np.array([ceases]))
    assert (float(trades[0]), float(begun[0])) == pytest.approx(one_by_one(empty, ceases))


def test_who_sold_in_the_newest_month_trades() -> None:
    """Whatever its habit, and whatever is known of others."""
    trades, begun = still_trades(np.full((1, 36), 0.9), np.array([0]), np.array([0.3]))
    assert (trades[0], begun[0]) == (1.0, 0.0)


def test_the_longer_the_silence_the_likelier_the_end_and_the_rarer_its_habit_the_sooner() -> None:
    """A shop that misses one month in ten against one that misses nine in ten."""
    silent = np.arange(13)
    often, seldom = (
        still_trades(np.full((13, 36), quiet), silent, np.full(13, 0.02))[0] for quiet in (0.1, 0.9)
    )
    assert (np.diff(often) < 0).all()
    assert (np.diff(seldom) < 0).all()
    assert (often[1:] < seldom[1:]).all()
    assert often[3] < 0.05
    assert seldom[3] > 0.9


def test_a_silence_that_the_season_explains_says_nothing() -> None:
    """Months that are always empty: what is left is that any shop may have ceased meanwhile."""
    trades, _ = still_trades(np.ones((1, 36)), np.array([9]), np.array([0.02]))
    assert trades[0] == pytest.approx(0.98**9)
