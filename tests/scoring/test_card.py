"""The expert card: points, reasons that add up, and cards that are refused."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from suixin.scoring.card import Card, Item, score
from suixin.underwriting.policy import shipped_policy

SHIPPED = shipped_policy("CNY").policy


def item(
    feature: str = "late_handover_share_180d", *bands: dict[str, float], dimension: str = "d"
) -> dict[str, object]:
    return {
        "feature": feature,
        "dimension": dimension,
        "bands": bands,
        "source": "test",
        "since": date(2026, 1, 1),
    }


def card(*items: dict[str, object]) -> Card:
    scale = {"base": 600, "odds_score": 600, "odds": 20, "points_to_double": 40}
    return Card.model_validate({**scale, "source": "test", "since": date(2026, 1, 1), "items": items})


LATE = item(
    "late_handover_share_180d",
    {"to": 0.1, "points": 10},
    {"from": 0.1, "points": -20},
    dimension="fulfilment",
)
AGE = item("trading_days", {"to": 365, "points": -30}, {"from": 365, "points": 30}, dimension="history")


@pytest.mark.parametrize(
    ("points", "pd"),
    # 20, 40 and 10 good borrowers to a bad one
    [(600, 1 / 21), (640, 1 / 41), (560, 1 / 11)],
)
def test_assumed_pd(points: float, pd: float) -> None:
    """Forty points double the odds, from 20 to 1 at 600."""
    assert card(LATE).pd(points) == pytest.approx(pd, rel=1e-12)


def test_a_probability_is_nil_far_above_the_scale() -> None:
    """A score whose odds exceed every number still has a probability, next to nothing; one so low has 1."""
    steep = card(LATE).model_copy(update={"points_to_double": 1.0})
    assert 0.0 < steep.pd(10_000) < 1e-300
    assert steep.pd(-10_000) == 1.0


def test_bands_take_their_lower_end() -> None:
    """A value on an edge belongs to the band above it."""
    assert score(card(LATE), {"late_handover_share_180d": 0.1}, 600).score == 580
    assert score(card(LATE), {"late_handover_share_180d": 0.0999}, 600).score == 610


def test_reasons_are_measured_from_the_cut_off() -> None:
    """Two items of ranges 30 and 60 and a cut-off of 610: references at 60/90 of each range, exactly."""
    scored = score(card(LATE, AGE), {"late_handover_share_180d": 0.2, "trading_days": 800.0}, 610)
    late, age = scored.contributions
    assert (late.reference, age.reference) == pytest.approx((0.0, 10.0), abs=1e-12)
    assert (late.contribution, age.contribution) == pytest.approx((-20.0, 20.0), abs=1e-12)
    assert (late.threshold, age.threshold) == (0.1, None)


values = st.one_of(st.none(), st.floats(-10, 10), st.floats(0, 1e7))


@given(row=st.fixed_dictionaries({i.feature: values for i in SHIPPED.card.items}))
def test_contributions_add_up_to_the_distance_from_the_cut_off(row: dict[str, float | None]) -> None:
    """Whatever is known of a merchant, the waterfall from the cut-off ends at the score."""
    cutoff = SHIPPED.cutoffs.approve_from
    scored = score(SHIPPED.card, row, cutoff)
    total = sum(part.contribution for part in scored.contributions)
    if scored.contributions:
        assert cutoff + total == pytest.approx(scored.score, abs=1e-9)
    assert 0.0 <= scored.confidence <= 1.0


@given(feature=st.sampled_from(SHIPPED.card.items), value=st.floats(-1e6, 1e6))
def test_the_threshold_would_mend_the_reason(feature: Item, value: float) -> None:
    """A feature that counts against a merchant no longer does so just beyond its threshold."""
    (part,) = score(SHIPPED.card, {feature.feature: value}, 600).contributions
    if part.threshold is not None:
        beyond = part.threshold + (1e-9 if part.threshold > value else -1e-9) * max(1.0, abs(part.threshold))
        assert feature.band(beyond).points >= part.reference > part.points


def test_confidence_counts_dimensions() -> None:
    """Evidence of one of two dimensions weighs as wide as its item; a second item of a dimension adds nothing."""
    half = score(card(LATE, AGE), {"trading_days": 10.0}, 600)
    assert half.confidence == pytest.approx(60 / 90)
    other = item(
        "invoice_history_days", {"to": 365, "points": -30}, {"from": 365, "points": 30}, dimension="history"
    )
    assert score(card(LATE, AGE, other), {"trading_days": 10.0}, 600).confidence == pytest.approx(60 / 90)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        # both bands hold 0.05
        (
            [item("late_handover_share_180d", {"to": 0.1, "points": 1}, {"from": 0.05, "points": 0})],
            "overlap",
        ),
        # the middle band ends before it begins: 4,000 would lie in two bands
        (
            [
                item(
                    "gmv_365d",
                    {"to": 150_000, "points": 0},
                    {"from": 150_000, "to": 5_000, "points": 1},
                    {"from": 5_000, "points": 2},
                )
            ],
            "would overlap",
        ),
        # a band of no width
        (
            [
                item(
                    "gmv_365d",
                    {"to": 5, "points": 0},
                    {"from": 5, "to": 5, "points": 1},
                    {"from": 5, "points": 2},
                )
            ],
            "holds nothing",
        ),
        # an edge that is no number
        ([item("gmv_365d", {"to": math.inf, "points": 0}, {"from": math.inf, "points": 1})], "finite number"),
        # more points than any score can mean
        ([item("gmv_365d", {"points": 1e300})], "less than or equal to 10000"),
        # evidence of nothing in particular
        ([item("gmv_365d", {"points": 0}, dimension=" ")], "at least 1 character"),
        ([], "at least 1 item"),
        # no band holds 0.15
        ([item("late_handover_share_180d", {"to": 0.1, "points": 1}, {"from": 0.2, "points": 0})], "gap"),
        # no band holds 0.3
        (
            [
                item(
                    "late_handover_share_180d",
                    {"to": 0.1, "points": 1},
                    {"from": 0.1, "to": 0.2, "points": 0},
                )
            ],
            "open",
        ),
        # later hand-overs may not earn points
        (
            [item("late_handover_share_180d", {"to": 0.1, "points": 0}, {"from": 0.1, "points": 5})],
            "registered as riskier",
        ),
        ([item("star_sign", {"points": 0})], "no registered feature"),
        ([LATE, LATE], "more than once"),
        ([item("trading_days")], "has no bands"),
    ],
)
def test_cards_that_are_refused(items: list[dict[str, object]], message: str) -> None:
    """A card with a hole, an overlap or points against a feature's direction never scores anyone."""
    with pytest.raises(ValidationError, match=message):
        card(*items)
