"""Rows as they were known before an as-of date: nothing later, no column filled in before its time."""

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from suixin.features.feature import Rows
from suixin.lake.contract import Kind, Table, day_name

_FILLED, _HAPPENED, _VERSIONS = "_filled", "_happened", "_versions"


def known_before(
    rows: Rows,
    contract: Table,
    asking: Rows,
    *,
    versions: bool,
    on: str = "merchant_id",
    who: Sequence[str] = ("subject",),
) -> Rows:
    """The rows that each asker may see: those known on a day before its as-of date.

    Args:
        rows: row versions of a table, in its stored columns.
        contract: the table's contract.
        asking: the columns of `who`, `on` and `as_of_day` (days since 1970-01-01); a row each asker.
        versions: whether some rows are superseded; only then are versions resolved.
        on: the table's column that names whom a row is about.
        who: columns that identify an asker; `as_of_day` follows from them.

    Returns:
        The columns of `who`, `as_of_day`, `age` in days (>= 1), and the stored columns but instants, provenance and
        `on`. A late column is null where it became known on or after the as-of date.
    """
    happened = day_name(contract.happened)
    rows = rows.with_columns(nw.col(happened).alias(_HAPPENED))
    if "as_of_day" in contract.stored:  # an outcome has an as-of date of its own
        rows = rows.drop("as_of_day")
    seen = rows.join(asking, on=on, how="inner").filter(nw.col("known_day") < nw.col("as_of_day"))
    if versions:
        seen = _newest(seen, contract, _fact(contract, on, who))
    late = contract.late
    useful = [name for name in _useful(contract) if name not in (on, "as_of_day", *who)]
    kept = [name for name in useful if name not in late]
    masked = [
        nw.when(nw.col(day) < nw.col("as_of_day")).then(nw.col(name)).alias(name)
        for name, day in late.items()
        if name in useful
    ]
    age = (nw.col("as_of_day") - nw.col(_HAPPENED)).cast(nw.Int64)
    asker = list(dict.fromkeys([*who, "as_of_day"]))
    return seen.select(*asker, age.alias("age"), *kept, *masked)


def _fact(contract: Table, on: str, who: Sequence[str]) -> list[str]:
    """What one fact is to one asker, who asks about one `on`."""
    key = (_HAPPENED if name == contract.happened else name for name in contract.key if name != on)
    return list(dict.fromkeys([*who, *key]))


def _newest(seen: Rows, contract: Table, fact: list[str]) -> Rows:
    """One version a fact: the one known last, and of those known at the same time the most complete.

    Completion only ever fills in late columns, so of two versions with the same known_at the later one has more of them.
    Most facts have one version: only the others are compared.
    """
    counted = seen.with_columns(nw.col("known_at").count().over(*fact).alias(_VERSIONS))
    once = counted.filter(nw.col(_VERSIONS) == 1).drop(_VERSIONS)
    several = counted.filter(nw.col(_VERSIONS) > 1).drop(_VERSIONS)
    several = several.filter(nw.col("known_at") == nw.col("known_at").max().over(*fact))
    times = list(dict.fromkeys(contract.late.values()))
    if times:
        filled = nw.sum_horizontal(*[(~nw.col(day).is_null()).cast(nw.Int64) for day in times])
        several = several.with_columns(filled.alias(_FILLED))
        several = several.filter(nw.col(_FILLED) == nw.col(_FILLED).max().over(*fact)).drop(_FILLED)
    return nw.concat([once, several.unique(subset=fact, keep="any").select(*once.columns)])


def _useful(contract: Table) -> list[str]:
    """Stored columns that a feature may read: day numbers stand for dates and instants."""
    times = {c.name for c in contract.columns if c.kind in (Kind.DATE, Kind.INSTANT)}
    return [n for n in contract.stored if n not in times and n not in ("known_at", "known_day", "route")]
