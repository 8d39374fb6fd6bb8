"""The second half of an ingest: staged rows against what the lake holds, bucket by bucket, into new files."""

import uuid
from dataclasses import replace
from pathlib import Path

import polars as pl

from suixin.calendar import day_to_date
from suixin.lake import quarantine
from suixin.lake.contract import Table, day_name
from suixin.lake.files import file_hash, write_parquet
from suixin.lake.manifest import DataFile, Manifest, TableState
from suixin.lake.merge import Merged, merge
from suixin.lake.staging import Progress, Staged
from suixin.lake.store import Lake, reading
from suixin.lake.tables import TABLES


def settle(
    staged: Staged, root: Path, base: Manifest, route: str, *, tell: Progress, dry_run: bool
) -> dict[str, TableState]:
    """Merge every staged bucket and write the rows that are new; the states of all tables after it.

    Counts what was accepted, already there and in conflict in `staged.reports`. A dry run only counts.
    """
    states = dict(base.tables)
    lake = Lake(root, base)
    work = [(name, bucket) for name in staged.reports for bucket in staged.buckets(name)]
    for done, (name, bucket) in enumerate(work):
        tell(f"merging {name}", done, len(work))
        merged = _merge_bucket(staged, lake, TABLES[name], bucket, route)
        _count(staged, name, merged)
        if merged.fresh.height and not dry_run:
            states[name] = _add(states.get(name, TableState()), root, TABLES[name], bucket, merged)
    for name in staged.reports:
        aside = quarantine.only_new(quarantine.stored(lake, name), pl.concat(staged.quarantined[name]))
        if aside.height and not dry_run:
            states[name] = _set_aside(states.get(name, TableState()), root, name, aside)
    return states


def _merge_bucket(staged: Staged, lake: Lake, contract: Table, bucket: int, route: str) -> Merged:
    parts = [_read(part) for part in staged.parts(contract.name, bucket)]
    new = (
        pl.concat(parts)
        .with_row_index("_n")
        .with_columns(pl.col("_n").cast(pl.Int64), pl.lit(route).alias("route"))
    )
    keys = new.lazy().select(contract.key).unique()
    held = lake.versions(contract.name, bucket)
    known = held.join(keys, on=list(contract.key), how="semi", nulls_equal=True, maintain_order="left")
    with reading(lake.root):
        old = known.collect()
    return merge(contract, old, new)


def _read(part: Path) -> pl.DataFrame:
    # A path would be taken for a pattern where its folder's name has brackets; a handle is not.
    with part.open("rb") as handle:
        return pl.read_ipc(handle)


def _count(staged: Staged, name: str, merged: Merged) -> None:
    report = staged.reports[name]
    report.accepted += merged.fresh.height
    report.already_there += merged.already
    if merged.conflicts.height:
        rows = _conflict_rows(staged, TABLES[name], merged.conflicts)
        report.set_aside(rows)
        staged.quarantined[name].append(rows)


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
    rows = merged.fresh.select(*contract.stored).sort(contract.sort_by, maintain_order=True)
    file = _write(
        rows, root, Path("data") / contract.name / f"{bucket:04d}", routes=rows["route"].unique().to_list()
    )
    days = rows[day_name(contract.happened)]
    first, last = (str(day_to_date(int(str(d)))) for d in (days.min(), days.max()))
    superseded = {*state.superseded, bucket} if merged.superseding else set(state.superseded)
    return replace(
        state,
        rows=state.rows + rows.height,
        first_on=min(filter(None, (state.first_on, first))),
        last_on=max(state.last_on, last),
        buckets={**state.buckets, bucket: (*state.buckets.get(bucket, ()), file)},
        superseded=tuple(sorted(superseded)),
    )


def _set_aside(state: TableState, root: Path, name: str, rows: pl.DataFrame) -> TableState:
    file = _write(rows, root, Path("quarantine") / name, routes=[], private=True)
    return replace(state, quarantined=state.quarantined + rows.height, quarantine=(*state.quarantine, file))


def _write(
    rows: pl.DataFrame, root: Path, folder: Path, *, routes: list[str], private: bool = False
) -> DataFile:
    relative = folder / f"{uuid.uuid4().hex}.parquet"
    path = root / relative
    write_parquet(rows, path, private=private)
    return DataFile(
        relative.as_posix(), rows.height, path.stat().st_size, file_hash(path), tuple(sorted(routes))
    )
