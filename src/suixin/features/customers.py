"""Who buys, and how much hangs on a few of them."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, concentration, count, ratio, within
from suixin.features.feature import FROM_NIL_TO_ONE, Direction, Family, Feature, Forgeable, Frames, Rows, Unit


def _compute(frames: Frames) -> Rows:
    year = frames["orders"].filter(nw.col("cancelled_day").is_null(), within(YEAR))
    by_region = concentration(year, "buyer_region", "amount_fen").select(
        "subject", buyer_region_hhi=nw.col("hhi")
    )
    return _buyers(year).join(by_region, on="subject", how="left")


def _buyers(year: Rows) -> Rows:
    """All that is read from the sums by buyer, in one pass over them: to find them is the dearest step of the family."""
    buyers = (
        year.filter(~nw.col("buyer_id").is_null())
        .group_by("subject", "buyer_id")
        .agg(n=nw.len(), part=nw.col("amount_fen").sum().cast(nw.Float64))
    )
    part = nw.when(nw.col("part") > 0.0).then(nw.col("part")).otherwise(0.0)
    sums = (
        buyers.with_columns(part=part, square=part * part)
        .group_by("subject")
        .agg(
            buyers_365d=nw.len(),
            again=count(nw.col("n") >= 2),
            whole=nw.col("part").sum(),
            squares=nw.col("square").sum(),
            top=nw.col("part").max(),
        )
    )
    whole = nw.col("whole")
    return sums.select(
        "subject",
        nw.col("buyers_365d").cast(nw.Int64),
        repeat_buyer_share=ratio(nw.col("again"), nw.col("buyers_365d")),
        buyer_hhi=ratio(nw.col("squares"), whole * whole),
        top_buyer_share=ratio(nw.col("top"), whole),
    )


FAMILY = Family(
    "customers",
    tables=("orders",),
    compute=_compute,
    reads={"orders": ("buyer_id", "buyer_region", "amount_fen", "cancelled_day")},
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
            own_bounds=FROM_NIL_TO_ONE,
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
            own_bounds=FROM_NIL_TO_ONE,
        ),
    ),
)
