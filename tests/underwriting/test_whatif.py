"""Values that a reviewer sets by hand are read in their units, and slips are refused with the mend."""

import pytest

from suixin.errors import UsageError
from suixin.underwriting.whatif import read_settings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("household_debt=20000", 20_000.0),
        ("household_debt=0.5", 0.5),
        ("top_buyer_share=0.35", 0.35),
        ("top_buyer_share=35%", 0.35),
        ("top_buyer_share = 4.35 ％", 0.0435),
        ("top_buyer_share=1", 1.0),
        ("debt_to_sales=120%", 1.2),
        ("genuine_growth_yoy_90d=-0.2", -0.2),
        ("growth_4w_12w=300%", 3.0),
        ("invoice_margin_365d=-40%", -0.4),
        ("refund_rate_365d=130%", 1.3),
        ("lowest_balance_90d=-350.5", -350.5),
        ("warmth_anomaly_30d=-2.5", -2.5),
        ("delivery_days_180d=2.5", 2.5),
        ("lenders=2.0", 2.0),
        ("lenders=unknown", None),
        ("lenders=Unknown", None),
    ],
)
def test_values_in_their_units(text: str, value: float | None) -> None:
    """Money in major units, shares as fractions or percentages, unknown as None."""
    assert list(read_settings([text]).values()) == [value]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["lenders"], "'lenders' sets nothing; write --set feature=value"),
        # closest first
        (["top_buyer=0.3"], "no feature is called 'top_buyer'; the closest are top_buyer_share"),
        (["zzz=1"], "no feature is called 'zzz'; docs/reference/features.md lists them"),
        (["lenders=1", "lenders=2"], "lenders is set twice; set it once"),
        (["lenders=many"], "lenders=many: the value is no number; write a number, or unknown"),
        (["lenders="], "lenders=: the value is no number"),
        (["lenders=nan"], "lenders=nan: the value is no number"),
        (["household_debt=1e300"], "household_debt=1e300: the value is no number"),
        (["household_debt=5%"], "household_debt=5%: the value is no number; write a number, or unknown"),
        (["top_buyer_share=x"], "write a number or a percentage, or unknown"),
        (["top_buyer_share=35"], "top_buyer_share=35: a share is a fraction; write 35%"),
        (["debt_to_sales=3"], "debt_to_sales=3: a share is a fraction; write 3% or 300%"),
        (["top_buyer_share=150%"], "top_buyer_share=150%: is above 100%; give 0% to 100%"),
        (["top_buyer_share=-0.1"], "top_buyer_share=-0.1: is below 0%; give 0% to 100%"),
        (["growth_yoy_90d=-101%"], "growth_yoy_90d=-101%: is below -100%; give -100% or more"),
        (["lenders=-1"], "lenders=-1: is below 0; give 0 or more"),
        (["lenders=2.5"], "lenders=2.5: is no whole number; give 2 or 3"),
        (["genuine_season_hhi_12m=1.2"], "is above 1; give 0 to 1"),
        (["gmv_365d=-0.01"], "is below 0; give 0 or more"),
        (["selling_months_12m=13"], "is above 12; give 0 to 12"),
        (["review_mean_365d=0.5"], "is below 1; give 1 to 5"),
        (
            ["household_debt=9999999999999"],
            "household_debt=9999999999999: is too large; stay within 1,000,000,000,000",
        ),
    ],
)
def test_slips(texts: list[str], message: str) -> None:
    """Each is one line that names the value and the mend."""
    with pytest.raises(UsageError) as refused:
        read_settings(texts)
    assert message in str(refused.value)
