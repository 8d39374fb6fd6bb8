"""How fast a county is simulated, files written included: orders a second, rows a second, peak memory.

    .venv/bin/python benchmarks/simulate.py --merchants 2000 --processes 2 --runs 3

Each run is a process of its own. The rate is over the simulation's own seconds, without the start of Python.
"""

import argparse
import json
import tempfile
from pathlib import Path

from _measure import Measured, measure, suixin


def simulate(arguments: argparse.Namespace) -> tuple[Measured, dict[str, float], float]:
    """One county: what was measured, its summary, and the megabytes of its files."""
    with tempfile.TemporaryDirectory() as folder:
        county = Path(folder, "county")
        asked = {name: str(getattr(arguments, name)) for name in ("merchants", "months", "seed", "processes")}
        options = [word for name, value in asked.items() for word in (f"--{name}", value)]
        run = measure(*suixin("simulate", county, *options, "--json"))
        size = sum(path.stat().st_size for path in county.rglob("*") if path.is_file())
    return run, json.loads(run.output), size / 1e6


def main() -> None:
    """Run, take the median by orders a second, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--merchants", type=int, default=2000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    runs = sorted((simulate(arguments) for _ in range(arguments.runs)), key=lambda run: run[1]["seconds"])
    _, made, size = runs[len(runs) // 2]
    rows = sum(made["rows"].values())
    print(f"merchants {arguments.merchants:,}, processes {arguments.processes}, median of {arguments.runs}")
    print(f"orders          {made['orders']:>14,.0f}")
    print(f"rows            {rows:>14,.0f}")
    print(f"seconds         {made['seconds']:>14.2f}")
    print(f"orders a second {made['orders'] / made['seconds']:>14,.0f}")
    print(f"rows a second   {rows / made['seconds']:>14,.0f}")
    print(f"peak memory MB  {max(run.peak_mb for run, _, _ in runs):>14,.0f}")
    print(f"files MB        {size:>14,.0f}")


if __name__ == "__main__":
    main()
