"""What is measured of each live loan on each day: one figure a signal, null where the lake cannot tell."""

import numpy as np
import polars as pl

from suixin.scoring.watch.season import LEAST_GROUP, YEAR, Floats, Ints, expectation, shared

MONTHS = 36
WINDOW = 2  # months of sales that are held against the season
_GRANT = "_at_grant"

MEASURES: dict[str, str] = {
    "repayment_late": "days by which the oldest open instalment is past due",
    "cash_low": "mean balance of the account in 90 days, in instalments",
    "sales_collapse": "sales of two months against what the season lets one expect, without what the whole crop lost",
    "sales_falling": "sales of twelve months against the twelve before the grant",
    "shock": "what the crop or the township as a whole sold in two months against its expectation",
    "price_shock": "the crop's market price against the same month last year",
    "weather_shock": "days of frost or great heat in 90 days while the crop is in the field",
    "settlements_stopped": "days since the last pay-out of a platform",
    "settled_short": "pay-outs of 90 days against genuine sales",
    "payout_moved": "share of the pay-outs that came to the known account",
    "account_changed": "whether another account to be paid out to was told of in 90 days",
    "genuine_falling": "rise of the share of self-dealing since the grant",
    "refund_surge": "rise of the share of sales refunded since the grant",
    "late_surge": "rise of the share of late hand-overs since the grant",
    "reviews_falling": "rise of the share of bad reviews since the grant",
    "buyers_lost": "buyers of twelve months against the twelve before the grant",
    "purchases_drying": "invoiced purchases of twelve months against the twelve before the grant",
    "new_debts": "lenders at the bureau more than at the grant",
    "debt_burden": "debt service a month, the own instalment with it, against net sales a month",
    "inquiries": "lenders that asked the bureau in 90 days",
}
"""Every signal by its code, and what it measures (English; the catalogue translates)."""


def measures(live: pl.DataFrame, facts: pl.DataFrame, at_grant: pl.DataFrame) -> pl.DataFrame:
    """The measure of every signal for every live loan and day.

    Args:
        live: loan_id, merchant_id, as_of_day, subject, granted_day, instalment_fen, days_past_due.
        facts: a row a subject, as `suixin.monitor.facts` finds them: features by name, month_0 to month_35 in fen, and what
            the tables tell of debts, pay-outs and the account.
        at_grant: merchant_id, granted_day, and the same with the ending `_at_grant`.

    Returns:
        loan_id, merchant_id, as_of_day, a Float64 column a signal of `MEASURES`, and for the evidence `sold_fen`,
        `expected_fen` and `expected_basis`. Ordered by day and loan.
    """
    with_season = facts.with_columns(_season(facts))
    rows = live.join(with_season.drop("merchant_id", "as_of_day"), on="subject", how="left")
    rows = rows.join(at_grant, on=["merchant_id", "granted_day"], how="left")
    found = rows.select(
        "loan_id",
        "merchant_id",
        "as_of_day",
        *(value.cast(pl.Float64).alias(code) for code, value in _values().items()),
        "sold_fen",
        "expected_fen",
        "expected_basis",
    )
    return found.sort("as_of_day", "loan_id")


def _values() -> dict[str, pl.Expr]:
    month = pl.sum_horizontal(f"month_{n}" for n in range(12)).clip(0) / 12.0
    instalment = pl.col("instalment_fen")
    values = {
        "repayment_late": pl.col("days_past_due"),
        "cash_low": _over(pl.col("mean_balance_90d") * 100.0, instalment),
        "sales_collapse": pl.col("_collapse"),
        "sales_falling": _since_grant("genuine_gmv_365d"),
        "shock": pl.col("_shock"),
        "price_shock": pl.col("price_change_yoy"),
        "weather_shock": (pl.col("frost_days_90d") + pl.col("heat_days_90d")) * pl.col("growing_now"),
        "settlements_stopped": pl.col("days_since_settlement"),
        "settled_short": _over(pl.col("settled_90d"), pl.col("genuine_gmv_90d")),
        "payout_moved": pl.col("arrived_share"),
        "account_changed": pl.col("account_changed"),
        "new_debts": pl.col("other_lenders") - pl.col(f"other_lenders{_GRANT}"),
        "debt_burden": _over(pl.col("other_service_fen").fill_null(0) + instalment, month),
        "inquiries": pl.col("inquirers_90d"),
        "buyers_lost": _since_grant("buyers_365d"),
        "purchases_drying": _since_grant("invoiced_purchases_365d"),
        "genuine_falling": _rise("self_dealing_share_365d"),
        "refund_surge": _rise("refund_share_365d"),
        "late_surge": _rise("late_handover_share_180d"),
        "reviews_falling": _rise("bad_review_share_365d"),
    }
    return {code: values[code] for code in MEASURES}


def _over(value: pl.Expr, base: pl.Expr) -> pl.Expr:
    return pl.when(base > 0).then(value / base)


def _since_grant(name: str) -> pl.Expr:
    """A quantity against what it was at the grant."""
    return _over(pl.col(name), pl.col(name + _GRANT))


def _rise(name: str) -> pl.Expr:
    """By how much a share has risen since the grant."""
    return pl.col(name) - pl.col(name + _GRANT)


def group_ratios(facts: pl.DataFrame) -> pl.DataFrame:
    """Sales of each crop and township against the expectation: the median over its borrowers, ten at least.

    Args:
        facts: as for `measures`.

    Returns:
        kind ('crop' or 'township'), name, as_of_day, ratio, borrowers; ordered by these.
    """
    sold, expected, _ = _against_season(facts)
    rows = facts.select("as_of_day", "crop", "township").with_columns(_series("ratio", sold / expected))
    parts = [
        rows.filter((pl.col(kind) != "") & pl.col("ratio").is_not_null())
        .group_by(name=kind, as_of_day="as_of_day")
        .agg(pl.col("ratio").median(), borrowers=pl.len())
        .select(pl.lit(kind).alias("kind"), "name", "as_of_day", "ratio", "borrowers")
        for kind in ("crop", "township")
    ]
    return pl.concat(parts).filter(pl.col("borrowers") >= LEAST_GROUP).sort("kind", "name", "as_of_day")


def season_months(facts: pl.DataFrame) -> pl.DataFrame:
    """What each borrower sold month by month, and what the season let one expect then.

    Args:
        facts: as for `measures`.

    Returns:
        subject, month (0 is the newest, to 11), sold_fen and expected_fen, null where the history tells none.
    """
    net, known, peers = _trading(facts)
    parts = []
    for month in range(YEAR):
        expected, _ = expectation(net[:, month:], np.clip(known - month, 0, None), peers, 1)
        parts.append(
            facts.select("subject").with_columns(
                pl.lit(month).alias("month"),
                pl.Series("sold_fen", np.maximum(net[:, month], 0)),
                _series("expected_fen", np.rint(expected)).cast(pl.Int64),
            )
        )
    return pl.concat(parts).sort("subject", "month")


def _trading(facts: pl.DataFrame) -> tuple[Ints, Ints, list[str]]:
    """Net sales by month, for how many of them each was trading, and its peers."""
    net = facts.select(f"month_{n}" for n in range(MONTHS)).to_numpy().astype(np.int64)
    days = facts["genuine_trading_days"].fill_null(0.0).to_numpy()
    known = np.clip(np.rint(days * 12 / 365), 1, MONTHS).astype(np.int64)
    return net, known, _grouped(facts, "crop")


def _against_season(facts: pl.DataFrame) -> tuple[Floats, Floats, list[str]]:
    """What each row sold in the window, what it could be expected to (NaN for nothing), and what that rests on."""
    net, known, peers = _trading(facts)
    expected, basis = expectation(net, known, peers, WINDOW)
    sold = np.maximum(net[:, :WINDOW], 0).sum(axis=1).astype(np.float64)
    return sold, np.where(expected > 0, expected, np.nan), basis.tolist()


def _grouped(facts: pl.DataFrame, name: str) -> list[str]:
    """The group of each row with its day; '' for none."""
    day = facts["as_of_day"].cast(pl.String)
    return facts.select(pl.when(pl.col(name) != "").then(pl.col(name) + "|" + day).otherwise(pl.lit("")))[
        name
    ].to_list()


def _season(facts: pl.DataFrame) -> list[pl.Series]:
    """Sales against the season of each row, and what its crop and township have in common."""
    sold, expected, basis = _against_season(facts)
    ratio = sold / expected
    common = np.fmin(*(shared(ratio, _grouped(facts, name)) for name in ("crop", "township")))
    collapse: Floats = ratio / np.where(np.isnan(common), 1.0, np.clip(common, 0.1, 1.0))
    return [
        _series("_collapse", collapse),
        _series("_shock", common),
        pl.Series("sold_fen", sold.astype(np.int64)),
        _series("expected_fen", expected),
        pl.Series("expected_basis", basis),
    ]


def _series(name: str, values: Floats) -> pl.Series:
    return pl.Series(name, values, nan_to_null=True)
