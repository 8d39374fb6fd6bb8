"""Brushed orders: what each kind leaves behind, and that genuine trade is the same with and without them."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from suixin.simulation import Brushing, simulate

ORDER_TABLES = ("orders", "order_items", "payments", "shipments", "reviews", "refunds")
UNTOUCHED = ("applications", "loans", "outcomes", "exposures", "inquiries", "merchants", "identities")
KINDS = ("family_ring", "click_farm", "payment_ring")
HEAD = 120


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The same county without brushing (`none`), and with every merchant brushing in each manner and mixed."""
    folder = tmp_path_factory.mktemp("told")
    for name in (*KINDS, "mix"):
        simulate(folder / name, merchants=HEAD, brush=Brushing(1.0, 0.3, name), processes=1)
    simulate(folder / "none", merchants=HEAD, brush=Brushing(0.0), processes=1)
    return folder


def brushed(folder, name):
    return pl.read_parquet(folder / f"{name}-brushed.parquet")


@pytest.mark.parametrize("table", ORDER_TABLES)
@pytest.mark.parametrize("name", [*KINDS, "mix"])
def test_genuine_rows_are_those_of_the_county_without_brushing(told, read, name, table):
    """Protects the comparison: take the brushed orders away and every other row is the same, bit for bit."""
    genuine = read(told / name, table).join(brushed(told, name), on="order_id", how="anti")
    key = ["order_id", *(["line_no"] if table == "order_items" else [])]
    assert_frame_equal(genuine.sort(key), read(told / "none", table).sort(key))


@pytest.mark.parametrize("table", UNTOUCHED)
def test_past_loans_do_not_change_when_merchants_are_told_to_brush(told, read, table):
    """Protects the comparison: debts, loans, outcomes and queries are those of the county without brushing."""
    assert_frame_equal(read(told / "mix", table), read(told / "none", table))


@pytest.mark.parametrize("name", [*KINDS, "mix"])
def test_added_orders_are_the_share_asked_for(told, read, name):
    """Protects the size of the attack: each merchant adds 30 % of its genuine orders, to one order."""
    genuine = read(told / "none", "orders").group_by("merchant_id").agg(genuine=pl.len())
    added = brushed(told, name).group_by("merchant_id").agg(added=pl.len())
    both = genuine.join(added, on="merchant_id", how="left").with_columns(pl.col("added").fill_null(0))
    assert (both["added"] - 0.3 * both["genuine"]).abs().max() < 1.0
    assert brushed(told, "none").height == 0


def test_truth_names_every_brushed_order_and_its_kind(made):
    """Protects the measure: merchant, order and kind; shares and kinds of merchants follow from the orders."""
    orders, truth = brushed(made.folder.parent, "county"), made.truth
    assert orders.columns == ["merchant_id", "order_id", "kind"]
    assert orders.height == made.summary.brushed_orders
    assert set(orders["kind"].unique()) == set(KINDS)
    every = made.read("orders").group_by("merchant_id").agg(n=pl.len())
    of = (
        orders.group_by("merchant_id")
        .agg(k=pl.len(), kind=pl.col("kind").first())
        .join(every, on="merchant_id")
    )
    both = truth.filter(pl.col("brushed_share") > 0).join(of, on="merchant_id", how="full", coalesce=True)
    assert (both["brushed_share"] == both["k"] / both["n"]).all()
    assert (both["brush_kind"] == both["kind"]).all()
    assert 0.02 <= both.height / truth.height <= 0.03
    assert made.read("orders").join(orders, on=["merchant_id", "order_id"]).height == orders.height


def look(folder, read, name):
    """Brushed orders of a county with what is known of each."""
    orders = read(folder / name, "orders").join(brushed(folder, name), on=["merchant_id", "order_id"])
    track = read(folder / name, "shipments").select("order_id", "weight_g", "township_at", sent=True)
    stars = read(folder / name, "reviews").select("order_id", "score")
    payer = read(folder / name, "payments").select("order_id", "payer_id")
    for other in (track, stars, payer):
        orders = orders.join(other, on="order_id", how="left")
    return orders


def test_family_ring_is_tied_to_the_owner(told, read):
    """Protects the kind: relatives on record, parcels of a few grams, five stars for everything delivered."""
    orders = look(told, read, "family_ring")
    ties = read(told / "family_ring", "relations")
    shared = ties.filter(pl.col("kind").is_in(["shared_phone", "shared_address"]))
    assert orders["buyer_id"].is_in(shared["party_id"].implode()).all()
    assert orders["weight_g"].drop_nulls().max() < 101
    assert orders["score"].drop_nulls().unique().to_list() == [5]
    assert orders.group_by("merchant_id").agg(pl.col("buyer_id").n_unique())["buyer_id"].max() == 6


def test_click_farm_has_many_accounts_on_few_devices(told, read):
    """Protects the kind: no ties, eight devices a merchant, a quarter without parcel, five stars."""
    orders = look(told, read, "click_farm")
    parties = read(told / "click_farm", "parties")["party_id"]
    assert not orders["buyer_id"].is_in(parties.implode()).any()
    each = orders.group_by("merchant_id").agg(pl.col("buyer_id").n_unique(), pl.col("device_id").n_unique())
    assert each["device_id"].max() == 8
    assert each["buyer_id"].max() > 100
    handed = orders.filter(pl.col("handed_at").is_not_null())
    assert handed["sent"].is_null().mean() == pytest.approx(0.25, abs=0.02)
    assert handed["township_at"].is_null().mean() == pytest.approx(0.45, abs=0.02)
    assert orders["score"].drop_nulls().unique().to_list() == [5]


def test_click_farm_works_before_the_application(told, read):
    """Protects the burst: told to brush, half of the orders lie in the last half-year of twenty-four months."""
    orders = look(told, read, "click_farm")
    recent = orders.filter(pl.col("ordered_at") >= pl.datetime(2025, 7, 1)).height / orders.height
    assert 0.45 <= recent <= 0.75


def test_payment_ring_gets_its_money_back(told, read):
    """Protects the kind: what an account paid in a week comes back within eleven days, less two in a hundred."""
    folder = told / "payment_ring"
    orders = look(told, read, "payment_ring")
    back = read(folder, "cashflows").filter(pl.col("kind") == "transfer")
    assert back["counterparty_id"].is_in(orders["payer_id"].implode()).all()
    paid = orders.filter(pl.col("paid_at") < pl.datetime(2025, 12, 20))
    sums = paid.group_by("merchant_id", "payer_id").agg(paid=(pl.col("amount") + pl.col("freight")).sum())
    due = back.group_by("merchant_id", payer_id="counterparty_id").agg(back=-pl.col("amount").sum())
    both = sums.join(due, on=["merchant_id", "payer_id"], how="left").with_columns(
        pl.col("paid", "back").cast(pl.Float64)
    )
    assert both["back"].null_count() == 0
    assert (both["back"] >= 0.98 * both["paid"] - 100).all()
    weights = read(told / "none", "shipments")["weight_g"]
    assert orders["weight_g"].median() > 0.7 * weights.median()


def test_the_account_of_a_ring_still_adds_up(told, read):
    """Protects the account: with transfers too each balance is the one before plus the movement."""
    flows = read(told / "payment_ring", "cashflows").sort("merchant_id", "occurred_at", "cashflow_id")
    step = flows.with_columns(before=pl.col("balance").shift().over("merchant_id")).drop_nulls()
    assert (step["balance"] == step["before"] + step["amount"]).all()
    assert flows["cashflow_id"].is_unique().all()


def test_the_innocent_share_and_are_paid_too(told, read):
    """Protects the difficulty: without brushing, devices and addresses are shared, relatives buy, payers get wages."""
    folder = told / "none"
    orders = read(folder, "orders").join(
        read(folder, "payments").select("order_id", "payer_id"), on="order_id", how="left"
    )
    for column, least in (("device_id", 10), ("address_id", 100)):
        buyers = orders.group_by("merchant_id", column).agg(pl.col("buyer_id").n_unique())
        assert buyers.filter(pl.col("buyer_id") > 1).height >= least
    relatives = orders.filter(pl.col("buyer_id").is_in(read(folder, "parties")["party_id"].implode()))
    assert relatives["merchant_id"].n_unique() >= 20
    assert relatives.height / orders.height < 0.01
    paid_out = read(folder, "cashflows").filter(pl.col("kind") == "wages")
    wages = orders.join(
        paid_out, left_on=["merchant_id", "payer_id"], right_on=["merchant_id", "counterparty_id"], how="semi"
    )
    assert wages["merchant_id"].n_unique() >= 10
    track = read(folder, "shipments")
    assert (track["weight_g"] < 101).mean() == pytest.approx(0.005, abs=0.002)
    assert read(folder, "orders").filter(pl.col("handed_at").is_not_null()).height > track.height
