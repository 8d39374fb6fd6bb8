"""What buyers say and what they send back."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, cancelled, count, major, of_sales, ratio, total, within
from suixin.features.feature import FROM_NIL, Direction, Family, Feature, Forgeable, Frames, Rows, Unit


def _reviews(frames: Frames) -> Rows:
    year = frames["reviews"].filter(within(YEAR))
    score = nw.col("score")
    sums = year.group_by("subject").agg(
        reviews_365d=nw.len(), review_mean_365d=score.cast(nw.Float64).mean(), bad=count(score <= 2)
    )
    return sums.select(
        "subject",
        nw.col("reviews_365d").cast(nw.Int64),
        "review_mean_365d",
        bad_review_share_365d=ratio(nw.col("bad"), nw.col("reviews_365d")),
    )


def _refunds(frames: Frames) -> Rows:
    orders = frames["orders"].filter(within(YEAR), nw.col("cancelled_day").is_null())
    sold = orders.group_by("subject").agg(orders=nw.len(), sold=total(nw.col("amount_fen")))
    back = of_sales(frames["refunds"], frames["orders"], cancelled()).filter(within(YEAR)).group_by("subject")
    back_sums = back.agg(refunds=nw.len(), back=total(nw.col("amount_fen")))
    both = sold.join(back_sums, on="subject", how="left").with_columns(
        nw.col("refunds").cast(nw.Int64).fill_null(0), nw.col("back").fill_null(0)
    )
    return both.select(
        "subject",
        refund_rate_365d=ratio(nw.col("refunds"), nw.col("orders")),
        refund_share_365d=ratio(major(nw.col("back")), major(nw.col("sold"))),
    )


REVIEWS = Family(
    "reviews",
    tables=("reviews",),
    compute=_reviews,
    reads={"reviews": ("score",)},
    features=(
        Feature(
            "reviews_365d",
            Unit.COUNT,
            Direction.NEUTRAL,
            Forgeable.HIGH,
            "reviews, 12 months",
            "{value} reviews in 12 months",
        ),
        Feature(
            "review_mean_365d",
            Unit.STARS,
            Direction.SAFER,
            Forgeable.HIGH,
            "mean review",
            "reviews of {value} on average",
        ),
        Feature(
            "bad_review_share_365d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.MEDIUM,
            "bad reviews",
            "{value} of reviews with one or two stars",
        ),
    ),
)

REFUNDS = Family(
    "refunds",
    tables=("refunds", "orders"),
    compute=_refunds,
    reads={"orders": ("order_id", "amount_fen", "cancelled_day"), "refunds": ("order_id", "amount_fen")},
    features=(
        Feature(
            "refund_rate_365d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "refunded orders",
            "{value} of orders refunded",
            own_bounds=FROM_NIL,
        ),
        Feature(
            "refund_share_365d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "refunded amount",
            "{value} of sales refunded",
            own_bounds=FROM_NIL,
        ),
    ),
)
