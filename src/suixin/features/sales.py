"""Scale, growth, stability and season of sales, from orders. A cancelled order is no sale.

Each feature comes in two forms: gross, over all orders, and genuine, without those that count as self-dealing.
"""

from dataclasses import replace

import narwhals.stable.v2 as nw

from suixin.features.expressions import (
    MONTHS_A_YEAR,
    YEAR,
    count,
    deviation,
    major,
    periods,
    ratio,
    total,
    trailing_month,
    within,
)
from suixin.features.feature import (
    CHANGE,
    FROM_NIL_TO_ONE,
    Direction,
    Family,
    Feature,
    Forgeable,
    Frames,
    Rows,
    Unit,
)

WEEKS = 52
GENUINE = "genuine_"
_ZERO_OF_NONE = (
    "gmv_30d",
    "gmv_90d",
    "gmv_365d",
    "orders_90d",
    "orders_365d",
    "selling_months_12m",
    "lowest_month_12m",
)


def _compute(frames: Frames) -> Rows:
    """Both forms in one pass. A merchant without an order that counts as self-dealing has one form, which is both."""
    orders = frames["orders"].filter(nw.col("cancelled_day").is_null())
    touched = orders.filter(~nw.col("genuine")).select("subject").unique()
    sold = orders.join(touched, on="subject", how="semi").filter(nw.col("genuine"))
    both = _gross(nw.concat([orders, sold.with_columns(subject=-1 - nw.col("subject"))]))
    gross = both.filter(nw.col("subject") >= 0)
    genuine = both.filter(nw.col("subject") < 0).with_columns(subject=-1 - nw.col("subject"))
    genuine = genuine.rename({feature.name: f"{GENUINE}{feature.name}" for feature in GROSS})
    marks = touched.with_columns(touched=nw.lit(value=True))
    joined = gross.join(marks, on="subject", how="left").join(genuine, on="subject", how="left")
    return joined.with_columns(_genuine(feature.name) for feature in GROSS).drop("touched")


def _genuine(name: str) -> nw.Expr:
    """The genuine form of a feature. Who has only other orders sells nothing: amounts and counts are 0, not unknown."""
    found = nw.col(f"{GENUINE}{name}")
    if name in _ZERO_OF_NONE:
        found = found.fill_null(0)
    return nw.when(nw.col("touched").is_null()).then(nw.col(name)).otherwise(found).alias(f"{GENUINE}{name}")


def _gross(orders: Rows) -> Rows:
    year = orders.filter(within(YEAR))
    joined = (
        _levels(orders)
        .join(_months(year), on="subject", how="left")
        .join(_weeks(year), on="subject", how="left")
    )
    return joined.with_columns(nw.col("selling_months_12m", "lowest_month_12m").fill_null(0))


def _levels(orders: Rows) -> Rows:
    fen = nw.col("amount_fen")
    age = nw.col("age")
    sums = orders.group_by("subject").agg(
        d30=total(fen, within(30)),
        d90=total(fen, within(90)),
        d365=total(fen, within(YEAR)),
        last_year_d90=total(fen, (age > YEAR) & (age <= YEAR + 90)),
        w4=total(fen, within(28)),
        w12=total(fen, (age > 28) & (age <= 112)),
        orders_90d=count(within(90)),
        orders_365d=count(within(YEAR)),
        first_age=age.max(),
        last_age=age.min(),
    )
    return sums.select(
        "subject",
        "orders_90d",
        "orders_365d",
        gmv_30d=major(nw.col("d30")),
        gmv_90d=major(nw.col("d90")),
        gmv_365d=major(nw.col("d365")),
        ticket_365d=ratio(major(nw.col("d365")), nw.col("orders_365d")),
        growth_4w_12w=ratio(nw.col("w4") * 3, nw.col("w12")) - 1.0,
        momentum_30d_90d=ratio(nw.col("d30") * 3, nw.col("d90")),
        growth_yoy_90d=ratio(nw.col("d90"), nw.col("last_year_d90")) - 1.0,
        trading_days=nw.col("first_age").cast(nw.Int64),
        days_since_order=nw.col("last_age").cast(nw.Int64),
    )


def _months(year: Rows) -> Rows:
    sums = (
        periods(year, trailing_month(), "amount_fen")
        .group_by("subject")
        .agg(
            active=nw.len(),
            lowest=nw.col("part").min(),
            whole=nw.col("part").sum(),
            squares=nw.col("square").sum(),
        )
    )
    whole = nw.col("whole")
    return sums.select(
        "subject",
        selling_months_12m=nw.col("active").cast(nw.Int64),
        lowest_month_12m=nw.when(nw.col("active") >= MONTHS_A_YEAR)
        .then(nw.col("lowest") / 100.0)
        .otherwise(0.0),
        season_hhi_12m=nw.col("squares") / (whole * whole),
    )


def _weeks(year: Rows) -> Rows:
    week = ((nw.col("age") - 1) // 7).cast(nw.Int64)
    weeks = periods(year.filter(within(WEEKS * 7)), week, "amount_fen")
    before = nw.col("period").shift(1).over("subject", order_by="period")
    silent = nw.col("period") - before.fill_null(-1) - 1
    sums = (
        weeks.with_columns(silent=silent)
        .group_by("subject")
        .agg(
            active=nw.len(),
            oldest=nw.col("period").max(),
            whole=nw.col("part").sum(),
            squares=nw.col("square").sum(),
            longest=nw.col("silent").max(),
        )
    )
    span = (nw.col("oldest") + 1).cast(nw.Float64)
    whole = nw.col("whole")
    return sums.select(
        "subject",
        weekly_cv_52w=deviation(whole, nw.col("squares"), span) / (whole / span),
        active_week_share_52w=nw.col("active").cast(nw.Float64) / span,
        longest_gap_52w=nw.col("longest").cast(nw.Int64),
    )


_S, _R, _N = Direction.SAFER, Direction.RISKIER, Direction.NEUTRAL
_HIGH, _MEDIUM, _LOW = Forgeable.HIGH, Forgeable.MEDIUM, Forgeable.LOW

GROSS = (
    Feature("gmv_30d", Unit.MONEY, _S, _HIGH, "sales, 30 days", "{value} of sales in the last 30 days"),
    Feature("gmv_90d", Unit.MONEY, _S, _HIGH, "sales, 90 days", "{value} of sales in the last 90 days"),
    Feature(
        "gmv_365d", Unit.MONEY, _S, _MEDIUM, "sales, 12 months", "{value} of sales in the last 12 months"
    ),
    Feature("orders_90d", Unit.COUNT, _S, _HIGH, "orders, 90 days", "{value} orders in the last 90 days"),
    Feature(
        "orders_365d",
        Unit.COUNT,
        _S,
        _MEDIUM,
        "orders, 12 months",
        "{value} orders in the last 12 months",
    ),
    Feature("ticket_365d", Unit.MONEY, _N, _MEDIUM, "amount an order", "{value} an order on average"),
    Feature(
        "growth_4w_12w",
        Unit.SHARE,
        _S,
        _HIGH,
        "growth, 4 weeks on 12",
        "weekly sales of the last 4 weeks changed by {value} against the 12 weeks before",
        own_bounds=CHANGE,
    ),
    Feature(
        "momentum_30d_90d",
        Unit.INDEX,
        _S,
        _HIGH,
        "momentum, 30 days on 90",
        "sales of the last 30 days run at {value} times the pace of 90 days",
    ),
    Feature(
        "growth_yoy_90d",
        Unit.SHARE,
        _S,
        _MEDIUM,
        "growth on the same season last year",
        "sales of the last 90 days changed by {value} against the same season last year",
        own_bounds=CHANGE,
    ),
    Feature("trading_days", Unit.DAYS, _S, _LOW, "trading history", "{value} since the first order"),
    Feature(
        "days_since_order",
        Unit.DAYS,
        _R,
        _HIGH,
        "time since the last order",
        "{value} since the last order",
    ),
    Feature(
        "selling_months_12m",
        Unit.MONTHS,
        _S,
        _MEDIUM,
        "months with sales",
        "sales in {value} of the last 12",
    ),
    Feature(
        "lowest_month_12m",
        Unit.MONEY,
        _S,
        _MEDIUM,
        "lowest month of 12",
        "{value} of sales in the lowest of 12 months",
    ),
    Feature(
        "season_hhi_12m",
        Unit.INDEX,
        _N,
        _MEDIUM,
        "season concentration",
        "season concentration of {value} (0.08 is even over the year, 1 is all in one month)",
        own_bounds=FROM_NIL_TO_ONE,
    ),
    Feature(
        "weekly_cv_52w",
        Unit.INDEX,
        _R,
        _MEDIUM,
        "swing of weekly sales",
        "weekly sales swing by {value} times their mean",
    ),
    Feature(
        "active_week_share_52w",
        Unit.SHARE,
        _S,
        _MEDIUM,
        "share of weeks with sales",
        "sales in {value} of the weeks",
    ),
    Feature(
        "longest_gap_52w",
        Unit.WEEKS,
        _R,
        _MEDIUM,
        "longest time without sales",
        "{value} without a sale at the longest",
    ),
)
"""The gross forms."""

_HARDER = {
    _HIGH: _MEDIUM,
    _MEDIUM: _LOW,
    _LOW: _LOW,
}  # what passes the check for self-dealing is harder to fake

FAMILY = Family(
    "sales",
    tables=("orders",),
    optional=("relations", "payments", "cashflows", "shipments", "reviews", "refunds"),
    gross=True,
    compute=_compute,
    reads={"orders": ("amount_fen", "cancelled_day")},
    features=(
        *GROSS,
        *(
            replace(
                feature,
                name=f"{GENUINE}{feature.name}",
                forgeable=_HARDER[feature.forgeable],
                label=f"{feature.label}, without self-dealing",
                sentence=f"without self-dealing: {feature.sentence}",
            )
            for feature in GROSS
        ),
    ),
)
