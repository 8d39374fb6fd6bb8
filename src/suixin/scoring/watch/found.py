"""What a run of the watch finds: the figures that are printed, drawn and written."""

from dataclasses import dataclass
from datetime import date

from suixin.scoring.drift import Calibration, Shift, Stability
from suixin.scoring.watch.alerts import Alert

SAME_SEASON, SAMPLE = "same_month_last_year", "training_sample"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of evidence.

    Attributes:
        table: the standard table it stands in.
        id: its identifier there.
        day: when it happened, days since 1970-01-01.
        field: the column that tells.
        value: what it tells: money in fen, a day as its number, else in the column's own unit; None if it is no number.
    """

    table: str
    id: str
    day: int
    field: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """One Monday: live loans, those with an open alert, those whose first alert opened, and alerts opened."""

    day: int
    live: int
    alerted: int
    newly_alerted: int
    opened: int

    @property
    def load(self) -> float:
        """Share of the live loans with an open alert."""
        return self.alerted / self.live if self.live else 0.0


@dataclass(frozen=True, slots=True)
class Shock:
    """A crop or township that sold far less than expected: from which Monday to which, its lowest share, how many then."""

    kind: str
    name: str
    from_day: int
    to_day: int
    ratio: float
    borrowers: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What early warning found.

    Attributes:
        weeks: load week by week.
        alerts: every alert, open and closed; evidence: the rows behind each.
        chances: the newest chance of default by live loan.
        shocks: of whole crops and townships.
    """

    weeks: tuple[Week, ...]
    alerts: tuple[Alert, ...]
    evidence: tuple[tuple[Row, ...], ...]
    chances: dict[str, float]
    shocks: tuple[Shock, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthDrift:
    """A month's scores and features against their reference.

    Attributes:
        month: its first day: what is known before it is scored.
        against: 'same_month_last_year' or 'training_sample'; '' if there is neither.
        score: shift of the score; features: of each feature, the largest index first.
    """

    month: date
    against: str
    score: Shift
    features: tuple[tuple[str, Shift], ...]


@dataclass(frozen=True, slots=True)
class PeriodGini:
    """How the score ranked those granted in a period: outcomes, defaults, Gini (NaN without both)."""

    start: date
    count: int
    bad: int
    gini: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of loans whose horizon ended in the window.

    Attributes:
        period: '1w', '1mo' or '1q': the shortest in which three of four periods have good and bad ones.
        periods: Gini by period of the grant.
        stability: over the periods, the slope a week.
        overall: Gini of all together.
        whole: calibration of all; quarters: by quarter of the grant.
    """

    period: str
    periods: tuple[PeriodGini, ...]
    stability: Stability
    overall: float
    whole: Calibration
    quarters: tuple[tuple[date, Calibration], ...]


@dataclass(frozen=True, slots=True)
class Monitored:
    """Everything that a run of the watch found, from `start` to `end`."""

    start: date
    end: date
    watched: Watched
    months: tuple[MonthDrift, ...]
    outcomes: Outcomes | None
