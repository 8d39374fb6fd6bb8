"""The points of the shipped rules, fitted on counties of their own, and written into the file of rules."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from early_warning_parts.counties import County
from early_warning_parts.judged import REACH, judge, total
from suixin.scoring.watch.fit import Fitted, fit
from suixin.scoring.watch.rules import Rules

JUDGED = "judgement"  # so begins the source of points that are not fitted


def fitted(counties: Sequence[County], rules: Rules) -> Fitted:
    """Points from loan-weeks whose 182 days are over."""
    rows, bad = [], []
    for county in counties:
        told = county.measured.join(county.truth, on="merchant_id", how="left", maintain_order="left")
        ahead = told["default_day"] - told["as_of_day"]
        over = told["as_of_day"] <= county.days[-1] - REACH
        rows.append(county.measured.filter(over))
        bad.append(((ahead > 0) & (ahead <= REACH)).fill_null(value=False).filter(over))
    fixed = [signal.code for signal in rules.signals if signal.source.startswith(JUDGED)]
    return fit(pl.concat(rows), np.concatenate(bad), rules, fixed=fixed)


def with_points(rules: Rules, found: Fitted, lines: Sequence[int] | None = None) -> Rules:
    """The rules with these points, and levels if they are given."""
    document = rules.model_dump()
    for signal in document["signals"]:
        worth = found.points.get(signal["code"])
        if worth is not None:
            signal["bands"] = [band | {"points": n} for band, n in zip(signal["bands"], worth, strict=True)]
    document["scale"] |= {"intercept": round(found.intercept, 4), "weight": round(found.weight, 6)}
    if lines is not None:
        document["levels"] = [
            level | {"from_points": n} for level, n in zip(document["levels"], lines, strict=True)
        ]
    return Rules.model_validate(document)


def line_for(counties: Sequence[County], rules: Rules, most: float) -> int:
    """The lowest number of points at which no more than this share of live loans is under alert."""
    low, high = 10, 120  # the load falls as the line rises
    while low < high:
        middle = (low + high) // 2
        document = rules.model_dump()
        document["levels"] = [
            level | {"from_points": middle + 1000 * n} for n, level in enumerate(document["levels"])
        ]
        held = [judge(county, Rules.model_validate(document)) for county in counties]
        if total(held)["alerted_a_week"] <= most:
            high = middle
        else:
            low = middle + 1
    return low


def points_for(chance: float, rules: Rules) -> int:
    """The points at which the chance of default is reached."""
    odds = np.log(chance / (1.0 - chance))
    return int(np.ceil((odds - rules.scale.intercept) / rules.scale.weight))


def write(path: Path, rules: Rules) -> None:
    """Put the points, the scale and the levels of `rules` into the file, which keeps its words."""
    text = path.read_text(encoding="utf-8")
    for signal in rules.signals:
        bands = ", ".join(f"{{beyond: {band.beyond:g}, points: {band.points}}}" for band in signal.bands)
        text = re.sub(rf"(- code: {signal.code}\n.*\n    bands: )\[.*\]", rf"\g<1>[{bands}]", text)
    for level in rules.levels:
        text = re.sub(rf"(severity: {level.severity}, from_points: )\d+", rf"\g<1>{level.from_points}", text)
    text = re.sub(r"intercept: .*", f"intercept: {rules.scale.intercept}", text)
    text = re.sub(r"weight: .*", f"weight: {rules.scale.weight}", text)
    path.write_text(text, encoding="utf-8")
