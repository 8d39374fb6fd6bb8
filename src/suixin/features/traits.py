"""What merchants grow and on how much land, where they are and in which legal form, as known before each subject's as-of date."""

from collections.abc import Iterable

import narwhals.stable.v2 as nw
import polars as pl

from suixin.features.build import PolarsEngine
from suixin.features.coverage import known_tables
from suixin.features.point_in_time import known_before
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES


def traits(lake: Lake, subjects: pl.DataFrame, routes: Iterable[str] | None = None) -> pl.DataFrame:
    """Crop, region, legal form and cultivated area of every subject, in the order given.

    Args:
        lake: a snapshot.
        subjects: one row each, with columns `subject` (unique), `merchant_id`, `as_of_day`.
        routes: only rows that came by these routes; None for all.

    Returns:
        subject, crop, region_code, legal_form, '' where the lake does not say; area_mu, null where it does not.
    """
    allowed = None if routes is None else tuple(sorted(routes))
    asking = subjects.select("subject", "merchant_id", "as_of_day")
    tables = known_tables(lake, allowed, asking["as_of_day"])
    engine = PolarsEngine(lake, allowed, tables)
    rows = known_before(
        engine.scan("merchants"),
        TABLES["merchants"],
        nw.from_native(asking.lazy()),
        versions=engine.superseded("merchants"),
    )
    told = rows.select("subject", "crop", "region_code", "legal_form", "area_mu")
    known = engine.keep(told).to_native().collect()
    joined = asking.select("subject").join(known, on="subject", how="left", maintain_order="left")
    return joined.with_columns(pl.col("crop", "region_code", "legal_form").fill_null(""))
