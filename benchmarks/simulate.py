"""How fast a county is simulated, files written included: orders a second, rows a second, peak memory.

    .venv/bin/python benchmarks/simulate.py --merchants 2000 --processes 2 --runs 3

Each run is a process of its own, so its memory is that of one simulation; the peak is the largest sum of the
resident sets of the process and its workers, sampled every 20 ms. The median run by speed is printed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

RUN = """
import json, sys
from pathlib import Path
from suixin.simulation import simulate

if __name__ == "__main__":
    out, merchants, months, seed, processes = sys.argv[1:]
    made = simulate(Path(out), merchants=int(merchants), months=int(months), seed=int(seed), processes=int(processes))
    print(json.dumps({"orders": made.orders, "rows": sum(made.rows.values()), "seconds": made.seconds}))
"""


def tree_bytes(process: psutil.Process) -> int:
    """Resident bytes of a process and all below it; what ends meanwhile counts nothing."""
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def run(arguments: argparse.Namespace) -> dict[str, float]:
    """One simulation in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "run.py")
        script.write_text(RUN, encoding="utf-8")
        out = Path(folder, "county")
        numbers = [arguments.merchants, arguments.months, arguments.seed, arguments.processes]
        command = [sys.executable, script, out, *map(str, numbers)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            watched, peak = psutil.Process(child.pid), 0
            while child.poll() is None:
                peak = max(peak, tree_bytes(watched))
                time.sleep(0.02)
            assert child.stdout is not None
            made: dict[str, float] = json.loads(child.stdout.read())
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return made | {"peak_mb": peak / 1e6, "disk_mb": size / 1e6}


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
    runs = sorted((run(arguments) for _ in range(arguments.runs)), key=lambda r: r["orders"] / r["seconds"])
    middle = runs[len(runs) // 2]
    print(f"merchants {arguments.merchants:,}, processes {arguments.processes}, median of {arguments.runs}")
    print(f"orders          {middle['orders']:>14,.0f}")
    print(f"rows            {middle['rows']:>14,.0f}")
    print(f"seconds         {middle['seconds']:>14.2f}")
    print(f"orders a second {middle['orders'] / middle['seconds']:>14,.0f}")
    print(f"rows a second   {middle['rows'] / middle['seconds']:>14,.0f}")
    print(f"peak memory MB  {max(r['peak_mb'] for r in runs):>14,.0f}")
    print(f"files MB        {middle['disk_mb']:>14,.0f}")


if __name__ == "__main__":
    main()
