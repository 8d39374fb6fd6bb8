"""`suixin adapter check`: what a folder would feed, what it lacks, and the exit code."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from samples import MERCHANTS, ORDERS, write_csv
from suixin.cli import command_tree
from suixin.errors import SuixinError, UsageError


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(command_tree(["adapter"]), ["adapter", *arguments])
    if isinstance(done.exception, SuixinError):
        raise done.exception
    return done.exit_code, done.stdout


def _check(source: Path, *options: str) -> tuple[int, dict[str, Any]]:
    code, text = _run("check", str(source), "--json", *options)
    return code, json.loads(text)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    write_csv(tmp_path / "county" / "merchants.csv", MERCHANTS)
    write_csv(tmp_path / "county" / "orders.csv", ORDERS)
    return tmp_path / "county"


def test_a_good_folder_is_ready(county: Path) -> None:
    """Merchants and orders suffice; families without their tables name what they would need."""
    code, found = _check(county)
    assert (code, found["ready"], found["lacks"]) == (0, True, [])
    assert [(f["table"], f["rows"], f["set_aside"]) for f in found["files"]] == [
        ("merchants", 2, 0),
        ("orders", 3, 0),
    ]
    assert found["families"]["sales"] == []
    assert found["families"]["reviews"] == ["reviews"]
    assert found["terms"]["currency"] == {"value": "CNY", "basis": "assumed"}


def test_a_declaration_is_told_from_an_assumption(county: Path) -> None:
    """What `source.yaml` says is declared, even where it is what would have been assumed."""
    (county / "source.yaml").write_text("currency: CNY\nroute: own_mall\n", encoding="utf-8")
    terms = _check(county)[1]["terms"]
    assert terms["currency"] == {"value": "CNY", "basis": "declared"}
    assert terms["route"] == {"value": "own_mall", "basis": "declared"}
    assert terms["zone"] == {"value": "Asia/Shanghai", "basis": "assumed"}


def test_headings_are_understood_but_not_renamed(county: Path) -> None:
    """A Chinese heading and a misspelt one each name the column that is meant; required ones are missing."""
    rows = [
        ["order_id", "merchant_id", "下单时间", "ammount", "weather"],
        ["o1", "m1", "2025-03-01", "3", "fine"],
    ]
    write_csv(county / "orders.csv", rows)
    code, found = _check(county)
    orders = found["files"][1]
    assert code == 2
    assert orders["missing"] == ["ordered_at", "amount"]
    assert orders["unknown"] == {"下单时间": "ordered_at", "ammount": "amount", "weather": ""}
    assert found["lacks"][0] == "orders.csv: lacks the required columns ordered_at, amount of table orders"


def test_bad_rows_are_counted_by_rule(county: Path) -> None:
    """A sample of the rows goes through the checks of an ingest, and nothing is written."""
    write_csv(
        county / "orders.csv",
        [*ORDERS, ["o4", "m1", "b", "2025-03-01", "-1", ""], ["o5", "m1", "b", "x", "1", ""]],
    )
    orders = _check(county)[1]["files"][1]
    assert (orders["rows"], orders["set_aside"]) == (5, 2)
    assert orders["rules"] == {"negative_amount": 1, "wrong_type": 1}
    assert sorted(file.name for file in county.iterdir()) == ["merchants.csv", "orders.csv"]


def test_only_so_many_rows_are_looked_at(county: Path) -> None:
    """`--rows` bounds the sample of each file."""
    files = _check(county, "--rows", "2")[1]["files"]
    assert [file["rows"] for file in files] == [2, 2]


def test_without_merchants_it_is_not_ready(county: Path) -> None:
    """Every other table refers to merchants: their absence is said, and the exit code is 2."""
    (county / "merchants.csv").unlink()
    code, found = _check(county)
    assert code == 2
    assert found["lacks"] == [
        "no merchants: every other table refers to them (unless the lake has them already)"
    ]


def test_misnamed_files_are_guessed(tmp_path: Path) -> None:
    """A folder without a standard name is no source yet; the names that are probably meant are told."""
    write_csv(tmp_path / "x" / "商户.csv", MERCHANTS)
    write_csv(tmp_path / "x" / "ordres.csv", ORDERS)
    code, found = _check(tmp_path / "x")
    assert (code, found["ready"]) == (2, False)
    assert found["meant"] == {"ordres.csv": "orders", "商户.csv": "merchants"}


def test_people_get_a_verdict(county: Path) -> None:
    """The last line of the text says whether it can be ingested."""
    code, text = _run("check", str(county))
    assert code == 0
    assert text.splitlines()[-1] == "ready: it can be ingested and assessed"


def test_a_user_s_adapter_is_checked_by_its_path(county: Path, tmp_path: Path) -> None:
    """The path of a Python file stands for an adapter; a fault in it is one line and exit 2, not a traceback."""
    mine = tmp_path / "mine.py"
    head = "from suixin.lake.source import Source, Stream\nNAME = ABOUT = 'mine'\ndef open_source(path):\n"
    body = "    return Source(NAME, 'x', path, (Stream('merchants', path / 'merchants.csv'),))\n"
    mine.write_text(head + body, encoding="utf-8")
    code, found = _check(county, "--adapter", str(mine))
    assert (code, found["adapter"]) == (2, "mine")
    assert found["lacks"] == ["no event of any merchant: add orders, invoices or cashflows"]
    mine.write_text(head + "    return path['x']\n", encoding="utf-8")
    assert "mine.py: line 4: TypeError" in _check(county, "--adapter", str(mine))[1]["lacks"][0]


def test_the_template_is_written_and_recognised(tmp_path: Path) -> None:
    """`adapter template` writes a workbook that `adapter check` knows without being told, and finds empty."""
    arguments = ("template", "--out", str(tmp_path / "模板.xlsx"))
    assert _run(*arguments)[0] == 0
    code, found = _check(tmp_path / "模板.xlsx")
    assert (code, found["adapter"], len(found["files"])) == (2, "spreadsheet", 10)
    with pytest.raises(UsageError, match="is there already"):
        _run(*arguments)
