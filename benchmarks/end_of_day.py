"""The end of a day for a whole book: computed in columns, and stored on PostgreSQL.

    .venv/bin/python benchmarks/end_of_day.py --loans 100000 --json

The database is started for this run, flushes every commit to the disk, and is removed afterwards. *Compute*: the interest and lateness
of one night for all of them from their columns, as the end of a day does. *Stored*: the whole end of a business date:
every night's transaction with its entries and balances, classes, allowances, the turn, what falls due, and the comparison
of every loan with the ledger. Printed beside it: a day on which a tenth of the loans fall due, and the peak memory.
"""

import argparse
import json
import resource
import sys
import time
from datetime import timedelta
from statistics import median
from typing import Any

from _book import BATCH, BEGIN, database, fill

AIM_COMPUTE, AIM_STORED = 100_000, 5_000


def compute(lender: Any, runs: int = 5) -> dict[str, Any]:
    """Loans a second from their columns, read once."""
    from suixin.lending.stretch import Columns  # noqa: PLC0415
    from suixin.server import tenancy  # noqa: PLC0415
    from suixin.server.servicing import keeping  # noqa: PLC0415
    from suixin.server.servicing.models import Loan  # noqa: PLC0415

    with tenancy.within(lender.organisation.pk):
        rows = list(Loan.objects.filter(book=lender.book).values_list(*keeping.STRETCH))
    gathering, nights = [], []
    for _ in range(runs):
        began = time.process_time()
        columns = Columns.from_rows(rows)
        gathering.append(time.process_time() - began)
        began = time.process_time()
        columns.quiet(lender.day)
        columns.night(lender.day)
        nights.append(time.process_time() - began)
    return {
        "loans_per_cpu_second": round(len(rows) / median(nights)),
        "with_gathering_the_columns": round(len(rows) / (median(gathering) + median(nights))),
    }


def stored(lender: Any, days: int, workers: int) -> list[dict[str, Any]]:
    """Each day's end, step by step."""
    from house import AT  # noqa: PLC0415

    from suixin.server.servicing.actions.end_day import end_day  # noqa: PLC0415

    found = []
    for _ in range(days):
        marks: dict[str, float] = {}
        began = time.perf_counter()

        def progress(
            step: str, done: int, total: int, began: float = began, marks: dict[str, float] = marks
        ) -> None:
            del done, total
            marks[step] = round(time.perf_counter() - began, 2)

        counts = end_day(
            lender.book, lender.day, by=lender.program, at=AT, progress=progress, batch=BATCH, workers=workers
        )
        seconds = time.perf_counter() - began
        lender.day += timedelta(days=1)
        assert counts["broken"] == 0, counts["breaks"][:3]
        found.append(
            {
                "day": lender.day.isoformat(),
                "seconds": round(seconds, 1),
                "loans_per_second": round(counts["closed"] / seconds),
                "closed": counts["closed"],
                "quiet": counts["quiet"],
                "fell_due": counts.get("opened", 0),
                "steps_end_at": marks,
            }
        )
    return found


def main() -> None:
    """Run all, print the figures, exit 1 below the aims."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--loans", type=int, default=100_000)
    asked.add_argument("--days", type=int, default=3)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    database("eod")
    from lender import Lender  # noqa: PLC0415  once the database is known

    began = time.perf_counter()
    lender = Lender("bench", opened_on=BEGIN)
    fill(lender, options.loans)
    filled = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report: dict[str, Any] = {"loans": options.loans, "filled_in_seconds": round(filled)}
    report["compute"] = compute(lender)
    report["stored"] = stored(lender, options.days, options.workers)
    report["peak_mb"] = {
        "before": before // 1024,
        "after": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print(
            f"compute   {report['compute']['loans_per_cpu_second']:>10,} loans a CPU second (aim {AIM_COMPUTE:,})"
        )
        for day in report["stored"]:
            print(
                f"stored    {day['loans_per_second']:>10,} loans/s (aim {AIM_STORED:,}): {day['seconds']} s, "
                f"{day['quiet']:,} of {day['closed']:,} quiet, {day['fell_due']:,} fell due, {day['steps_end_at']}"
            )
        print(
            f"memory    {report['peak_mb']['before']:,} MB before, {report['peak_mb']['after']:,} MB at the peak"
        )
    slowest = median(day["loans_per_second"] for day in report["stored"])
    sys.exit(report["compute"]["loans_per_cpu_second"] < AIM_COMPUTE or slowest < AIM_STORED)


if __name__ == "__main__":
    main()
