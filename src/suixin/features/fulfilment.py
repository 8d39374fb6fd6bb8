"""Whether what was sold is sent and arrives in time.

'On time' against a padded promise is weak evidence; the seller's own fault signal is the hand-over after the
deadline. A delivery or hand-over that was not known before the as-of date counts as not done yet; but of a merchant
whose source never records one, nothing can be said.
"""

import narwhals.stable.v2 as nw

from suixin.features.expressions import count, ratio, within
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit

WINDOW = 180


def _compute(frames: Frames) -> Rows:
    orders = frames["orders"].filter(within(WINDOW))
    live = nw.col("cancelled_day").is_null()
    handed, delivered, as_of = nw.col("handed_day"), nw.col("delivered_day"), nw.col("as_of_day")
    ship_due = live & (nw.col("ship_by_day") < as_of)
    late_hand = ship_due & ((handed > nw.col("ship_by_day")) | handed.is_null())
    due = live & (nw.col("promised_day") < as_of)
    late = due & ((delivered > nw.col("promised_day")) | delivered.is_null())
    tracked = (
        frames["orders"]
        .group_by("subject")
        .agg(
            any_handed=count(~nw.col("handed_day").is_null()),
            any_delivered=count(~nw.col("delivered_day").is_null()),
        )
    )
    sums = (
        orders.with_columns(took=(delivered - nw.col("ordered_day")).cast(nw.Float64))
        .group_by("subject")
        .agg(
            all=nw.len(),
            cancelled=count(~live),
            ship_due=count(ship_due),
            late_hand=count(late_hand),
            due=count(due),
            late=count(late),
            lost=count(due & delivered.is_null()),
            delivery_days_180d=nw.col("took").mean(),
        )
    )
    handed_due = nw.when(nw.col("any_handed") > 0).then(nw.col("ship_due"))
    delivered_due = nw.when(nw.col("any_delivered") > 0).then(nw.col("due"))
    return sums.join(tracked, on="subject", how="left").select(
        "subject",
        "delivery_days_180d",
        late_handover_share_180d=ratio(nw.col("late_hand"), handed_due),
        late_delivery_share_180d=ratio(nw.col("late"), delivered_due),
        undelivered_share_180d=ratio(nw.col("lost"), delivered_due),
        cancelled_share_180d=ratio(nw.col("cancelled"), nw.col("all")),
    )


FAMILY = Family(
    "fulfilment",
    tables=("orders",),
    compute=_compute,
    reads={
        "orders": (
            "ordered_day",
            "ship_by_day",
            "promised_day",
            "handed_day",
            "delivered_day",
            "cancelled_day",
        )
    },
    features=(
        Feature(
            "late_handover_share_180d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "late hand-overs",
            "{value} of orders handed to the carrier after the deadline",
        ),
        Feature(
            "late_delivery_share_180d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "late deliveries",
            "{value} of orders delivered after the promised day",
        ),
        Feature(
            "undelivered_share_180d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "overdue and undelivered",
            "{value} of orders past the promised day and not delivered",
        ),
        Feature(
            "delivery_days_180d",
            Unit.DAYS,
            Direction.RISKIER,
            Forgeable.LOW,
            "days to deliver",
            "{value} from order to delivery on average",
        ),
        Feature(
            "cancelled_share_180d",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "cancelled orders",
            "{value} of orders cancelled",
        ),
    ),
)
