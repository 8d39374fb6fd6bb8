"""New rows against the rows that a bucket already holds: what is new, there already, a correction, a conflict.

Identity is key + known_at. The same identity with the same values is there already; a later known_at is a
correction (a new version); the same identity with other values is a conflict, except that a column which
becomes known later than its row may be filled in: an order exported in March without, and in April with,
its delivery is one order, completed.

A row that is there already and comes by another route is kept as one more version, so that a reader who may only
use that route finds it. It still counts as already there.
"""

from dataclasses import dataclass

import polars as pl

from suixin.lake.contract import Table

OLD = -1


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be added.

    Attributes:
        fresh: the row versions to add, those that only tell of another route among them.
        conflicts: the rows of `new` that contradict what is held.
        accepted: how many rows of `new` are new or complete one that is held.
        already: how many are there already.
        completed: how many of the accepted complete a row that is held or came before them.
        superseding: whether any key has several versions then.
    """

    fresh: pl.DataFrame
    conflicts: pl.DataFrame
    accepted: int
    already: int
    completed: int
    superseding: bool


def merge(table: Table, old: pl.DataFrame, new: pl.DataFrame) -> Merged:
    """Sort new rows into fresh, already there and conflicting.

    Args:
        table: the contract of both frames.
        old: stored rows whose keys may occur in `new`.
        new: stored columns and `_n`, the position of each row in the ingest.
    """
    identity = table.stored_key
    if old.height == 0 and not new.select(pl.struct(identity).is_duplicated().any()).item():
        return Merged(new, new.clear(), new.height, 0, 0, superseding=_has_versions(table, new))
    both = pl.concat([old.with_columns(pl.lit(OLD, pl.Int64).alias("_n")), new], how="diagonal")
    values = [name for name in table.stored if name != "route"]
    distinct = both.unique(subset=values, keep="first", maintain_order=True)
    fresh, conflicts = _settle(table, distinct)
    already = new.height - fresh.height - conflicts.height
    added = fresh.drop("_again")
    seen = pl.concat([added.select("_n"), conflicts.select("_n")])
    added = pl.concat(
        [added, _by_another_route(table, old, new.join(seen, on="_n", how="anti"))], how="diagonal"
    )
    superseding = _has_versions(table, pl.concat([old.select(table.key), added.select(table.key)]))
    return Merged(added, conflicts, fresh.height, already, int(fresh["_again"].sum()), superseding)


def _by_another_route(table: Table, old: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    """Versions that tell by which other route held rows came; after one that knows less, the fullest once more.

    The version that stands last is the one that counts, whatever the route; among those of one route as well.
    """
    identity = table.stored_key
    values = [name for name in table.stored if name != "route"]
    first = there.unique(subset=values, keep="first", maintain_order=True)
    first = first.join(old.select(identity), on=identity, how="semi", nulls_equal=True, maintain_order="left")
    first = first.join(old, on=list(table.stored), how="anti", nulls_equal=True, maintain_order="left")
    told = first.join(old, on=[*identity, "route"], how="semi", nulls_equal=True)
    told = told.join(old, on=values, how="anti", nulls_equal=True)  # this route has told as much or more
    new = first.join(told.select("_n"), on="_n", how="anti", maintain_order="left")
    last = old.unique(subset=identity, keep="last", maintain_order=True)
    fuller = last.join(new, on=identity, how="semi", nulls_equal=True, maintain_order="left")
    fuller = fuller.join(new, on=values, how="anti", nulls_equal=True, maintain_order="left")
    return pl.concat([new, fuller.with_columns(pl.lit(OLD, pl.Int64).alias("_n"))], how="diagonal")


def _has_versions(table: Table, rows: pl.DataFrame) -> bool:
    return bool(rows.select(pl.struct(table.key).is_duplicated().any()).item()) if rows.height else False


def _settle(table: Table, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split distinct rows of one identity each into the ones to add and the conflicting ones."""
    identity = table.stored_key
    held = rows.filter(pl.col("_n") == OLD).unique(subset=identity, keep="last", maintain_order=True)
    new = rows.filter(pl.col("_n") != OLD)
    unheld = new.join(held.select(identity), on=identity, how="anti", nulls_equal=True, maintain_order="left")
    first = unheld.filter(pl.struct(identity).is_first_distinct())
    base = pl.concat([held, first]).with_columns(_again=pl.lit(value=False))
    rest = new.join(first.select("_n"), on="_n", how="anti", maintain_order="left")
    added = [base.filter(pl.col("_n") != OLD)]
    conflicts = []
    while rest.height:
        filling, clash = _judge(table, base, rest)
        conflicts.append(clash)
        turn = pl.struct(identity).is_first_distinct()
        done, rest = filling.filter(turn), filling.filter(~turn).select(rest.columns)
        added.append(done)
        base = pl.concat([base.join(done, on=identity, how="anti", nulls_equal=True), done])
    clashing = pl.concat(conflicts) if conflicts else rows.clear()
    return pl.concat(added), clashing


def _judge(table: Table, base: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that fill in late columns of `base`, filled; and those that contradict it. What adds nothing is in neither."""
    identity, late = table.stored_key, sorted(table.late)
    fixed = [c for c in table.stored if c not in late and c not in (*identity, "known_day", "route")]
    pairs = rows.join(base, on=identity, how="inner", suffix=":base", nulls_equal=True, maintain_order="left")
    contradicts = [pl.col(c).ne_missing(pl.col(f"{c}:base")) for c in fixed]
    contradicts += [(pl.col(c) != pl.col(f"{c}:base")).fill_null(value=False) for c in late]
    fills = [pl.col(c).is_not_null() & pl.col(f"{c}:base").is_null() for c in late]
    clash = pl.any_horizontal(pl.lit(value=False), *contradicts)
    gain = pl.any_horizontal(pl.lit(value=False), *fills)
    filled = [pl.coalesce(c, f"{c}:base").alias(c) for c in late]
    filling = pairs.filter(gain & ~clash).with_columns(filled, _again=pl.lit(value=True)).select(base.columns)
    return filling, pairs.filter(clash).select(rows.columns)
