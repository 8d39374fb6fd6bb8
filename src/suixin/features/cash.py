"""Money that came in: what platforms paid out, and what the account shows."""

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
from suixin.features.feature import ANY, FROM_NIL, Direction, Family, Feature, Forgeable, Frames, Rows, Unit

SEASON = 90


def _settlements(frames: Frames) -> Rows:
    net, gross = nw.col("net_fen"), nw.col("gross_fen")
    sums = (
        frames["settlements"]
        .group_by("subject")
        .agg(
            d90=total(net, within(SEASON)),
            d365=total(net, within(YEAR)),
            gross=total(gross, within(YEAR)),
            fees=total(nw.col("fees_fen"), within(YEAR)),
            back=total(nw.col("refunds_fen"), within(YEAR)),
            last_age=nw.col("age").min(),
        )
    )
    return sums.select(
        "subject",
        settled_90d=major(nw.col("d90")),
        settled_365d=major(nw.col("d365")),
        fee_share_365d=ratio(nw.col("fees"), nw.col("gross")),
        settled_refund_share_365d=ratio(nw.col("back"), nw.col("gross")),
        days_since_settlement=nw.col("last_age").cast(nw.Int64),
    )


def _account(frames: Frames) -> Rows:
    amount, balance = nw.col("amount_fen"), nw.col("balance_fen")
    season = within(SEASON)
    flows = frames["cashflows"]
    sums = flows.group_by("subject").agg(
        came=total(amount, (amount > 0) & season),
        went=total(amount * -1, (amount < 0) & season),
        low=nw.when(season).then(balance).min(),
        mean=nw.when(season).then(balance.cast(nw.Float64)).mean(),
        first_age=nw.col("age").max(),
        overdrawn=count((balance < 0) & within(YEAR)),
        failed=count((nw.col("kind") == "failed_debit") & within(YEAR)),
    )
    inflow = flows.filter(within(YEAR), amount > 0)
    months = periods(inflow, trailing_month(), "amount_fen").group_by("subject")
    swing = months.agg(whole=nw.col("part").sum(), squares=nw.col("square").sum())
    whole = nw.col("whole")
    swing = swing.select(
        "subject",
        inflow_swing_12m=deviation(whole, nw.col("squares"), MONTHS_A_YEAR) / (whole / MONTHS_A_YEAR),
    )
    return sums.join(swing, on="subject", how="left").select(
        "subject",
        "inflow_swing_12m",
        inflow_90d=major(nw.col("came")),
        outflow_90d=major(nw.col("went")),
        inflow_to_outflow_90d=ratio(nw.col("came"), nw.col("went")),
        lowest_balance_90d=major(nw.col("low")),
        mean_balance_90d=nw.col("mean") / 100.0,
        account_days=nw.col("first_age").cast(nw.Int64),
        overdrawn_365d=nw.col("overdrawn"),
        failed_debits_365d=nw.col("failed"),
    )


_S, _R, _N = Direction.SAFER, Direction.RISKIER, Direction.NEUTRAL
_LOW, _MEDIUM = Forgeable.LOW, Forgeable.MEDIUM

SETTLEMENTS = Family(
    "settlements",
    tables=("settlements",),
    compute=_settlements,
    reads={"settlements": ("gross_fen", "fees_fen", "refunds_fen", "net_fen")},
    features=(
        Feature("settled_90d", Unit.MONEY, _S, _MEDIUM, "paid out by platforms, 90 days", "{value} paid out by platforms in 90 days", own_bounds=ANY),
        Feature("settled_365d", Unit.MONEY, _S, _MEDIUM, "paid out by platforms, 12 months", "{value} paid out by platforms in 12 months", own_bounds=ANY),
        Feature("fee_share_365d", Unit.SHARE, _R, _LOW, "share of platform fees", "{value} of settled sales went to platform fees", own_bounds=FROM_NIL),
        Feature("settled_refund_share_365d", Unit.SHARE, _R, _LOW, "refunds in settlements", "{value} of settled sales were refunded", own_bounds=FROM_NIL),
        Feature("days_since_settlement", Unit.DAYS, _R, _MEDIUM, "time since the last settlement", "{value} since the last settlement"),
    ),
)  # fmt: skip

ACCOUNT = Family(
    "account",
    tables=("cashflows",),
    compute=_account,
    reads={"cashflows": ("kind", "amount_fen", "balance_fen")},
    features=(
        Feature("inflow_90d", Unit.MONEY, _S, _MEDIUM, "money in, 90 days", "{value} came into the account in 90 days"),
        Feature("outflow_90d", Unit.MONEY, _N, _MEDIUM, "money out, 90 days", "{value} left the account in 90 days"),
        Feature("inflow_to_outflow_90d", Unit.INDEX, _S, _MEDIUM, "money in to money out", "for every one that left, {value} came in"),
        Feature("inflow_swing_12m", Unit.INDEX, _R, _MEDIUM, "swing of money in", "money in swings by {value} times its monthly mean"),
        Feature("lowest_balance_90d", Unit.MONEY, _S, _LOW, "lowest balance, 90 days", "{value} at the lowest in 90 days", own_bounds=ANY),
        Feature("mean_balance_90d", Unit.MONEY, _S, _MEDIUM, "mean balance, 90 days", "a balance of {value} on average in 90 days", own_bounds=ANY),
        Feature("account_days", Unit.DAYS, _S, _LOW, "account history", "{value} since the first movement on the account"),
        Feature("overdrawn_365d", Unit.COUNT, _R, _LOW, "movements below zero, 12 months", "{value} movements left the account overdrawn"),
        Feature("failed_debits_365d", Unit.COUNT, _R, _LOW, "failed debits, 12 months", "{value} failed debits in 12 months"),
    ),
)  # fmt: skip
