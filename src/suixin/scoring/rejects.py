"""Reject inference, off unless asked for: what became of those who were turned down is not known and has to be assumed.

A model that learns from accepted borrowers alone knows little of those who were never accepted. Parcelling gives each rejected
applicant an outcome drawn from the risk that the accepted teach, its odds raised by a stated factor. Nothing in the data
can confirm the factor: it is printed with the model (Siddiqi 2017, chapter 8; Crook & Banasik 2004 on how little it helps).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from suixin.errors import UsageError
from suixin.scoring.sample import Sample
from suixin.scoring.thin import ThinSettings, fit_thin

Floats = NDArray[np.float64]

_RIDGE = 10.0
MOST_FACTOR = 20.0


@dataclass(frozen=True, slots=True)
class Rejects:
    """Applicants who were turned down.

    Attributes:
        x: (m, k), the columns of the sample.
        factor: their odds of default over those of accepted borrowers with the same features.

    Raises:
        UsageError: a factor below 1 or above 20.
    """

    x: Floats
    factor: float

    def __post_init__(self) -> None:
        if not 1.0 <= self.factor <= MOST_FACTOR:
            raise UsageError(
                f"rejected applicants at {self.factor:g} times the odds of default; give 1 to {MOST_FACTOR:g}"
            )

    @property
    def assumption(self) -> str:
        """The assumption in words."""
        return (
            f"{len(self.x)} rejected applicants were added with drawn outcomes, at {self.factor:g} times the odds of "
            "default of accepted borrowers with the same features; no data confirm this factor"
        )

    def parcelled(self, accepted: Sample, seed: int) -> Sample:
        """The accepted rows and, after them, the rejected with outcomes drawn from what the accepted teach."""
        if not len(self.x):
            return accepted
        log_odds = fit_thin(accepted, ThinSettings((_RIDGE,))).raw(self.x) + np.log(self.factor)
        drawn = (np.random.default_rng([seed, 11]).random(len(self.x)) < expit(log_odds)).astype(np.int64)
        return replace(
            accepted,
            x=np.vstack([accepted.x, self.x]),
            y=np.concatenate([accepted.y, drawn]),
            days=None,
            told=None,
        )
