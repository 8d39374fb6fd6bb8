"""What a model learns from: every kind of table gives the same sample, and bad input is refused where it enters."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borrowers import DIRECTED, FIRST_DAY, borrowers, drawn
from suixin.errors import UsageError
from suixin.scoring.sample import sample_of

TABLE = borrowers(300, 3)


class Arrow:
    """A table that is known by nothing but its Arrow stream."""

    def __init__(self, frame):
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema=None):
        return self.frame.__arrow_c_stream__(requested_schema)


def as_pandas(frame, **dtypes):
    table = pd.DataFrame(frame.to_dict(as_series=False))
    return table.astype(dtypes) if dtypes else table


def assert_equal(one, other):
    assert (one.names, one.signs) == (other.names, other.signs)
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.y, other.y)
    np.testing.assert_array_equal(one.days, other.days)
    assert (one.indeterminate, dict(one.left_out)) == (other.indeterminate, dict(other.left_out))


def test_the_sample_is_the_table():
    """Values are kept to the bit, null is NaN, signs come from the registry, the day and the target are no features."""
    sample = drawn()
    assert sample.names == (*DIRECTED, "genuine_ticket_365d", "noise")
    assert sample.signs == (-1, 1, 1, 1, 0, 0)
    assert sample.directions == DIRECTED
    np.testing.assert_array_equal(
        sample.x, borrowers().select(sample.names).fill_null(float("nan")).to_numpy()
    )
    assert sample.y.tolist() == borrowers()["defaulted"].cast(pl.Int64).to_list()
    assert sample.defaults == borrowers()["defaulted"].sum()
    np.testing.assert_array_equal(sample.days, FIRST_DAY + np.arange(600))


@pytest.mark.parametrize(
    "other",
    [
        as_pandas(TABLE),
        as_pandas(TABLE, noise="Float64", defaulted="boolean", day="Int64"),
        Arrow(TABLE),
        TABLE.with_columns(pl.col("noise").fill_null(float("nan")), pl.col("defaulted").cast(pl.UInt8)),
    ],
    ids=["pandas", "pandas with its own nulls", "arrow", "nan and 0/1"],
)
def test_every_kind_of_table_gives_the_same_sample(other):
    """Polars, pandas and Arrow are three ways to say the same."""
    assert_equal(sample_of(other, day="day"), sample_of(TABLE, day="day"))


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
def test_rows_without_an_outcome_are_counted_and_left_out(kind):
    """Null in the target is 'not known yet', also where pandas holds truths and gaps as objects."""
    outcomes = [*[True] * 12, None, *[False] * 15, None]
    sample = sample_of(kind({"a": list(range(29)), "defaulted": outcomes}))
    assert (len(sample.y), sample.indeterminate, sample.defaults) == (27, 2, 12)
    assert sample.x[:, 0].tolist() == [*range(12), *range(13, 28)]


def test_dates_are_day_numbers():
    """A date, an instant on its own zone's calendar and a day number of the same day are the same day."""
    start = date(1970, 1, 1) + timedelta(days=FIRST_DAY)
    dates = pl.Series([start + timedelta(days=i) for i in range(300)])
    midnights = dates.cast(pl.Datetime("us"))
    for days in (dates, midnights, midnights.dt.replace_time_zone("Asia/Shanghai")):
        assert_equal(sample_of(TABLE.with_columns(day=days), day="day"), sample_of(TABLE, day="day"))
    instants = as_pandas(TABLE).assign(day=pd.to_datetime(dates.to_list()).tz_localize("Asia/Shanghai"))
    assert_equal(sample_of(instants, day="day"), sample_of(TABLE, day="day"))
    objects = as_pandas(TABLE).assign(day=dates.to_list())
    assert_equal(sample_of(objects, day="day"), sample_of(TABLE, day="day"))


def test_directions_given_go_before_the_registry():
    """An analyst says what the registry does not know, or knows otherwise."""
    sample = sample_of(TABLE.drop("day"), directions={"noise": 3, "debt_to_sales": 0})
    assert dict(zip(sample.names, sample.signs, strict=True)) == {
        **DIRECTED, "debt_to_sales": 0, "genuine_ticket_365d": 0, "noise": 1
    }  # fmt: skip


def test_what_is_not_used_is_named():
    """Text, forbidden, all-null and constant columns are left out, each with the reason."""
    table = TABLE.with_columns(
        village=pl.lit("a"),
        customer_gender=pl.lit(1),
        empty=pl.lit(None, pl.Float64),
        nothing=pl.lit(None),
        always=pl.lit(7.0),
        endless=pl.lit(float("inf")),
        now_and_then=pl.when(pl.col("noise") > 0).then(1.0),
    )
    sample = sample_of(table, day="day")
    assert dict(sample.left_out) == {
        "village": "not a number",
        "customer_gender": "forbidden: sex",
        "empty": "never known",
        "nothing": "not a number",
        "always": "always 7",
        "endless": "never known",
    }
    assert sample.names[-1] == "now_and_then"  # known or not is itself a difference


def test_some_rows_and_some_columns():
    """Parts of a sample keep what belongs together."""
    sample = drawn()
    part = sample.rows(np.array([4, 2])).columns([1, 4])
    assert (part.names, part.signs) == (("debt_to_sales", "genuine_ticket_365d"), (1, 0))
    np.testing.assert_array_equal(part.x, sample.x[[4, 2]][:, [1, 4]])
    assert (part.y.tolist(), part.days.tolist()) == (
        sample.y[[4, 2]].tolist(),
        [FIRST_DAY + 4, FIRST_DAY + 2],
    )
    less = sample.without({"noise": "a test"})
    assert (less.names, less.left_out["noise"]) == (sample.names[:-1], "a test")


def outcomes(bad, good):
    return pl.DataFrame({"a": list(range(bad + good)), "defaulted": [1] * bad + [0] * good})


GOODS = outcomes(12, 20)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (outcomes(0, 50), {}, "all 50 outcomes are good: there is nothing to tell apart"),
        (outcomes(50, 0), {}, "all 50 outcomes are defaults"),
        (outcomes(9, 50), {}, "only 9 defaults, and a model needs 10; keep to the policy's expert card"),
        (outcomes(50, 9), {}, "only 9 good borrowers, and a model needs 10"),
        (GOODS.clear(), {}, "no row has a known outcome"),
        (GOODS.with_columns(defaulted=pl.lit(None, pl.Boolean)), {}, "no row has a known outcome"),
        (GOODS.with_columns(a=pl.lit(1.0)), {}, "no feature is left to learn from (a: always 1)"),
        (GOODS.with_columns(a=pl.lit(None, pl.Float64)), {}, "no feature is left to learn from (a: never known)"),
        (GOODS.select("defaulted"), {}, "no feature is left to learn from (the table has none)"),
        (GOODS, {"features": []}, "no feature is left to learn from"),
        (GOODS.with_columns(pl.col("defaulted") * 2), {}, "the target 'defaulted' holds 2; it must be binary"),
        (GOODS.with_columns(pl.col("defaulted") / 2), {}, "the target 'defaulted' holds 0.5; it must be binary"),
        (GOODS.with_columns(pl.lit("yes").alias("defaulted")), {}, "the target 'defaulted' is String"),
        (GOODS, {"target": "late"}, "the table has no column 'late'; it has a, defaulted"),
        (GOODS, {"features": ["b"]}, "the table has no column 'b'"),
        (GOODS, {"day": "on"}, "the table has no column 'on'"),
        (GOODS.with_columns(sex=1), {"features": ["a", "sex"]}, "feature 'sex' is sex, which no model may use"),
        (GOODS.with_columns(c=pl.lit("x")), {"features": ["c"]}, "feature 'c' is String, not a number"),
        (GOODS.rename({"defaulted": "bad"}), {"target": "bad", "features": ["a", "bad"]}, "'bad' is the target"),
        (GOODS.with_columns(on=pl.lit("x")), {"day": "on"}, "the day 'on' is String; give a date or a day number"),
        (
            GOODS.with_columns(on=pl.when(pl.col("a") > 2).then(1)),
            {"day": "on"},
            "the day 'on' is missing in 3 rows",
        ),
        (GOODS.lazy(), {}, "a LazyFrame is no table of rows"),
        ([1, 2], {}, "a list is no table of rows"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(table, options, message):
    """Each with one sentence that names the column and the mend."""
    with pytest.raises(UsageError) as refused:
        sample_of(table, **options)
    assert message in str(refused.value)


@given(st.lists(st.sampled_from([0, 1, None]), min_size=0, max_size=80))
def test_ten_of_each_or_a_refusal(values):
    """A sample has at least ten defaults and ten good borrowers, and every row is in it or counted."""
    table = pl.DataFrame({"a": list(range(len(values))), "defaulted": pl.Series(values, dtype=pl.Int8)})
    try:
        sample = sample_of(table)
    except UsageError:
        assert min(values.count(0), values.count(1)) < 10
    else:
        assert (sample.defaults, len(sample.y)) == (values.count(1), len(values) - values.count(None))
        assert sample.indeterminate == values.count(None)
