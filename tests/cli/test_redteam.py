"""The red team: what the check finds of brushed orders, and what brushing would have bought."""

import json

import pytest

from samples import Run


@pytest.mark.full
def test_brushing_hardly_pays(here: Run) -> None:
    """In a county of its own brushers nearly all are found; thirty per cent of brushed orders raise few limits."""
    done = here("redteam", "--seeds", 2, "--merchants", 150, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [county["seed"] for county in said["counties"]] == [101, 102]
    for county in said["counties"]:
        assert county["recall"] > 0.97
        assert county["precision"] > 0.70
        assert county["honest_sales_lost"] < 0.01
    limits = said["limits"]
    assert limits["merchants"] >= 55
    assert limits["no_higher_checked"] >= 0.9
    assert limits["no_higher_unchecked"] < 0.3
    assert limits["brushed_unchecked"] > 1.3 * limits["honest"]
    assert limits["brushed_checked"] < 1.05 * limits["honest"]


def test_an_absurd_share_is_refused(here: Run) -> None:
    """A share beyond what the simulator can brush is one line."""
    done = here("redteam", "--brushed-sales", 9)
    assert (done.returncode, done.stderr) == (
        2,
        "suixin: --brushed-sales 9: give a number above 0, at most 5\n",
    )
