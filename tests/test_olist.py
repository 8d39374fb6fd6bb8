"""The Olist marketplace: every row accounted for, every seller decided, every payment shared to the cent."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from suixin.adapters import open_source
from suixin.assess import Assessed, assess
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.quarantine import stored
from suixin.lake.store import Lake
from suixin.underwriting.policy import shipped_policy

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def olist(data_set: Callable[[str], Path]) -> Path:
    return data_set("olist")


@pytest.fixture(scope="module")
def market(olist: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[IngestReport, Lake]:
    folder = tmp_path_factory.mktemp("olist")
    report = ingest(open_source("olist", olist), folder / "lake", now=NOW)
    return report, Lake.open(folder / "lake")


@pytest.fixture(scope="module")
def book(market: tuple[IngestReport, Lake], tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    return assess(market[1], shipped_policy("BRL"), tmp_path_factory.mktemp("book") / "book", now=NOW)


def test_every_row_is_accounted_for(market: tuple[IngestReport, Lake]) -> None:
    """Read = accepted + quarantined in each table, to the row; an order over several sellers is read once a seller."""
    counted = {name: (t.read, t.accepted, t.quarantined) for name, t in market[0].tables.items()}
    assert counted == {
        "regions": (19_042, 19_042, 0),
        "merchants": (3_095, 3_095, 0),
        "orders": (22_736, 20_394, 2_342),
        "order_items": (30_758, 22_917, 7_841),
        "payments": (104_272, 21_734, 82_538),
        "reviews": (18_318, 13_161, 5_157),
    }


def test_what_is_set_aside_says_why(market: tuple[IngestReport, Lake]) -> None:
    """2,298 orders without items and 7 rows of unavailable ones name no seller; 37 were handed over before they were placed."""
    orders = stored(market[1], "orders").group_by("rule", "column").len().sort("rule")
    assert orders.rows() == [("missing_value", "merchant_id", 2_305), ("wrong_order", "handed_at", 37)]
    items = stored(market[1], "order_items").group_by("rule", "column").len().sort("len")
    assert items.rows() == [("missing_value", "merchant_id", 7), ("missing_value", "ordered_at", 7_834)]


def test_every_seller_is_decided(olist: Path, book: Assessed) -> None:
    """All 3,095 sellers get a decision: the 2,221 with orders and items, and the 874 without."""
    items = pl.read_parquet(olist / "order_items.parquet").filter("has_order")
    trading = set(items["seller_id"].unique().to_list())
    decided = {decision.merchant_id for decision in book.decisions}
    assert len(trading) == 2_221
    assert len(decided) == len(book.decisions) == 3_095
    assert trading < decided
    assert book.run["merchants_not_open"] == 0
    assert {decision.as_of for decision in book.decisions} == {date(2018, 9, 4)}
    for decision in book.decisions:
        demands = {reason.outcome for reason in decision.reasons} - {""}
        assert (decision.outcome.value == "approve") == (not demands)


def test_payments_are_shared_to_the_cent(olist: Path, market: tuple[IngestReport, Lake]) -> None:
    """What the sellers of an order get adds up to what its buyer paid, also over several sellers."""
    shared = market[1].whole("payments").group_by("order_id").agg(pl.col("amount_fen").sum()).collect()
    paid = (
        pl.read_parquet(olist / "order_payments.parquet")
        .with_columns((pl.col("payment_value") * 100).round().cast(pl.Int64))
        .group_by("order_id")
        .agg(pl.col("payment_value").sum())
    )
    both = shared.join(paid, on="order_id")
    assert both.height == shared.height == 20_192
    assert both.filter(pl.col("amount_fen") != pl.col("payment_value")).height == 0


def test_goods_and_freight_equal_payments(market: tuple[IngestReport, Lake]) -> None:
    """Seller by seller, goods + freight = payments in 20,288 of 20,394 rows: the sharing invents no difference."""
    lake = market[1]
    key = ["merchant_id", "order_id"]
    charged = lake.whole("orders").select(*key, due=pl.col("amount_fen") + pl.col("freight_fen"))
    paid = lake.whole("payments").group_by(key).agg(paid=pl.col("amount_fen").sum())
    both = charged.join(paid, on=key).collect()
    assert both.height == 20_394
    assert both.filter(pl.col("due") == pl.col("paid")).height == 20_288


def test_a_seller_who_opened_when_the_clock_jumped_is_not_lost(market: tuple[IngestReport, Lake]) -> None:
    """On 15 October 2017 São Paulo had no midnight: the day began at one o'clock, three hours behind UTC's four."""
    opened = market[1].whole("merchants").filter(pl.col("opened_on") == date(2017, 10, 15)).collect()
    assert opened["known_at"].unique().to_list() == [datetime(2017, 10, 15, 3, tzinfo=UTC)]
    assert market[1].whole("merchants").select(pl.col("known_at").null_count()).collect().item() == 0


def test_a_review_is_known_from_its_answer(market: tuple[IngestReport, Lake]) -> None:
    """The question is sent before the score is given: only the answer makes it known."""
    reviews = market[1].whole("reviews").collect()
    assert (reviews["known_at"] >= reviews["reviewed_at"]).all()
    assert reviews.filter(pl.col("known_day") > pl.col("reviewed_day")).height == 9_499


def test_weights_and_derived_totals_never_enter(market: tuple[IngestReport, Lake], olist: Path) -> None:
    """Sample weights are no facts, and a third party's totals are no data; both are said of the source."""
    source = open_source("olist", olist)
    names = {name for table in market[1].manifest.tables for name in market[1].whole(table).collect_schema()}
    assert not names & {"weight", "slice", "total_revenue"}
    assert "seller_totals_derived.parquet" in source.not_read
    assert any("weights" in text for text in source.assumptions)
    assert (source.currency, source.zone, source.route) == ("BRL", "America/Sao_Paulo", "public_research_set")
