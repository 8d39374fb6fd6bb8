"""How goods travel: time from the village point to the buyer, scans on the way, and how far."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import count, degrees_to_km, ratio, total, within
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit

WINDOW = 180


def _compute(frames: Frames) -> Rows:
    sent = frames["shipments"].filter(within(WINDOW))
    arrived = ~nw.col("delivered_day").is_null()
    unseen = nw.col("township_day").is_null() & nw.col("county_day").is_null()
    took = (nw.col("delivered_day") - nw.col("collected_day")).cast(nw.Float64)
    sums = sent.with_columns(took=took).group_by("subject").agg(
        parcels_180d=nw.len(), transit_days_180d=nw.col("took").mean(),
        weight=nw.col("weight_g").mean(), arrived=count(arrived), unseen=count(arrived & unseen),
    )  # fmt: skip
    return sums.select(
        "subject",
        "transit_days_180d",
        parcels_180d=nw.col("parcels_180d").cast(nw.Int64),
        parcel_kg_180d=nw.col("weight") / 1000.0,
        unscanned_share_180d=ratio(nw.col("unseen"), nw.col("arrived")),
    )


def _reach(frames: Frames) -> Rows:
    """Mean distance to the buyers' townships, each order counted once."""
    towns = frames["orders"].filter(within(WINDOW), ~nw.col("buyer_region").is_null())
    each = towns.group_by("subject", "as_of_day", "buyer_region").agg(orders=nw.len())
    places = frames["places"].rename({"region_code": "buyer_region"})
    home = frames["homes"].filter(nw.col("level_up") == 0)
    home = home.select("subject", home_lon=nw.col("lon"), home_lat=nw.col("lat"))
    both = each.join(places, on="buyer_region", how="inner").filter(
        nw.col("known_day") < nw.col("as_of_day"),
        nw.col("until_day").is_null() | (nw.col("as_of_day") <= nw.col("until_day")),
    )
    both = both.join(home, on="subject", how="inner")
    km = degrees_to_km(nw.col("home_lon"), nw.col("home_lat"), nw.col("lon"), nw.col("lat"))
    # Whole metres: their sum is the same in whatever order an engine adds.
    weighted = both.with_columns(metres=(km * 1000.0).cast(nw.Int64), orders=nw.col("orders").cast(nw.Int64))
    weighted = weighted.filter(~nw.col("metres").is_null())
    sums = weighted.with_columns(far=nw.col("metres") * nw.col("orders")).group_by("subject").agg(
        far=total(nw.col("far")), orders=total(nw.col("orders"))
    )  # fmt: skip
    return sums.select("subject", buyer_km_180d=ratio(nw.col("far"), nw.col("orders")) / 1000.0)


_R, _N, _LOW = Direction.RISKIER, Direction.NEUTRAL, Forgeable.LOW

PARCELS = Family(
    "parcels",
    tables=("shipments",),
    compute=_compute,
    reads={"shipments": ("weight_g", "collected_day", "township_day", "county_day", "delivered_day")},
    features=(
        Feature("parcels_180d", Unit.COUNT, Direction.SAFER, Forgeable.MEDIUM, "parcels, 180 days", "{value} parcels in 180 days"),
        Feature("transit_days_180d", Unit.DAYS, _R, _LOW, "days on the way", "{value} from the village point to the buyer on average"),
        Feature("parcel_kg_180d", Unit.INDEX, _N, _LOW, "weight of a parcel in kg", "{value} kg a parcel on average"),
        Feature("unscanned_share_180d", Unit.SHARE, _R, _LOW, "parcels without a scan", "{value} of delivered parcels were seen by no station on the way"),
    ),
)  # fmt: skip

REACH = Family(
    "reach",
    tables=("orders", "merchants", "regions"),
    compute=_reach,
    reads={"orders": ("buyer_region",)},
    features=(
        Feature("buyer_km_180d", Unit.KILOMETRES, _N, Forgeable.MEDIUM, "distance to the buyers", "{value} to the buyers on average"),
    ),
)  # fmt: skip
