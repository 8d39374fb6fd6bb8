"""How good the models are on simulated counties, beside what an oracle knows.

    python benchmarks/county_model.py --lake lake --truth source-truth.parquet
    python benchmarks/county_model.py --seeds 20 --merchants 2000

With --lake: nested validation of every family on that county's borrowers. With --seeds: counties of their own, one fit of
every family each; figures are of cross-fitted scores (settings and calibration were chosen on the same folds, so they are
slightly too good; the nested ones are not).

Two oracles read the simulator's truth. The first knows who would have defaulted without a hidden blow (illness, side debt,
fraud), and nothing of the blows: what trade data could at best foresee. The second is a boosted model on the latent traits at
the grant (size, quality, growth, slump, cash), cross-fitted: what a lender who saw through the merchant would know.
"""

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit

from suixin.adapters import open_source
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.scoring import metrics
from suixin.scoring.boosted import BoostedSettings, fit_boosted
from suixin.scoring.families import fit_families
from suixin.scoring.sample import Sample
from suixin.scoring.splits import folds
from suixin.scoring.validation import validate
from suixin.simulation import simulate
from suixin.train.outcomes import Labelled, labelled

LATENT = ("true_size", "true_quality", "true_growth", "slump_slope", "slump_ago", "cash_at_grant_yuan")
START, MONTHS = date(2024, 1, 1), 24


def oracles(known: Labelled, truth: Path) -> dict[str, float]:
    """AUC of the two oracles."""
    latent = pl.read_parquet(truth).with_columns(pl.col("merchant_id").cast(pl.String))
    rows = known.features.select("merchant_id", "as_of_day").join(
        latent, on="merchant_id", how="left", maintain_order="left"
    )
    ago = pl.col("as_of_day") - pl.col("slump_from_on").cast(pl.Int32)
    rows = rows.with_columns(slump_ago=pl.when(ago > 0).then(ago))
    x = rows.select(pl.col(name).cast(pl.Float64) for name in LATENT).fill_null(float("nan")).to_numpy()
    y = known.sample.y
    whole = Sample(LATENT, x, y, (0,) * len(LATENT))
    raw = np.empty(len(y))
    for part in folds(y, 5, 0):
        rest = np.setdiff1d(np.arange(len(y)), part)
        raw[part] = fit_boosted(whole.rows(rest), BoostedSettings(runs=4), 0).raw(x[part])
    foreseen = (rows["default_cause"].cast(pl.String) == "visible").fill_null(value=False).to_numpy()
    return {
        "foreseeable_share": float(foreseen[y == 1].mean()),
        "oracle_foreseeable": metrics.auc(y, foreseen.astype(float)),
        "oracle_latent": metrics.auc(y, raw),
    }


def whole_county(lake: Path, truth: Path) -> dict[str, Any]:
    """Nested validation on one lake."""
    known = labelled(Lake.open(lake))
    found = validate(known.sample, seeds=range(1))
    return {
        "rows": len(known.sample.y),
        "defaults": known.sample.defaults,
        **oracles(known, truth),
        **{
            family: {name: f.mean for name, f in by_name.items()} for family, by_name in found.figures.items()
        },
        "ece_floor": found.ece_floor,
        "chosen": found.won,
    }


def small_county(seed: int, merchants: int) -> dict[str, Any]:
    """One fit of every family on a county of its own."""
    with TemporaryDirectory() as folder:
        source, lake = Path(folder) / "source", Path(folder) / "lake"
        simulate(source, merchants=merchants, months=MONTHS, seed=seed, start=START, processes=1)
        ingest(open_source("standard", source), lake, now=datetime.now(UTC))
        known = labelled(Lake.open(lake), processes=1)
        y = known.sample.y
        found: dict[str, Any] = {"seed": seed, "rows": len(y), "defaults": int(y.sum())}
        found |= oracles(known, source.with_name("source-truth.parquet"))
    for kind, one in fit_families(known.sample, seed).items():
        pd = expit(one.calibration.apply(one.crossed))
        found[kind.value] = {
            "auc": metrics.auc(y, one.crossed), "ks": metrics.ks(y, one.crossed), "brier": metrics.brier(y, pd),
            "ece": metrics.ece(y, pd), "ece_floor": metrics.ece_floor(pd, draws=100),
        }  # fmt: skip
    return found


def summary(counties: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over counties of every figure."""
    told: dict[str, Any] = {}
    for name, value in counties[0].items():
        if isinstance(value, dict):
            told[name] = {
                key: _spread([county[name][key] for county in counties if name in county]) for key in value
            }
        elif name != "seed":
            told[name] = _spread([county[name] for county in counties])
    return told


def _spread(values: list[float]) -> list[float]:
    return [float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0]


def main() -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--first-seed", type=int, default=301)
    parser.add_argument("--merchants", type=int, default=2000)
    asked = parser.parse_args()
    if asked.lake:
        print(json.dumps({"county": whole_county(asked.lake, asked.truth)}, indent=2), flush=True)
    counties = []
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        counties.append(small_county(seed, asked.merchants))
        print(json.dumps(counties[-1]), flush=True)
    if counties:
        print(json.dumps({"counties": len(counties), "summary": summary(counties)}, indent=2))


if __name__ == "__main__":
    main()
