"""Rows as they were known before an as-of date: nothing later, no column filled in before its time."""

import narwhals.stable.v2 as nw

from suixin.features.feature import Rows
from suixin.lake.contract import Kind, Table, day_name

ORDER = "_order"


def known_before(rows: Rows, contract: Table, subjects: Rows, *, versions: bool) -> Rows:
    """The rows of each subject's merchant that were known on a day before its as-of date.

    Args:
        rows: row versions of a per-merchant table, with `_order` (a later number was ingested later).
        contract: the table's contract.
        subjects: `subject`, `merchant_id`, `as_of_day` (days since 1970-01-01).
        versions: whether some rows are superseded; only then are versions resolved.

    Returns:
        The stored columns but instants and provenance, and `subject`, `as_of_day`, `age` in days (>= 1). A late
        column is null where it became known on or after the as-of date.
    """
    seen = rows.join(subjects, on="merchant_id", how="inner").filter(
        nw.col("known_day") < nw.col("as_of_day")
    )
    if versions:
        fact = ["subject", *contract.key]
        seen = seen.filter(nw.col("known_at") == nw.col("known_at").max().over(*fact))
        seen = seen.filter(nw.col(ORDER) == nw.col(ORDER).max().over(*fact))
    late = contract.late
    kept = [name for name in _useful(contract) if name not in late]
    masked = [
        nw.when(nw.col(day) < nw.col("as_of_day")).then(nw.col(name)).alias(name)
        for name, day in late.items()
        if name in _useful(contract)
    ]
    age = (nw.col("as_of_day") - nw.col(day_name(contract.happened))).cast(nw.Int64)
    return seen.select("subject", "as_of_day", age.alias("age"), *kept, *masked)


def _useful(contract: Table) -> list[str]:
    """Stored columns that a feature may read: day numbers stand for dates and instants."""
    times = {c.name for c in contract.columns if c.kind in (Kind.DATE, Kind.INSTANT)}
    return [
        n
        for n in contract.stored
        if n not in times and n not in ("known_at", "known_day", "route", "merchant_id")
    ]
