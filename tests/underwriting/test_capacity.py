"""What a household can carry, worked out by hand."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from suixin.underwriting.capacity import affordable, capacity
from suixin.underwriting.policy import shipped_policy
from suixin.underwriting.season_fit import fitted, lowest_coverage
from underwriting.test_season_fit import START

TERMS = shipped_policy("CNY").policy.capacity
YEAR = [1_000_000] * 12


def amounts(features: dict[str, float | None], sales: list[int] | None = None) -> dict[str, int]:
    return {part.name: part.amount_fen for part in capacity(TERMS, features, sales or YEAR).parts}


def test_everything_assumed() -> None:
    """120,000 of sales: 5 % fees, 8 % freight, 50 % goods, three people at 520 a month, 70 % of the rest."""
    assert amounts({}) == {
        "sales_bad_year": 12_000_000,
        "platform_fees": -600_000,
        "freight": -960_000,
        "cost_of_goods": -6_000_000,
        "margin": 4_440_000,
        "living": -1_872_000,
        "debt_service": 0,
        "available": 2_568_000,
        "debt_service_room": 1_797_600,
    }


def test_what_is_measured_counts() -> None:
    """Fees of 2 %, goods of 60 % by invoices, a fifth of the harvest lost, two people, 500 a month to others."""
    features = {
        "fee_share_365d": 0.02,
        "invoice_margin_365d": 0.4,
        "harvest_months": 3.0,
        "household_members": 2.0,
        "monthly_debt_service": 500.0,
    }
    found = amounts(features)
    assert found["platform_fees"] == -240_000
    assert found["cost_of_goods"] == -7_200_000
    assert found["produce_loss"] == -1_800_000  # 7,200,000 bought 80 % of what was grown
    assert (
        found["living"] == -900_000
    )  # 2 x 520 x 12 is 12,480.00, and half of the margin of 18,000.00 is less
    assert found["debt_service"] == -600_000
    assert found["available"] == 300_000
    bases = {part.name: (part.basis, part.feature) for part in capacity(TERMS, features, YEAR).parts}
    assert bases["cost_of_goods"] == ("measured", "invoice_margin_365d")
    assert bases["freight"] == ("assumed", "")


def test_who_brushed_is_doubted() -> None:
    """A fifth of sales to himself: 4 % more is doubted, and invoices of 120 show goods of 72, which is 60 % and not 50."""
    found = amounts({"self_dealing_share_365d": 0.2, "invoice_margin_365d": 0.52})
    assert found["doubted_sales"] == -480_000
    assert found["cost_of_goods"] == -7_200_000


def test_invoices_are_believed_within_bounds() -> None:
    """Purchases above sales are not read as a shop that gives goods away, nor few purchases as goods for nothing."""
    assert amounts({"invoice_margin_365d": -2.0})["cost_of_goods"] == -10_800_000
    assert amounts({"invoice_margin_365d": 0.99})["cost_of_goods"] == -3_600_000


def test_nothing_is_left_of_nothing() -> None:
    """Without sales, or with debts above all that is left, there is no room and no share."""
    assert amounts({}, [0] * 12)["debt_service_room"] == 0
    held = capacity(TERMS, {"monthly_debt_service": 10_000.0}, YEAR)
    assert (held.share, held.available(YEAR), affordable(held, YEAR, 0.15, 0.0)) == (
        Fraction(0),
        (0,) * 12,
        0,
    )


def test_the_largest_loan_is_the_present_value_of_its_room() -> None:
    """1,498.00 a month for a year at 12 %: 1,498 x 11.2551 = 16,860.10; a fee of 1 % leaves 16,693.17."""
    held = capacity(TERMS, {}, YEAR)
    assert affordable(held, YEAR, 0.12, 0.0) == 1_686_010
    assert affordable(held, YEAR, 0.12, 0.01) == 1_669_317


@given(
    sales=st.lists(st.integers(0, 5_000_000), min_size=12, max_size=12).filter(lambda s: sum(s) > 1_000_000)
)
def test_what_is_affordable_is_repaid_within_the_room(sales: list[int]) -> None:
    """The fitted schedule of the largest loan asks no month for more than its part of what is left, but for fen."""
    held = capacity(TERMS, {}, sales)
    amount = affordable(held, sales, 0.15, 0.0)
    if amount > 10_000:
        left = held.available(sales)
        covered = lowest_coverage(fitted(amount, Decimal("0.15"), START, left), left)
        assert covered is not None
        assert covered >= 1 / TERMS.service_share.value * (1 - 0.002) or min(filter(None, left)) < 2_000
