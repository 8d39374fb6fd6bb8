"""How long one decision takes: from a prepared feature row and forecast, with a fitted schedule, with hints.

    .venv/bin/python benchmarks/decide.py --book FOLDER --json

A book of 2,000 simulated merchants is made in a scratch folder unless one is given. Each of its cases is decided once
in each way, in turns, in this process; what is printed are quantiles over the cases in milliseconds, by the clock and of
the processor: where others share the machine the clock also measures them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from suixin.lending.schedule import Method
from suixin.replay import read_run
from suixin.reporting.cases import read_case
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Decision
from suixin.underwriting.forecast import forecast
from suixin.underwriting.policy import LoadedPolicy

TARGETS = {"decided, equal instalments or declined": 5.0, "decided, season-fitted": 15.0}


def make_book(folder: Path) -> Path:
    """A county of 2,000 merchants, its lake and its book."""
    for words in (
        ("simulate", folder / "source", "--merchants", "2000", "--months", "24", "--seed", "7", "--json"),
        ("ingest", folder / "source", "--lake", folder / "lake", "--json"),
        ("assess", folder / "lake", "--as-of", "2026-01-01", "--out", folder / "book", "--json"),
    ):
        subprocess.run(
            [sys.executable, "-m", "suixin", *map(str, words)], check=True, stdout=subprocess.DEVNULL
        )
    return folder / "book"


Spent = tuple[float, float]
"""Milliseconds by the clock, and of the processor."""


def timed(work: Callable[[], Decision | object]) -> tuple[Spent, Decision | object]:
    """What it took, and the result."""
    began, ran = time.perf_counter(), time.thread_time()
    found = work()
    return ((time.perf_counter() - began) * 1e3, (time.thread_time() - ran) * 1e3), found


def measure(cases: list[Case], loaded: LoadedPolicy) -> dict[str, list[Spent]]:
    """What each case took, by what was done."""
    terms = loaded.policy.forecast
    took: dict[str, list[Spent]] = {name: [] for name in (*TARGETS, "with hints", "with a new forecast")}
    for case in cases:
        held = (
            case if case.outlook else replace(case, outlook=forecast(case.history, case.months_known, terms))
        )
        spent, made = timed(lambda held=held: decide(held, loaded, hints=False))
        assert isinstance(made, Decision)
        fitted = made.terms is not None and made.terms.schedule.method is Method.HARVEST
        took["decided, season-fitted" if fitted else "decided, equal instalments or declined"].append(spent)
        took["with hints"].append(timed(lambda held=held: decide(held, loaded))[0])
        fresh = replace(held, outlook=None)
        took["with a new forecast"].append(timed(lambda fresh=fresh: decide(fresh, loaded, hints=False))[0])
    return took


def main() -> None:
    """Make what is missing, decide, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--book", type=Path, help="a decision book to take the cases from")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        book = arguments.book or make_book(Path(scratch))
        names = pl.read_parquet(book / "decisions.parquet")["merchant_id"].to_list()
        cases = [read_case(book, name) for name in names]
        loaded = read_run(book / "run.json").loaded
    for case in cases[:50]:  # the first decisions pay for caches
        decide(case, loaded)
    found = {
        name: {
            "cases": len(values),
            **{
                f"p{q}{of}": float(np.quantile([spent[at] for spent in values], q / 100))
                for at, of in enumerate(("", "_cpu"))
                for q in (50, 99)
            },
        }
        for name, values in measure(cases, loaded).items()
        if values
    }
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{'':40}{'cases':>8}{'p50 ms':>10}{'p99 ms':>10}{'CPU p50':>10}{'CPU p99':>10}")
    for name, row in found.items():
        target = TARGETS.get(name)
        verdict = (
            ""
            if target is None
            else f"  target p99 <= {target:g}: {'met' if row['p99'] <= target else 'NOT MET'}"
        )
        print(
            f"{name:40}{row['cases']:>8,}{row['p50']:>10.2f}{row['p99']:>10.2f}{row['p50_cpu']:>10.2f}{row['p99_cpu']:>10.2f}{verdict}"
        )


if __name__ == "__main__":
    main()
