"""The model card's tables of pairs."""

from suixin.reporting.model_card import crossed
from suixin.reporting.wording import words

CARD = {
    "crossed": [
        {
            "features": ["monthly_debt_service", "of_our_own"],
            "edges": [[120.5], [0.02, 0.05]],
            "points": [[40, 12, -7, 0], [31, -1200, -1300, 3], [0, 0, 0, 0]],
        }
    ]
}


def test_a_pair_is_a_table_to_look_up() -> None:
    """Bands of one feature down, of the other across, in both languages; the points as they are."""
    told = crossed(words("en"), CARD)
    assert told[1] == "## Pairs with points of their own"
    assert told[5].startswith("### ")
    assert told[5].endswith(" × of_our_own")
    assert told[-4:] == [
        "|---|---|---|---|---|",
        "| below 120.5 | 40 | 12 | -7 | 0 |",
        "| from 120.5 | 31 | -1,200 | -1,300 | 3 |",
        "| unknown | 0 | 0 | 0 | 0 |",
    ]
    assert told[-5].endswith("| below 0.02 | 0.02 to below 0.05 | from 0.05 | unknown |")
    zh = crossed(words("zh"), CARD)
    assert zh[1] == "## 另有联合计分的特征对"
    assert zh[-5].endswith("| 低于 0.02 | 0.02 至 0.05（不含） | 0.05 及以上 | 未知 |")


def test_a_card_without_pairs_says_nothing_of_them() -> None:
    """Nor does a model that is no card."""
    assert crossed(words("en"), {"crossed": []}) == crossed(words("zh"), {}) == []
