"""Simulate a county into a folder of standard source files."""

import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import polars as pl
import yaml

from suixin.errors import UsageError
from suixin.simulation import chunk, county, frames, places
from suixin.simulation.brushing import Brushing
from suixin.simulation.horizon import Horizon
from suixin.simulation.parallel import Progress, Work

GENERATOR_VERSION = 3
MOST_MERCHANTS, MOST_MONTHS, MOST_PROCESSES = 5_000_000, 120, 256
_TRUTHS = ("-truth", "-brushed")
_FIRST_YEAR, _LAST_YEAR = 2000, 2090


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What a simulation wrote.

    Attributes:
        merchants, orders: how many; brushed_orders: how many of the orders are not genuine.
        rows: table name to rows.
        borrowers: merchants that were granted a loan; defaults: of them, in default within 365 days.
        hidden_cause_defaults: defaults that illness, side debt or fraud alone brought about.
        produce_loss_share: share of the harvest's value lost before sale, over all merchants that grow.
        seconds: wall time; files: files written to the source folder, `source.yaml` included.
    """

    merchants: int
    orders: int
    brushed_orders: int
    rows: dict[str, int]
    borrowers: int
    defaults: int
    hidden_cause_defaults: int
    produce_loss_share: float
    seconds: float
    files: int


def simulate(
    out: Path,
    *,
    merchants: int = 2000,
    months: int = 24,
    seed: int = 7,
    start: date = date(2024, 1, 1),
    brush: Brushing | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> SimulationSummary:
    """Write a county's source files to the folder `out` and its latent truth beside it.

    The truth is `<out>-truth.parquet`, a row a merchant, and `<out>-brushed.parquet`, a row a brushed order.

    Args:
        out: a folder that does not exist or is empty; it appears only when it is complete.
        merchants: 1 to 5,000,000; the first n merchants are the same in every larger county.
        months: 1 to 120, from `start`; loans need at least 19 for their outcome to be seen.
        seed: any integer.
        start: first day, in 2000 to 2090.
        brush: who is told to brush in place of the county's own brushers (None: about 2.5 % of merchants).
            Genuine orders and past loans are the same rows whoever is told, so a merchant can be compared
            with itself: `Brushing(share=0)` against `Brushing(share=1, sales=0.3)`.
        processes: 1 to 256, this one included; None for one a processor. Files do not depend on it. Others are
            spawned, so a script that asks for more than one calls this under `if __name__ == "__main__":`.
        progress: called with ("merchants", done, all) after each chunk, in this process.

    Raises:
        UsageError: an argument is out of bounds, or `out` holds something.
        OSError: the disk is full or not writable; nothing is left behind.
    """
    began = time.perf_counter()
    _check(out, merchants=merchants, months=months, seed=seed, start=start, processes=processes)
    workers = processes or os.cpu_count() or 1
    horizon = Horizon(start, months)
    with _appearing(out) as folder:
        world = county.build(seed, horizon, brush)
        work = Work(world, folder, merchants, progress)
        rows = Counter(_write_county(world, folder, work.parts))
        results = work.run(workers)
        for result in results:
            rows.update(result.rows)
        asked = {"seed": seed, "merchants": merchants, "months": months, "start": start}
        _write_source(folder, asked | ({"brush": asdict(brush)} if brush else {}))
        truth = pl.concat([result.truth for result in results])
        brushed = pl.concat([result.brushed for result in results])
        frames.save(truth, folder.with_name(folder.name + _TRUTHS[0]))
        frames.save(brushed, folder.with_name(folder.name + _TRUTHS[1]))
        files = sum(1 for path in folder.rglob("*") if path.is_file())
    return _summary(dict(rows), truth, brushed.height, files, time.perf_counter() - began)


def _check(out: Path, *, merchants: int, months: int, seed: int, start: date, processes: int | None) -> None:
    """UsageError for any argument out of bounds."""
    _within("merchants", merchants, 1, MOST_MERCHANTS)
    _within("months", months, 1, MOST_MONTHS)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise UsageError(f"seed is {seed!r}: give a whole number")
    _within("start's year", start.year, _FIRST_YEAR, _LAST_YEAR)
    if processes is not None:
        _within("processes", processes, 1, MOST_PROCESSES)
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: name a folder that does not exist yet")
    if out.is_dir() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty: name another folder, or remove this one first")


def _within(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UsageError(f"{name} is {value!r}: give a whole number from {low} to {high}")


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A working folder beside `out` that becomes `out`, with its truth files, when the block succeeds."""
    out = out.resolve()  # "." and ".." have no name of their own
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = out.parent / f".{out.name}-{secrets.token_hex(4)}"
    truths = {
        folder.with_name(folder.name + name): out.parent / f"{out.name}{name}.parquet" for name in _TRUTHS
    }
    folder.mkdir()
    try:
        yield folder
        if out.is_dir():
            out.rmdir()
        for made, final in truths.items():
            made.replace(final)
        folder.rename(out)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for made in truths:
            made.unlink(missing_ok=True)
        raise


def _write_county(world: county.County, folder: Path, part: int) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name, frame in places.tables(world).items():
        if name == "parties":  # the merchants' parties stand in the same table, so this is its last part
            rows |= chunk.write(folder, name, part, frame)
        else:
            frames.save(frame, folder / f"{name}.parquet")
            rows[name] = frame.height
    return rows


def _write_source(folder: Path, asked: dict[str, object]) -> None:
    source = {
        "adapter": "standard",
        "name": f"{county.COUNTY_NAME} seed {asked['seed']}",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "route": "simulation",
        "authorisation": "none needed: generated data",
        "purpose": "demonstration",
        "simulation": asked | {"generator_version": GENERATOR_VERSION},
    }
    text = yaml.safe_dump(source, allow_unicode=True, sort_keys=False)
    (folder / "source.yaml").write_text(text, encoding="utf-8")


def _summary(
    rows: dict[str, int], truth: pl.DataFrame, brushed_orders: int, files: int, seconds: float
) -> SimulationSummary:
    defaults = truth.filter(pl.col("default_within_year"))
    harvested = float(truth["harvested_yuan"].sum())
    return SimulationSummary(
        merchants=truth.height,
        orders=rows["orders"],
        brushed_orders=brushed_orders,
        rows=rows,
        borrowers=int(truth["borrower"].sum()),
        defaults=defaults.height,
        hidden_cause_defaults=defaults.filter(pl.col("default_cause") != "visible").height,
        produce_loss_share=float(truth["lost_yuan"].sum()) / harvested if harvested > 0 else 0.0,
        seconds=seconds,
        files=files,
    )
