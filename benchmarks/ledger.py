"""Postings a second on PostgreSQL, beside the raw SQL under them, in one run.

    .venv/bin/python benchmarks/ledger.py --batches 40 --clients 8 --posts 150 --json

The database is started for this run, flushes every commit to the disk, and is removed afterwards. *Bulk*: batches of
1,000 transactions of two entries over 1,000 borrowers, each batch one commit. Its limit is the same rows into the
same tables by plain psycopg, by COPY and by arrays with every id known beforehand, through the same triggers, indexes,
policies and balance updates; the faster of the two counts. *Single*: one transaction, its entries, balances and a
message a commit, by eight processes, all on one hot account; beside it the same statements in a loop of eight processes
with psycopg alone. Both sides take turns, and each gives its median. pgbench (TPC-B, scale 20) is printed for scale.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "server"), str(ROOT / "src")]

import cluster  # noqa: E402  the tests' own PostgreSQL

DAY, AT, SIZE, BORROWERS = date(2026, 1, 5), datetime(2026, 1, 5, 8, tzinfo=UTC), 1_000, 1_000
SCALE, SECONDS, ROUNDS, AIM = 20, 10, 3, 0.5


def open_url(url: str) -> None:
    """Django on this database."""
    os.environ["SUIXIN_DATABASE"] = url
    os.environ.setdefault("SUIXIN_SECRET_KEY", "for a benchmark")
    from suixin.server.start import start  # noqa: PLC0415  once the database is known

    start()


def made(first: int, name: str) -> list[Any]:
    """A batch of transactions: interest of many borrowers against one account of income."""
    from suixin.ledger.transaction import Entry, Transaction, gathered  # noqa: PLC0415  as above

    found = []
    for number in range(first, first + SIZE):
        lines = [
            Entry("1132.01", f"loan-{number % BORROWERS}", "CNY", 100 + number % 7),
            Entry("6011.01", "", "CNY", -(100 + number % 7)),
        ]
        found.append(Transaction(f"{name}-{number}", "accrued", DAY, DAY, gathered(lines)))
    return found


def new_book(name: str) -> tuple[Any, Any]:
    """A bank with an open book, every line of which has been touched once."""
    from house import book  # noqa: PLC0415  as above

    from suixin.server.ledger.actions.post import post  # noqa: PLC0415

    held, program = book(name)
    post(held, made(0, "warm"), by=program, at=AT)
    return held, program


# ---- bulk -------------------------------------------------------------------------------------------------


def bulk_ours(batches: int, name: str) -> float:
    """Entries a second by `post`."""
    from suixin.server.ledger.actions.post import post  # noqa: PLC0415

    held, program = new_book(name)
    work = [made(SIZE * (1 + number), "t") for number in range(batches)]
    began = time.perf_counter()
    for batch in work:
        post(held, batch, by=program, at=AT)
    return 2 * SIZE * batches / (time.perf_counter() - began)


def bulk_raw(batches: int, name: str, info: str, write: Callable[[Any, list[Any], list[Any]], None]) -> float:
    """Entries a second by psycopg alone, digests and ids made beforehand."""
    from suixin.ledger import chain  # noqa: PLC0415

    held, _ = new_book(name)
    with psycopg.connect(info) as door:
        door.execute("SELECT set_config('suixin.organisation', %s, false)", [str(held.organisation_id)])
        lines = {
            (account, subject): number
            for number, account, subject in door.execute(
                "SELECT id, account, subject FROM ledger_balance WHERE book_id = %s", [held.pk]
            )
        }
        first = door.execute(
            "SELECT nextval('ledger_transaction_id_seq') FROM generate_series(1, %s)", [batches * SIZE]
        ).fetchall()[0][0]
        door.commit()
        work = []
        for turn in range(batches):
            batch = made(SIZE * (1 + turn), "t")
            start = first + turn * SIZE
            org = held.organisation_id
            rows = [
                (
                    start + n,
                    org,
                    held.pk,
                    one.key,
                    one.kind,
                    DAY,
                    DAY,
                    "",
                    "",
                    "",
                    2,
                    chain.digest(one),
                    "raw",
                    AT,
                )
                for n, one in enumerate(batch)
            ]
            entries = [
                (org, start + n, lines[entry.account, entry.subject], entry.amount_minor)
                for n, one in enumerate(batch)
                for entry in one.entries
            ]
            work.append((rows, entries))
        began = time.perf_counter()
        for rows, entries in work:
            with door.transaction():
                write(door, rows, entries)
        return 2 * SIZE * batches / (time.perf_counter() - began)


_COLUMNS = (
    "id, organisation_id, book_id, key, kind, booked_on, value_on, reference, reverses, reason, entry_count, "
    "digest, posted_by, posted_at"
)
_TYPES = (
    ["bigint"] * 3 + ["text"] * 2 + ["date"] * 2 + ["text"] * 3 + ["smallint", "bytea", "text", "timestamptz"]
)


def by_copy(door: Any, rows: list[Any], entries: list[Any]) -> None:
    """COPY, which row-level security refuses on the tables themselves, by way of temporary ones."""
    for table, names, given in (("ledger_transaction", _COLUMNS, rows), ("ledger_entry", _ENTRY, entries)):
        door.execute(f"CREATE TEMP TABLE IF NOT EXISTS raw_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
        with door.cursor() as cursor, cursor.copy(f"COPY raw_{table} ({names}) FROM STDIN") as copy:
            for row in given:
                copy.write_row(row)
    door.execute(
        f"WITH e AS (INSERT INTO ledger_entry ({_ENTRY}) SELECT {_ENTRY} FROM raw_ledger_entry) "  # noqa: S608
        f"INSERT INTO ledger_transaction ({_COLUMNS}) SELECT {_COLUMNS} FROM raw_ledger_transaction"
    )


_ENTRY = "organisation_id, transaction_id, balance_id, amount_minor"


def by_arrays(door: Any, rows: list[Any], entries: list[Any]) -> None:
    """INSERT … SELECT FROM unnest."""
    types, four = ", ".join(f"%s::{kind}[]" for kind in _TYPES), ", ".join(["%s::bigint[]"] * 4)
    door.execute(
        f"WITH e AS (INSERT INTO ledger_entry ({_ENTRY}) SELECT * FROM unnest({four})) "  # noqa: S608  constants
        f"INSERT INTO ledger_transaction ({_COLUMNS}) SELECT * FROM unnest({types})",
        [list(column) for given in (entries, rows) for column in zip(*given, strict=True)],
    )


def bulk(batches: int, info: str) -> dict[str, Any]:
    """Both sides in turns."""
    found: dict[str, list[float]] = {"ours": [], "copy": [], "arrays": []}
    for turn in range(ROUNDS):
        found["copy"].append(bulk_raw(batches, f"copy{turn}", info, by_copy))
        found["ours"].append(bulk_ours(batches, f"ours{turn}"))
        found["arrays"].append(bulk_raw(batches, f"arrays{turn}", info, by_arrays))
    middle = {name: round(median(rates)) for name, rates in found.items()}
    limit = max(middle["copy"], middle["arrays"])
    return {"entries_per_second": middle, "share_of_limit": round(middle["ours"] / limit, 3)}


# ---- single -----------------------------------------------------------------------------------------------


def client_ours(url: str, name: str, client: int, posts: int, gate: Any) -> None:
    """One process of ours."""
    open_url(url)
    from suixin.server import tenancy  # noqa: PLC0415
    from suixin.server.identity import access  # noqa: PLC0415
    from suixin.server.identity.models import Organisation  # noqa: PLC0415
    from suixin.server.ledger import queries  # noqa: PLC0415
    from suixin.server.ledger.actions.post import post  # noqa: PLC0415
    from suixin.server.outbox.actions.write import News  # noqa: PLC0415

    with tenancy.directory("suixin.operator", "on"):
        owner = Organisation.objects.get(code=name)
    with tenancy.within(owner.pk):
        held = queries.book_of("main")
    program = access.system(owner.pk, "test")
    work = made(0, f"c{client}")[:posts]
    gate.wait()
    for one in work:
        post(held, [one], by=program, news=[News("posted", one.key, {"key": one.key})])
    gate.wait()


def client_raw(info: str, name: str, client: int, posts: int, gate: Any) -> None:
    """One process of psycopg alone: the statements of `post`, with the values made beforehand."""
    open_url("sqlite:///never-opened")
    from suixin.server.ledger.store.draft import Stamp, drafted  # noqa: PLC0415
    from suixin.server.ledger.store.postgresql import POST, columns  # noqa: PLC0415  the very statement

    with psycopg.connect(info) as door:
        door.execute("SELECT set_config('suixin.operator', 'on', false)")
        (org,) = door.execute("SELECT id FROM identity_organisation WHERE code = %s", [name]).fetchone() or (
            0,
        )
        door.execute("SELECT set_config('suixin.organisation', %s, false)", [str(org)])
        (book,) = door.execute("SELECT id FROM ledger_book").fetchone() or (0,)
        door.commit()
        stamp = Stamp(org, book, "CNY", "raw", AT)
        work = [(one, columns([drafted(one)], stamp, {})) for one in made(0, f"c{client}")[:posts]]
        gate.wait()
        for one, values in work:
            door.execute("SELECT set_config('suixin.organisation', %s, true)", [str(org)])
            door.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [7_301, book])
            door.execute(
                "SELECT business_on, currency FROM ledger_book WHERE organisation_id = %s AND id = %s",
                [org, book],
            ).fetchone()
            door.execute(POST, values).fetchall()
            door.execute(
                "INSERT INTO outbox_message (organisation_id, topic, key, payload, written_at) "
                "VALUES (%s, 'posted', %s, %s, %s) ON CONFLICT (organisation_id, topic, key) DO NOTHING",
                [org, one.key, json.dumps({"key": one.key}), AT],
            )
            door.commit()
        gate.wait()


def together(target: Callable[..., None], where: str, name: str, clients: int, posts: int) -> float:
    """Transactions a second of all clients, from the moment when all are ready."""
    new_book(name)
    context = get_context("spawn")
    gate = context.Barrier(clients + 1, timeout=600)
    workers = [context.Process(target=target, args=(where, name, n, posts, gate)) for n in range(clients)]
    for worker in workers:
        worker.start()
    gate.wait()
    began = time.perf_counter()
    gate.wait()
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * clients
    return clients * posts / seconds


def single(clients: int, posts: int, url: str, info: str) -> dict[str, Any]:
    """Both sides in turns."""
    found: dict[str, list[float]] = {"ours": [], "raw": []}
    for turn in range(ROUNDS):
        found["raw"].append(together(client_raw, info, f"raw{turn}", clients, posts))
        found["ours"].append(together(client_ours, url, f"one{turn}", clients, posts))
    middle = {name: round(median(rates)) for name, rates in found.items()}
    return {"transactions_per_second": middle, "share_of_limit": round(middle["ours"] / middle["raw"], 3)}


# ---- for scale --------------------------------------------------------------------------------------------


def pgbench(folder: Path, clients: int) -> float | None:
    """Transactions a second of TPC-B, or None where there is no pgbench."""
    where = cluster.programs()
    program = where / "pgbench" if where else None
    if program is None or not program.exists():
        return None
    words = [str(program), "-h", str(folder), "-U", cluster.OWNER]
    subprocess.run([*words, "-q", "-i", "-s", str(SCALE), "postgres"], check=True, capture_output=True)
    run = [*words, "-c", str(clients), "-j", "2", "-T", str(SECONDS), "postgres"]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    return next(float(line.split()[2]) for line in said.splitlines() if line.startswith("tps"))


def main() -> None:
    """Run all, print the figures, exit 1 below the aims."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--batches", type=int, default=40)
    asked.add_argument("--clients", type=int, default=8)
    asked.add_argument("--posts", type=int, default=150)
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    if cluster.programs() is None:
        sys.exit("there is no PostgreSQL; apt-get install postgresql")
    folder = cluster.started(f"bench-{os.getpid()}", os.getpid(), durable=True)
    info = f"host={folder} user={cluster.ROLE} dbname=bench"
    with psycopg.connect(f"host={folder} user={cluster.ROLE} dbname=postgres", autocommit=True) as door:
        door.execute("CREATE DATABASE bench")
    url = f"postgresql:///bench?host={folder}&user={cluster.ROLE}"
    open_url(url)
    from suixin.server import storage  # noqa: PLC0415

    storage.migrate()
    report = {
        "bulk": bulk(options.batches, info),
        "single": single(options.clients, options.posts, url, info),
        "pgbench_tps": pgbench(folder, options.clients),
    }
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        rates = report["bulk"]["entries_per_second"]
        print(
            f"bulk      {rates['ours']:>8,} entries/s; raw COPY {rates['copy']:,}, raw arrays {rates['arrays']:,}"
        )
        print(f"          {report['bulk']['share_of_limit']:.0%} of the limit (aim {AIM:.0%})")
        rates = report["single"]["transactions_per_second"]
        print(
            f"single    {rates['ours']:>8,} transactions/s of {options.clients} clients; raw {rates['raw']:,}"
        )
        print(f"          {report['single']['share_of_limit']:.0%} of the limit (aim {AIM:.0%})")
        print(f"pgbench   {report['pgbench_tps'] or 'missing'} transactions/s (TPC-B, scale {SCALE})")
    sys.exit(min(report["bulk"]["share_of_limit"], report["single"]["share_of_limit"]) < AIM)


if __name__ == "__main__":
    main()
