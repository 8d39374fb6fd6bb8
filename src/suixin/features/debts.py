"""What the household owes, by the latest bureau report known before the as-of date."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, count, major, ratio, total, within
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit


def _compute(frames: Frames) -> Rows:
    reports = frames["exposures"].filter(nw.col("source") == "bureau")
    newest = reports.group_by("subject").agg(bureau_age_days=nw.col("age").min())
    rows = reports.join(newest, on="subject", how="inner").filter(nw.col("age") == nw.col("bureau_age_days"))
    sums = rows.group_by("subject").agg(
        bureau_age_days=nw.col("bureau_age_days").min().cast(nw.Int64),
        debt=total(nw.col("balance_fen")),
        service=total(nw.col("monthly_service_fen")),
        lenders=count(nw.col("kind") == "loan"),
    )
    return sums.select(
        "subject",
        "bureau_age_days",
        "lenders",
        household_debt=major(nw.col("debt")),
        monthly_debt_service=major(nw.col("service")),
    )


def _burden(frames: Frames) -> Rows:
    year = frames["orders"].filter(nw.col("cancelled_day").is_null(), within(YEAR))
    sold = year.group_by("subject").agg(sold=total(nw.col("amount_fen")))
    owed = _compute(frames).select("subject", "household_debt")
    both = owed.join(sold, on="subject", how="left")
    return both.select("subject", debt_to_sales=ratio(nw.col("household_debt"), major(nw.col("sold"))))


DEBTS = Family(
    "debts",
    tables=("exposures",),
    compute=_compute,
    features=(
        Feature(
            "household_debt",
            Unit.MONEY,
            Direction.RISKIER,
            Forgeable.LOW,
            "debt of the household",
            "{value} owed by the household to all lenders",
        ),
        Feature(
            "monthly_debt_service",
            Unit.MONEY,
            Direction.RISKIER,
            Forgeable.LOW,
            "debt service a month",
            "{value} of debt service a month",
        ),
        Feature(
            "lenders",
            Unit.COUNT,
            Direction.RISKIER,
            Forgeable.LOW,
            "lenders",
            "{value} lenders",
        ),
        Feature(
            "bureau_age_days",
            Unit.DAYS,
            Direction.NEUTRAL,
            Forgeable.LOW,
            "age of the bureau report",
            "bureau report of {value} ago",
        ),
    ),
)

BURDEN = Family(
    "burden",
    tables=("exposures", "orders"),
    compute=_burden,
    features=(
        Feature(
            "debt_to_sales",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "debt to sales",
            "the household owes {value} of a year's sales",
        ),
    ),
)
