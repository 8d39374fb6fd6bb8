"""The whole loop: a county trades, loans are lived on a real book, and what became of them trains the next model."""

import math
import shutil
from datetime import date
from pathlib import Path

import orjson
import polars as pl
import pytest

from samples import Run
from suixin.adapters.own_book import write_source
from suixin.lake.store import Lake
from suixin.ledger.outcomes import DEFINITION, Indeterminate, told
from suixin.simulation.lives import Customer, Lives

LENT_FROM, LAST = (
    date(2024, 7, 1),
    date(2025, 10, 31),
)  # lent for four months, watched for a year after the last


def customers(county: Path) -> list[Customer]:
    """Every shop that was open; the better its goods really are, the less likely it is to stop paying."""
    shops = pl.read_parquet(county / "merchants" / "*.parquet").filter(pl.col("opened_on") < LENT_FROM)
    truth = pl.read_parquet(county.with_name(county.name + "-truth.parquet"))
    both = truth.join(shops, on="merchant_id", how="semi").sort("merchant_id")
    return [
        Customer(merchant, 1 / (1 + math.exp(2.3 + 1.6 * quality)))
        for merchant, quality in both.select("merchant_id", "true_quality").iter_rows()
    ]


@pytest.mark.full
def test_loans_that_were_lived_train_a_model_that_ranks(suixin: Run, tmp_path: Path) -> None:
    """Of 800 merchants 654 borrow, and what their trade tells of them ranks their loans: 92 defaults of 512 outcomes,
    AUC out of sample 0.75 (90 %: 0.64 to 0.86); asked for is an interval above chance."""
    county, lake = tmp_path / "county", tmp_path / "lake"
    asked = ("--merchants", 800, "--months", 22, "--seed", 7)
    assert suixin("simulate", county, *asked).returncode == 0
    for table in ("loans", "outcomes"):
        shutil.rmtree(county / table)
    assert suixin("ingest", county, "--lake", lake).returncode == 0
    lives = Lives(7, customers(county), LENT_FROM, within_days=123)
    for _ in lives.days(LAST):
        pass
    found = told(lives.loans, lives.merchants, LAST)
    before = Lake.open(lake).manifest.sequence
    book = write_source(
        tmp_path / "book",
        found,
        name="own loans",
        route="simulation",
        authorisation="generated",
        purpose="models",
    )
    done = suixin("ingest", book, "--lake", lake, "--json")
    report = orjson.loads(done.stdout)
    assert {name: (table["accepted"], table["quarantined"]) for name, table in report["tables"].items()} == {
        "loans": (len(found.loans), 0),
        "outcomes": (len(found.outcomes), 0),
    }
    assert Lake.open(lake).manifest.sequence == before + 1
    made = suixin(
        "train", lake, "--out", tmp_path / "model", "--family", "thin", "--repeats", 1, "--json"
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    auc = orjson.loads(made.stdout)["metrics"]["auc"]
    assert (len(found.outcomes), sum(row.defaulted for row in found.outcomes)) == (512, 92)
    assert set(found.indeterminate) == {Indeterminate.NOT_OVER}
    assert auc["low"] > 0.5
    training = orjson.loads((tmp_path / "model" / "model.json").read_bytes())["training"]
    assert training["definition"] == DEFINITION
