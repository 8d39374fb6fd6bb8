"""The picture of a season: the same figures as its table, within its frame."""

from datetime import date

import pytest
from django.utils import translation

from suixin.server.pages.charts import sales, season
from suixin.server.pages.templatetags.words import charted


def test_bars_stand_in_proportion_within_the_frame():
    """The highest fills the room; what a bad year does not cover is marked, and nothing below nil is drawn."""
    drawn = season(["01", "02"], good=[800, 100], usual=[400, 200], bad=[100, -5], due=[200])
    assert [(one.good_minor, one.usual_minor, one.bad_minor, one.due_minor) for one in drawn.months] == [
        (800, 400, 100, 200),
        (100, 200, 0, 0),
    ]
    assert [one.is_over for one in drawn.months] == [True, False]
    assert [one.covered for one in drawn.months] == [0.5, None]
    assert (drawn.crosses, season(["01"], usual=[1], bad=[2], due=[0]).crosses) == (False, True)
    assert [(bar.kind, bar.height) for bar in drawn.bars] == [
        ("bar-good", 184.0), ("bar-in", 92.0), ("bar-bad", 23.0), ("over", 46.0),
        ("bar-good", 23.0), ("bar-in", 46.0), ("bar-bad", 0.0), ("bar-out", 0.0),
    ]  # fmt: skip
    assert all(bar.y + bar.height == drawn.floor and bar.x + bar.width < drawn.right for bar in drawn.bars)


def test_a_season_without_a_fen_is_a_flat_line():
    """Nobody divides by nothing."""
    assert {bar.height for bar in season(["01"], usual=[0], bad=[0], due=[0]).bars} == {0.0}


def test_what_was_sold_stands_beside_what_was_expected():
    """A month of which nothing could be expected has one bar, and no share; the highest of all fills the room."""
    drawn = sales([("2025-12-01", 50, None), ("2025-12-31", 25, 100)])
    assert [(one.label, one.share) for one in drawn.months] == [("25-11", None), ("25-12", 0.25)]
    assert [(bar.kind, bar.height) for bar in drawn.bars] == [
        ("bar-in", 92.0), ("bar-bad", 184.0), ("bar-in", 46.0),
    ]  # fmt: skip
    assert all(bar.y + bar.height == drawn.floor and bar.x + bar.width < drawn.right for bar in drawn.bars)
    assert drawn.months[1].last_on == date(2025, 12, 31)
    assert sales([]).bars == ()


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (0, "0.00元", "¥0.00"),
        (99_999, "999.99元", "¥999.99"),
        (899_972, "9,000元", "¥9,000"),
        (1_162_152, "1.16万元", "¥11,622"),
        (11_621_527, "11.62万元", "¥116,215"),
    ],
)
def test_the_figures_of_a_picture_stand_on_a_telephone(fen, zh, en):
    """From 1,000 yuan on without the fen, which have no room in a column of five at 390 pixels."""
    with translation.override("zh-hans"):
        assert charted(fen) == zh
    with translation.override("en"):
        assert charted(fen) == en
