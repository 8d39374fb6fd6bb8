"""How long the whole job takes: a simulated county, its lake, its decision book.

    .venv/bin/python benchmarks/assess.py --merchants 2000 --runs 3

Rows a second are rows of the lake over the seconds of `assess`, from start of the process to the finished book.
"""

import argparse
import json
import tempfile
from pathlib import Path

from _measure import measure, middle, suixin


def main() -> None:
    """Make the lake, assess it, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--merchants", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        county, lake, book = (Path(folder, name) for name in ("county", "lake", "book"))
        measure(*suixin("simulate", county, "--merchants", str(arguments.merchants), "--json"))
        measure(*suixin("ingest", county, "--lake", lake, "--json"))
        status = json.loads(measure(*suixin("lake", "status", lake, "--json")).output)
        rows = sum(table["rows"] for table in status["tables"].values())
        command = suixin("assess", lake, "--as-of", "2026-01-01", "--out", book, "--replace", "--json")
        run = middle(arguments.runs, lambda: measure(*command, "--processes", str(arguments.processes)))
        made = json.loads(run.output)
        sizes = {p.name: p.stat().st_size / 1e6 for p in sorted(book.iterdir())}
        print(
            f"merchants {made['merchants_assessed']:,}, rows in the lake {rows:,}, median of {arguments.runs}"
        )
        print(f"seconds          {run.seconds:>12.2f}   of which {made['seconds']}")
        print(f"merchants/s      {made['merchants_assessed'] / run.seconds:>12,.0f}")
        print(f"lake rows/s      {rows / run.seconds:>12,.0f}")
        print(f"peak memory MB   {run.peak_mb:>12,.0f}")
        for name, size in sizes.items():
            print(f"{name:16} {size:>12,.2f} MB")


if __name__ == "__main__":
    main()
