"""One look at a lender's own loans: it knows them better than the lake does, and keeps the book of alerts itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from suixin.calendar import date_to_day, day_to_date
from suixin.lake.store import Lake
from suixin.monitor.evidence import evidence, orders_of
from suixin.monitor.facts import as_at_grant, facts
from suixin.scoring.watch.alerts import Alert, follow
from suixin.scoring.watch.found import Row
from suixin.scoring.watch.level import levels
from suixin.scoring.watch.measures import measures, season_months
from suixin.scoring.watch.rules import Rules

YEAR = 365
ORDER_DAYS = 90

LOANS = {
    "subject": pl.Int64(),
    "merchant_id": pl.String(),
    "loan_id": pl.String(),
    "as_of_day": pl.Int32(),
    "granted_day": pl.Int32(),
    "days_past_due": pl.Int32(),
    "instalment_fen": pl.Int64(),
}
"""What the lender says of its loans, a row a loan: `subject` numbers the borrowers, of whom the last two figures are."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar-like month of 30.4 days before the look: sold, and what the season let one expect, None if unknown."""

    ends_on: date
    sold_fen: int
    expected_fen: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands behind an alert: the rows that its signal measures, and the newest orders of its merchant."""

    rows: tuple[Row, ...]
    orders: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found.

    Attributes:
        alerts: those that were held, as they are now, and the new ones.
        proofs: for those that were opened or rose, by their place in `alerts`.
        months: merchant -> the last twelve, the oldest first.
        chances: loan -> chance of default within the days of the scale.
    """

    alerts: tuple[Alert, ...]
    proofs: dict[int, Proof]
    months: dict[str, tuple[Month, ...]]
    chances: dict[str, float]


def look(
    lake: Lake,
    loans: pl.DataFrame,
    dues: pl.DataFrame,
    rules: Rules,
    on: date,
    *,
    held: Iterable[Alert] = (),
    since: date,
    orders: int = 20,
    routes: Sequence[str] | None = None,
    processes: int | None = 0,
) -> Look:
    """Look once at a lender's live loans.

    What is held against the grant is measured only where the year before the grant may be read.

    Args:
        lake: a snapshot, already narrowed to what may be read.
        loans: as `LOANS`; at least one. Their as-of day is the last that the lake can speak of.
        dues: loan_id, due_day, due_fen: the instalments that are open.
        rules: of early warning.
        on: the lender's business date: the day of whatever is opened, rises or closes.
        held: alerts of these loans that are open from earlier looks; they are changed in place.
        since: the first day that may be read.
        orders: how many orders stand behind an alert at most.
        routes: only rows that came by these; None for all.
        processes: as `suixin.features.build` takes them.
    """
    known, then = _facts(lake, loans, since, routes, processes)
    measured = measures(loans, known, then)
    today = date_to_day(on)
    measured = measured.with_columns(as_of_day=pl.lit(today, pl.Int32))
    leveled = levels(measured, rules)
    alerts = follow(leveled, measured, rules, held=held)
    rose = [number for number, alert in enumerate(alerts) if alert.raised[-1][0] == today]
    risen = [alerts[number] for number in rose]
    rows = evidence(lake, risen, dues, rules.evidence_rows, routes)
    bought = orders_of(lake, risen, ORDER_DAYS, orders, routes)
    return Look(
        tuple(alerts),
        {number: Proof(*both) for number, *both in zip(rose, rows, bought, strict=True)},
        _months(known),
        dict(leveled.select("loan_id", "chance").iter_rows()),
    )


def _facts(
    lake: Lake, loans: pl.DataFrame, since: date, routes: Sequence[str] | None, processes: int | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is known of the borrowers, and what was on the days of their grants; built together, which takes half as long."""
    subjects = loans.select("subject", "merchant_id", "as_of_day").unique("subject", maintain_order=True)
    reached = loans.filter(pl.col("granted_day") - YEAR >= date_to_day(since))
    grants = reached.select("merchant_id", as_of_day="granted_day").unique(maintain_order=True)
    first = int(subjects["subject"].max()) + 1  # type: ignore[arg-type]
    numbered = grants.with_row_index("subject", first).with_columns(pl.col("subject").cast(pl.Int64))
    built = facts(lake, pl.concat([subjects, numbered.select(subjects.columns)]), routes, processes)
    return built.filter(pl.col("subject") < first), as_at_grant(built.filter(pl.col("subject") >= first))


def _months(known: pl.DataFrame) -> dict[str, tuple[Month, ...]]:
    told = season_months(known).join(known.select("subject", "merchant_id", "as_of_day"), on="subject")
    found: dict[str, list[Month]] = {}
    for merchant, day, month, sold, expected in (
        told.sort("merchant_id", "month", descending=[False, True])
        .select("merchant_id", "as_of_day", "month", "sold_fen", "expected_fen")
        .iter_rows()
    ):
        ends_on = day_to_date(day) - timedelta(days=1 + round(month * YEAR / 12))
        found.setdefault(merchant, []).append(Month(ends_on, sold, expected))
    return {merchant: tuple(months) for merchant, months in found.items()}
