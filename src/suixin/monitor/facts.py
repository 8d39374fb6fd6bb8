"""What was known of each live borrower on each day: features, months of sales, debts, pay-outs, the account."""

from collections.abc import Callable, Sequence

import narwhals.stable.v2 as nw
import polars as pl

from suixin.features.build import build
from suixin.features.debts import by_lender
from suixin.features.registry import FAMILIES
from suixin.features.traits import traits
from suixin.lake.store import Lake
from suixin.monitor.borrowers import Known

Progress = Callable[[str, int, int], None]

WATCHED = frozenset(
    {
        "sales", "integrity", "customers", "fulfilment", "reviews", "refunds", "invoices", "settlements", "account",
        "inquiries", "weather", "market", "season",
    }
)  # fmt: skip
"""Families that a measure reads."""
MONTHS = 36
AT_GRANT = "_at_grant"
PAYOUT_DAYS, ARRIVAL_DAYS = 122, 31  # pay-outs of so long ago at most, and at least, should have arrived
ACCOUNT_DAYS = 90
_AT_ONCE = 3_000  # borrowers and days to a build: each holds its own copy of a merchant's rows
_OWN_MONTHS = [f"month_{number}" for number in range(MONTHS)]


def facts(
    lake: Lake,
    live: pl.DataFrame,
    routes: Sequence[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Everything the measures read, a row a borrower and day.

    Args:
        lake: a snapshot.
        live: subject, merchant_id, as_of_day, granted_day, as `live_loans` gives it.
        routes: only rows that came by these; None for all.
        processes: how many build features; None for one a core, 0 for this one.
        progress: told after each group of weeks.

    Returns:
        subject, merchant_id, as_of_day, crop, township ('' where unknown), the features of `WATCHED`, month_0 (newest) to
        month_35 of net genuine sales in fen, other_lenders, other_debt_fen and other_service_fen by the bureau,
        arrived_share of pay-outs on the account, account_changed (1 or 0); null where a table does not tell. A family that
        the lake cannot tell has null columns.
    """
    asking = live.select("subject", "merchant_id", "as_of_day").unique("subject", maintain_order=True)
    tell = progress or (lambda *_: None)
    parts = []
    groups = _groups(asking)
    for done, group in enumerate(groups):
        tell("watching borrowers", done, len(groups))
        parts.append(_built(lake, group, routes, processes))
    return pl.concat(parts, how="diagonal") if parts else asking


def at_grant(
    lake: Lake, live: pl.DataFrame, routes: Sequence[str] | None = None, processes: int | None = None
) -> pl.DataFrame:
    """The same facts on the day of each loan's grant: merchant_id, granted_day, and columns that end in `_at_grant`."""
    grants = live.select("merchant_id", as_of_day="granted_day").unique(maintain_order=True)
    grants = grants.with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int64))
    parts = [_built(lake, group, routes, processes) for group in grants.iter_slices(_AT_ONCE)]
    return as_at_grant(pl.concat(parts, how="diagonal"))


def as_at_grant(built: pl.DataFrame) -> pl.DataFrame:
    """Facts of the days of grants, under the names that the measures know them by."""
    found = built.drop("subject", "crop", "township", *_OWN_MONTHS)
    renamed = {name: name + AT_GRANT for name in found.columns if name not in ("merchant_id", "as_of_day")}
    return found.rename({**renamed, "as_of_day": "granted_day"})


def _groups(asking: pl.DataFrame) -> list[pl.DataFrame]:
    """Whole days, as many as stay below the bound: borrowers of one day are each other's peers."""
    groups: list[list[pl.DataFrame]] = []
    size = 0
    for day in asking.sort("as_of_day", maintain_order=True).partition_by("as_of_day", maintain_order=True):
        if not groups or size + day.height > _AT_ONCE:
            groups.append([])
            size = 0
        groups[-1].append(day)
        size += day.height
    return [pl.concat(group) for group in groups]


def _built(
    lake: Lake, asking: pl.DataFrame, routes: Sequence[str] | None, processes: int | None
) -> pl.DataFrame:
    built = build(lake, asking, routes=routes, only=WATCHED, processes=processes)
    names = [feature.name for family in FAMILIES if family.name in WATCHED for feature in family.features]
    missing = [name for name in names if name not in built.features.columns]
    table = built.features.with_columns(pl.lit(None, pl.Float64).alias(name) for name in missing)
    table = table.select("subject", "merchant_id", "as_of_day", *names)
    known = Known(lake, routes, asking)
    for part in (
        _places(lake, asking, routes),
        _months(built.series),
        _debts(known),
        _arrived(known),
        _account(known, asking),
    ):
        table = table.join(part, on="subject", how="left")
    return table.with_columns(pl.col("crop", "township").fill_null(""), pl.col(_OWN_MONTHS).fill_null(0))


def _places(lake: Lake, asking: pl.DataFrame, routes: Sequence[str] | None) -> pl.DataFrame:
    """Crop, and township: the first nine digits of a village's code (GB/T 10114)."""
    found = traits(lake, asking, routes)
    return found.select("subject", "crop", township=pl.col("region_code").str.slice(0, 9))


def _months(series: pl.DataFrame) -> pl.DataFrame:
    """Net sales, one column a month, of one source: orders before invoices before the account."""
    first = pl.col("source").sort_by(pl.col("source") != "orders").first()
    read = series.join(series.group_by("subject").agg(first), on=["subject", "source"])
    return read.group_by("subject").agg(
        pl.col("net_fen").filter(pl.col("month") == number).sum().alias(name)
        for number, name in enumerate(_OWN_MONTHS)
    )


def _debts(known: Known) -> pl.DataFrame:
    """What the bureau's newest report says of other lenders; nothing owed where it names no loan."""
    schema = {
        "subject": pl.Int64(),
        "other_lenders": pl.Int64(),
        "other_debt_fen": pl.Int64(),
        "other_service_fen": pl.Int64(),
    }
    if not known.has("exposures"):
        return pl.DataFrame(schema=schema)
    rows = nw.from_native(known.rows("exposures", pl.col("source") == "bureau").lazy())
    debts: pl.DataFrame = by_lender(rows, ("subject",)).to_native().collect()
    return debts.group_by("subject").agg(
        other_lenders=(pl.col("loans") > 0).sum().cast(pl.Int64),
        other_debt_fen=pl.col("balance").sum(),
        other_service_fen=pl.col("service").sum(),
    )


def _arrived(known: Known) -> pl.DataFrame:
    """Pay-outs that came to the account in 122 days, against those settled 32 to 122 days ago.

    Unknown for borrowers to whose account no pay-out has ever come: it is not the one they are paid out to.
    """
    schema = {"subject": pl.Int64(), "arrived_share": pl.Float64()}
    if not (known.has("settlements") and known.has("cashflows")):
        return pl.DataFrame(schema=schema)
    sent = known.rows("settlements", within=PAYOUT_DAYS).filter(pl.col("age") > ARRIVAL_DAYS)
    sums = sent.group_by("subject").agg(sent=pl.col("net_fen").sum())
    arrivals = known.rows("cashflows", pl.col("kind") == "settlement").group_by("subject")
    came = arrivals.agg(came=pl.col("amount_fen").filter(pl.col("age") <= PAYOUT_DAYS).sum())
    both = sums.filter(pl.col("sent") > 0).join(came, on="subject")
    return both.select("subject", arrived_share=pl.col("came") / pl.col("sent"))


def _account(known: Known, asking: pl.DataFrame) -> pl.DataFrame:
    """Whether the newest account to be paid out to was first told of in the last 90 days, after another one."""
    schema = {"subject": pl.Int64(), "account_changed": pl.Float64()}
    if not (known.has("identities") and known.has("merchants")):
        return pl.DataFrame(schema=schema)
    owners = known.rows("merchants").select("subject", "party_id").join(asking, on="subject")
    told = known.of_parties("identities", owners).filter(pl.col("account").is_not_null())
    first = told.group_by("subject", "account").agg(first=pl.col("age").max())
    newest = first.group_by("subject").agg(newest=pl.col("first").min(), accounts=pl.len())
    changed = (pl.col("accounts") > 1) & (pl.col("newest") <= ACCOUNT_DAYS)
    return newest.select("subject", account_changed=changed.cast(pl.Float64))
