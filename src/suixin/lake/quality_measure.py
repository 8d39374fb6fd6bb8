"""One measure of data quality: a count, what it is a count of, and a grade by stated thresholds."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from suixin.identifiers import mask_row

GRADES = ("ok", "watch", "bad", "info", "absent")
DIMENSIONS = ("completeness", "timeliness", "consistency", "uniqueness", "drift")
EXAMPLES = 5

LIMITS: dict[str, tuple[float, float]] = {
    "empty_column": (0.05, 0.30),
    "lag_days": (7, 60),
    "age_days": (31, 92),
    "quiet_merchants": (0.20, 0.40),
    "open_too_long": (0.02, 0.10),
    "quarantined": (0.001, 0.01),
    "missing_months": (0, 1),
    "psi_months": (0.10, 0.25),
    "psi_ingest": (0.10, 0.25),
    "consistency": (0.002, 0.01),
}
"""Code of a measure -> the largest value that is still ok, and the largest that is still to be watched.

Every rule of consistency is graded by `consistency`. A code that is not here is told and not graded. 0.1 and 0.25
are the usual thresholds of the population stability index; the others are house rules.
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a table.

    Attributes:
        dimension: one of DIMENSIONS; code: what is measured; subject: column, rule or category, '' for the table.
        count, of: how many of how many; of is 0 if there was nothing to look at.
        value: what is graded: the share count / of, days, months or an index; None if there is nothing.
        unit: share, day, month or index.
        grade: one of GRADES; watch, bad: the thresholds above which it is so, None if not graded.
        examples: keys of up to five rows, what looks like a personal number masked.
    """

    dimension: str
    code: str
    subject: str
    count: int
    of: int
    value: float | None
    unit: str
    grade: str
    watch: float | None = None
    bad: float | None = None
    examples: tuple[dict[str, str], ...] = ()


def measure(
    dimension: str,
    code: str,
    subject: str = "",
    *,
    count: int,
    of: int,
    value: float | None = None,
    unit: str = "share",
    graded: bool = True,
    examples: tuple[dict[str, str], ...] = (),
) -> Measure:
    """A measure with its grade; `value` is count / of unless given."""
    if value is None and of:
        value = count / of
    limits = LIMITS.get("consistency" if dimension == "consistency" else code) if graded else None
    if limits is None or value is None:
        return Measure(dimension, code, subject, count, of, value, unit, "info", examples=examples)
    watch, bad = limits
    grade = "bad" if value > bad else "watch" if value > watch else "ok"
    return Measure(dimension, code, subject, count, of, value, unit, grade, watch, bad, examples)


def worst(grades: Iterable[str]) -> str:
    """The worst of these grades: bad, then watch; ok if there is neither."""
    held = set(grades)
    return next((grade for grade in ("bad", "watch") if grade in held), "ok")


def keys_of(rows: pl.DataFrame) -> tuple[dict[str, str], ...]:
    """The first rows as texts, masked."""
    texts = ({name: str(value) for name, value in row.items()} for row in rows.head(EXAMPLES).to_dicts())
    return tuple(mask_row(text) for text in texts)
