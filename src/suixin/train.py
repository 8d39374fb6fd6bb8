"""The job of training: a lake's outcomes, with the features known before each, become a model in a folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from suixin.calendar import date_to_day, day_to_date
from suixin.errors import UsageError
from suixin.features.build import build
from suixin.lake.store import Lake
from suixin.scoring.sample import Sample, sample_of

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Outcomes of a lake with features.

    Attributes:
        sample: to learn from.
        features: the feature table, a row a row of the sample, with merchant_id and as_of_day.
        horizon_days: of the outcomes, their median where loans were watched for different times.
        definition: of default.
        on: the day on whose knowledge it is made.
        immature: outcomes that were left out, their horizon not being over.
    """

    sample: Sample
    features: pl.DataFrame
    horizon_days: int
    definition: str
    on: date
    immature: int


def labelled(
    lake: Lake,
    *,
    on: date | None = None,
    definition: str | None = None,
    routes: Sequence[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Labelled:
    """The lake's outcomes with every feature known before each.

    An outcome counts when its horizon is over on the day `on`: a default is known at once and a good end only then, so
    younger ones would hold defaults alone.

    Args:
        lake: a snapshot.
        on: the day of training; None for the day after the last outcome became known.
        definition: of default; None for the one with the most outcomes.
        routes: only rows that came by these routes; None for all.
        processes: how many; None for one a core.
        progress: told after each step.

    Raises:
        UsageError: no outcome, none of that definition, none whose horizon is over, or too few to learn from.
    """
    known = _outcomes(lake)
    day = date_to_day(on) if on else int(known.select(pl.col("known_day").max()).item()) + 1
    taken, name = _of_definition(known.filter(pl.col("known_day") < day), definition)
    mature = taken.filter(pl.col("as_of_day") + pl.col("horizon_days") <= day)
    if mature.is_empty():
        raise UsageError(
            f"no outcome of the lake has its horizon over on {day_to_date(day)}; name a later day with --on"
        )
    subjects = mature.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64), "merchant_id", "as_of_day", "defaulted"
    )
    built = build(lake, subjects.drop("defaulted"), routes=routes, processes=processes, progress=progress)
    table = (
        built.features.join(subjects.select("subject", "defaulted"), on="subject")
        .sort("subject")
        .drop("subject")
    )
    sample = sample_of(table.drop("merchant_id"), "defaulted", day="as_of_day")
    return Labelled(
        sample=sample,
        features=table.drop("defaulted"),
        horizon_days=int(np.median(mature["horizon_days"].to_numpy())),
        definition=name,
        on=day_to_date(day),
        immature=taken.height - mature.height,
    )


def _outcomes(lake: Lake) -> pl.DataFrame:
    if not lake.buckets("outcomes"):
        raise UsageError(
            f"{lake.root}: the lake has no outcomes; ingest a source with an outcomes table, or keep to the expert card"
        )
    return (
        lake.whole("outcomes")
        .select("merchant_id", "as_of_day", "horizon_days", "definition", "defaulted", "known_day")
        .collect()
        .sort("merchant_id", "as_of_day", "definition", "horizon_days")
    )


def _of_definition(known: pl.DataFrame, definition: str | None) -> tuple[pl.DataFrame, str]:
    """Outcomes of one definition, the asked one or that with the most; one a loan, that of the longest horizon."""
    counts = known.group_by("definition").len().sort("len", "definition", descending=True)
    if definition is not None:
        counts = counts.filter(pl.col("definition") == definition)
    if counts.is_empty():
        has = ", ".join(known["definition"].cast(pl.String).unique().sort().to_list()) or "none by that day"
        raise UsageError(f"the lake has no outcomes of definition {definition!r}; it has {has}")
    name = str(counts["definition"][0])
    one = known.filter(pl.col("definition") == name)
    return one.unique(["merchant_id", "as_of_day"], keep="last", maintain_order=True), name
