"""Decisions as a table."""

from dataclasses import replace

import polars as pl

from suixin.reporting.tables import decisions_table, features_table, read_decision
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


def test_how_a_shop_stands_comes_back_and_an_older_book_lacks_it(county, tmp_path) -> None:
    """A decision is read as it was written; without the column, or with nothing in it, nobody knows."""
    decision = county(20).decisions[0]
    features_table([decision], list(decision.features)).write_parquet(tmp_path / "features.parquet")
    table = decisions_table([decision])
    table.write_parquet(tmp_path / "decisions.parquet")
    assert read_decision(tmp_path, decision.merchant_id).forecast == decision.forecast
    assert decision.forecast.standing is not None
    empty = decisions_table([replace(decision, forecast=replace(decision.forecast, standing=None))])
    for older in (table.drop("standing"), empty):
        older.write_parquet(tmp_path / "decisions.parquet")
        assert read_decision(tmp_path, decision.merchant_id).forecast.standing is None
