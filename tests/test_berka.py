"""The Berka loans: every account with a loan decided on its loan's day, and the leaking table never opened."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from suixin.adapters import open_source
from suixin.assess import Assessed, assess
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.store import Lake
from suixin.underwriting.policy import shipped_policy

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def bank(
    data_set: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[IngestReport, Lake, Assessed]:
    folder = tmp_path_factory.mktemp("berka")
    report = ingest(open_source("berka", data_set("berka")), folder / "lake", now=NOW)
    lake = Lake.open(folder / "lake")
    return report, lake, assess(lake, shipped_policy("CZK"), folder / "book", now=NOW)


def test_every_row_is_accounted_for(bank: tuple[IngestReport, Lake, Assessed]) -> None:
    """682 accounts with a loan, 54,694 movements, 827 clients of whom 145 dispose of another's account; none set aside."""
    counted = {name: (t.read, t.accepted, t.quarantined) for name, t in bank[0].tables.items()}
    assert counted == {
        "regions": (85, 85, 0),
        "parties": (827, 827, 0),
        "relations": (145, 145, 0),
        "merchants": (682, 682, 0),
        "cashflows": (54_694, 54_694, 0),
        "loans": (682, 682, 0),
        "outcomes": (682, 682, 0),
    }


def test_every_account_is_decided_on_the_day_of_its_loan(bank: tuple[IngestReport, Lake, Assessed]) -> None:
    """682 decisions on 559 days, each the day on which that account's loan was granted."""
    loans = bank[1].whole("loans").select("merchant_id", "granted_on").collect()
    granted = dict(loans.iter_rows())
    decided = {decision.merchant_id: decision.as_of for decision in bank[2].decisions}
    assert decided == granted
    assert len(set(granted.values())) == 559
    assert bank[2].run["merchants_not_open"] == 0


def test_outcomes_say_when_they_were_known(bank: tuple[IngestReport, Lake, Assessed]) -> None:
    """76 of 682 defaulted; a finished loan was judged on its contract's last day, a running one on 1998-12-31."""
    outcomes = bank[1].whole("outcomes").collect()
    assert outcomes["defaulted"].sum() == 76
    known = outcomes.select(
        day=pl.col("as_of_on") + pl.duration(days="horizon_days"),
        known=pl.col("known_at").dt.convert_time_zone("Europe/Prague").dt.date(),
    )
    running = outcomes.filter(known["day"] == date(1998, 12, 31)).height
    assert running == 448
    assert known["day"].max() == date(1998, 12, 31)
    assert known["day"].min() == date(1994, 7, 5)


def test_nothing_after_a_loan_is_seen(bank: tuple[IngestReport, Lake, Assessed]) -> None:
    """Every movement lies before the day of the loan, and the loan itself is not known before that day."""
    lake = bank[1]
    granted = lake.whole("loans").select("merchant_id", "granted_day", loan_known="known_day")
    moves = lake.whole("cashflows").join(granted, on="merchant_id").collect()
    assert (moves["occurred_day"] < moves["granted_day"]).all()
    assert (moves["loan_known"] >= moves["granted_day"]).all()


def test_money_goes_out_with_a_minus(bank: tuple[IngestReport, Lake, Assessed]) -> None:
    """Kinds are named after purpose or way, and each kind has one direction."""
    signs = (
        bank[1]
        .whole("cashflows")
        .group_by("kind")
        .agg(
            count=pl.len(),
            gains=(pl.col("amount_fen") > 0).any(),
            loses=(pl.col("amount_fen") < 0).any(),
        )
        .sort("kind")
        .collect()
    )
    assert signs.rows() == [
        ("card", 77, False, True),
        ("cash_in", 9_810, True, False),
        ("cash_out", 19_398, False, True),
        ("fee", 5_714, False, True),
        ("household", 3_916, False, True),
        ("insurance", 1_100, False, True),
        ("interest", 9_461, True, False),
        ("penalty_interest", 81, False, True),
        ("transfer_in", 2_587, True, False),
        ("transfer_out", 2_550, False, True),
    ]


def test_the_card_ranks_the_loans_that_defaulted_lower(bank: tuple[IngestReport, Lake, Assessed]) -> None:
    """The illustrative card's items on movements put a defaulted loan below a sound one in more than 4 of 5 pairs."""
    outcomes = dict(bank[1].whole("outcomes").select("merchant_id", "defaulted").collect().iter_rows())
    bad = [d.score for d in bank[2].decisions if outcomes[d.merchant_id]]
    good = [d.score for d in bank[2].decisions if not outcomes[d.merchant_id]]
    pairs = [1.0 if g > b else 0.5 if g == b else 0.0 for b in bad for g in good]
    assert len(pairs) == 76 * 606
    assert sum(pairs) / len(pairs) > 0.8


@pytest.mark.parametrize("order", ["missing", "rubbish", "a folder", "other rows"])
def test_the_undated_table_is_never_opened(
    bank: tuple[IngestReport, Lake, Assessed], data_set: Callable[[str], Path], tmp_path: Path, order: str
) -> None:
    """Whatever `order` holds, or if it is missing, the lake holds the same rows."""
    copy = tmp_path / "berka"
    copy.mkdir()
    for file in data_set("berka").glob("*.parquet"):
        if file.stem != "order":
            shutil.copy(file, copy)
    if order == "rubbish":
        (copy / "order.parquet").write_bytes(b"PAR1 this is no table")
    elif order == "a folder":
        (copy / "order.parquet").mkdir()
    elif order == "other rows":
        pl.DataFrame({"account_id": [2], "k_symbol": ["UVER"]}).write_parquet(copy / "order.parquet")
    ingest(open_source("berka", copy), tmp_path / "lake", now=NOW)
    lake = Lake.open(tmp_path / "lake")
    for table in bank[1].manifest.tables:
        rows = [held.whole(table).collect() for held in (lake, bank[1])]
        assert rows[0].sort(rows[0].columns).equals(rows[1].sort(rows[1].columns))
    assert any("order is never opened" in text for text in open_source("berka", copy).assumptions)
