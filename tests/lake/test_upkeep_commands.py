"""The maintenance commands as a user calls them."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from samples import ORDER_COLUMNS, ORDERS, write_csv
from suixin.lake.ingest import IngestReport

Load = Callable[..., IngestReport]


def suixin(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "suixin", "lake", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def told(*arguments: object) -> dict:
    done = suixin(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture
def twice(source: Path, load: Load, lake: Path) -> Path:
    """Three orders, then the delivery of one and a fourth."""
    load(source)
    rows = [[*ORDERS[2][:5], "2025-03-06 10:00:00"], ["o4", *ORDERS[1][1:]]]
    write_csv(source / "orders.csv", [ORDER_COLUMNS, *rows])
    load(source)
    return lake


@pytest.mark.full
def test_a_lake_is_kept_in_order(twice: Path) -> None:
    """Look, compact, rebucket, expire, forget: each says what it did."""
    orders = told("status", twice)["tables"]["orders"]
    assert (orders["rows"], orders["versions"]) == (4, 5)
    assert told("compact", twice, "--dry-run") == {"dry_run": True, "files": {"orders": 2}}
    done = told("compact", twice)
    assert (done["committed"], done["tables"]["orders"]["files_after"]) == (True, 2)
    assert "nothing to do: the lake stays at snapshot 3-" in suixin("compact", twice).stdout
    assert told("rebucket", twice, 4)["committed"]
    assert "no" in suixin("verify", twice).stdout
    assert told("expire", twice, "--keep", 1, "--dry-run")["snapshots"] == [1, 2, 3]
    assert told("expire", twice, "--keep", 1, "--grace-days", 0)["kept"] == [4]
    assert told("migrate", twice, "--dry-run")["files"] == {}
    dry = suixin("forget", twice, "m1", "--dry-run")
    assert "dry run: nothing was changed" in dry.stdout
    assert told("forget", twice, "m1")["rows"] == {"merchants": 1, "orders": 4}
    assert told("status", twice)["forgotten"] == 1
    assert "forgotten before" in suixin("forget", twice, "m1").stdout


def test_sql_prints_three_ways(twice: Path) -> None:
    """A table, JSON and CSV; what is left out is said apart from the data."""
    ask = "SELECT crop AS 作物, count(*) AS n FROM merchants GROUP BY 1 ORDER BY 1"
    assert "茶叶" in suixin("sql", twice, ask).stdout
    assert json.loads(suixin("sql", twice, ask, "--json").stdout) == [
        {"作物": "柑橘", "n": 1},
        {"作物": "茶叶", "n": 1},
    ]
    cut = suixin("sql", twice, ask, "--csv", "--limit", 1)
    assert list(csv.reader(cut.stdout.splitlines())) == [["作物", "n"], ["柑橘", "1"]]
    assert cut.stderr == "suixin: only the first 1 rows; add --limit 0 for all\n"
    assert (
        suixin("sql", twice, "SELECT count(*) AS n FROM orders", "--snapshot", 1, "--csv").stdout == "n\n3\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sql", "{lake}", "DROP VIEW orders"), "DROP is no query"),
        (("sql", "{lake}", "SELECT 1", "--json", "--csv"), "contradict each other"),
        (("sql", "{lake}", "SELECT 1", "--snapshot", "9"), "there is no snapshot 9; the lake holds 1 to 2"),
        (("expire", "{lake}", "--keep", "0"), "--keep 0 would keep no snapshot"),
        (("forget", "{lake}", "m9"), "knows no party or merchant 'm9'"),
        (("forget", "{lake}", "m1", "--grace-days", "-1"), "--grace-days -1 is no number of days"),
        (("rebucket", "{lake}", "0"), "0 buckets are not from 1 to 9999"),
        (("compact", "{lake}/none"), "no such lake"),
        (("migrate", "{lake}/data"), ""),
    ],
)
def test_errors_are_one_line(arguments: tuple[str, ...], said: str, twice: Path) -> None:
    """A slip is one line on standard error and exit 2."""
    done = suixin(*(part.format(lake=twice) for part in arguments))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
