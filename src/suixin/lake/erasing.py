"""Forgotten identifiers that come again by an ingest: set aside without their content, or hidden behind a tombstone."""

import re

import orjson
import polars as pl

from suixin.lake.checks import Checked
from suixin.lake.contract import Kind, Table
from suixin.lake.marks import TOMBSTONE, Marks, tombstones

RULE = "forgotten"
ERASED = "[erased]"
_WORD = re.compile(r"[^\s,;\"'|{}\[\]:]+")


NAMING = frozenset({"merchant_id", "party_id", "other_party_id", "buyer_id", "payer_id", "counterparty_id"})
"""The columns that may name a party or a merchant; other identifiers number events and things."""


def naming_columns(contract: Table) -> list[str]:
    """The columns of a table that may name a party or a merchant."""
    return [c.name for c in contract.columns if c.name in NAMING]


def free_text(contract: Table) -> list[str]:
    """Texts in the facts of others; an address in `identities` that two share is the other's own."""
    return [c.name for c in contract.columns if c.kind is Kind.TEXT] if contract.per_merchant else []


def apart(contract: Table, checked: Checked, marks: Marks) -> Checked:
    """Rows about the forgotten among the bad ones; where others' rows name them, a fresh tombstone instead.

    A row is about somebody whom its key names. Nothing of such a row is kept, so its place is noted alone.
    """
    good = checked.good
    if not marks.held or good.height == 0:
        return checked
    about = [name for name in naming_columns(contract) if name in contract.key]
    bad = [checked.bad]
    for name in about:
        found = good[name].is_in(marks.among(good[name]))
        rows = good.filter(found).select("_row", pl.lit(RULE).alias("rule"), pl.lit(name).alias("column"))
        bad.append(rows.cast(checked.bad.schema))
        good = good.filter(~found)
    hidden = []
    for name in (n for n in naming_columns(contract) if n not in about):
        met = marks.among(good[name])
        if met:
            hidden.append(pl.col(name).replace(tombstones(met)))
    return Checked(good.with_columns(hidden), pl.concat(bad))


def withheld(rows: pl.DataFrame, marks: Marks) -> pl.DataFrame:
    """Quarantine rows; of those that name somebody forgotten, the raw content is not kept."""
    if not marks.held or rows.height == 0:
        return rows
    naming = pl.Series([_names(raw, marks) for raw in rows["raw"]], dtype=pl.Boolean)
    gone = naming | (rows["rule"] == RULE)
    said = pl.when(gone)
    return rows.with_columns(
        said.then(pl.lit(RULE)).otherwise("rule").alias("rule"),
        said.then(pl.lit("")).otherwise("raw").alias("raw"),
    )


def _names(raw: str, marks: Marks) -> bool:
    words = set(_WORD.findall(raw))
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError:
        row = None
    if isinstance(row, dict):
        words |= {str(value).strip() for value in row.values()}
    return any(marks.has(word) for word in words)


def keep_tombstones(contract: Table, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """New rows with the tombstones and erased texts of the rows that the lake holds already.

    The lake cannot tell which tombstone stands for whom; that both rows name somebody forgotten is all it knows,
    and a row that comes again must be the same row.
    """
    names = [n for n in naming_columns(contract) if n not in contract.key]
    texts = [n for n in free_text(contract) if (old[n] == ERASED).any()]
    names = [n for n in names if new[n].str.starts_with(TOMBSTONE).any()] if old.height else []
    if not names and not texts:
        return new
    identity = contract.stored_key
    held = old.unique(subset=identity, keep="last", maintain_order=True).select(*identity, *names, *texts)
    both = new.join(held, on=identity, how="left", suffix=":held", nulls_equal=True, maintain_order="left")
    hidden = {
        n: pl.col(n).str.starts_with(TOMBSTONE) & pl.col(f"{n}:held").str.starts_with(TOMBSTONE)
        for n in names
    } | {n: pl.col(f"{n}:held") == ERASED for n in texts}
    same = [pl.when(both_are).then(f"{n}:held").otherwise(n).alias(n) for n, both_are in hidden.items()]
    return both.with_columns(same).select(new.columns)
