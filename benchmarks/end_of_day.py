"""The end of a day for a whole book: computed in columns, and stored on PostgreSQL.

    .venv/bin/python benchmarks/end_of_day.py --loans 100000 --json

The database is started for this run, flushes every commit to the disk, and is removed afterwards. Loans are of four
methods and six months, paid out over the weeks before; every fiftieth is in arrears. *Compute*: the interest and lateness
of one night for all of them from their columns, as the end of a day does. *Stored*: the whole end of a business date:
every night's transaction with its entries and balances, classes, allowances, the turn, what falls due, and the comparison
of every loan with the ledger. Printed beside it: a day on which a tenth of the loans fall due, and the peak memory.
"""

import argparse
import json
import os
import resource
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "server"), str(ROOT / "src")]

import cluster  # noqa: E402  the tests' own PostgreSQL

BEGIN, SHAPES, BATCH = date(2026, 1, 5), 200, 2_000
AIM_COMPUTE, AIM_STORED = 100_000, 5_000


def shapes(today: date) -> list[tuple[Any, Any]]:
    """(loan on the day, the transactions that brought it there) of different ages, sizes and methods."""
    from suixin.ledger.servicing import happen, night, taken_on  # noqa: PLC0415  once the path is set
    from suixin.lending.contract import Contract  # noqa: PLC0415
    from suixin.lending.events import Drawn, Received  # noqa: PLC0415
    from suixin.lending.periods import regular  # noqa: PLC0415
    from suixin.lending.schedule import Method  # noqa: PLC0415
    from suixin.lending.terms import Terms  # noqa: PLC0415

    methods = [Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST, Method.BULLET]
    found = []
    for number in range(SHAPES):
        start = today - timedelta(days=3 + number % 50)
        method = methods[number % 4]
        periods = regular(start, 6, "half-year" if method is Method.BULLET else "month")
        terms = Terms(1_000_000 + 7_919 * number, Decimal("0.0435"), start, method, periods)
        loan = happen(
            taken_on(Contract(f"#{number:06d}", terms)), Drawn("drawn", start, terms.principal_fen), start
        ).loan
        while loan.account.today < today:
            day = loan.account.today
            due = loan.account.due_principal_fen + loan.account.due_interest_fen
            if due and number % 50:
                loan = happen(loan, Received(f"paid {day}", day, due), day).loan
            loan = night(loan, day).loan
        found.append(loan)
    return found


def fill(count: int) -> Any:
    """A book with so many live loans, each tied to the ledger."""
    from house import AT  # noqa: PLC0415
    from lender import CARRIED, Lender  # noqa: PLC0415

    from suixin.ledger.rules import entries  # noqa: PLC0415
    from suixin.ledger.servicing import provision  # noqa: PLC0415
    from suixin.ledger.transaction import Transaction, gathered  # noqa: PLC0415
    from suixin.server import tenancy  # noqa: PLC0415
    from suixin.server.ledger.actions.post import post  # noqa: PLC0415
    from suixin.server.servicing import amending, keeping  # noqa: PLC0415
    from suixin.server.servicing.models import Loan, Profile  # noqa: PLC0415

    lender = Lender("bench", opened_on=BEGIN)
    held = shapes(BEGIN)
    with tenancy.within(lender.organisation.pk):
        rows = [keeping.write(amending.new_row(lender.book, one.contract, "P"), one) for one in held]
    for first in range(0, count, BATCH):
        made, fresh = [], []
        for number in range(first, min(first + BATCH, count)):
            shape, row = held[number % SHAPES], rows[number % SHAPES]
            name = f"L{number:06d}"
            columns = {field.attname: getattr(row, field.attname) for field in Loan._meta.concrete_fields}
            columns |= {
                "id": None,
                "number": name,
                "contract": row.contract.replace(shape.contract.loan, name),
            }
            fresh.append(Loan(**columns))
            lines = gathered(
                [*entries(name, "CNY", shape.stretch.begins), *provision(name, "CNY", shape.allowance_fen)]
            )
            made.append(Transaction(f"{name}/taken over", "taken over", BEGIN, BEGIN, lines, name))
        with tenancy.within(lender.organisation.pk):
            kept = Loan.objects.bulk_create(fresh)
            columns = {name: getattr(CARRIED, name) for name in CARRIED.__dataclass_fields__}
            Profile.objects.bulk_create(
                [Profile(loan=row, granted_on=row.from_on, **columns) for row in kept]
            )
        post(lender.book, made, by=lender.program, at=AT)
    return lender


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
    if cluster.programs() is None:
        sys.exit("there is no PostgreSQL; apt-get install postgresql")
    folder = cluster.started(f"eod-{os.getpid()}", os.getpid(), durable=True)
    with psycopg.connect(f"host={folder} user={cluster.ROLE} dbname=postgres", autocommit=True) as door:
        door.execute("CREATE DATABASE bench")
    os.environ["SUIXIN_DATABASE"] = f"postgresql:///bench?host={folder}&user={cluster.ROLE}"
    os.environ.setdefault("SUIXIN_SECRET_KEY", "for a benchmark")
    from suixin.server.start import start  # noqa: PLC0415  once the database is known

    start()
    from suixin.server import storage  # noqa: PLC0415

    storage.migrate()
    began = time.perf_counter()
    lender = fill(options.loans)
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
