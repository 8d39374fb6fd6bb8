"""How long the whole job takes: a simulated county, its lake, its decision book, and a person who opens it.

    .venv/bin/python benchmarks/assess.py --merchants 2000 --runs 3

Rows a second are rows of the lake over the seconds of `assess`, from start of the process to the finished book.
The page is usable when it has drawn a merchant and filtered its list by a number that was typed.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from _measure import measure, middle, suixin

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from chromium import FLAGS


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
        print(f"page usable s    {usable(book / 'book.html', arguments.runs):>12.2f}")


def usable(page: Path, runs: int) -> float:
    """Median seconds from opening the book's page to a drawn merchant and a filtered list."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("SUIXIN_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        spent = []
        for _ in range(runs):
            tab = browser.new_page()
            began = time.perf_counter()
            tab.goto(page.as_uri())
            wanted = tab.inner_text("#merchant h3")
            tab.fill("#filters input", wanted)
            tab.wait_for_function("document.querySelectorAll('#list tbody tr').length === 1")
            spent.append(time.perf_counter() - began)
            tab.close()
        browser.close()
    return median(spent)


if __name__ == "__main__":
    main()
