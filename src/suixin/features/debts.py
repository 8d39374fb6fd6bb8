"""What the household owes to all lenders, by every source known before the as-of date.

The household is the own economic unit: what its other shops owe counts too, where the lake tells who runs them.

A bureau report is a set of rows of about one day: a lender that the newest report no longer names is paid off.
What the household declares, and the lender's own book, count while they are fresh. The same lender is one debt,
whichever source says so.
"""

import narwhals.stable.v2 as nw

from suixin.features.expressions import MONTHS_A_YEAR, YEAR, count, major, ratio, total, within
from suixin.features.feature import FROM_NIL, Direction, Family, Feature, Forgeable, Frames, Rows, Unit

REPORT_DAYS = 31  # rows so close to a source's newest belong to one report
FRESH_DAYS = (
    100  # a declared or own debt that nobody has reported for a quarter and ten days is taken as paid
)
REPAID_PERCENT = 113
"""Of a balance, what a loan that is paid off within a year asks for at most: equal instalments at 24 % a year, the most that
courts grant, bear interest of 24 % x 13/24 of it."""

_HELD = ("subject", "age", "lender_id", "kind", "source", "balance_fen", "monthly_service_fen")
_SHOP = ("subject", "merchant_id")
_BUREAU = nw.col("source") == "bureau"


def _compute(frames: Frames) -> Rows:
    own = frames["exposures"].select(*_HELD)
    aged = own.group_by("subject").agg(
        bureau_age_days=nw.when(_BUREAU).then(nw.col("age")).min().cast(nw.Int64)
    )
    year = nw.col("service") * MONTHS_A_YEAR
    rest = nw.col("balance") * REPAID_PERCENT // 100
    ends = (nw.col("balance") > 0) & (rest < year)  # a balance that nobody told does not end
    owed = by_lender(_of_unit(own, frames), _SHOP)
    others = owed.filter(nw.col("merchant_id") != "", nw.col("balance") + nw.col("service") > 0)
    shops = others.select(*_SHOP).unique().group_by("subject").agg(shops=count(nw.col("merchant_id") != ""))
    sums = (
        owed.with_columns(asked=nw.when(ends).then(rest).otherwise(year))
        .group_by("subject", "lender_id")
        .agg(
            total(nw.col("balance")), total(nw.col("service")), total(nw.col("asked")), nw.col("loans").max()
        )
        .group_by("subject")
        .agg(
            debt=total(nw.col("balance")),
            service=total(nw.col("service")),
            asked=total(nw.col("asked")),
            lenders=count(nw.col("loans") > 0),
        )
    )
    asked_of = nw.concat([aged.select("subject"), sums.select("subject")]).unique()
    both = asked_of.join(aged, on="subject", how="left").join(sums, on="subject", how="left")
    return both.join(shops, on="subject", how="left").select(
        "subject",
        "bureau_age_days",
        nw.col("lenders").fill_null(0),
        household_debt=major(nw.col("debt").fill_null(0)),
        monthly_debt_service=major(nw.col("service").fill_null(0)),
        debt_service_months=ratio(nw.col("asked"), nw.col("service")),
        other_shops_owing=nw.col("shops").fill_null(0),
    )


def _of_unit(own: Rows, frames: Frames) -> Rows:
    """The debts of the merchant and of the other shops that its own unit runs; `merchant_id` is '' for its own."""
    mine = own.with_columns(merchant_id=nw.lit(""))
    if "group" not in frames:
        return mine
    theirs = frames["group"].filter(nw.col("core") == 1)
    return nw.concat([mine, theirs.select(*_HELD, "merchant_id")])


def by_lender(rows: Rows, who: tuple[str, ...]) -> Rows:
    """What `who` owes to each lender now: who, lender_id, balance and service in minor units, loans (0 for none)."""
    newest = nw.col("age").min().over(*who, "source")
    standing = rows.filter(nw.col("age") <= newest + REPORT_DAYS).filter(_BUREAU | within(FRESH_DAYS))
    latest = standing.filter(nw.col("age") == nw.col("age").min().over(*who, "source", "lender_id"))
    told = latest.group_by(*who, "source", "lender_id").agg(
        balance=total(nw.col("balance_fen")),
        service=total(nw.col("monthly_service_fen")),
        loans=count(nw.col("kind") == "loan"),
    )
    return told.group_by(*who, "lender_id").agg(
        nw.col("balance").max(), nw.col("service").max(), nw.col("loans").max()
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
    reads={"exposures": ("lender_id", "kind", "source", "balance_fen", "monthly_service_fen")},
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
            "debt_service_months",
            Unit.MONTHS,
            Direction.NEUTRAL,
            Forgeable.LOW,
            "months of debt service within a year",
            "debt service for {value} of the coming year",
        ),
        Feature(
            "other_shops_owing",
            Unit.COUNT,
            Direction.NEUTRAL,
            Forgeable.LOW,
            "other shops of the household that owe",
            "{value} other shops of the household owe something",
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
    reads={
        "orders": ("amount_fen", "cancelled_day"),
        "exposures": ("lender_id", "kind", "source", "balance_fen", "monthly_service_fen"),
    },
    features=(
        Feature(
            "debt_to_sales",
            Unit.SHARE,
            Direction.RISKIER,
            Forgeable.LOW,
            "debt to sales",
            "the household owes {value} of a year's sales",
            own_bounds=FROM_NIL,
        ),
    ),
)
