"""Each kind of bad row goes to quarantine with its reason, and takes no good row with it."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from samples import ORDERS, write_csv
from suixin.lake import quarantine
from suixin.lake.ingest import IngestReport
from suixin.lake.store import Lake

GOOD = "o9,m1,b9,2025-03-09 08:00:00,9.99,"

BAD_LINES = {
    # a word where an amount belongs
    "wrong_type": b"x1,m1,b1,2025-03-01 08:00:00,ten,",
    # no order number
    "missing_value": b",m1,b1,2025-03-01 08:00:00,10,",
    # o1 again, with another amount
    "conflict": b"o1,m1,b1,2025-03-01 08:00:00,20.90,2025-03-04 10:00:00",
    # a refund is a row of refunds, never a negative order
    "negative_amount": b"x2,m1,b1,2025-03-01 08:00:00,-10,",
    # delivered the day before it was ordered
    "wrong_order": b"x3,m1,b1,2025-03-02 08:00:00,10,2025-03-01 08:00:00",
    # a merchant that no file names
    "unknown_merchant": b"x4,m9,b1,2025-03-01 08:00:00,10,",
    # after the day of the ingest
    "future_date": b"x5,m1,b1,2027-01-01 08:00:00,10,",
    # a byte that is no UTF-8
    "bad_encoding": b"x6,m1,b\xff1,2025-03-01 08:00:00,10,",
    # one field too many
    "extra_column": b"x7,m1,b1,2025-03-01 08:00:00,10,,more",
    # one field too few
    "missing_column": b"x8,m1,b1,2025-03-01 08:00:00,10",
    # nine thousand million for one order
    "absurd_amount": b"x9,m1,b1,2025-03-01 08:00:00,9000000000,",
    # nothing at all
    "empty_line": b"",
    # would run in a spreadsheet
    "formula_text": b'"=HYPERLINK(""http://x"",""y"")",m1,b1,2025-03-01 08:00:00,10,',
    # would run in a page
    "markup_text": b"xa,m1,<script>alert(1)</script>,2025-03-01 08:00:00,10,",
}


def write_orders(folder: Path, lines: list[bytes]) -> None:
    whole = "\n".join(",".join(row) for row in ORDERS).encode()
    (folder / "orders.csv").write_bytes(b"\n".join([whole, *lines, GOOD.encode()]) + b"\n")


@pytest.mark.parametrize("rule", BAD_LINES)
def test_one_bad_row_is_set_aside_alone(
    rule: str, source: Path, lake: Path, load: Callable[..., IngestReport]
) -> None:
    """A bad row is named by its rule, number and raw text, and the rows around it come in."""
    write_orders(source, [BAD_LINES[rule]])
    report = load(source).tables["orders"]
    assert (report.read, report.accepted, report.already_there, report.quarantined) == (5, 4, 0, 1)
    assert dict(report.rules) == {rule: 1}
    opened = Lake.open(lake)
    row = quarantine.stored(opened, "orders").row(0, named=True)
    assert (row["file"], row["row"], row["rule"]) == ("orders.csv", 4, rule)
    ids = opened.whole("orders").select("order_id").collect().to_series().sort().to_list()
    assert ids == ["o1", "o2", "o3", "o9"]


def test_all_kinds_at_once(source: Path, lake: Path, load: Callable[..., IngestReport]) -> None:
    """Fourteen kinds in one file: every one set aside, the counts balance, a second run adds nothing."""
    write_orders(source, list(BAD_LINES.values()))
    report = load(source).tables["orders"]
    assert dict(report.rules) == dict.fromkeys(BAD_LINES, 1)
    assert report.read == report.accepted + report.already_there + report.quarantined == 4 + 14
    assert Lake.open(lake).manifest.tables["orders"].quarantined == 14
    again = load(source)
    assert not again.committed
    assert (again.tables["orders"].accepted, again.tables["orders"].quarantined) == (0, 14)


def test_quarantine_is_private_and_shown_masked(
    source: Path, lake: Path, load: Callable[..., IngestReport]
) -> None:
    """Raw rows may hold a phone number: the file is the owner's alone, and what is shown is masked."""
    write_orders(source, [b"x1,m1,13812341234,2025-03-01 08:00:00,ten,"])
    load(source)
    opened = Lake.open(lake)
    file = lake / opened.manifest.tables["orders"].quarantine[0].path
    assert file.stat().st_mode & 0o777 == 0o600
    assert "13812341234" in pl.read_parquet(file)["raw"][0]
    shown = next(iter(quarantine.shown(opened, ["orders"])))
    assert "13812341234" not in str(shown["raw"])
    assert "138****1234" in str(shown["raw"])


def test_a_file_of_bad_rows_only(source: Path, lake: Path, load: Callable[..., IngestReport]) -> None:
    """A file without one good row is no failure: its rows are set aside and the merchants come in."""
    write_csv(source / "orders.csv", [ORDERS[0], ["x", "m1", "b", "yesterday", "1", ""]])
    report = load(source)
    assert report.tables["orders"].quarantined == 1
    assert report.tables["merchants"].accepted == 2
    assert not Lake.open(lake).holds("orders")
