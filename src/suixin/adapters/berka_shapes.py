"""Rows of the Berka set's files as rows of the standard tables."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from suixin.adapters.frames import clock, text, understanding, whole
from suixin.lake.readers import ROW, Batch

END_OF_DATA = date(1998, 12, 31)
PLACES_FROM = date(1993, 1, 1)
FINISHED, DEFAULTED = ("A", "B"), ("B", "D")
STATUSES = ("A", "B", "C", "D")
DISTRICT_COLUMNS = ("district_id", "A2", "A3")

PURPOSES = {
    "UROK": "interest",
    "SANKC. UROK": "penalty_interest",
    "SLUZBY": "fee",
    "SIPO": "household",
    "POJISTNE": "insurance",
    "DUCHOD": "pension",
    "UVER": "loan_repayment",
}
"""k_symbol -> kind: what a movement is for, where the bank says so."""

WAYS = {
    "VKLAD": "cash_in",
    "VYBER": "cash_out",
    "VYBER KARTOU": "card",
    "PREVOD Z UCTU": "transfer_in",
    "PREVOD NA UCET": "transfer_out",
}
"""operation -> kind: how the money moved, where the bank does not say what for."""


def merchants(frame: pl.DataFrame) -> pl.DataFrame:
    """Accounts as the business of a person."""
    return frame.select(
        ROW,
        merchant_id="account_id",
        party_id=_client("owner"),
        region_code=_district("district_id"),
        legal_form=pl.lit("person"),
        opened_on="date",
    )


def parties(frame: pl.DataFrame) -> pl.DataFrame:
    """Clients, known by number only."""
    return frame.select(
        ROW,
        party_id=_client("client_id"),
        kind=pl.lit("person"),
        region_code=_district("district_id"),
        registered_on="opened",
    )


def relations(frame: pl.DataFrame) -> pl.DataFrame:
    """A disponent shares the account with its owner."""
    return frame.select(
        ROW,
        party_id=_client("client_id"),
        other_party_id=_client("owner"),
        kind=pl.lit("shared_account"),
        since_on="opened",
    )


def cashflows(frame: pl.DataFrame) -> pl.DataFrame:
    """Movements, negative when money leaves."""
    sign = pl.when(text("type") == "PRIJEM").then(1).when(text("type").is_in(["VYDAJ", "VYBER"])).then(-1)
    amount = pl.col("amount").cast(pl.String).cast(pl.Float64, strict=False)
    partner = text("partner_account")
    kind = pl.coalesce(
        text("k_symbol").replace_strict(PURPOSES, default=None, return_dtype=pl.String),
        text("operation").replace_strict(WAYS, default=None, return_dtype=pl.String),
    )
    return frame.select(
        ROW,
        cashflow_id="trans_id",
        merchant_id="account_id",
        occurred_at=pl.col("date"),
        kind=kind,
        counterparty_id=pl.when(partner != "0").then(
            pl.concat_str(text("partner_bank").fill_null("-"), partner, separator="-")
        ),
        amount=sign * amount,
        balance="balance",
    )


def loans(frame: pl.DataFrame) -> pl.DataFrame:
    """Loans; a finished one without arrears was closed on its contract's last day."""
    return frame.select(
        ROW,
        "loan_id",
        merchant_id="account_id",
        granted_on="date",
        principal="amount",
        annual_rate=pl.lit(0.0),
        term_months="duration",
        closed_on=pl.when(text("status") == "A").then(_contract_end()),
    )


def outcomes(frame: pl.DataFrame) -> pl.DataFrame:
    """How each loan ended, or stood at the end of the data."""
    status = text("status")
    seen = pl.when(status.is_in(FINISHED)).then(_contract_end()).otherwise(pl.lit(END_OF_DATA))
    return frame.select(
        ROW,
        merchant_id="account_id",
        as_of_on="date",
        horizon_days=(seen - _granted()).dt.total_days(),
        definition=pl.lit("as_published"),
        defaulted=pl.when(status.is_in(STATUSES)).then(status.is_in(DEFAULTED)),
    )


def districts(path: Path, encoding: str | None) -> Iterator[Batch]:
    """The districts, then the regions that they lie in, each with the row of its first district."""
    raw = whole(path, DISTRICT_COLUMNS, encoding)
    with understanding(path):
        named = raw.frame.with_columns(text(name) for name in DISTRICT_COLUMNS)
        above = named.drop_nulls("A3").unique("A3", keep="first", maintain_order=True)
        yield Batch(named.with_columns(level=pl.lit("county")), raw.rejects)
        yield Batch(above.with_columns(level=pl.lit("province")), [])


def regions(frame: pl.DataFrame) -> pl.DataFrame:
    """Districts as counties, regions as provinces."""
    above = "CZ-" + pl.col("A3").str.replace_all(" ", "-")
    is_above = pl.col("level") == "province"
    return frame.select(
        ROW,
        "level",
        region_code=pl.when(is_above).then(above).otherwise(_district("district_id")),
        parent_code=pl.when(~is_above).then(above),
        name=pl.when(is_above).then("A3").otherwise("A2"),
        valid_from_on=pl.lit(PLACES_FROM),
    )


def _granted() -> pl.Expr:
    return clock("date").dt.date()


def _contract_end() -> pl.Expr:
    months = pl.col("duration").cast(pl.String).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    in_bounds = pl.when(months.is_between(1, 360)).then(months)
    return _granted().dt.offset_by(pl.format("{}mo", in_bounds))


def _district(name: str) -> pl.Expr:
    return "CZ-" + text(name).str.zfill(2)


def _client(name: str) -> pl.Expr:
    return "client-" + text(name)
