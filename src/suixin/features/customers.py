"""Who buys, and how much hangs on a few of them."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, concentration, count, ratio, within
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit


def _compute(frames: Frames) -> Rows:
    year = frames["orders"].filter(nw.col("cancelled_day").is_null(), within(YEAR))
    buyers = year.filter(~nw.col("buyer_id").is_null()).group_by("subject", "buyer_id").agg(n=nw.len())
    loyal = buyers.group_by("subject").agg(buyers_365d=nw.len(), again=count(nw.col("n") >= 2))
    loyal = loyal.select(
        "subject",
        nw.col("buyers_365d").cast(nw.Int64),
        repeat_buyer_share=ratio(nw.col("again"), nw.col("buyers_365d")),
    )
    by_buyer = concentration(year, "buyer_id", "amount_fen").select(
        "subject", buyer_hhi=nw.col("hhi"), top_buyer_share=nw.col("top_share")
    )
    by_region = concentration(year, "buyer_region", "amount_fen").select(
        "subject", buyer_region_hhi=nw.col("hhi")
    )
    return loyal.join(by_buyer, on="subject", how="left").join(by_region, on="subject", how="left")


FAMILY = Family(
    "customers",
    tables=("orders",),
    compute=_compute,
    features=(
        Feature(
            "buyers_365d",
            Unit.COUNT,
            Direction.SAFER,
            Forgeable.MEDIUM,
            "buyers, 12 months",
            "{value} different buyers in 12 months",
        ),
        Feature(
            "repeat_buyer_share",
            Unit.SHARE,
            Direction.SAFER,
            Forgeable.MEDIUM,
            "share of buyers who came back",
            "{value} of the buyers bought again",
        ),
        Feature(
            "buyer_hhi",
            Unit.INDEX,
            Direction.RISKIER,
            Forgeable.MEDIUM,
            "concentration on buyers",
            "sales concentrated on few buyers (index {value})",
        ),
        Feature(
            "top_buyer_share",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.MEDIUM,
            "share of the largest buyer",
            "{value} of sales to the largest buyer",
        ),
        Feature(
            "buyer_region_hhi",
            Unit.INDEX,
            Direction.RISKIER,
            Forgeable.MEDIUM,
            "concentration on regions",
            "sales concentrated on few townships (index {value})",
        ),
    ),
)
