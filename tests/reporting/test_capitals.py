"""Amounts in the capital figures of Chinese contracts."""

import pytest

from suixin.errors import UsageError
from suixin.reporting.capitals import in_capitals


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        # the examples of the rules on filling in bills (正确填写票据和结算凭证的基本规定, 1997), annex 1
        (140_950, "人民币壹仟肆佰零玖元伍角整"),
        (600_714, "人民币陆仟零柒元壹角肆分"),
        (168_032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (
            10_700_053,
            "人民币壹拾万柒仟元伍角叁分",
        ),  # of a nought at 万 or 元 the rules leave it free to write 零
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32_504, "人民币叁佰贰拾伍元零肆分"),
        # noughts at every place, and the ends
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角整"),
        (100, "人民币壹元整"),
        (1_000, "人民币壹拾元整"),
        (3_000_000, "人民币叁万元整"),
        (10_000_100, "人民币壹拾万零壹元整"),
        (100_000_000, "人民币壹佰万元整"),
        (10_000_000_000, "人民币壹亿元整"),
        (10_000_010_000, "人民币壹亿零壹佰元整"),
        (10_010_000_000, "人民币壹亿零壹拾万元整"),
        (123_456_789_012, "人民币壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
    ],
)
def test_an_amount_in_capitals(fen, expected):
    """A stroke too few would be another amount."""
    assert in_capitals(fen) == expected


@pytest.mark.parametrize("fen", [-1, 10**18, 1.5, True])
def test_what_no_contract_names_is_refused(fen):
    """Below nil, beyond what a ledger holds, or no whole fen."""
    with pytest.raises(UsageError):
        in_capitals(fen)
