"""Every table against the data standard, and the identities that hold between tables."""

from datetime import datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from suixin.lake.contract import Kind
from suixin.lake.tables import TABLES

WRITTEN = {
    Kind.ID: (pl.Int64, pl.String), Kind.CODE: (pl.String,), Kind.TEXT: (pl.String,), Kind.COUNT: (pl.Int64,),
    Kind.MONEY: (pl.Decimal(18, 2),), Kind.NUMBER: (pl.Float64,), Kind.FLAG: (pl.Boolean,), Kind.DATE: (pl.Date,),
    Kind.INSTANT: (pl.Datetime("us"),),
}  # fmt: skip
PROMISES = {"ship_by_at", "promised_on"}  # deadlines are known before they come
TRUE_SECRETS = {"illness", "side_debt", "fraud", "visible", "family_ring", "click_farm", "payment_ring"}


@pytest.mark.parametrize("name", TABLES)
def test_table_keeps_its_contract(made, name):
    """Protects every reader: columns, types, required values, closed lists, bounds, keys and order of times."""
    contract, frame = TABLES[name], made.read(name)
    own = [c for c in frame.columns if c != "known_at"]
    assert own == [column.name for column in contract.columns]
    assert made.summary.rows[name] == frame.height > 0
    for column in contract.columns:
        values = frame[column.name]
        assert values.dtype in WRITTEN[column.kind], column.name
        assert not (column.required and values.null_count()), column.name
        if column.choices:
            assert set(values.drop_nulls().unique()) <= set(column.choices)
        if column.low is not None and values.drop_nulls().len():
            assert values.min() >= column.low
        if column.high is not None and values.drop_nulls().len():
            assert values.max() <= column.high
    assert frame.select(contract.key).is_unique().all()
    for earlier, later in contract.in_order:
        assert (frame[earlier] <= frame[later]).drop_nulls().all(), (earlier, later)
    for column_name, table, other in contract.refers:
        assert frame[column_name].is_in(made.read(table)[other].implode()).all()


@pytest.mark.parametrize("name", TABLES)
def test_nothing_happens_after_the_end(made, name):
    """Protects point-in-time truth: no date but a deadline lies at or after 2026-01-01."""
    frame = made.read(name)
    for column, dtype in frame.schema.items():
        if dtype.is_temporal() and column not in PROMISES and frame[column].drop_nulls().len():
            assert frame[column].cast(pl.Datetime("us")).max() < made.end, column


def test_items_add_up_to_the_order(made):
    """Protects amounts: the lines of every order sum to its amount to the fen, numbered from 1."""
    lines = made.read("order_items").group_by("order_id", maintain_order=True)
    sums = lines.agg(pl.col("amount").sum().cast(pl.Decimal(18, 2)), last=pl.col("line_no").max(), n=pl.len())
    assert_frame_equal(sums.select("order_id", "amount"), made.read("orders").select("order_id", "amount"))
    assert (sums["last"] == sums["n"]).all()
    assert sums["n"].max() == 3


def test_payment_is_amount_and_freight(made):
    """Protects reconciliation: each paid order has one payment, of goods and freight to the fen, at paid_at."""
    orders = made.read("orders").filter(pl.col("paid_at").is_not_null())
    due = orders.select("order_id", "merchant_id", "paid_at", amount=(pl.col("amount") + pl.col("freight")))
    paid = made.read("payments").select("order_id", "merchant_id", "paid_at", "amount")
    assert_frame_equal(paid, due.with_columns(pl.col("amount").cast(pl.Decimal(18, 2))))


def test_settlement_net(made):
    """Protects pay-outs: net = gross - fees - refunds to the fen."""
    paid = made.read("settlements")
    assert (paid["net"] == paid["gross"] - paid["fees"] - paid["refunds"]).all()


def test_settlements_cover_only_what_was_delivered(made):
    """Protects genuine sales: no merchant was paid out more than its delivered goods and freight."""
    gross = made.read("settlements").group_by("merchant_id").agg(pl.col("gross").sum())
    delivered = made.read("orders").filter(pl.col("delivered_at").is_not_null())
    most = delivered.group_by("merchant_id").agg(most=(pl.col("amount") + pl.col("freight")).sum())
    both = gross.join(most, on="merchant_id", how="left")
    assert (both["gross"] <= both["most"]).all()


def test_invoice_total(made):
    """Protects tax data: amount + tax = total to the fen; some void, some credit notes with negative amounts."""
    invoices = made.read("invoices")
    assert (invoices["total"] == invoices["amount"] + invoices["tax"]).all()
    assert 0.02 < invoices["voided_on"].is_not_null().mean() < 0.08
    assert 0.01 < (invoices["total"] < 0).mean() < 0.06
    assert ((invoices["amount"] < 0) == (invoices["total"] < 0)).all()
    forms = made.read("merchants").join(invoices, on="merchant_id", how="semi")["legal_form"].unique()
    assert set(forms) == {"sole_trader", "coop", "enterprise"}


def test_shipments_follow_their_orders(made):
    """Protects tracks: collected is the hand-over, delivered the order's delivery, at most one parcel an order."""
    orders = made.read("orders").filter(pl.col("handed_at").is_not_null())
    track = made.read("shipments").select("order_id", handed_at="collected_at", delivered_at="delivered_at")
    assert 0.99 < track.height / orders.height < 1.0
    sent = orders.select("order_id", "handed_at", "delivered_at").join(track, on="order_id", how="semi")
    assert_frame_equal(track, sent)


def test_cancelled_orders_are_not_delivered(made):
    """Protects fulfilment: a cancelled order is never handed over, and its payment goes back in full."""
    orders = made.read("orders").filter(pl.col("cancelled_at").is_not_null())
    assert orders["handed_at"].null_count() == orders.height
    paid = orders.filter(pl.col("paid_at").is_not_null())
    assert 0 < paid.height < orders.height
    back = made.read("refunds").filter(pl.col("reason") == "cancelled").join(paid, on="order_id")
    assert (back["amount"] == back["amount_right"] + back["freight"]).all()


def test_balance_follows_the_movements(made):
    """Protects the account: each balance is the one before plus the movement."""
    flows = made.read("cashflows").sort("merchant_id", "occurred_at", "cashflow_id")
    step = flows.with_columns(before=pl.col("balance").shift().over("merchant_id")).drop_nulls()
    assert (step["balance"] == step["before"] + step["amount"]).all()


def test_the_other_account_of_every_movement_is_known(made):
    """Protects tracing of money: pay-outs come from three platforms, one lender lends and is repaid."""
    accounts = made.read("cashflows").group_by("kind").agg(pl.col("counterparty_id").n_unique())
    ends = dict(accounts.iter_rows())
    assert (ends["settlement"], ends["loan_drawdown"], ends["loan_service"]) == (3, 1, 1)
    assert ends["owner"] == made.read("cashflows")["merchant_id"].n_unique()


def test_every_loan_was_preceded_by_a_query(made):
    """Protects the bureau: on the day of each application the own lender asks, for the approval."""
    own = made.read("inquiries").filter((pl.col("lender_id") == 1) & (pl.col("reason") == "loan_approval"))
    asked = made.read("applications").select("merchant_id", inquired_on=pl.col("applied_at").dt.date())
    assert asked.join(own, on=["merchant_id", "inquired_on"]).height >= 0.99 * asked.height
    assert own.height <= asked.height


def test_hidden_debts_leave_some_queries(made):
    """Protects the signal: who defaults over a side debt was asked about more often, others about alike."""
    queries = made.read("inquiries").group_by("merchant_id").agg(queries=pl.len())
    every = made.truth.join(queries, on="merchant_id", how="left").with_columns(
        pl.col("queries").fill_null(0)
    )
    mean = dict(every.group_by("default_cause").agg(pl.col("queries").mean()).iter_rows())
    assert mean["side_debt"] > 1.5 * mean[None]
    assert mean["illness"] < 1.5 * mean["visible"]


def test_crop_calendar_is_that_of_the_crops(made):
    """Protects seasons: twelve rows a crop; kiwi grows from April to August and is harvested from September."""
    calendar = made.read("crop_calendar")
    assert calendar.group_by("crop").len()["len"].unique().to_list() == [12]
    kiwi = calendar.filter(pl.col("crop") == "kiwi").sort("month")
    assert kiwi.filter("grows")["month"].to_list() == [4, 5, 6, 7, 8]
    assert kiwi.filter("harvested")["month"].to_list() == [9, 10]


def test_outcomes_were_known_before_the_end(made):
    """Protects knowledge time: a good year is known when it is over, a default on its day, none later."""
    outcomes = made.read("outcomes")
    assert outcomes.schema["known_at"] == pl.Datetime("us")
    age = (outcomes["known_at"].dt.date() - outcomes["as_of_on"]).dt.total_days()
    assert (age.filter(~outcomes["defaulted"]) == 365).all()
    assert age.filter(outcomes["defaulted"]).is_between(91, 365).all()
    grants = made.read("loans").select("merchant_id", as_of_on="granted_on")
    assert outcomes.join(grants, on=["merchant_id", "as_of_on"]).height == outcomes.height


def test_bureau_reports_are_fresh_for_most(made):
    """Protects the policy's bureau age: nine in ten merchants have a report within the last 91 days."""
    last = (
        made.read("exposures")
        .filter(pl.col("source") == "bureau")
        .group_by("merchant_id")
        .agg(pl.col("reported_on").max())
    )
    days = last.select(age=pl.lit(made.end.date()) - pl.col("reported_on"))["age"].dt.total_days()
    assert days.max() <= 91
    assert 0.86 <= last.height / made.summary.merchants <= 0.94


def test_a_report_without_debt_says_none(made):
    """Protects the difference of no debt and no report: kind 'none' stands alone, with zero amounts."""
    reports = made.read("exposures").filter(pl.col("source") == "bureau")
    none = reports.filter(pl.col("kind") == "none")
    assert none.height > 0
    assert (none["balance"].sum(), none["monthly_service"].sum()) == (0, 0)
    others = reports.filter(pl.col("kind") != "none")
    assert others.join(none, on=["merchant_id", "reported_on"]).height == 0


def test_regions_nest_and_are_fictional(made):
    """Protects the map: every parent exists, all codes lie outside the national code list, merchants' too."""
    regions = made.read("regions")
    parents = regions["parent_code"].drop_nulls()
    assert parents.is_in(regions["region_code"].implode()).all()
    assert regions["region_code"].str.starts_with("99").all()
    villages = regions.filter(pl.col("level") == "village")["region_code"]
    assert villages.str.len_chars().unique().to_list() == [12]
    assert made.read("merchants")["region_code"].is_in(villages.implode()).all()
    places = regions.filter(pl.col("level") == "township")["region_code"]
    assert made.read("orders")["buyer_region"].is_in(places.implode()).all()


def test_ties_join_known_parties(made):
    """Protects group limits: both ends of every tie, and every merchant's party, are in parties."""
    parties = made.read("parties")["party_id"].implode()
    ties = made.read("relations")
    assert ties["party_id"].is_in(parties).all()
    assert ties["other_party_id"].is_in(parties).all()
    assert made.read("merchants")["party_id"].is_in(parties).all()


def test_a_price_shock_happens(made):
    """Protects stress studies: some commodity loses a quarter or more against its own quarter before."""
    prices = made.read("prices").sort("commodity", "priced_on").with_columns(pl.col("price").cast(pl.Float64))
    fall = prices.select(pl.col("price") / pl.col("price").shift(60).over("commodity"))["price"].min()
    assert fall < 0.75


def test_the_truth_is_not_in_the_source(made):
    """Protects against leakage: no truth column but the key, and no hidden cause, stands in any source file."""
    secrets = set(made.truth.columns) - {"merchant_id"} | {"brush_kind", "brushed"}
    for name in TABLES:
        frame = made.read(name)
        assert not secrets & set(frame.columns)
        for column, dtype in frame.schema.items():
            if dtype == pl.String and frame[column].n_unique() < 100:
                assert not TRUE_SECRETS & set(frame[column].drop_nulls().unique())
    assert sorted(path.name for path in made.folder.parent.iterdir()) == [
        "county",
        "county-brushed.parquet",
        "county-truth.parquet",
    ]
    assert made.truth.height == made.summary.merchants


def test_orders_of_a_merchant_start_when_it_opens(made):
    """Protects the age of a shop: no order before opened_on."""
    opened = made.read("merchants").select(
        "merchant_id", opened_on=pl.col("opened_on").cast(pl.Datetime("us"))
    )
    first = (
        made.read("orders")
        .group_by("merchant_id")
        .agg(pl.col("ordered_at").min())
        .join(opened, on="merchant_id")
    )
    assert (first["ordered_at"] >= first["opened_on"]).all()
    assert first["ordered_at"].min() >= datetime(2024, 1, 1)  # noqa: DTZ001
