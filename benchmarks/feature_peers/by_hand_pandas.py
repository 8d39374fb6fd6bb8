"""The 35 features of `benchmarks/features.py` as one writes them in pandas with pyarrow.

    python by_hand_pandas.py JOB

The rules are those of `by_hand_polars.py`. It runs in an environment of its own: neither pandas nor pyarrow is among
the product's dependencies.
"""

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

YEAR = 365
LATE = ["handed_day", "delivered_day", "cancelled_day"]


def main() -> None:
    """Compute and write."""
    with open(sys.argv[1]) as handle:  # noqa: PTH123
        job = json.load(handle)
    subjects = pd.read_parquet(job["subjects"])
    orders = seen(
        job,
        "orders",
        subjects,
        "ordered_day",
        ["order_id", "buyer_id", "buyer_region", "amount_fen", "ordered_day", "ship_by_day", "promised_day"],
        ["order_id"],
        LATE,
    )
    sold = orders[orders["cancelled_day"].isna()]
    year = sold[sold["age"] <= YEAR]
    parts = [levels(sold), months(year), weeks(year), buyers(year)]
    parts += [fulfilment(orders), *refunds(job, subjects, orders, year)]
    del orders, sold, year
    parts += [articles(job, subjects), reviews(job, subjects)]
    table = pd.DataFrame(index=subjects["subject"]).join(parts)
    traded = table["trading_days"].notna()
    for name in ("selling_months_12m", "lowest_month_12m"):
        table.loc[traded, name] = table.loc[traded, name].fillna(0.0)
    known = table["orders"].notna()
    table["refund_rate_365d"] = table["refunds"].fillna(0.0).where(known) / table["orders"]
    table["refund_share_365d"] = table["back"].fillna(0.0).where(known) / table["sold"].where(
        table["sold"] != 0
    )
    table = table.drop(columns=["orders", "refunds", "sold", "back"]).astype("float64")
    table.reset_index().sort_values("subject").to_parquet(job["out"], index=False)


def seen(
    job: Any,
    table: str,
    subjects: pd.DataFrame,
    happened: str,
    columns: list[str],
    key: list[str],
    late: list[str] | None = None,
) -> pd.DataFrame:
    """The rows of a table that each subject may see, with their age in days."""
    late = late or []
    corrected = table in job["superseded"]
    extra = [*key, "known_at"] if corrected else []
    wanted = list(dict.fromkeys(["merchant_id", "known_day", happened, *columns, *late, *extra]))
    asking = subjects.set_index("merchant_id")
    held = []
    for file in job["files"][table]:
        rows = pq.ParquetFile(file).read(columns=wanted).to_pandas()
        rows["subject"] = rows["merchant_id"].map(asking["subject"])
        rows["as_of_day"] = rows["merchant_id"].map(asking["as_of_day"])
        rows = rows[rows["known_day"] < rows["as_of_day"]].drop(columns=["merchant_id", "known_day"])
        held.append(rows)
    frame = pd.concat(held, ignore_index=True)
    frame = frame.astype({"subject": "int64", "as_of_day": "int32"})
    if corrected:
        fact = ["subject", *key]
        repeated = frame.duplicated(fact, keep=False)
        several = frame[repeated]
        several = several.assign(_filled=several[late].notna().sum(axis=1))
        several = several.sort_values(["known_at", "_filled"]).drop_duplicates(fact, keep="last")
        frame = pd.concat([frame[~repeated], several.drop(columns="_filled")], ignore_index=True)
    frame["age"] = frame["as_of_day"] - frame[happened]
    for name in late:
        frame[name] = frame[name].where(frame[name] < frame["as_of_day"])
    return frame[list(dict.fromkeys(["subject", "as_of_day", "age", *columns, *late]))]


def over(above: Any, below: Any) -> Any:
    """Above ÷ below; NaN where there is nothing below the line."""
    return above / below.where(below != 0)


def levels(sold: pd.DataFrame) -> pd.DataFrame:
    """Sums and counts over windows."""
    age, fen = sold["age"], sold["amount_fen"]
    windows = {f"d{days}": age <= days for days in (28, 30, 90, YEAR)}
    windows["last_year"] = (age > YEAR) & (age <= YEAR + 90)
    windows["w12"] = (age > 28) & (age <= 112)
    wide = pd.DataFrame({name: fen.where(mask, 0) for name, mask in windows.items()})
    wide["orders_90d"], wide["orders_365d"] = windows["d90"], windows["d365"]
    sums = wide.groupby(sold["subject"]).sum()
    ages = sold.groupby("subject")["age"].agg(["max", "min"])
    return pd.DataFrame(
        {
            "orders_90d": sums["orders_90d"],
            "orders_365d": sums["orders_365d"],
            "trading_days": ages["max"],
            "days_since_order": ages["min"],
            "gmv_30d": sums["d30"] / 100,
            "gmv_90d": sums["d90"] / 100,
            "gmv_365d": sums["d365"] / 100,
            "ticket_365d": over(sums["d365"] / 100, sums["orders_365d"]),
            "growth_4w_12w": over(sums["d28"] * 3, sums["w12"]) - 1,
            "momentum_30d_90d": over(sums["d30"] * 3, sums["d90"]),
            "growth_yoy_90d": over(sums["d90"], sums["last_year"]) - 1,
        }
    )


def periods(rows: pd.DataFrame, period: pd.Series) -> pd.DataFrame:
    """Sums by period that are above zero, with their squares."""
    parts = rows.groupby([rows["subject"], period.rename("period")])["amount_fen"].sum()
    parts = parts[parts > 0].astype("float64")
    return parts.rename("part").reset_index().assign(square=lambda rows: rows["part"] ** 2)


def months(year: pd.DataFrame) -> pd.DataFrame:
    """Twelfths of a year."""
    by = periods(year, (year["age"] - 1) * 12 // YEAR).groupby("subject")
    active, whole = by.size(), by["part"].sum()
    return pd.DataFrame(
        {
            "selling_months_12m": active,
            "lowest_month_12m": (by["part"].min() / 100).where(active >= 12, 0.0),
            "season_hhi_12m": by["square"].sum() / whole**2,
        }
    )


def weeks(year: pd.DataFrame) -> pd.DataFrame:
    """52 weeks, the empty ones between counted."""
    rows = year[year["age"] <= 364]
    parts = periods(rows, (rows["age"] - 1) // 7)
    before = parts.groupby("subject")["period"].shift(1).fillna(-1)
    parts["silent"] = parts["period"] - before - 1
    by = parts.groupby("subject")
    span = by["period"].max() + 1
    mean = by["part"].sum() / span
    spread = np.sqrt((by["square"].sum() / span - mean**2).clip(lower=0))
    return pd.DataFrame(
        {
            "longest_gap_52w": by["silent"].max(),
            "weekly_cv_52w": spread / mean,
            "active_week_share_52w": by.size() / span,
        }
    )


def concentration(parts: pd.Series) -> pd.DataFrame:
    """Herfindahl index and top share of sums by (subject, value)."""
    kept = parts[parts > 0].astype("float64")
    by = kept.groupby(level=0)
    whole = by.sum()
    return pd.DataFrame(
        {"hhi": (kept**2).groupby(level=0).sum() / whole**2, "top": by.max() / whole, "values": by.size()}
    )


def buyers(year: pd.DataFrame) -> pd.DataFrame:
    """Who buys, and where they live."""
    by = year.groupby(["subject", "buyer_id"])["amount_fen"].agg(["size", "sum"])
    again = (by["size"] >= 2).groupby(level=0)
    shares = concentration(by["sum"])
    regions = concentration(year.groupby(["subject", "buyer_region"])["amount_fen"].sum())
    found = pd.DataFrame({"buyers_365d": again.size(), "repeat_buyer_share": again.mean()})
    shares = shares.rename(columns={"hhi": "buyer_hhi", "top": "top_buyer_share"}).drop(columns="values")
    return found.join([shares, regions["hhi"].rename("buyer_region_hhi")])


def articles(job: Any, subjects: pd.DataFrame) -> pd.DataFrame:
    """What is sold."""
    items = seen(
        job, "order_items", subjects, "ordered_day", ["sku_id", "amount_fen"], ["order_id", "line_no"]
    )
    items = items[items["age"] <= YEAR]
    found = concentration(items.groupby(["subject", "sku_id"])["amount_fen"].sum())
    return found.rename(columns={"values": "skus_365d", "hhi": "sku_hhi", "top": "top_sku_share"})


def fulfilment(orders: pd.DataFrame) -> pd.DataFrame:
    """Whether it is sent and arrives."""
    by = orders.groupby("subject")
    handed, delivered = by["handed_day"].count() > 0, by["delivered_day"].count() > 0
    rows = orders[orders["age"] <= 180]
    live = rows["cancelled_day"].isna()
    ship_due = live & (rows["ship_by_day"] < rows["as_of_day"])
    due = live & (rows["promised_day"] < rows["as_of_day"])
    flags = pd.DataFrame(
        {
            "all": True,
            "cancelled": ~live,
            "ship_due": ship_due,
            "late_hand": ship_due & ((rows["handed_day"] > rows["ship_by_day"]) | rows["handed_day"].isna()),
            "due": due,
            "late": due & ((rows["delivered_day"] > rows["promised_day"]) | rows["delivered_day"].isna()),
            "lost": due & rows["delivered_day"].isna(),
        }
    )
    sums = flags.groupby(rows["subject"]).sum()
    took = (rows["delivered_day"] - rows["ordered_day"]).groupby(rows["subject"]).mean()
    handed_due = sums["ship_due"].where(handed.reindex(sums.index))
    delivered_due = sums["due"].where(delivered.reindex(sums.index))
    return pd.DataFrame(
        {
            "delivery_days_180d": took,
            "late_handover_share_180d": over(sums["late_hand"], handed_due),
            "late_delivery_share_180d": over(sums["late"], delivered_due),
            "undelivered_share_180d": over(sums["lost"], delivered_due),
            "cancelled_share_180d": over(sums["cancelled"], sums["all"]),
        }
    )


def reviews(job: Any, subjects: pd.DataFrame) -> pd.DataFrame:
    """What buyers say."""
    rows = seen(job, "reviews", subjects, "reviewed_day", ["score"], ["review_id"])
    rows = rows[rows["age"] <= YEAR]
    by = rows.groupby("subject")["score"]
    return pd.DataFrame(
        {
            "reviews_365d": by.size(),
            "review_mean_365d": by.mean(),
            "bad_review_share_365d": (rows["score"] <= 2).groupby(rows["subject"]).mean(),
        }
    )


def refunds(
    job: Any, subjects: pd.DataFrame, orders: pd.DataFrame, year: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sales of the year, and what is paid back of orders that stand."""
    back = seen(job, "refunds", subjects, "refunded_day", ["order_id", "amount_fen"], ["refund_id"])
    called_off = orders.loc[orders["cancelled_day"].notna(), ["subject", "order_id"]].assign(off=True)
    back = back[back["age"] <= YEAR].merge(called_off, on=["subject", "order_id"], how="left")
    paid = back[back["off"].isna()].groupby("subject")["amount_fen"].agg(["size", "sum"])
    sold = year.groupby("subject")["amount_fen"].agg(["size", "sum"])
    return (
        sold.rename(columns={"size": "orders", "sum": "sold"}),
        paid.rename(columns={"size": "refunds", "sum": "back"}),
    )


if __name__ == "__main__":
    main()
