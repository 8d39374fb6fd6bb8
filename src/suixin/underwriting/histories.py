"""Trading histories of many merchants, as arrays: what forecasts are made from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.features.build import Built
from suixin.underwriting.seasonal import MONTHS, YEAR, Ints

HISTORY_DAYS = {
    "orders": "genuine_trading_days",
    "invoices": "invoice_history_days",
    "cashflows": "account_days",
}
"""Where net sales are read from -> the feature that says for how many days there were any."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Trading histories; a row a merchant.

    Attributes:
        net: net sales by month before the as-of date, fen, newest first; n × 36.
        known: for how many of these months the merchant was trading; n.
        as_of_day: days since 1970-01-01; n.
        crop, region: '' where unknown; n.
        source: where net sales are read from, as in `HISTORY_DAYS`, '' if there are none; n.
    """

    net: Ints
    known: Ints
    as_of_day: Ints
    crop: Sequence[str]
    region: Sequence[str]
    source: Sequence[str]

    def before(self) -> "Histories":
        """The same merchants a year earlier; the year since then is gone."""
        gone = np.zeros((len(self.net), YEAR), dtype=np.int64)
        net = np.concatenate([self.net[:, YEAR:], gone], axis=1)
        known = np.maximum(self.known - YEAR, 0)
        return Histories(net, known, self.as_of_day - 365, self.crop, self.region, self.source)


def histories(built: Built, traits: pl.DataFrame) -> Histories:
    """The histories of all subjects, in the order of the features.

    Args:
        built: features and series. Sales are read from one source a merchant, orders before invoices.
        traits: subject, crop, region_code, as `suixin.features.traits` finds them.
    """
    rows = built.features.select("subject", "as_of_day").with_row_index("row")
    rows = rows.join(traits, on="subject", how="left", maintain_order="left")
    series = built.series.filter(pl.col("month").is_between(0, MONTHS - 1))
    first = pl.col("source").sort_by(pl.col("source") != "orders").first()
    source = series.group_by("subject").agg(first)
    read = series.join(source, on=["subject", "source"]).join(rows.select("row", "subject"), on="subject")
    net = np.zeros((rows.height, MONTHS), dtype=np.int64)
    net[read["row"].to_numpy(), read["month"].to_numpy()] = read["net_fen"].to_numpy()
    rows = rows.join(source, on="subject", how="left", maintain_order="left").fill_null("")
    sources = rows["source"].to_list()
    return Histories(
        net,
        _months_known(built.features, sources),
        rows["as_of_day"].to_numpy().astype(np.int64),
        rows["crop"].to_list(),
        rows["region_code"].to_list(),
        sources,
    )


def _months_known(features: pl.DataFrame, sources: Sequence[str]) -> Ints:
    """Months of trading, from 1 to 36; a history of unknown length counts as one month."""
    found = np.ones(features.height, dtype=np.int64)
    kept = np.array(sources, dtype=object)
    for source, name in HISTORY_DAYS.items():
        if name in features.columns:
            days = features[name].fill_null(0.0).to_numpy()
            months = np.clip(np.rint(days * YEAR / 365), 1, MONTHS).astype(np.int64)
            found = np.where(kept == source, months, found)
    return found
