"""How much of the trade looks like self-dealing."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, count, ratio, total, within
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit
from suixin.features.self_dealing import checkable


def _compute(frames: Frames) -> Rows:
    orders = frames["orders"].filter(nw.col("cancelled_day").is_null())
    fen, flagged = nw.col("amount_fen"), ~nw.col("genuine")
    sums = orders.group_by("subject").agg(
        all=total(fen, within(YEAR)),
        flagged=total(fen, flagged & within(YEAR)),
        orders=count(flagged & within(YEAR)),
    )
    both = sums.join(checkable(frames), on="subject", how="left")
    checked = nw.col("signs_checked") > 0
    return both.select(
        "subject",
        "signs_checked",
        self_dealing_orders_365d=nw.when(checked).then(nw.col("orders")),
        self_dealing_share_365d=nw.when(checked).then(ratio(nw.col("flagged"), nw.col("all"))),
    )


FAMILY = Family(
    "integrity",
    tables=("orders",),
    optional=("relations", "payments", "cashflows", "shipments", "reviews", "refunds"),
    gross=True,
    compute=_compute,
    reads={"orders": ("device_id", "address_id", "amount_fen", "cancelled_day"), "shipments": ("weight_g",), "cashflows": ("counterparty_id",)},
    features=(
        Feature(
            "self_dealing_share_365d", Unit.SHARE, Direction.RISKIER, Forgeable.LOW, "share of self-dealing, 12 months",
            "{value} of the year's sales look like bought by the seller himself",
        ),
        Feature(
            "self_dealing_orders_365d", Unit.COUNT, Direction.RISKIER, Forgeable.LOW, "self-dealing orders, 12 months",
            "{value} orders of the year look like bought by the seller himself",
        ),
        Feature(
            "signs_checked", Unit.COUNT, Direction.NEUTRAL, Forgeable.LOW, "kinds of evidence checked for self-dealing",
            "{value} kinds of evidence checked for self-dealing",
        ),
    ),
)  # fmt: skip
