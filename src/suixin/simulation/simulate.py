"""Simulate a county into a folder of standard source files."""

import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from suixin.errors import UsageError
from suixin.simulation import chunk, county, places
from suixin.simulation.horizon import Horizon

GENERATOR_VERSION = 1
CHUNK = 200  # merchants a part: about 120,000 orders; fixed, so that files do not depend on the processes
MOST_MERCHANTS, MOST_MONTHS, MOST_PROCESSES = 5_000_000, 120, 256
_FIRST_YEAR, _LAST_YEAR = 2000, 2090

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What a simulation wrote.

    Attributes:
        merchants, orders: how many.
        rows: table name to rows.
        borrowers: merchants that were granted a loan; defaults: of them, in default within 365 days.
        hidden_cause_defaults: defaults that illness, side debt or fraud alone brought about.
        produce_loss_share: share of the harvest's value lost before sale, over all merchants that grow.
        seconds: wall time; files: files written to the source folder, `source.yaml` included.
    """

    merchants: int
    orders: int
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
    processes: int | None = None,
    progress: Progress | None = None,
) -> SimulationSummary:
    """Write a county's source files to the folder `out` and its latent truth to `<out>-truth.parquet` beside it.

    Args:
        out: a folder that does not exist or is empty; it appears only when it is complete.
        merchants: 1 to 5,000,000; the first n merchants are the same in every larger county.
        months: 1 to 120, from `start`; loans need at least 19 for their outcome to be seen.
        seed: any integer.
        start: first day, in 2000 to 2090.
        processes: worker processes, 1 to 256; None for one a processor. Files do not depend on it.
        progress: called with ("merchants", done, all) after each chunk, in this process.

    Raises:
        UsageError: an argument is out of bounds, or `out` holds something.
        OSError: the disk is full or not writable; nothing is left behind.
    """
    began = time.perf_counter()
    workers = _checked(out, merchants, months, seed, start, processes)
    horizon = Horizon(start, months)
    with _appearing(out) as folder:
        world = county.build(seed, horizon)
        chunks = _chunks(merchants)
        rows = Counter(_write_county(world, folder, len(chunks)))
        results = _run_all(world, folder, chunks, workers, merchants, progress)
        for result in results:
            rows.update(result.rows)
        _write_source(folder, seed, merchants, months, start)
        truth = pl.concat([result.truth for result in results])
        truth.write_parquet(folder.with_name(folder.name + "-truth"), compression="lz4")
        files = sum(1 for path in folder.rglob("*") if path.is_file())
    return _summary(merchants, dict(rows), truth, files, time.perf_counter() - began)


def _checked(out: Path, merchants: int, months: int, seed: int, start: date, processes: int | None) -> int:
    """The number of processes; UsageError for any argument out of bounds."""
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
    return processes if processes is not None else min(os.cpu_count() or 1, MOST_PROCESSES)


def _within(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UsageError(f"{name} is {value!r}: give a whole number from {low} to {high}")


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A working folder beside `out` that becomes `out`, with its truth file, when the block succeeds."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = out.parent / f".{out.name}-{secrets.token_hex(4)}"
    truth = folder.with_name(folder.name + "-truth")
    final_truth = out.parent / f"{out.name}-truth.parquet"
    folder.mkdir()
    try:
        yield folder
        if out.is_dir():
            out.rmdir()
        folder.rename(out)
        truth.replace(final_truth)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        truth.unlink(missing_ok=True)
        raise


def _chunks(merchants: int) -> list[tuple[int, int]]:
    """First and last id of every chunk."""
    return [(low, min(low + CHUNK - 1, merchants)) for low in range(1, merchants + 1, CHUNK)]


def _write_county(world: county.County, folder: Path, part: int) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name, frame in places.tables(world).items():
        if name == "parties":  # the merchants' parties stand in the same table, so this is its last part
            rows |= chunk.write(folder, name, part, frame)
        else:
            frame.write_parquet(folder / f"{name}.parquet", compression="lz4")
            rows[name] = frame.height
    return rows


def _run_all(
    world: county.County,
    folder: Path,
    chunks: list[tuple[int, int]],
    workers: int,
    merchants: int,
    progress: Progress | None,
) -> list[chunk.ChunkResult]:
    """All chunks, by this process and `workers` - 1 others; the results in the order of the chunks."""
    results: dict[int, chunk.ChunkResult] = {}

    def done(part: int, result: chunk.ChunkResult) -> None:
        results[part] = result
        if progress is not None:
            progress("merchants", sum(r.merchants for r in results.values()), merchants)

    def here(part: int) -> None:
        low, high = chunks[part]
        done(part, chunk.run(world, np.arange(low, high + 1, dtype=np.int64), folder, part))

    others = min(workers, len(chunks)) - 1
    if others < 1:
        for part in range(len(chunks)):
            here(part)
    else:
        _share(world, folder, chunks, others, here, done)
    return [results[part] for part in range(len(chunks))]


def _share(
    world: county.County,
    folder: Path,
    chunks: list[tuple[int, int]],
    others: int,
    here: Callable[[int], None],
    done: Callable[[int, chunk.ChunkResult], None],
) -> None:
    """Let others work from the first chunk on, while this process takes back chunks from the last on.

    So this process is busy while the others start. Spawn, because a fork of a process that has used Polars
    may hang. If a worker cannot start (a script read from standard input) this process does its chunks.
    """
    with ProcessPoolExecutor(
        others, get_context("spawn"), _prepare, (world.streams.seed, world.horizon)
    ) as pool:
        futures: list[Future[chunk.ChunkResult]] = []
        try:
            futures = [pool.submit(_work, folder, part, *bounds) for part, bounds in enumerate(chunks)]
            for part in reversed(range(len(chunks))):
                if futures[part].cancel():
                    here(part)
            for part, future in enumerate(futures):
                if not future.cancelled():
                    done(part, future.result())
        except BrokenProcessPool:
            for part, future in enumerate(futures):
                if future.cancelled() or (future.done() and future.exception() is None):
                    continue
                here(part)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


_world: county.County | None = None  # of a worker process, set once when it starts


def _prepare(seed: int, horizon: Horizon) -> None:
    global _world  # noqa: PLW0603 - a worker's own state
    _world = county.build(seed, horizon)


def _work(folder: Path, part: int, low: int, high: int) -> chunk.ChunkResult:
    assert _world is not None  # noqa: S101 - the pool's initialiser has run
    return chunk.run(_world, np.arange(low, high + 1, dtype=np.int64), folder, part)


def _write_source(folder: Path, seed: int, merchants: int, months: int, start: date) -> None:
    source = {
        "adapter": "standard",
        "name": f"{county.COUNTY_NAME} seed {seed}",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "route": "simulation",
        "authorisation": "none needed: generated data",
        "purpose": "demonstration",
        "simulation": {
            "seed": seed,
            "merchants": merchants,
            "months": months,
            "start": start,
            "generator_version": GENERATOR_VERSION,
        },
    }
    text = yaml.safe_dump(source, allow_unicode=True, sort_keys=False)
    (folder / "source.yaml").write_text(text, encoding="utf-8")


def _summary(
    merchants: int, rows: dict[str, int], truth: pl.DataFrame, files: int, seconds: float
) -> SimulationSummary:
    defaults = truth.filter(pl.col("default_within_year"))
    harvested = float(truth["harvested_yuan"].sum())
    return SimulationSummary(
        merchants=merchants,
        orders=rows["orders"],
        rows=rows,
        borrowers=int(truth["borrower"].sum()),
        defaults=defaults.height,
        hidden_cause_defaults=defaults.filter(pl.col("default_cause") != "visible").height,
        produce_loss_share=float(truth["lost_yuan"].sum()) / harvested if harvested > 0 else 0.0,
        seconds=seconds,
        files=files,
    )
