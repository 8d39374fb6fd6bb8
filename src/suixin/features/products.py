"""What is sold, and how much hangs on one article."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, concentration, within
from suixin.features.feature import FROM_NIL_TO_ONE, Direction, Family, Feature, Forgeable, Frames, Rows, Unit


def _compute(frames: Frames) -> Rows:
    parts = concentration(frames["order_items"].filter(within(YEAR)), "sku_id", "amount_fen")
    return parts.select(
        "subject", skus_365d=nw.col("values"), sku_hhi=nw.col("hhi"), top_sku_share=nw.col("top_share")
    )


_MEDIUM = Forgeable.MEDIUM

FAMILY = Family(
    "products",
    tables=("order_items",),
    compute=_compute,
    reads={"order_items": ("sku_id", "amount_fen")},
    features=(
        Feature("skus_365d", Unit.COUNT, Direction.SAFER, _MEDIUM, "articles sold, 12 months", "{value} articles sold in 12 months"),
        Feature("sku_hhi", Unit.INDEX, Direction.RISKIER, _MEDIUM, "concentration on articles", "sales concentrated on few articles (index {value})", own_bounds=FROM_NIL_TO_ONE),
        Feature("top_sku_share", Unit.SHARE, Direction.RISKIER, _MEDIUM, "share of the best-selling article", "{value} of sales with the best-selling article"),
    ),
)  # fmt: skip
