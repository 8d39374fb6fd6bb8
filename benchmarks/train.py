"""The champion against a plain random forest on real loans: the same features, the same splits, paired.

    python benchmarks/train.py --data ../shared/data --seeds 15

For each seed of each set the rows are divided once at random, stratified (VAT invoices: five parts, each tested once;
Berka: 459 to learn from, 223 to be tested on). In each training part the families are fitted, their settings and the
champion chosen by cross-validation inside it; the forest (scikit-learn, 500 trees, its own defaults, medians for what is
unknown) gets the same columns and rows. Berka is also trained on the loans to 1996 and tested on those from 1997.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from suixin.adapters import open_source
from suixin.calendar import date_to_day
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.scoring.families import Fitted, Kind, champion, fit_families
from suixin.scoring.metrics import auc, interval
from suixin.scoring.sample import Sample
from suixin.scoring.splits import Split, folds
from suixin.train.outcomes import labelled

SETS = {"cumcm2020c": "vat-invoices", "berka": "berka"}


def sample(data: Path, name: str) -> Sample:
    """The outcomes of a set with every feature known before each of them."""
    with TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        ingest(open_source(SETS[name], data / name), lake, now=datetime.now(UTC))
        return labelled(Lake.open(lake)).sample


def splits(name: str, y: np.ndarray, seed: int) -> Iterator[Split]:
    """Five parts for the 123 firms; for Berka one split of 459 and 223."""
    everyone = np.arange(y.size)
    if name == "berka":
        random = np.random.default_rng(seed)
        test = np.concatenate(
            [random.permutation(np.flatnonzero(y == v))[: round((y == v).sum() * 223 / 682)] for v in (0, 1)]
        )
        yield Split(np.setdiff1d(everyone, test), np.sort(test))
        return
    for part in folds(y, 5, seed):
        yield Split(np.setdiff1d(everyone, part), part)


def forest(whole: Sample, split: Split, seed: int) -> float:
    """AUC of the plain forest."""
    train, test = whole.x[split.train], whole.x[split.test]
    middle = np.nan_to_num(np.nanmedian(train, axis=0))
    filled = (np.where(np.isnan(part), middle, part) for part in (train, test))
    learned, asked = filled
    plain = RandomForestClassifier(500, random_state=seed, n_jobs=1).fit(learned, whole.y[split.train])
    return auc(whole.y[split.test], plain.predict_proba(asked)[:, 1])


def ours(whole: Sample, split: Split, seed: int) -> tuple[dict[str, float], Kind]:
    """AUC of each family and of the champion, and which that was."""
    fitted: dict[Kind, Fitted] = fit_families(whole.rows(split.train), seed)
    best = champion(fitted)
    found = {
        kind.value: auc(whole.y[split.test], one.trees.raw(whole.x[split.test]))
        for kind, one in fitted.items()
    }
    return {"champion": found[best.kind.value], **found}, best.kind


def compare(name: str, whole: Sample, seeds: range) -> dict[str, Any]:
    """Means over each seed's splits, and the paired differences to the forest."""
    by_seed: dict[str, list[float]] = {}
    won: dict[str, int] = {}
    for seed in seeds:
        one: dict[str, list[float]] = {}
        for split in splits(name, whole.y, seed):
            found, kind = ours(whole, split, seed)
            won[kind.value] = won.get(kind.value, 0) + 1
            for family, value in {**found, "forest": forest(whole, split, seed)}.items():
                one.setdefault(family, []).append(value)
        for family, values in one.items():
            by_seed.setdefault(family, []).append(float(np.mean(values)))
        print(name, seed, {family: round(values[-1], 4) for family, values in by_seed.items()}, flush=True)
    share = 223 / 459 if name == "berka" else 1 / 4
    champion_auc, forest_auc = np.array(by_seed["champion"]), np.array(by_seed["forest"])
    return {
        "rows": len(whole.y),
        "defaults": whole.defaults,
        "features": len(whole.names),
        "seeds": list(seeds),
        "chosen": won,
        "auc": {family: [float(np.mean(v)), float(np.std(v, ddof=1))] for family, v in by_seed.items()},
        "difference_90": interval(champion_auc - forest_auc, 0.0),
        "difference_90_corrected": interval(champion_auc - forest_auc, share),
    }


def later(whole: Sample) -> dict[str, Any]:
    """Berka trained on the loans to 1996 and tested on those from 1997."""
    cut = date_to_day(date(1997, 1, 1))
    split = Split(np.flatnonzero(whole.days < cut), np.flatnonzero(whole.days >= cut))
    found, kind = ours(whole, split, 0)
    return {"train": split.train.size, "test": split.test.size, "chosen": kind.value, **found,
            "forest": forest(whole, split, 0)}  # fmt: skip


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    for name in asked.sets:
        whole = sample(asked.data, name)
        found[name] = compare(name, whole, range(asked.first_seed, asked.first_seed + asked.seeds))
        if name == "berka":
            found[name]["trained_to_1996_tested_from_1997"] = later(whole)
    print(json.dumps(found, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
