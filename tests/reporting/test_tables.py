"""Decisions as a table."""

from dataclasses import replace

import polars as pl

from suixin.reporting.tables import decisions_table
from suixin.underwriting.decision import Reason


def test_whole_numbers_of_a_policy_among_fractions(county) -> None:
    """A score below 620.5 and a bureau report older than 100 days stand in one list of reasons."""
    reasons = (
        Reason("check.score_below_approve", "", 600.5, 620.5, outcome="refer"),
        Reason("check.bureau_stale", "bureau_age_days", 120, 100, outcome="refer"),
    )
    table = decisions_table([replace(county(20).decisions[0], reasons=reasons)])
    struct = table["reasons"].explode().struct
    assert struct.field("threshold").to_list() == [620.5, 100.0]
    assert struct.field("threshold").dtype == pl.Float64
