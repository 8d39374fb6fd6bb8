"""How the merchant has borrowed before, and who has asked the bureau of late."""

import narwhals.stable.v2 as nw

from suixin.features.expressions import count, major, total, within
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit

QUARTER = 90


def _loans(frames: Frames) -> Rows:
    closed = ~nw.col("closed_day").is_null()
    sums = (
        frames["loans"]
        .group_by("subject")
        .agg(
            loans_taken=nw.len(),
            loans_repaid=count(closed),
            borrowed=total(nw.col("principal_fen"), ~closed),
            first_age=nw.col("age").max(),
        )
    )
    return sums.select(
        "subject",
        nw.col("loans_taken").cast(nw.Int64),
        "loans_repaid",
        open_principal=major(nw.col("borrowed")),
        borrowing_days=nw.col("first_age").cast(nw.Int64),
    )


def _outcomes(frames: Frames) -> Rows:
    sums = frames["outcomes"].group_by("subject").agg(past_defaults=count(nw.col("defaulted")))
    return sums.select("subject", "past_defaults")


def _inquiries(frames: Frames) -> Rows:
    rows = frames["inquiries"]
    sums = rows.group_by("subject").agg(inquiries_90d=count(within(QUARTER)))
    lenders = rows.filter(within(QUARTER)).select("subject", "lender_id").unique()
    asked = lenders.group_by("subject").agg(inquirers=nw.len())
    both = sums.join(asked, on="subject", how="left")
    return both.select(
        "subject", "inquiries_90d", inquirers_90d=nw.col("inquirers").cast(nw.Int64).fill_null(0)
    )


_S, _R, _N, _LOW = Direction.SAFER, Direction.RISKIER, Direction.NEUTRAL, Forgeable.LOW

LOANS = Family(
    "loans",
    tables=("loans",),
    compute=_loans,
    reads={"loans": ("principal_fen", "closed_day")},
    features=(
        Feature("loans_taken", Unit.COUNT, _N, _LOW, "loans taken", "{value} loans taken so far"),
        Feature("loans_repaid", Unit.COUNT, _S, _LOW, "loans repaid", "{value} loans repaid"),
        Feature("open_principal", Unit.MONEY, _R, _LOW, "principal of open loans", "{value} of principal on loans not closed"),
        Feature("borrowing_days", Unit.DAYS, _S, _LOW, "time since the first loan", "{value} since the first loan"),
    ),
)  # fmt: skip

OUTCOMES = Family(
    "outcomes",
    tables=("outcomes",),
    compute=_outcomes,
    reads={"outcomes": ("defaulted",)},
    features=(
        Feature("past_defaults", Unit.COUNT, _R, _LOW, "past defaults", "{value} past defaults on record"),
    ),
)

INQUIRIES = Family(
    "inquiries",
    tables=("inquiries",),
    compute=_inquiries,
    reads={"inquiries": ("lender_id",)},
    features=(
        Feature("inquiries_90d", Unit.COUNT, _R, _LOW, "bureau inquiries, 90 days", "{value} inquiries at the bureau in 90 days"),
        Feature("inquirers_90d", Unit.COUNT, _R, _LOW, "lenders that asked, 90 days", "{value} lenders asked the bureau in 90 days"),
    ),
)  # fmt: skip
