"""suixin explain --why limit."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len

from samples import Run


def lent(county: Path) -> str:
    book = pl.read_parquet(county / "book" / "decisions.parquet")
    return str(book.filter(pl.col("limit") > 0)["merchant_id"][0])


def test_the_tree_is_the_books(county: Path, here: Run) -> None:
    """The root is the limit of the book, and every ceiling stands below it."""
    merchant = lent(county)
    told = json.loads(here("explain", county / "book", merchant, "--why", "limit", "--json").stdout)
    explained = json.loads(here("explain", county / "book", merchant, "--json").stdout)
    assert f"{told['why']['amount_fen'] / 100:.2f}" == explained["limit"]
    names = [part["name"] for part in explained["limit_components"] if part["name"] != "limit"]
    assert [part["code"] for part in told["why"]["parts"]] == names


def test_people_read_it_in_their_language(county: Path, here: Run) -> None:
    """The figure that binds is marked, and the months of sales stand under it."""
    text = here("explain", county / "book", lent(county), "--why", "limit", "--lang", "zh").stdout
    assert "起约束" in text
    assert "净销售额，此前第几个月： 12" in text


def test_only_the_limit_can_be_asked_for(county: Path, here: Run) -> None:
    """Another word is a user's error that names the mend."""
    found = here("explain", county / "book", lent(county), "--why", "price")
    assert found.returncode == 2
    assert "--why price: only the limit can be asked for; give --why limit" in found.stderr


LOAN = ("--principal", "1000000", "--rate", "6%", "--months", "12", "--start", "2025-01-15")


def at_a_terminal(*arguments: object, columns: int = 80) -> str:
    """What a terminal of so many columns shows, without colours."""
    environment = {**os.environ, "COLUMNS": str(columns), "FORCE_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "suixin", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_tree_wraps_and_loses_nothing(county: Path, here: Run, lang: str) -> None:
    """A narrow terminal shows every word of the file, whose lines are whole; the table of evidence is left aside."""
    asked = ("explain", county / "book", lent(county), "--why", "limit", "--lang", lang)
    narrow, whole = (text.split("┏")[0] for text in (at_a_terminal(*asked), here(*asked).stdout))
    assert max(cell_len(line) for line in narrow.splitlines()) <= 80

    def bare(text: str) -> str:
        return re.sub(r"[\s│├└─]", "", text)

    assert bare(narrow) == bare(whole)
    assert "policy:capacity.service_share" in whole
    if lang == "zh":
        plain = re.sub(r"(policy|feature|sales|table|forecast):\S+|（\w+/[\d-]+）", "", whole)
        assert re.findall(r"[a-z]{3,}", plain) == []


def test_a_declined_merchant_and_what_is_unknown(county: Path, here: Run) -> None:
    """The sums of a declined merchant say that they are no offer; shares are percentages, a multiple is not."""
    book = pl.read_parquet(county / "book" / "decisions.parquet")
    declined = book.filter(pl.col("decision") == "decline").sort("score")["merchant_id"][-1]
    asked = ("explain", county / "book", declined, "--why", "limit")
    assert "by the sums; declined: nothing is offered" in here(*asked).stdout.splitlines()[0]
    assert "仅为测算结果；已拒绝，不提供额度" in here(*asked, "--lang", "zh").stdout.splitlines()[0]
    text = here(*asked).stdout
    assert re.search(r"freight  -?¥[\d,.]+  8%  - share x sales in a bad year", text)
    assert re.search(r"multiple of the grade  [\d.]+  ", text)
    features = pl.read_parquet(county / "book" / "features.parquet")
    merchant = features.filter(pl.col("household_debt").is_null())["merchant_id"][0]
    text = here("explain", county / "book", merchant, "--why", "limit").stdout
    assert "debt already owed  unknown, counted as 0" in text
    assert "debt service a month  unknown, counted as 0" in text
    assert "debt already owed" in here("explain", county / "book", merchant).stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_command_cuts_money_at_80_columns(county: Path, lang: str) -> None:
    """The card, the comparison of a changed case and a schedule."""
    merchant = lent(county)
    for asked in (
        ("explain", county / "book", merchant),
        ("whatif", county / "book", merchant, "--set", "lenders=4"),
        ("loan", "schedule", "--method", "equal-instalment", *LOAN),
    ):
        text = at_a_terminal(*asked, "--lang", lang)
        assert "…" not in text
        if asked[0] != "loan":
            limit = next(
                line for line in text.splitlines() if line.strip("│┃ ").startswith(("limit", "额度"))
            )
            assert re.search(r"\d\.00", limit)
