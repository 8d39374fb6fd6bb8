"""Pictures as plain data for inline SVG: drawn by a template, in the same figures as the table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 220, 8, 24, 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `over` marks what does not fit."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the picture and of its table, minor units."""

    label: str
    x: float
    good_minor: int
    usual_minor: int
    bad_minor: int
    due_minor: int

    @property
    def covered(self) -> float | None:
        """What a bad year has over what is due; None where nothing is due."""
        return self.bad_minor / self.due_minor if self.due_minor else None

    @property
    def is_over(self) -> bool:
        """Whether a bad year has less than is due."""
        return self.due_minor > self.bad_minor


@dataclass(frozen=True, slots=True)
class Season:
    """What comes in, in a good, a usual and a bad year, against what is due, month by month."""

    months: tuple[Month, ...]
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def crosses(self) -> bool:
        """Whether a month of the bad year lies above its usual one: the bad year is low as a whole."""
        return any(month.bad_minor > month.usual_minor for month in self.months)

    @property
    def floor(self) -> int:
        """Where the axis lies."""
        return self.height - BOTTOM

    @property
    def right(self) -> int:
        """Where the axis ends."""
        return self.width - LEFT


def season(
    labels: Sequence[str],
    *,
    good: Sequence[int] = (),
    usual: Sequence[int],
    bad: Sequence[int],
    due: Sequence[int],
) -> Season:
    """The picture of a season; shorter sequences are filled with nothing. The good year stands behind the usual one."""
    count = len(labels)
    rows = [[*row, *[0] * count][:count] for row in (good, usual, bad, due)]
    most = max((max(row, default=0) for row in rows), default=0) or 1
    slot = (WIDTH - 2 * LEFT) / max(count, 1)
    part, room = slot / 4, HEIGHT - BOTTOM - TOP
    months, bars = [], []
    for at, label in enumerate(labels):
        left = LEFT + at * slot + part / 2
        month = Month(label, round(LEFT + at * slot + slot / 2, 1), *(max(0, row[at]) for row in rows))
        months.append(month)
        drawn = (
            (0, month.good_minor, "bar-good"),
            (0, month.usual_minor, "bar-in"),
            (1, month.bad_minor, "bar-bad"),
            (2, month.due_minor, "over" if month.is_over else "bar-out"),
        )
        for number, minor, kind in drawn:
            tall = room * minor / most
            bars.append(
                Bar(
                    round(left + number * part, 1),
                    round(HEIGHT - BOTTOM - tall, 1),
                    round(part * 0.9, 1),
                    round(tall, 1),
                    kind,
                )
            )
    return Season(tuple(months), tuple(bars))


@dataclass(frozen=True, slots=True)
class Sold:
    """A month of a picture of sales and of its table, minor units; `expected_minor` is None where nothing is known."""

    last_on: date
    x: float
    sold_minor: int
    expected_minor: int | None

    @property
    def label(self) -> str:
        """Such as 25-11: the calendar month in which the middle of it lies."""
        return f"{self.last_on - timedelta(days=15):%y-%m}"

    @property
    def share(self) -> float | None:
        """What was sold over what could be expected."""
        return self.sold_minor / self.expected_minor if self.expected_minor else None


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold against what the season let one expect, month by month."""

    months: tuple[Sold, ...]
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def floor(self) -> int:
        """Where the axis lies."""
        return self.height - BOTTOM

    @property
    def right(self) -> int:
        """Where the axis ends."""
        return self.width - LEFT


def sales(rows: Sequence[tuple[str, int, int | None]]) -> Sales:
    """The picture of (last day, sold, expected or None) of months, the oldest first."""
    most = max((max(sold, expected or 0) for _, sold, expected in rows), default=0) or 1
    slot = (WIDTH - 2 * LEFT) / max(len(rows), 1)
    part = slot / 3
    months, bars = [], []
    for at, (day, sold, expected) in enumerate(rows):
        left = LEFT + at * slot + part / 2
        months.append(Sold(date.fromisoformat(day), round(left + part, 1), sold, expected))
        if expected is not None:
            bars.append(_bar(left, part, expected / most, "bar-bad"))
        bars.append(_bar(left + part, part, sold / most, "bar-in"))
    return Sales(tuple(months), tuple(bars))


def _bar(x: float, width: float, share: float, kind: str) -> Bar:
    tall = (HEIGHT - BOTTOM - TOP) * share
    return Bar(round(x, 1), round(HEIGHT - BOTTOM - tall, 1), round(width * 0.9, 1), round(tall, 1), kind)
