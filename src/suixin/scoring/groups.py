"""Is the model right, and are its errors fair, in each group: region, size, tenure, legal form, first-time borrower.

Rates are shares of 1. A group too small to be shown is hidden, and never so that subtracting the shown groups from the
whole gives it away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from suixin.scoring.ranks import average_ranks

SMALLEST = 30
LEVEL = 0.95
LEAST_OF_EACH = 10  # defaults, and borrowers who paid, that an AUC needs

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Figures of the rows whose outcome is known.

    Attributes:
        known, defaults: how many rows, and how many of them defaulted.
        default_rate: with Wilson's interval.
        calibration: mean PD less default rate, above 0 where the model is too strict; its interval is that of the
            default rate.
        auc: with DeLong's interval; None with the reason in `auc_absent`.
        false_decline_rate: share of those who paid that were declined; None if nobody paid.
        false_approve_rate: share of those who defaulted that were approved; None if nobody defaulted.
    """

    known: int
    defaults: int
    default_rate: Estimate
    calibration: Estimate
    auc: Estimate | None
    auc_absent: str | None
    false_decline_rate: float | None
    false_approve_rate: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of a group, or of the whole.

    Attributes:
        n: rows.
        approval_rate, mean_pd: of all of them.
        outcomes: None with the reason in `outcomes_absent`.
    """

    n: int
    approval_rate: float
    mean_pd: float
    outcomes: Outcomes | None
    outcomes_absent: str | None

    def against(self, whole: "Figures") -> dict[str, float | None]:
        """Each figure less that of the whole; None where either is absent."""
        ours, theirs = self._values(), whole._values()  # noqa: SLF001  # of the same class
        return {
            name: None if value is None or (other := theirs[name]) is None else value - other
            for name, value in ours.items()
        }

    def _values(self) -> dict[str, float | None]:
        held = self.outcomes
        found: dict[str, float | None] = {"approval_rate": self.approval_rate, "mean_pd": self.mean_pd}
        return found | {
            "default_rate": held.default_rate.value if held else None,
            "calibration": held.calibration.value if held else None,
            "auc": held.auc.value if held and held.auc else None,
            "false_decline_rate": held.false_decline_rate if held else None,
            "false_approve_rate": held.false_approve_rate if held else None,
        }


@dataclass(frozen=True, slots=True)
class GroupReport:
    """All groups of one attribute beside the whole.

    Attributes:
        attribute: what the groups are of, such as region.
        smallest: fewer rows than this are not shown.
        whole: every row.
        groups: label -> figures, in the order of the labels.
        hidden: labels of the groups that are not shown; none, or at least two, or all there are.
    """

    attribute: str
    smallest: int
    whole: Figures
    groups: dict[str, Figures]
    hidden: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists, with each group's difference to the whole."""
        return {
            "attribute": self.attribute,
            "smallest": self.smallest,
            "whole": asdict(self.whole),
            "groups": {
                label: {**asdict(figures), "against_whole": figures.against(self.whole)}
                for label, figures in self.groups.items()
            },
            "hidden": list(self.hidden),
        }


def group_report(
    attribute: str,
    labels: Sequence[str],
    pd: ArrayLike,
    approved: ArrayLike,
    outcome: ArrayLike,
    *,
    smallest: int = SMALLEST,
    level: float = LEVEL,
) -> GroupReport:
    """Approval, calibration, discrimination and errors by group, against the whole.

    Args:
        attribute: what the labels are of.
        labels: (n,) the group of each row.
        pd: (n,) probability of default, 0 to 1.
        approved: (n,) whether the row was approved.
        outcome: (n,) 1 defaulted, 0 paid, NaN not known.
        smallest: a group with fewer rows is hidden; figures of outcomes need as many known ones. While what is hidden
            is a single group, or fewer rows than this altogether, the next smallest group is hidden with it.
        level: of the intervals.

    Raises:
        ValueError: fewer rows than may be shown, unequal lengths, a label that is no text, or figures outside their
            range.
    """
    rows = _Rows(
        np.asarray(pd, dtype=np.float64),
        np.asarray(approved),
        np.asarray(outcome, dtype=np.float64),
        NormalDist().inv_cdf((1 + level) / 2),
    )
    rows.check(labels)
    if len(labels) < smallest:
        raise ValueError(f"{len(labels)} rows are too few to show: a report needs {smallest}")
    of_row = np.asarray(labels, dtype=np.str_)
    members = {str(label): of_row == label for label in np.unique(of_row)}
    hidden = _hidden({label: int(mine.sum()) for label, mine in members.items()}, smallest)
    known = {label: int((mine & rows.known).sum()) for label, mine in members.items()}
    silent = _hidden(known, smallest, hidden)
    enough = int(rows.known.sum()) >= smallest
    return GroupReport(
        attribute,
        smallest,
        _figures(rows, np.ones(len(of_row), np.bool_), smallest, shown=enough),
        {
            label: _figures(rows, mine, smallest, shown=label not in silent)
            for label, mine in members.items()
            if label not in hidden
        },
        tuple(sorted(hidden)),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    pd: Floats
    approved: NDArray[Any]
    outcome: Floats
    z: float

    @property
    def known(self) -> Flags:
        return ~np.isnan(self.outcome)

    def check(self, labels: Sequence[str]) -> None:
        shapes = {np.shape(self.pd), np.shape(self.approved), np.shape(self.outcome), (len(labels),)}
        if len(shapes) > 1:
            raise ValueError(f"labels, pd, approved and outcome must be rows of one length, not {shapes}")
        if not all(isinstance(label, str) for label in labels):
            raise ValueError("a label is no text: name the group of rows whose group is not known")
        if not ((self.pd >= 0) & (self.pd <= 1)).all():
            raise ValueError("a PD is not between 0 and 1")
        if self.approved.dtype != np.bool_:
            raise ValueError(f"approved must be true or false, not {self.approved.dtype}")
        if not np.isin(self.outcome[self.known], (0.0, 1.0)).all():
            raise ValueError("an outcome is neither 0, 1 nor missing")


def _hidden(counts: dict[str, int], smallest: int, already: Iterable[str] = ()) -> set[str]:
    """The groups that are too small, and as many of the next smallest as keep them from being told by subtraction."""
    order = sorted(counts, key=lambda label: (counts[label], label))
    found = {*already, *(label for label in order if counts[label] < smallest)}
    for label in order:
        holding = [counts[one] for one in found if counts[one]]
        if not holding or (len(holding) > 1 and sum(holding) >= smallest):
            break
        found.add(label)
    return found


def _figures(rows: _Rows, mine: Flags, smallest: int, *, shown: bool) -> Figures:
    known = mine & rows.known
    absent = None
    if not shown:
        few = int(known.sum()) < smallest
        absent = f"fewer than {smallest} known outcomes" if few else "would give a smaller group away"
    return Figures(
        int(mine.sum()),
        float(rows.approved[mine].mean()),
        float(rows.pd[mine].mean()),
        _outcomes(rows.pd[known], rows.approved[known], rows.outcome[known] == 1, rows.z) if shown else None,
        absent,
    )


def _outcomes(pd: Floats, approved: Flags, defaulted: Flags, z: float) -> Outcomes:
    rate = wilson(int(defaulted.sum()), len(defaulted), z)
    mean = float(pd.mean())
    bad, good = pd[defaulted], pd[~defaulted]
    enough = min(len(bad), len(good)) >= LEAST_OF_EACH
    return Outcomes(
        len(pd),
        len(bad),
        rate,
        Estimate(mean - rate.value, mean - rate.high, mean - rate.low),
        delong(bad, good, z) if enough else None,
        None if enough else f"{len(bad)} defaults and {len(good)} paid: an AUC needs {LEAST_OF_EACH} of each",
        float((~approved[~defaulted]).mean()) if len(good) else None,
        float(approved[defaulted].mean()) if len(bad) else None,
    )


def wilson(hits: int, n: int, z: float) -> Estimate:
    """A share with Wilson's score interval (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Args:
        hits: how many it happened to.
        n: of how many, at least 1.
        z: normal quantile, 1.96 for 95 %.
    """
    share, widening = hits / n, z * z / n
    middle = (share + widening / 2) / (1 + widening)
    half = z / (1 + widening) * sqrt(share * (1 - share) / n + widening / (4 * n))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def delong(bad: Floats, good: Floats, z: float) -> Estimate:
    """AUC with the interval of DeLong, DeLong and Clarke-Pearson (1988, doi:10.2307/2531595), cut at 0 and 1.

    Where the two do not overlap at all the variance is estimated as 0; then the interval is Wilson's for the smaller
    of the two counted as so many hits (or misses), which is wider than nothing and says how little was seen.

    Args:
        bad: PDs of those who defaulted, at least 2; a tie with one who paid counts half.
        good: PDs of those who paid, at least 2.
        z: normal quantile, 1.96 for 95 %.
    """
    ranks = average_ranks(np.concatenate([bad, good]))
    above = (ranks[: len(bad)] - average_ranks(bad)) / len(good)
    below = 1 - (ranks[len(bad) :] - average_ranks(good)) / len(bad)
    auc = float(above.mean())
    half = z * sqrt(above.var(ddof=1) / len(bad) + below.var(ddof=1) / len(good))
    if half == 0 and auc in {0.0, 1.0}:
        fewer = min(len(bad), len(good))
        return wilson(round(auc) * fewer, fewer, z)
    return Estimate(auc, max(0.0, auc - half), min(1.0, auc + half))
