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
        (["top_buyer_share=35"], "top_buyer_share=35: a share is a fraction; write 35% or 3500%"),
        (["lenders=-1"], "lenders=-1: is below nil; give 0 or more"),
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
