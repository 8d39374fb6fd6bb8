"""Schedules told to machines and to people."""

from collections.abc import Sequence
from typing import Any

from suixin.cli.output import print_table, say
from suixin.lending.schedule import Instalment, Schedule
from suixin.money import CNY, format_rate, to_major
from suixin.reporting.wording import Words


def instalments(rows: Sequence[Instalment]) -> list[dict[str, Any]]:
    """The rows for machines, amounts as decimal strings in yuan."""
    return [
        {
            "due_on": row.due_on,
            "payment": yuan(row.total_fen),
            "principal": yuan(row.principal_fen),
            "interest": yuan(row.interest_fen),
            "balance": yuan(row.balance_fen),
        }
        for row in rows
    ]


def yuan(fen: int) -> str:
    """An amount for machines: '8530.99'."""
    return str(to_major(fen, CNY))


def told(fen: int, word: Words) -> str:
    """An amount for people, to the fen."""
    return word.money(fen, "CNY", exact=True)


def show(made: Schedule, word: Words) -> None:
    """A schedule for people."""
    title = word.text(
        "{method}, {amount} at {rate} from {day}",
        method=word.method(made.method.value),
        amount=told(made.principal_fen, word),
        rate=format_rate(made.annual_rate),
        day=word.date(made.start_on),
    )
    show_rows(title, made.rows, word)


def show_rows(title: str, rows: Sequence[Instalment], word: Words) -> None:
    """Rows for people, with their sums."""
    header = ("no.", "due on", "payment", "principal", "interest", "balance")
    cells = [
        (str(row.number), row.due_on, *(f"{to_major(fen, CNY):,}" for fen in _amounts(row))) for row in rows
    ]
    print_table(title, [word.text(name) for name in header], cells)
    say(
        word.text(
            "interest in all {interest}, payments in all {total}",
            interest=told(sum(row.interest_fen for row in rows), word),
            total=told(sum(row.total_fen for row in rows), word),
        )
    )


def _amounts(row: Instalment) -> tuple[int, int, int, int]:
    return row.total_fen, row.principal_fen, row.interest_fen, row.balance_fen
