"""Leaks: features that know the answer. Either they were known only later, or they are too good to be true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from suixin.scoring.metrics import auc
from suixin.scoring.sample import Sample

MOST_AUC = 0.95  # of one feature alone; the best single features of public loan data reach 0.80 to 0.87
_Z = 1.645


@dataclass(frozen=True, slots=True)
class Leak:
    """A feature that should not be learned from, and why."""

    feature: str
    why: str


def find_leaks(
    sample: Sample, known_days: Mapping[str, Any] | None = None, most_auc: float = MOST_AUC
) -> tuple[Leak, ...]:
    """Features that leak the outcome.

    Args:
        sample: features, outcomes and as-of days.
        known_days: feature -> (n,) the day on which each value became known (NaN or null where unknown); a value known
            on the as-of day or later is a leak.
        most_auc: single AUC, of the values or of whether there is one, above which a feature is too good; what chance
            takes off it (one-sided 95 %, Hanley & McNeil 1982) must leave it above 0.05 less.
    """
    late = {name: why for name, days in (known_days or {}).items() if (why := _late(sample, name, days))}
    good = {
        name: why
        for j, name in enumerate(sample.names)
        if name not in late and (why := _too_good(sample, j, most_auc))
    }
    return tuple(Leak(name, why) for name, why in {**late, **good}.items())


def _late(sample: Sample, name: str, days: Any) -> str:
    if name not in sample.names or sample.days is None:
        return ""
    known = np.asarray(days, dtype=np.float64)
    later = int(np.sum(known >= sample.days))
    return f"known on the as-of day or later in {later} of {len(known)} rows" if later else ""


def _too_good(sample: Sample, column: int, most_auc: float) -> str:
    values = sample.x[:, column]
    known = ~np.isnan(values)
    for what, rows, risk in (
        ("alone it separates", known, values),
        ("whether it is known separates", np.ones_like(known), known.astype(np.float64)),
    ):
        found = auc(sample.y[rows], risk[rows])
        found = max(found, 1 - found)
        if found > most_auc and found - _Z * _error(found, sample.y[rows]) > most_auc - 0.05:
            return f"{what} defaults from good borrowers with an AUC of {found:.3f}"
    return ""


def _error(found: float, y: Any) -> float:
    """Standard error of an AUC (Hanley & McNeil 1982, formula 2)."""
    bad = max(int(y.sum()), 1)
    good = max(y.size - bad, 1)
    q1, q2 = found / (2 - found), 2 * found**2 / (1 + found)
    variance = found * (1 - found) + (bad - 1) * (q1 - found**2) + (good - 1) * (q2 - found**2)
    return float(np.sqrt(max(variance, 0.0) / (bad * good)))
