"""The evidence of self-dealing as a table of the book: which order, which sign, and what it says in both languages."""

import polars as pl

from suixin.features.self_dealing import SIGNS
from suixin.reporting.wording import words

SCHEMA = {
    "merchant_id": pl.String(),
    "order_id": pl.String(),
    "sign": pl.String(),
    "points": pl.Int64(),
    "zh": pl.String(),
    "en": pl.String(),
}


def evidence_table(evidence: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """A row an order and sign, by merchant: what was left out of genuine sales, and why.

    Args:
        evidence: subject, order_id, sign, as `suixin.features.build` gives it.
        subjects: subject, merchant_id.
    """
    zh = words("zh")
    signs = pl.DataFrame(
        [(code, sign.points, zh.text(sign.sentence), sign.sentence) for code, sign in SIGNS.items()],
        schema={name: SCHEMA[name] for name in ("sign", "points", "zh", "en")},
        orient="row",
    )
    named = evidence.join(subjects.select("subject", "merchant_id"), on="subject").join(signs, on="sign")
    return named.select(*SCHEMA).sort("merchant_id", "order_id", "sign")
