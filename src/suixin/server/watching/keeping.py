"""Between the rows of alerts and the book of alerts that the library keeps."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from suixin.calendar import date_to_day, day_to_date
from suixin.monitor.own import Look as Found
from suixin.monitor.own import Month, Proof
from suixin.scoring.watch import alerts as library
from suixin.scoring.watch.found import Row
from suixin.scoring.watch.rules import SEVERITIES, Rules
from suixin.server.servicing.models import Loan
from suixin.server.watching.models import Alert

KEPT = (
    "severity",
    "raised",
    "seen_on",
    "value",
    "points",
    "chance",
    "horizon_days",
    "proposed",
    "evidence",
    "orders",
    "months",
    "state",
    "closed_on",
    "closed_by",
    "closed_because",
    "gone_on",
)
"""The columns that a look may change."""


def read(row: Alert) -> library.Alert:
    """The alert of a row, to go on with."""
    return library.Alert(
        loan_id=row.loan.number,
        merchant_id=row.borrower,
        signal=row.code,
        opened_day=date_to_day(row.opened_on),
        severity=row.severity,
        raised=[(date_to_day(date.fromisoformat(day)), severity) for day, severity in row.raised],
        value=row.value,
        points=row.points,
        seen_day=date_to_day(row.seen_on),
    )


def opened(alert: library.Alert, loan: Loan) -> Alert:
    """A new row, without what stands behind it."""
    return Alert(
        organisation_id=loan.organisation_id,
        book_id=loan.book_id,
        loan=loan,
        borrower=loan.borrower,
        code=alert.signal,
        opened_on=day_to_date(alert.opened_day),
    )


def write(row: Alert, alert: library.Alert, rules: Rules, chance: float) -> Alert:
    """Put what a look found into a row."""
    row.severity, row.value, row.points = alert.severity, alert.value, alert.points
    row.raised = [[day_to_date(day).isoformat(), severity] for day, severity in alert.raised]
    row.seen_on = day_to_date(alert.seen_day)
    row.chance, row.horizon_days = chance, rules.scale.days
    row.proposed = rules.signal(alert.signal).actions.of(SEVERITIES[alert.severity - 1])
    return row


def prove(row: Alert, proof: Proof, months: Iterable[Month]) -> Alert:
    """Put what stands behind an alert that was opened or rose into its row."""
    row.evidence, row.orders = [_told(one) for one in proof.rows], [_told(one) for one in proof.orders]
    row.months = [[one.ends_on.isoformat(), one.sold_fen, one.expected_fen] for one in months]
    return row


def end(row: Alert, day: date, why: str, by: str) -> Alert:
    """Its condition is gone, or its loan; what a person has closed keeps that person's word."""
    row.gone_on = day
    if row.state != Alert.State.CLOSED:
        row.state, row.closed_on, row.closed_by, row.closed_because = Alert.State.CLOSED, day, by, why
    return row


def gone_with(loan: Loan, day: date) -> str:
    """Why a loan is watched no longer."""
    if loan.state in {Loan.State.CLOSED, Loan.State.RENEWED, Loan.State.RECOVERED}:
        return library.REPAID
    late = loan.days_past_due(day) > 0 or loan.state == Loan.State.WRITTEN_OFF
    return library.DEFAULTED if late else library.LEFT


def chance_of(found: Found, alert: library.Alert) -> float:
    """The chance of default of an alert's loan."""
    return found.chances[alert.loan_id]


def _told(row: Row) -> list[Any]:
    return [row.table, row.id, day_to_date(row.day).isoformat(), row.field, row.value]
