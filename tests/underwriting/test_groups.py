"""Whom a policy helps and whom it hurts, counted by hand."""

from datetime import date

import pytest

from suixin.underwriting.decision import Outcome
from suixin.underwriting.groups import effects
from suixin.underwriting.portfolio import Pair, Trait, Verdict

DAYS = (date(2025, 12, 1), date(2026, 1, 1))
YES, NO = Verdict(Outcome.APPROVE, 100, 60_000, 0.02), Verdict(Outcome.DECLINE, 0, 0, 0.5)


def members(trait: Trait, merchants: int, by_a: int, by_b: int, dimension: str = "township") -> list[Pair]:
    """So many merchants on two dates, of whom each policy approves so many on both."""
    return [
        Pair(f"{trait[1]}{n}", day, YES if n < by_a else NO, YES if n < by_b else NO, {dimension: trait})
        for n in range(merchants)
        for day in DAYS
    ]


def test_rates_and_the_four_fifths_rule() -> None:
    """8 of 10 against 15 of 20 is 1.07; under B 6 of 10 against 20 of 20 is 0.6 and marked."""
    found = effects(members((1, "hill"), 10, 8, 6) + members((0, "plain"), 20, 15, 20)).groups
    assert [(g.name, g.merchants, g.rate_a, g.rate_b) for g in found] == [
        ("plain", 20, 0.75, 1.0),
        ("hill", 10, 0.8, 0.6),
    ]
    assert [(g.impact_a, g.impact_b, g.adverse) for g in found] == [(0.9375, 1.0, False), (1.0, 0.6, True)]


def test_exactly_four_fifths_is_not_below() -> None:
    """One of 10 against two of 25 is 0.8; the floats of the two rates would say a little less."""
    assert (2 / 25) / (1 / 10) < 0.8
    found = effects(members((0, "x"), 10, 0, 1) + members((1, "y"), 25, 0, 2)).groups
    assert [(g.impact_b, g.adverse) for g in found] == [(1.0, False), (0.8, False)]


def sized(*sizes: int) -> list[Pair]:
    """Townships of so many merchants, half of each approved."""
    return [
        pair for n, size in enumerate(sizes) for pair in members((n, f"t{n}"), size, size // 2, size // 2)
    ]


def test_small_groups_are_counted_and_not_shown() -> None:
    """Nine and eight merchants are too few, however many decisions they have; nor do they set the best rate."""
    few = members((0, "few"), 9, 9, 9) + members((1, "fewer"), 8, 8, 8)
    found = effects(few + members((2, "many"), 10, 5, 5))
    assert [g.name for g in found.groups] == ["many"]
    assert found.groups[0].impact_b == 1.0
    assert found.suppressed == {"township": 2}


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        # the whole less what is shown would be the nine: the next smallest hides them
        ((9, 30, 12, 20), ["t1", "t3"]),
        # four and five are two, but nine merchants together are told as one
        ((4, 5, 30, 12, 20), ["t2", "t4"]),
        # five and six are eleven together: enough
        ((5, 6, 30, 12, 20), ["t2", "t3", "t4"]),
        # nothing is too small, and nothing is hidden
        ((10, 30), ["t0", "t1"]),
        # one group beside a small one goes too
        ((3, 500), []),
        ((3,), []),
    ],
)
def test_no_small_group_is_told_by_difference(sizes: tuple[int, ...], shown: list[str]) -> None:
    """What is hidden are at least two groups and ten merchants, as long as there are so many."""
    found = effects(sized(*sizes))
    assert [group.name for group in found.groups] == shown
    assert found.suppressed == {"township": len(sizes) - len(shown)}


def test_nobody_is_approved() -> None:
    """Without any approval there is no best group, and no ratio."""
    found = effects(members((0, "x"), 10, 0, 0)).groups[0]
    assert (found.rate_b, found.impact_a, found.impact_b, found.adverse) == (0.0, None, None, False)


def test_each_dimension_by_itself() -> None:
    """A ratio compares groups of one dimension; two groups of one name in different dimensions stay apart."""
    found = effects(members((0, "x"), 10, 10, 10) + members((0, "x"), 10, 5, 5, "legal form"))
    assert [(g.dimension, g.rate_b, g.impact_b) for g in found.groups] == [
        ("township", 1.0, 1.0),
        ("legal form", 0.5, 1.0),
    ]
    assert effects([]).groups == ()
