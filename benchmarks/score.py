"""Batch scoring with contributions: Suixin's tables against LightGBM's own `pred_contrib`, in the same run.

    .venv/bin/python benchmarks/score.py --rows 100000 --runs 3 --json

Synthetic merchants with 40 features (whole numbers, shares, long tails, 15 % missing); models are trained here with a
fixed seed. Every run is a process of its own: it opens the model, attributes all rows and writes them down; seconds are
taken inside around each step, memory from outside. Medians of the runs; the three ways take turns, so that other load
on the machine falls on all. LightGBM may be given the first rows only (--peer-rows): its work is the same a row, and
its seconds are then scaled up and marked so.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from _measure import measure
from suixin.scoring.trees import Trees

FEATURES = 40
TRAINING_ROWS = 20_000
MODELS = {"200x8": (200, 8), "300x16": (300, 16), "400x31": (400, 31)}
WAYS = ("suixin", "lightgbm, 1 thread", "lightgbm, all threads")
TARGET = 5.0
EQUAL = 1e-9


@dataclass(frozen=True)
class Way:
    """Medians of one way: seconds for all rows, of the processor and on the clock, and the largest peak."""

    prepare_cpu: float
    cpu: float
    wall: float
    peak_mb: float
    scaled: bool

    def as_json(self) -> dict[str, float | bool]:
        """Rounded."""
        return {
            "prepare_cpu_seconds": round(self.prepare_cpu, 3),
            "cpu_seconds": round(self.cpu, 3),
            "wall_seconds": round(self.wall, 3),
            "peak_mb": round(self.peak_mb),
            "scaled_from_fewer_rows": self.scaled,
        }


def merchants(rows: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features and outcome (about 12 % default)."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, FEATURES))
    x[:, 10:20] = draw.poisson(6, size=(rows, 10))
    x[:, 20:28] = draw.beta(2, 5, size=(rows, 8))
    x[:, 28:34] = np.round(np.exp(x[:, 28:34] + 8), 2)
    risk = 0.8 * x[:, 0] - 0.6 * x[:, 1] * (x[:, 20] > 0.3) + 0.2 * (x[:, 10] - 6) + 3 * (x[:, 21] - 0.3)
    risk -= 0.4 * (np.log(x[:, 28]) - 8) + 0.3 * np.abs(x[:, 2]) - 0.3 * x[:, 3:8].sum(axis=1)
    x[draw.random(x.shape) < 0.15] = np.nan
    x[draw.random(rows) < 0.3, 34:] = np.nan  # a family whose table a source lacks
    return x, (risk + draw.logistic(size=rows) > 3.2).astype(float)


def train(folder: Path, rows: int, seed: int, names: list[str]) -> None:
    """Models in both forms and the rows to score, in the folder."""
    import lightgbm  # noqa: PLC0415  # the child that scores with our tables must not pay for it

    x, y = merchants(TRAINING_ROWS, seed)
    np.save(folder / "rows.npy", merchants(rows, seed + 1)[0])
    for name in names:
        rounds, leaves = MODELS[name]
        settings = {
            "objective": "binary",
            "learning_rate": 0.05,
            "num_leaves": leaves,
            "seed": seed,
            "num_threads": 1,
        }
        booster = lightgbm.train({**settings, "verbose": -1}, lightgbm.Dataset(x, y), rounds)
        booster.save_model(folder / f"{name}.txt")
        trees = Trees.from_lightgbm(booster.dump_model(), [f"f{number}" for number in range(FEATURES)])
        (folder / f"{name}.json").write_text(json.dumps(trees.to_json()))


def run_one(way: str, folder: Path, name: str, rows: int) -> None:
    """One way once, in this process; prints its seconds and writes the contributions."""
    x = np.load(folder / "rows.npy")[:rows]
    began = time.process_time()
    if way == "suixin":
        trees = Trees.from_json(json.loads((folder / f"{name}.json").read_text()))
        trees.contributions(x[:1])  # makes the tables
        prepared, clock = time.process_time(), time.perf_counter()
        found = trees.contributions(x)
    else:
        import lightgbm  # noqa: PLC0415  # as above

        began = time.process_time()
        booster = lightgbm.Booster(model_file=folder / f"{name}.txt")
        prepared, clock = time.process_time(), time.perf_counter()
        threads = 1 if way == "lightgbm, 1 thread" else 0
        found = booster.predict(x, pred_contrib=True, num_threads=threads)
    wall, ended = time.perf_counter() - clock, time.process_time()
    np.save(folder / f"{way}.npy", found)
    print(json.dumps({"prepare_cpu": prepared - began, "cpu": ended - prepared, "wall": wall}))


def compare(folder: Path, name: str, rows: int, peer_rows: int, runs: int) -> dict[str, Any]:
    """All ways on one model, in turns."""
    taken: dict[str, list[tuple[dict[str, float], float]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way in WAYS:
            count = rows if way == "suixin" else peer_rows
            words = ("--one", way, "--work", folder, "--model", name, "--rows", str(count))
            held = measure(sys.executable, Path(__file__), *words)
            taken[way].append((json.loads(held.output), held.peak_mb))
    ways = {way: _medians(held, 1.0 if way == "suixin" else rows / peer_rows) for way, held in taken.items()}
    ours, peers = ways["suixin"], [ways[way] for way in WAYS[1:]]
    made = np.load(folder / "suixin.npy")[:peer_rows]
    apart = max(float(np.abs(made - np.load(folder / f"{way}.npy")).max()) for way in WAYS[1:])
    return {
        "ways": {way: held.as_json() for way, held in ways.items()},
        "largest_difference": apart,
        "rows_compared": peer_rows,
        "ratio_cpu": round(peers[0].cpu / ours.cpu, 1),
        "ratio_cpu_with_preparation": round(
            (peers[0].cpu + peers[0].prepare_cpu) / (ours.cpu + ours.prepare_cpu), 1
        ),
        "ratio_wall": round(peers[0].wall / ours.wall, 1),
        "ratio_wall_to_all_threads": round(peers[1].wall / ours.wall, 1),
    }


def _medians(held: list[tuple[dict[str, float], float]], scale: float) -> Way:
    middle = {key: median(one[key] for one, _ in held) for key in ("prepare_cpu", "cpu", "wall")}
    peak = max(peak for _, peak in held)
    return Way(middle["prepare_cpu"], middle["cpu"] * scale, middle["wall"] * scale, peak, scale != 1.0)


def show(name: str, rows: int, found: dict[str, Any]) -> None:
    """One model as a table."""
    rounds, leaves = MODELS[name]
    print(f"\n{rounds} trees of {leaves} leaves, {rows:,} rows, {FEATURES} features")
    print(f"{'':24}{'prepare CPU s':>14}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}")
    for way, one in found["ways"].items():
        mark = "  (scaled)" if one["scaled_from_fewer_rows"] else ""
        seconds = (
            f"{one['prepare_cpu_seconds']:>14.2f}{one['cpu_seconds']:>10.2f}{one['wall_seconds']:>10.2f}"
        )
        print(f"{way:24}{seconds}{one['peak_mb']:>10,}{mark}")
    apart, all_in = found["largest_difference"], found["ratio_cpu_with_preparation"]
    print(
        f"  largest difference {apart:.1e} on {found['rows_compared']:,} rows: {_met(apart <= EQUAL)} {EQUAL:g}"
    )
    print(
        f"  CPU {found['ratio_cpu']} times less, {all_in} with preparation: {_met(all_in >= TARGET)} {TARGET:g}"
    )
    print(
        f"  wall {found['ratio_wall']} times less, {found['ratio_wall_to_all_threads']} against all threads"
    )


def _met(met: bool) -> str:
    return "meets the target of" if met else "DOES NOT MEET the target of"


def main() -> None:
    """Train, score in all ways, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--peer-rows", type=int, help="rows that LightGBM is given; all unless named")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--model", choices=MODELS, action="append", help="one of them; all unless named")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = arguments.model or list(MODELS)
    if arguments.one:
        run_one(arguments.one, arguments.work, names[0], arguments.rows)
        return
    peer_rows = min(arguments.rows, arguments.peer_rows or arguments.rows)
    report = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        train(folder, arguments.rows, arguments.seed, names)
        for name in names:
            report[name] = compare(folder, name, arguments.rows, peer_rows, arguments.runs)
            if not arguments.json:
                show(name, arguments.rows, report[name])
    if arguments.json:
        print(json.dumps({"rows": arguments.rows, "cores": os.cpu_count(), "models": report}, indent=2))


if __name__ == "__main__":
    main()
