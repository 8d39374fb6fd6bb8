"""Columns that no model may learn from are known by their names."""

import pytest

from suixin.features.registry import FEATURES
from suixin.scoring.forbidden import forbidden


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("customer_gender", "sex"),
        ("SEX", "sex"),
        ("性别", "sex"),
        ("minzu", "ethnic group"),
        ("religion", "religion"),
        ("age", "age"),
        ("owner_birth_year", "age"),
        ("marital_status", "family status"),
        ("health_score", "health"),
        ("political_status", "politics"),
        ("id_number", "an identifier"),
        ("phone", "an identifier"),
        ("rating", "the answer itself"),
        ("defaulted", "the answer itself"),
        ("dpd", "the answer itself"),
    ],
)
def test_forbidden(name, what):
    """What the law or decency keeps out, in English and Chinese, as a word of the name."""
    assert forbidden(name) == what


@pytest.mark.parametrize(
    "name", ["average_order", "coverage", "sextile", "days_since_order", "packaging", "trace"]
)
def test_a_word_within_a_word_says_nothing(name):
    """`coverage` is not `age`."""
    assert forbidden(name) is None


def test_no_registered_feature_is_forbidden():
    """What the library itself computes may be learned from."""
    assert [name for name in FEATURES if forbidden(name)] == []
