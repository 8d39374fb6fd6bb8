"""The second half of an ingest: staged rows against what the lake holds, bucket by bucket, into new files."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from suixin.calendar import day_to_date
from suixin.lake import quarantine
from suixin.lake.contract import Table, day_name
from suixin.lake.erasing import keep_tombstones
from suixin.lake.layout import laid_out, parts, read_part
from suixin.lake.manifest import Manifest, TableState
from suixin.lake.merge import Merged, merge
from suixin.lake.rewrite import put, put_rows, read_rows
from suixin.lake.staging import Progress, Staged
from suixin.lake.store import Lake, reading
from suixin.lake.tables import TABLES

FILES_OF_A_SIZE = 8
LARGEST_ABSORBED = 250_000  # rows


def settle(
    staged: Staged, root: Path, base: Manifest, route: str, *, tell: Progress, dry_run: bool
) -> dict[str, TableState]:
    """Merge every staged bucket and write the rows that are new; the states of all tables after it.

    Counts what was accepted, already there and in conflict in `staged.reports`. A dry run only counts.
    """
    states = dict(base.tables)
    lake = Lake(root, base)
    work = [(name, bucket) for name in staged.reports for bucket in laid_out(staged.folder, name)]
    for done, (name, bucket) in enumerate(work):
        tell(f"merging {name}", done, len(work))
        merged = _merge_bucket(staged, lake, TABLES[name], bucket, route)
        _count(staged, name, merged)
        if merged.fresh.height and not dry_run:
            states[name] = _add(states.get(name, TableState()), root, TABLES[name], bucket, merged)
    for name in staged.reports:
        for found in [] if dry_run else staged.aside(name):
            aside = quarantine.only_new(lake, name, found)
            staged.reports[name].again += found.height - aside.height
            if aside.height:
                aside = aside.with_columns(pl.lit(base.sequence + 1, pl.Int64).alias("ingest"))
                states[name] = _set_aside(states.get(name, TableState()), root, name, aside)
    return states


def _merge_bucket(staged: Staged, lake: Lake, contract: Table, bucket: int, route: str) -> Merged:
    staged_parts = [read_part(part) for part in parts(staged.folder, contract.name, bucket)]
    new = (
        pl.concat(staged_parts)
        .with_row_index("_n")
        .with_columns(pl.col("_n").cast(pl.Int64), pl.lit(route).alias("route"))
    )
    keys = new.lazy().select(contract.key).unique()
    old = _held(lake, contract, bucket, keys)
    return merge(contract, old, keep_tombstones(contract, old, new))


def _held(lake: Lake, contract: Table, bucket: int, keys: pl.LazyFrame) -> pl.DataFrame:
    """The row versions that the lake has of these keys, oldest first."""
    rows = lake.versions(contract.name, bucket)
    on = list(contract.key)
    with reading(lake.root):
        # Most rows of most ingests are new: the other columns are only read when one is not.
        met = rows.select(on).join(keys, on=on, how="semi", nulls_equal=True).unique().collect()
        if met.height == 0:
            return rows.limit(0).collect()
        return rows.join(met.lazy(), on=on, how="semi", nulls_equal=True, maintain_order="left").collect()


def _count(staged: Staged, name: str, merged: Merged) -> None:
    report = staged.reports[name]
    report.accepted += merged.accepted
    report.already_there += merged.already
    report.completed += merged.completed
    if merged.conflicts.height:
        staged.set_aside(name, _conflict_rows(staged, TABLES[name], merged.conflicts))


def _conflict_rows(staged: Staged, contract: Table, conflicts: pl.DataFrame) -> pl.DataFrame:
    """Conflicting rows as quarantine rows; what is kept of them is the row as it was understood."""
    names = [name for name in contract.stored if not name.endswith("_day") and name != "route"]
    key = ", ".join(contract.key)
    rows = [
        (
            staged.files[row["_file"]],
            row["_row"],
            key,
            "conflict",
            quarantine.as_json({name: row[name] for name in names if row[name] is not None}),
        )
        for row in conflicts.sort("_n").iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=quarantine.SCHEMA, orient="row")


def _add(state: TableState, root: Path, contract: Table, bucket: int, merged: Merged) -> TableState:
    held = state.buckets.get(bucket, ())
    apart = len(held) - absorbed([file.rows for file in held], merged.fresh.height)
    rows = merged.fresh.select(*contract.stored)
    if apart < len(held):
        rows = pl.concat([read_rows(root, held[apart:], contract), rows])
    files = put_rows(rows, root, contract, bucket)
    days = merged.fresh[day_name(contract.happened)]
    first, last = (str(day_to_date(int(str(d)))) for d in (days.min(), days.max()))
    superseded = {*state.superseded, bucket} if merged.superseding else set(state.superseded)
    return replace(
        state,
        rows=state.rows + merged.fresh.height,
        first_on=min(filter(None, (state.first_on, first))),
        last_on=max(state.last_on, last),
        buckets={**state.buckets, bucket: (*held[:apart], *files)},
        superseded=tuple(sorted(superseded)),
    )


def _set_aside(state: TableState, root: Path, name: str, rows: pl.DataFrame) -> TableState:
    file = put(rows, root, Path("quarantine") / name, private=True)
    return replace(state, quarantined=state.quarantined + rows.height, quarantine=(*state.quarantine, file))


def absorbed(sizes: list[int], new: int) -> int:
    """How many of a bucket's newest files a new one of `new` rows takes in.

    Eight files of like size become one, as in a log-structured merge tree: a bucket filled by many small
    ingests has few files, and each row is written again only as often as its file grows eightfold. Large files
    are left to `compact`.
    """
    taken = 0
    while new < LARGEST_ABSORBED:
        tail = 0
        for size in reversed(sizes[: len(sizes) - taken]):
            if _tier(size) > _tier(new) or size >= LARGEST_ABSORBED:
                break
            tail += 1
        if tail + 1 < FILES_OF_A_SIZE:
            break
        new += sum(sizes[len(sizes) - taken - tail : len(sizes) - taken])
        taken += tail
    return taken


def _tier(rows: int) -> int:
    return (max(rows, 1).bit_length() - 1) // 3
