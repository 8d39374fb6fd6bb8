"""Alerts over the weeks: opened once, raised when it gets worse, closed when the condition is gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from suixin.scoring.watch.rules import SEVERITIES, Rules

GONE, REPAID, DEFAULTED, LEFT = "condition_gone", "loan_closed", "defaulted", "no_longer_watched"
"""Why an alert was closed."""
_WEEK = 7


@dataclass(slots=True)
class Alert:
    """One signal on one loan, from the week it was raised to the week it was closed.

    Attributes:
        loan_id, merchant_id, signal: about whom and what; two alerts of the same are never open at once.
        opened_day: the day it was raised.
        severity: now; it never falls while the alert is open.
        raised: (day, severity) each time it rose, the opening first.
        value: the signal's measure when it last rose; points: of the whole loan then.
        seen_day: the last day on which the condition held.
        closed_day: None while it is open; closed_because: why, '' while it is open.
    """

    loan_id: str
    merchant_id: str
    signal: str
    opened_day: int
    severity: int
    raised: list[tuple[int, int]]
    value: float | None
    points: int
    seen_day: int
    closed_day: int | None = None
    closed_because: str = ""

    @property
    def severity_name(self) -> str:
        """watch, act or urgent."""
        return SEVERITIES[self.severity - 1]

    @property
    def escalated(self) -> bool:
        """Whether it rose after it was opened."""
        return len(self.raised) > 1


def follow(
    leveled: pl.DataFrame,
    measured: pl.DataFrame,
    rules: Rules,
    ends: Mapping[str, str] | None = None,
    held: Iterable[Alert] = (),
) -> list[Alert]:
    """Walk through the weeks and keep the book of alerts.

    A loan at a level raises an alert for each of its signals that has points; what is open already is not raised again.
    While the loan's level is above the alert's severity the alert rises, on that day. An alert whose signal has had points,
    and whose loan a level, on no day for `close_after_weeks` weeks is closed. A loan that is no longer watched
    closes its alerts on the first day without it.

    Args:
        leveled: as `levels` gives it, a row a loan and day.
        measured: the measures of the same rows, in the same order.
        rules: the rules.
        ends: loan -> why it is watched no longer ('loan_closed', 'defaulted'); others are 'no_longer_watched'.
        held: alerts that are open from an earlier look, one a loan and signal; they go on, and are changed in place.

    Returns:
        Every alert, open and closed, by day of opening, loan and signal.
    """
    book = _Book(rules, dict(ends or {}), list(held))
    codes = [signal.code for signal in rules.signals]
    values = measured.select(pl.col(code).alias(f"value {code}") for code in codes)
    joined = pl.concat([leveled, values], how="horizontal").sort("as_of_day", "loan_id", maintain_order=True)
    for week in joined.partition_by("as_of_day", maintain_order=True):
        book.week(
            int(week["as_of_day"][0]), set(week["loan_id"]), _worth_a_look(week, book.open_loans(), codes)
        )
    return sorted(book.alerts, key=lambda alert: (alert.opened_day, alert.loan_id, alert.signal))


def _worth_a_look(week: pl.DataFrame, open_loans: set[str], codes: Sequence[str]) -> Iterable[dict[str, Any]]:
    """The rows of a week that can change anything."""
    chosen = week.filter((pl.col("level") > 0) | pl.col("loan_id").is_in(sorted(open_loans)))
    return chosen.select(
        "loan_id", "merchant_id", "points", "level", *codes, *(f"value {code}" for code in codes)
    ).iter_rows(named=True)


class _Book:
    """The alerts so far."""

    def __init__(self, rules: Rules, ends: dict[str, str], held: list[Alert]) -> None:
        self.alerts = held
        self._rules, self._ends = rules, ends
        self._codes = [signal.code for signal in rules.signals]
        self._open = {(alert.loan_id, alert.signal): alert for alert in held}

    def open_loans(self) -> set[str]:
        """Loans with an open alert."""
        return {loan for loan, _ in self._open}

    def week(self, day: int, live: set[str], rows: Iterable[dict[str, Any]]) -> None:
        """One week: close what is watched no longer, then each loan's signals."""
        for key in [key for key in self._open if key[0] not in live]:
            self._close(key, day, self._ends.get(key[0], LEFT))
        for row in rows:
            for code in self._codes:
                self._signal(day, row, code)

    def _signal(self, day: int, row: dict[str, Any], code: str) -> None:
        key = (row["loan_id"], code)
        active = row["level"] > 0 and row[code] > 0
        alert = self._open.get(key)
        if active and alert is None:
            self._raise(day, row, code)
        elif active and alert is not None:
            alert.seen_day = day
            if row["level"] > alert.severity:
                alert.severity, alert.points, alert.value = row["level"], row["points"], row[f"value {code}"]
                alert.raised.append((day, alert.severity))
        elif alert is not None and day - alert.seen_day >= _WEEK * self._rules.close_after_weeks:
            self._close(key, day, GONE)

    def _raise(self, day: int, row: dict[str, Any], code: str) -> None:
        alert = Alert(
            row["loan_id"],
            row["merchant_id"],
            code,
            day,
            row["level"],
            [(day, row["level"])],
            row[f"value {code}"],
            row["points"],
            day,
        )
        self.alerts.append(alert)
        self._open[row["loan_id"], code] = alert

    def _close(self, key: tuple[str, str], day: int, why: str) -> None:
        alert = self._open.pop(key)
        alert.closed_day, alert.closed_because = day, why


def alerted(alerts: Iterable[Alert], days: Sequence[int]) -> pl.DataFrame:
    """Which loans had an open alert on each day: loan_id, as_of_day, new (opened that day, after none was open)."""
    rows = [
        (alert.loan_id, day, alert.opened_day == day)
        for alert in alerts
        for day in days
        if alert.opened_day <= day and (alert.closed_day is None or day < alert.closed_day)
    ]
    schema = {"loan_id": pl.String(), "as_of_day": pl.Int64(), "new": pl.Boolean()}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.group_by("loan_id", "as_of_day").agg(pl.col("new").all()).sort("as_of_day", "loan_id")
