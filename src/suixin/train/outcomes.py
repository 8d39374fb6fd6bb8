"""What a model learns from in a lake: outcomes whose horizon is over, and applicants who were turned down."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import polars.selectors as cs

from suixin.calendar import date_to_day, day_to_date
from suixin.errors import UsageError
from suixin.features.build import build
from suixin.lake.store import Lake
from suixin.scoring.rejects import Rejects
from suixin.scoring.sample import Sample, sample_of

Progress = Callable[[str, int, int], None]

DIGITS = 12  # significant, of a feature that is learned from
_DECIDED_WITHIN = 60  # days from an application to its loan; without one it was turned down


@dataclass(frozen=True, slots=True)
class Labelled:
    """Outcomes of a lake with features.

    Attributes:
        sample: to learn from.
        features: the feature table, a row a row of the sample, with merchant_id and as_of_day.
        horizon_days: of the outcomes, their median where loans were watched for different times.
        horizons: the shortest and the longest.
        definition: of default.
        on: the day on whose knowledge it is made.
        immature: outcomes that were left out, their horizon not being over.
    """

    sample: Sample
    features: pl.DataFrame
    horizon_days: int
    horizons: tuple[int, int]
    definition: str
    on: date
    immature: int


def labelled(
    lake: Lake,
    *,
    on: date | None = None,
    definition: str | None = None,
    routes: Iterable[str] | None = None,
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
    mature = taken.filter(pl.col("as_of_day") + pl.col("horizon_days") < day).unique(
        ["merchant_id", "as_of_day"], keep="last", maintain_order=True
    )
    if mature.is_empty():
        raise UsageError(
            f"no outcome of the lake has its horizon over on {day_to_date(day)}; name a later day with --on"
        )
    subjects = mature.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64), "merchant_id", "as_of_day", "defaulted", "known_day"
    )
    built = build(
        lake, subjects.drop("defaulted", "known_day"), routes=routes, processes=processes, progress=progress
    )
    outcome = subjects.select("subject", "defaulted", "known_day")
    table = _steady(built.features).join(outcome, on="subject").sort("subject").drop("subject")
    sample = sample_of(table.drop("merchant_id"), "defaulted", day="as_of_day", told="known_day")
    return Labelled(
        sample=sample,
        features=table.drop("defaulted", "known_day"),
        horizon_days=int(np.median(mature["horizon_days"].to_numpy())),
        horizons=(int(mature["horizon_days"].to_numpy().min()), int(mature["horizon_days"].to_numpy().max())),
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
    """Outcomes of one definition: the asked one, or that with the most."""
    counts = known.group_by("definition").len().sort("len", "definition", descending=True)
    if definition is not None:
        counts = counts.filter(pl.col("definition") == definition)
    if known.is_empty():
        raise UsageError("no outcome of the lake was known by that day; name a later one with --on")
    if counts.is_empty():
        has = ", ".join(known["definition"].cast(pl.String).unique().sort().to_list())
        raise UsageError(f"the lake has no outcomes of definition {definition!r}; it has {has}")
    name = str(counts["definition"][0])
    return known.filter(pl.col("definition") == name), name


def rejected(
    lake: Lake,
    known: Labelled,
    factor: float,
    *,
    routes: Iterable[str] | None = None,
    processes: int | None = None,
) -> Rejects:
    """Applicants without a loan within 60 days of their application, with the features known before it.

    Raises:
        UsageError: the lake has no applications, or the factor is out of bounds.
    """
    if not lake.buckets("applications"):
        raise UsageError(
            f"{lake.root}: the lake has no applications, so nobody is known to have been turned down"
        )
    asked = lake.whole("applications").select("merchant_id", as_of_day="applied_day").collect()
    given = (
        lake.whole("loans").select("merchant_id", "granted_day").collect()
        if lake.buckets("loans")
        else pl.DataFrame(schema={"merchant_id": pl.String(), "granted_day": pl.Int32()})
    )
    wait = pl.col("granted_day") - pl.col("as_of_day")
    served = asked.join(given, on="merchant_id").filter((wait >= 0) & (wait <= _DECIDED_WITHIN))
    turned_down = asked.join(served, on=["merchant_id", "as_of_day"], how="anti").filter(
        pl.col("as_of_day") < date_to_day(known.on) - _DECIDED_WITHIN
    )
    subjects = turned_down.unique().sort("merchant_id", "as_of_day").with_row_index("subject")
    built = build(lake, subjects, routes=routes, processes=processes)
    columns = [
        (pl.col(name) if name in built.features.columns else pl.lit(None, pl.Float64).alias(name)).cast(
            pl.Float64
        )
        for name in known.sample.names
    ]
    return Rejects(_steady(built.features.select(columns)).fill_null(float("nan")).to_numpy(), factor)


def _steady(features: pl.DataFrame) -> pl.DataFrame:
    """Sums of large squares differ in the last bit from run to run; a model should not, nor its hash."""
    return features.with_columns(cs.float().round_sig_figs(DIGITS))
