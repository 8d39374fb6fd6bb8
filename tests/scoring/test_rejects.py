"""Reject inference does what its assumption says, and nothing unless it is asked for."""

import numpy as np
import pytest

from borrowers import drawn
from suixin.errors import UsageError
from suixin.scoring.families import Kind
from suixin.scoring.rejects import Rejects
from suixin.scoring.training import train


def test_the_factor_raises_the_odds():
    """Of the same applicants about as many default at factor 1 as the accepted teach, and more at a higher one."""
    accepted = drawn(2_000, 1, -0.9)
    rates = []
    for factor in (1.0, 3.0, 20.0):
        whole = Rejects(accepted.x, factor).parcelled(accepted, 0)
        assert (whole.x[:2_000] == accepted.x)[~np.isnan(accepted.x)].all()
        assert (whole.y[:2_000] == accepted.y).all()
        rates.append(whole.y[2_000:].mean())
    assert rates[0] == pytest.approx(accepted.y.mean(), abs=0.03)
    assert rates[0] < rates[1] < rates[2]


def test_equal_seeds_draw_equally():
    """And nobody is drawn where nobody was rejected."""
    accepted = drawn()
    one, two = (Rejects(accepted.x[:50], 2.0).parcelled(accepted, 4) for _ in range(2))
    assert (one.y == two.y).all()
    assert Rejects(accepted.x[:0], 2.0).parcelled(accepted, 4) is accepted


@pytest.mark.parametrize("factor", [0.5, 0.0, -1.0, 21.0])
def test_a_factor_out_of_bounds_is_refused(factor):
    """Below 1 the rejected would be better than the accepted."""
    with pytest.raises(UsageError, match="give 1 to 20"):
        Rejects(drawn().x, factor)


def test_the_assumption_is_printed_and_figures_are_of_real_outcomes():
    """Validation tests on accepted rows alone."""
    accepted = drawn()
    rejects = Rejects(accepted.x[:100], 2.0)
    made = train(accepted, repeats=1, parts=3, kinds=[Kind.THIN], rejects=rejects)
    assert "100 rejected applicants were added" in rejects.assumption
    assert "2 times the odds" in rejects.assumption
    assert made.validated.rows == len(accepted.y)
    assert made.validated.crossed.size == len(accepted.y)
    plain = train(accepted, repeats=1, parts=3, kinds=[Kind.THIN])
    assert made.model.trees != plain.model.trees
