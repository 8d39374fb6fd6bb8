"""How a shop stands: silent, selling less or more than it did, or as ever."""

import numpy as np
import pytest

from suixin.underwriting.forecast import forecast
from suixin.underwriting.policy import shipped_policy
from suixin.underwriting.standing import Standing

TERMS = shipped_policy("CNY").policy.forecast


def standing(history: list[int], known: int) -> Standing:
    found = forecast(history, known, TERMS).standing
    assert found is not None
    return found


def test_a_steady_shop_has_no_sign() -> None:
    """Twenty-four like months: the level is their mean, and it trades."""
    steady = standing([1_000_000] * 24, 24)
    assert (steady.months, steady.silent_months, steady.sign) == (24, 0, "")
    assert (steady.level_fen, steady.average_fen) == (1_000_000, 1_000_000)
    assert steady.trades == pytest.approx(1.0, abs=0.01)


def test_a_silence_that_the_season_does_not_explain_is_told() -> None:
    """Half a year without a sale after eighteen full months; the same silence in a shop that sells in few months is none."""
    silent = standing([0] * 6 + [1_000_000] * 18, 24)
    assert (silent.sign, silent.silent_months) == ("silent", 6)
    assert silent.trades < 0.6
    harvest = ([0] * 6 + [2_000_000] * 3 + [0] * 3) * 3
    assert standing(harvest, 36).sign == ""


def test_a_shop_that_fell_or_grew_is_told() -> None:
    """A year at half of what two years were before, and at twice."""
    fell, grew = (standing([now] * 12 + [1_000_000] * 24, 36) for now in (400_000, 2_500_000))
    assert (fell.sign, grew.sign) == ("fallen", "grown")
    assert fell.average_fen == 800_000
    assert 400_000 < fell.level_fen < 600_000
    assert grew.average_fen == 1_500_000


def test_the_level_is_what_the_coming_months_are_read_from() -> None:
    """The middle months of a shop without a season lie near its level, whichever way it went."""
    for now in (400_000, 2_500_000):
        found = forecast([now] * 12 + [1_000_000] * 24, 36, TERMS)
        assert found.standing is not None
        assert np.mean(found.p50) == pytest.approx(found.standing.level_fen, rel=0.2)
