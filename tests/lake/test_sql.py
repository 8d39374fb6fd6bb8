"""SQL over a lake sees the current rows, and nothing else on the machine."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from samples import ORDER_COLUMNS, ORDERS, write_csv
from suixin.errors import LakeError, UsageError
from suixin.lake.ingest import IngestReport
from suixin.lake.query import as_records, query
from suixin.lake.store import Lake

Load = Callable[..., IngestReport]


@pytest.fixture
def opened(source: Path, load: Load, lake: Path) -> Lake:
    """Three orders, of which one was delivered later."""
    load(source)
    write_csv(source / "orders.csv", [ORDER_COLUMNS, [*ORDERS[2][:5], "2025-03-06 10:00:00"]])
    load(source)
    return Lake.open(lake)


def test_current_rows_and_versions(opened: Lake) -> None:
    """A completed order is one order, and two versions; a join works over tables."""
    sums = "SELECT count(*), sum(amount_fen), count(delivered_at) FROM"
    assert query(opened, f"{sums} orders").rows == [(3, 122_490, 3)]
    assert query(opened, f"{sums} orders_versions").rows == [(4, 122_990, 3)]
    crops = "SELECT crop, count(*) AS 单数 FROM orders JOIN merchants USING (merchant_id) GROUP BY crop ORDER BY 2"
    answer = query(opened, crops)
    assert (answer.columns, answer.rows) == (["crop", "单数"], [("柑橘", 1), ("茶叶", 2)])


def test_times_are_civil_and_tables_may_be_empty(opened: Lake) -> None:
    """An instant is shown in the lake's zone; a table without rows is asked in vain, not in error."""
    when = "SELECT ordered_at, CAST(ordered_at AS DATE) AS d FROM orders WHERE order_id = 'o2' -- the last"
    assert query(opened, when).rows == [("2025-03-02 23:30:00+08", date(2025, 3, 2))]
    assert query(opened, "SELECT * FROM invoices").rows == []


def test_a_comment_may_follow_and_no_column_is_lost(opened: Lake) -> None:
    """What follows the semicolon is no second query; of two columns of one name each keeps its value."""
    text = "SELECT order_id AS 单号, ordered_at, ordered_at FROM orders WHERE order_id = 'o2'; -- ; the last;"
    answer = query(opened, text)
    assert answer.columns == ["单号", "ordered_at", "ordered_at_2"]
    assert list(as_records(answer)) == [
        {"单号": "o2", "ordered_at": "2025-03-02 23:30:00+08", "ordered_at_2": "2025-03-02 23:30:00+08"}
    ]


def test_the_limit_is_told(opened: Lake) -> None:
    """With a limit there is word of more rows."""
    answer = query(opened, "SELECT order_id FROM orders ORDER BY 1;", limit=2)
    assert (answer.rows, answer.more) == ([("o1",), ("o2",)], True)
    assert not query(opened, "SELECT order_id FROM orders", limit=3).more


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1; SELECT 2", "holds 2 statements"),
        ("", "holds 0 statements"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM ordres", "ordres"),
        ("SELECT * FROM identities", "identities"),
        ("SELECT * FROM quarantine", "quarantine"),
        ("DROP VIEW orders", "DROP is no query"),
        ("CREATE TABLE t AS SELECT 1", "CREATE is no query"),
        ("COPY orders TO '/tmp/orders.csv'", "COPY is no query"),
        ("INSTALL httpfs", "is no query"),
        ("LOAD httpfs", "LOAD is no query"),
        ("ATTACH '/tmp/other.db'", "ATTACH is no query"),
        ("SET enable_external_access = true", "SET is no query"),
        ("PRAGMA enable_profiling", "is no query"),
        ("SELECT * FROM read_text('/etc/hostname')", "Cannot access"),
        ("SELECT * FROM '/etc/hostname.csv'", "Cannot access"),
        ("SELECT * FROM glob('/etc/*')", "Cannot access"),
        ("SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')", "Error"),
        ("SELECT * FROM source", "source"),
    ],
)
def test_what_is_no_question_to_the_lake_is_refused(sql: str, said: str, opened: Lake) -> None:
    """Other statements, other files, the network and Python's variables are out of reach, in one line."""
    source = ORDERS
    with pytest.raises(UsageError, match=said) as refused:
        query(opened, sql)
    assert ("\n" in str(refused.value), source) == (False, ORDERS)


def test_files_of_identities_and_quarantine_cannot_be_named(source: Path, load: Load, lake: Path) -> None:
    """Direct identifiers and rows set aside lie in the lake's folder, and are out of reach there as well."""
    columns = ["party_id", "name", "recorded_on"]
    write_csv(source / "identities.csv", [columns, ["p1", "张三", "2024-01-01"]])
    write_csv(source / "orders.csv", [*ORDERS, ["x", "m1", "", "2025-03-01", "ten", ""]])
    load(source)
    opened = Lake.open(lake)
    for file in [*(lake / "data/identities").rglob("*.parquet"), *(lake / "quarantine").rglob("*.parquet")]:
        with pytest.raises(UsageError, match="Cannot access"):
            query(opened, f"SELECT * FROM read_parquet('{file}')")  # noqa: S608


def test_a_damaged_file_is_one_line(opened: Lake) -> None:
    """A data file that is gone is named as by every other reader."""
    file = next((opened.root / "data/orders").rglob("*.parquet"))
    file.unlink()
    with pytest.raises(LakeError, match=rf"is damaged: {file.relative_to(opened.root)}"):
        query(opened, "SELECT 1")


@pytest.mark.parametrize("how", ["EXPLAIN ANALYZE ", "explain ", "/* */ EXPLAIN ANALYZE "])
def test_explaining_runs_nothing(how: str, opened: Lake) -> None:
    """EXPLAIN ANALYZE runs what it explains, so that it could write over a file that may be read."""
    file = next((opened.root / "data" / "orders").rglob("*.parquet"))
    before = file.read_bytes()
    copy = f"COPY (SELECT 1 AS a) TO '{file}' (FORMAT parquet, USE_TMP_FILE false)"
    with pytest.raises(UsageError, match="is no query"):
        query(opened, f"{how}{copy}")
    assert file.read_bytes() == before
