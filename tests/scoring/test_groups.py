"""The group report: figures worked out by hand, intervals against published values, and what must stay hidden."""

import json
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.scoring.groups import Estimate, delong, group_report, wilson

NAN = float("nan")
Z95 = NormalDist().inv_cdf(0.975)


def rows(*groups):
    """(label, how many, pd, approved, outcome), repeated; as arguments of `group_report`."""
    columns = zip(*((one[0], *one[2:]) for one in groups for _ in range(one[1])), strict=True)
    return [list(column) for column in columns]


COUNTY = rows(
    ("east", 30, 0.1, True, 0),  # 40 rows: 30 approved and paid, 4 declined though they would have paid,
    ("east", 4, 0.2, False, 0),  # 2 approved defaulters, 4 declined ones
    ("east", 2, 0.1, True, 1),
    ("east", 4, 0.4, False, 1),
    ("west", 50, 0.05, True, 0),
    ("west", 10, 0.3, False, NAN),
)


def test_the_figures_of_a_group_by_hand():
    """East: 32 of 40 approved, 6 defaults, 4 of 34 good borrowers declined, 2 of 6 bad ones approved."""
    report = group_report("region", *COUNTY)
    east = report.groups["east"]
    assert (east.n, east.approval_rate, east.outcomes_absent) == (40, 0.8, None)
    assert east.mean_pd == pytest.approx((30 * 0.1 + 4 * 0.2 + 2 * 0.1 + 4 * 0.4) / 40, abs=1e-15)
    assert (east.outcomes.known, east.outcomes.defaults) == (40, 6)
    assert east.outcomes.default_rate.value == 0.15
    assert east.outcomes.calibration.value == pytest.approx(0.14 - 0.15, abs=1e-15)
    assert east.outcomes.calibration.low == pytest.approx(0.14 - east.outcomes.default_rate.high, abs=1e-15)
    assert east.outcomes.calibration.high == pytest.approx(0.14 - east.outcomes.default_rate.low, abs=1e-15)
    assert east.outcomes.false_decline_rate == 4 / 34
    assert east.outcomes.false_approve_rate == 2 / 6
    assert east.outcomes.auc is None
    assert east.outcomes.auc_absent == "6 defaults and 34 paid: an AUC needs 10 of each"


def test_figures_without_a_denominator_are_absent():
    """West: nobody defaulted, so no false approval can be told; ten outcomes are not known and count nowhere."""
    report = group_report("region", *COUNTY)
    west = report.groups["west"]
    assert (west.n, west.approval_rate) == (60, 50 / 60)
    assert (west.outcomes.known, west.outcomes.defaults) == (50, 0)
    assert west.outcomes.false_approve_rate is None
    assert west.outcomes.false_decline_rate == 0.0
    against = west.against(report.whole)
    assert against["approval_rate"] == pytest.approx(50 / 60 - 82 / 100, abs=1e-15)
    assert against["default_rate"] == pytest.approx(0 - 6 / 90, abs=1e-15)
    assert against["false_decline_rate"] == pytest.approx(0 - 4 / 84, abs=1e-15)
    assert against["false_approve_rate"] is None
    assert against["auc"] is None
    assert report.whole.n == 100
    assert report.hidden == ()


def test_json_is_plain_and_whole():
    """What is printed is what was worked out, with each group beside the whole."""
    report = group_report("region", *COUNTY)
    document = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert set(document) == {"attribute", "smallest", "whole", "groups", "hidden"}
    assert document["groups"]["east"]["outcomes"]["default_rate"]["value"] == 0.15
    assert document["groups"]["east"]["against_whole"]["mean_pd"] == pytest.approx(0.14 - 0.111, abs=1e-12)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_newcombe_s_table(hits, n, low, high):
    """The published 95 % intervals, to four places."""
    found = wilson(hits, n, Z95)
    assert (found.value, round(found.low, 4), round(found.high, 4)) == (hits / n, low, high)


def test_wilson_stays_within_0_and_1():
    """All of them: the upper end is 1, the mirror of none of them."""
    assert wilson(20, 20, Z95).high == 1.0
    assert wilson(20, 20, Z95).low == pytest.approx(1 - 0.1611, abs=5e-5)


def test_delong_by_hand():
    """Bad 0.8, 0.4 against good 0.5, 0.3, 0.4: five and a half of six pairs in order; both variances by fractions."""
    found = delong(np.array([0.8, 0.4]), np.array([0.5, 0.3, 0.4]), 1.0)
    placements = np.array([1.0, 1.5 / 3]), np.array([0.5, 1.0, 0.75])
    assert found.value == 4.5 / 6
    spread = np.sqrt(placements[0].var(ddof=1) / 2 + placements[1].var(ddof=1) / 3)
    assert spread == pytest.approx(np.sqrt(0.125 / 2 + 0.0625 / 3), abs=1e-15)
    assert found.low == pytest.approx(0.75 - spread, abs=1e-15)
    assert found.high == 1.0  # 0.75 + 0.289 is cut


@given(
    st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.5]), min_size=2, max_size=8),
    st.lists(st.sampled_from([0.1, 0.2, 0.4, 0.5]), min_size=2, max_size=8),
)
def test_delong_agrees_with_all_pairs(bad, good):
    """The ranks give what comparing every pair gives, ties counting half; the interval holds the figure."""
    order = np.sign(np.subtract.outer(bad, good)) / 2 + 0.5
    found = delong(np.array(bad), np.array(good), Z95)
    assert found.value == pytest.approx(order.mean(), abs=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1
    variance = order.mean(axis=1).var(ddof=1) / len(bad) + order.mean(axis=0).var(ddof=1) / len(good)
    if found.low > 0 and found.high < 1:
        assert found.high - found.low == pytest.approx(2 * Z95 * np.sqrt(variance), abs=1e-12)


def test_a_perfect_auc_keeps_an_interval():
    """Ten of each without overlap prove little: the lower end is Wilson's for ten of ten."""
    low, high = np.linspace(0.1, 0.3, 10), np.linspace(0.6, 0.9, 12)
    assert delong(high, low, Z95) == wilson(10, 10, Z95)
    assert delong(low, high, Z95) == wilson(0, 10, Z95)
    assert delong(high, low, Z95).low == pytest.approx(0.7225, abs=5e-5)


def test_an_auc_needs_ten_of_each():
    """Ten defaults and ten paid give one, nine do not."""
    both = [("a", 25, 0.1, True, 0), ("a", 10, 0.3, False, 1)]
    enough = group_report("size", *rows(*both))
    assert enough.whole.outcomes.auc == wilson(10, 10, Z95)
    assert enough.whole.outcomes.auc_absent is None
    few = group_report("size", *rows(both[0], ("a", 9, 0.3, False, 1)))
    assert few.whole.outcomes.auc is None
    assert few.whole.outcomes.auc_absent == "9 defaults and 25 paid: an AUC needs 10 of each"


def sized(**sizes):
    return rows(*((label, size, 0.1, True, 0) for label, size in sizes.items()))


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 30, "b": 30}, ()),
        ({"a": 29, "b": 30, "c": 40}, ("a", "b")),  # b goes with a: else the whole less b and c is a
        ({"a": 5, "b": 6, "c": 31, "d": 40}, ("a", "b", "c")),  # 11 rows together are still too few
        ({"a": 15, "b": 16, "c": 40}, ("a", "b")),
        ({"a": 10, "b": 90}, ("a", "b")),
        ({"b": 30, "a": 30, "c": 3}, ("a", "c")),  # of equals the first by name
    ],
)
def test_no_group_can_be_had_by_subtraction(sizes, hidden):
    """What is hidden is never one group alone, nor fewer rows than may be shown."""
    report = group_report("region", *sized(**sizes))
    assert report.hidden == hidden
    assert sorted([*report.groups, *report.hidden]) == sorted(sizes)
    assert report.whole.n == sum(sizes.values())


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 60), min_size=1), st.integers(1, 40))
def test_hiding_is_safe_for_any_sizes(sizes, smallest):
    """Property: shown groups are large enough; the hidden ones are none, or several with enough rows, or all."""
    if sum(sizes.values()) < smallest:
        return
    report = group_report("region", *sized(**sizes), smallest=smallest)
    assert all(figures.n >= smallest for figures in report.groups.values())
    together = report.whole.n - sum(figures.n for figures in report.groups.values())
    assert not report.hidden or not report.groups or (len(report.hidden) > 1 and together >= smallest)


def test_few_known_outcomes_are_hidden_like_few_rows():
    """40 rows with 2 outcomes: approval is shown, who defaulted is not, nor by subtracting the other groups."""
    report = group_report(
        "region",
        *rows(
            ("a", 2, 0.1, True, 1),
            ("a", 38, 0.1, True, NAN),
            ("b", 35, 0.1, True, 0),
            ("c", 50, 0.1, True, 0),
        ),
    )
    absent = {label: figures.outcomes_absent for label, figures in report.groups.items()}
    assert absent == {
        "a": "fewer than 30 known outcomes",
        "b": "would give a smaller group away",
        "c": None,
    }
    assert report.groups["a"].approval_rate == 1.0
    assert report.groups["b"].outcomes is None
    assert report.groups["c"].outcomes.default_rate == wilson(0, 50, Z95)
    assert report.groups["b"].against(report.whole)["default_rate"] is None
    unknown = group_report("region", *rows(("a", 40, 0.1, True, NAN), ("b", 40, 0.1, True, 0)))
    assert unknown.groups["a"].outcomes is None
    assert unknown.groups["b"].outcomes.defaults == 0  # nothing to give away: a has no outcome at all


def test_the_level_is_the_asked_one():
    """At 90 % the interval is narrower than at 95 %."""
    narrow = group_report("region", *COUNTY, level=0.9).whole.outcomes.default_rate
    assert narrow == wilson(6, 90, NormalDist().inv_cdf(0.95))
    assert isinstance(narrow, Estimate)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({0: ["a"] * 39}, "rows of one length"),
        ({0: [None] * 40}, "a label is no text"),
        ({1: [1.1] * 40}, "a PD is not between 0 and 1"),
        ({1: [NAN] * 40}, "a PD is not between 0 and 1"),
        ({2: [1] * 40}, "approved must be true or false"),
        ({3: [2] * 40}, "an outcome is neither 0, 1 nor missing"),
    ],
)
def test_wrong_rows_are_refused(changed, said):
    """Never a rate of something that is no rate."""
    columns = sized(a=40)
    for position, column in changed.items():
        columns[position] = column
    with pytest.raises(ValueError, match=said):
        group_report("region", *columns)


def test_too_few_rows_are_no_report():
    """29 rows are not shown as a whole either."""
    with pytest.raises(ValueError, match="29 rows are too few to show: a report needs 30"):
        group_report("region", *sized(a=29))
