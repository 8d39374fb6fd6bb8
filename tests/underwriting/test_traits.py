"""Which group a merchant belongs to, on both sides of each edge."""

import pytest

from suixin.underwriting.traits import DIMENSIONS, UNKNOWN, Known, known, quarters, traits

EDGES = [1_000.0, 2_000.0, 3_000.0]


def of(**parts: object) -> dict[str, str]:
    """Dimension -> name of the group; what is not given is not known."""
    nothing = dict.fromkeys(("region_code", "legal_form", "sales", "days", "borrowed"))
    found = traits(Known(**{**nothing, **parts}), EDGES, "CNY")  # type: ignore[arg-type]
    return {dimension: name for dimension, (_, name) in found.items()}


def test_nothing_is_known() -> None:
    """Who is not known belongs to the unknown, in every dimension, and these come last."""
    assert of() == dict.fromkeys(DIMENSIONS, "unknown")
    assert UNKNOWN == (99, "unknown")


def test_a_village_belongs_to_its_township() -> None:
    """The first nine of a village's twelve digits; a code of another kind stands as it is."""
    assert of(region_code="999901105101")["township"] == "999901105"
    assert of(region_code="SP")["township"] == "SP"


@pytest.mark.parametrize(
    ("sales", "group"),
    [
        (-1.0, "below 1,000 CNY"),
        (999.99, "below 1,000 CNY"),
        (1_000.0, "1,000 to 2,000 CNY"),
        (2_999.0, "2,000 to 3,000 CNY"),
        (3_000.0, "from 3,000 CNY"),
    ],
)
def test_size(sales: float, group: str) -> None:
    """An edge belongs to the upper quarter."""
    assert of(sales=sales)["annual_sales"] == group


@pytest.mark.parametrize(
    ("days", "group"),
    [
        (0.0, "under 6 months"),
        (180.0, "6 to 12 months"),
        (365.0, "1 to 2 years"),
        (729.0, "1 to 2 years"),
        (730.0, "2 years or more"),
    ],
)
def test_tenure(days: float, group: str) -> None:
    """Half a year, a year and two years are the edges, in days."""
    assert of(days=days)["tenure"] == group


@pytest.mark.parametrize(
    ("features", "borrowed"),
    [
        ({"loans_taken": None, "lenders": None}, False),
        ({"loans_taken": 0.0}, False),
        ({"loans_taken": 1.0, "lenders": 0.0}, True),
        # a loan of another lender, from the bureau
        ({"loans_taken": None, "lenders": 1.0}, True),
        # a lake that tells of neither
        ({}, None),
    ],
)
def test_who_borrows_for_the_first_time(features: dict[str, float | None], borrowed: bool | None) -> None:
    """Neither an own loan nor a debt of the household is known; without such a table nobody knows."""
    assert known(features, "", "").borrowed is borrowed


def test_quarters() -> None:
    """The edges of 0, 1, 2, 3, 4 are 1, 2, 3; who has no sales does not count, and one alone has no quarter."""
    everybody = [known({"genuine_gmv_365d": value}, "", "") for value in (4.0, 0.0, None, 1.0, 3.0, 2.0)]
    assert quarters(everybody) == [1.0, 2.0, 3.0]
    assert quarters(everybody[:1]) == []
    assert traits(everybody[0], [], "CNY")["annual_sales"] == UNKNOWN
