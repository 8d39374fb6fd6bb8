"""Schedules a second: one by one, and in columns of many loans; beside other libraries where they are installed.

    .venv/bin/python benchmarks/lending.py --loans 100000 --runs 5 --json

Twelve monthly rows of equal instalments, dates and balances included, exact to the fen. Seconds are those of this
process (CPU), the best of the runs, so that other load on the machine falls on nobody; the wall clock is printed beside.
A peer that cannot be imported is named as missing; none is installed for this.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import numpy as np

from suixin.calendar import due_dates
from suixin.lending.amortise import build
from suixin.lending.columnar import METHODS, schedules
from suixin.lending.periods import regular
from suixin.lending.schedule import Method, equal_instalment, equal_principal, interest_first
from suixin.lending.terms import Terms

START, RATE, MONTHS, PRINCIPAL = date(2025, 1, 15), Decimal("0.0435"), 12, 10_000_000
AIMS = {"one by one": 20_000, "columns": 500_000}
PEERS = ("amortization", "loan_calculator", "numpy_financial")


def per_second(made: int, runs: int, work: Callable[[], object]) -> dict[str, float]:
    """Best of the runs, by CPU and by the clock."""
    cpu, wall = [], []
    for _ in range(runs):
        began, clock = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - clock)
    return {"cpu": round(made / min(cpu)), "wall": round(made / min(wall))}


def one_by_one(runs: int) -> dict[str, Any]:
    """The plain builders, and the loop that takes any terms."""
    builders = {made.__name__: made for made in (equal_instalment, equal_principal, interest_first)}
    found = {
        name: per_second(
            2_000, runs, lambda made=made: [made(PRINCIPAL, RATE, MONTHS, START) for _ in range(2_000)]
        )
        for name, made in builders.items()
    }

    def any_terms() -> None:
        for _ in range(200):
            build(Terms(PRINCIPAL, RATE, START, Method.EQUAL_INSTALMENT, regular(START, MONTHS)))

    return {**found, "any terms (frequency, grace, events)": per_second(200, runs, any_terms)}


def columns(loans: int, runs: int, seed: int) -> dict[str, Any]:
    """Many random loans at once, of twelve months each and of one to sixty."""
    draw = np.random.default_rng(seed)
    principal, rate = draw.integers(100_000, 300_000_000, loans), draw.integers(10_000, 240_000, loans)
    start, year = draw.integers(19_000, 21_000, loans), np.full(loans, MONTHS)
    mixed = draw.integers(1, 61, loans)
    found = {
        method.value: per_second(
            loans, runs, lambda method=method: schedules(method, principal, rate, year, start)
        )
        for method in METHODS
    }
    level = Method.EQUAL_INSTALMENT
    found["equal_instalment, 1 to 60 months"] = per_second(
        loans, runs, lambda: schedules(level, principal, rate, mixed, start)
    )
    return found


def peers(runs: int) -> dict[str, Any]:
    """Other libraries, floats all, at their own twelve rows."""
    found: dict[str, Any] = {}
    for name in PEERS:
        try:
            module = import_module(name)
        except ImportError:
            found[name] = "not installed"
            continue
        work = _peer(name, module)
        found[name] = per_second(200, runs, lambda work=work: [work() for _ in range(200)])
    return found


def _peer(name: str, module: Any) -> Callable[[], object]:
    if name == "amortization":
        make = import_module("amortization.schedule").amortization_schedule
        return lambda: list(make(100_000, 0.0435, 12))
    if name == "loan_calculator":
        make, dates = import_module("loan_calculator.loan").Loan, list(due_dates(START, MONTHS))
        return lambda: make(100_000.0, 0.0435, START, dates)
    periods = np.arange(1, 13)
    return lambda: (
        module.ipmt(0.0435 / 12, periods, 12, 100_000),
        module.ppmt(0.0435 / 12, periods, 12, 100_000),
    )


def show(report: dict[str, Any]) -> None:
    """A table, and whether the aims are met."""
    for part in ("one by one", "columns", "peers"):
        print(f"\n{part}, schedules a second" + (f" (aim {AIMS[part]:,})" if part in AIMS else ""))
        for name, held in report[part].items():
            text = held if isinstance(held, str) else f"{held['cpu']:>12,} CPU {held['wall']:>12,} wall"
            print(f"  {name:40}{text}")
    for part, aim in AIMS.items():
        reached = report[part]["equal_instalment"]["cpu"]
        print(f"{part}: {'meets' if reached >= aim else 'DOES NOT MEET'} the aim of {aim:,} with {reached:,}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loans", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    arguments = parser.parse_args()
    report = {
        "one by one": one_by_one(arguments.runs),
        "columns": columns(arguments.loans, arguments.runs, arguments.seed),
        "peers": peers(arguments.runs),
    }
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    show(report)


if __name__ == "__main__":
    main()
