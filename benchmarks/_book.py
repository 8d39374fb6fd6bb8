"""A lender's book on PostgreSQL, made for one run: the database, and as many live loans as are asked for.

Loans are of four methods and six months, paid out over the weeks before; every fiftieth is in arrears.
"""

import os
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "server"), str(ROOT / "src")]

import cluster  # noqa: E402  the tests' own PostgreSQL

BEGIN, SHAPES, BATCH = date(2026, 1, 5), 200, 2_000


def database(name: str) -> str:
    """Start PostgreSQL for this process, flushing every commit, and name an empty database in the environment."""
    if cluster.programs() is None:
        sys.exit("there is no PostgreSQL; apt-get install postgresql")
    folder = cluster.started(f"{name}-{os.getpid()}", os.getpid(), durable=True)
    with psycopg.connect(f"host={folder} user={cluster.ROLE} dbname=postgres", autocommit=True) as door:
        door.execute("CREATE DATABASE bench")
    url = f"postgresql:///bench?host={folder}&user={cluster.ROLE}"
    os.environ["SUIXIN_DATABASE"] = url
    os.environ.setdefault("SUIXIN_SECRET_KEY", "for a benchmark")
    from suixin.server.start import start  # noqa: PLC0415  once the database is known

    start()
    from suixin.server import storage  # noqa: PLC0415

    storage.migrate()
    return url


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


def fill(lender: Any, count: int) -> None:
    """Put so many live loans into a lender's book, each tied to the ledger."""
    from house import AT  # noqa: PLC0415
    from lender import CARRIED  # noqa: PLC0415

    from suixin.ledger.rules import entries  # noqa: PLC0415
    from suixin.ledger.servicing import provision  # noqa: PLC0415
    from suixin.ledger.transaction import Transaction, gathered  # noqa: PLC0415
    from suixin.server import tenancy  # noqa: PLC0415
    from suixin.server.ledger.actions.post import post  # noqa: PLC0415
    from suixin.server.servicing import amending, keeping  # noqa: PLC0415
    from suixin.server.servicing.models import Loan, Profile  # noqa: PLC0415

    held = shapes(lender.day)
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
            made.append(Transaction(f"{name}/taken over", "taken over", lender.day, lender.day, lines, name))
        with tenancy.within(lender.organisation.pk):
            kept = Loan.objects.bulk_create(fresh)
            columns = {name: getattr(CARRIED, name) for name in CARRIED.__dataclass_fields__}
            Profile.objects.bulk_create(
                [Profile(loan=row, granted_on=row.from_on, **columns) for row in kept]
            )
        post(lender.book, made, by=lender.program, at=AT)
