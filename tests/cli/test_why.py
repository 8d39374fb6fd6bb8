"""suixin explain --why limit."""

import json
from pathlib import Path

import polars as pl

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
