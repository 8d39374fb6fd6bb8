"""suixin loan: schedules of a loan, without a server."""

from typing import Annotated, Any

import typer

from suixin.calendar import Convention, DayCount
from suixin.cli import loan_options as options
from suixin.cli.output import Json, Lang, print_json, print_table, say
from suixin.lending.amortise import build
from suixin.lending.periods import BusinessDays, Every
from suixin.lending.schedule import Schedule
from suixin.money import CNY, format_rate, to_major
from suixin.reporting.wording import Words, words


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    noun = typer.Typer(help="Schedules of a loan, exact to the fen.", no_args_is_help=True)
    noun.command("schedule")(_schedule)
    program.add_typer(noun, name="loan")


def _schedule(
    method: options.MethodOption,
    principal: options.Principal,
    rate: options.Rate,
    start: options.Start,
    months: Annotated[int | None, typer.Option(help="Term in months, 1 to 600.")] = None,
    due: options.Dues = None,
    every: options.EveryOption = Every.MONTH,
    settlement_day: options.SettlementDay = None,
    business_days: options.BusinessDaysOption = Convention.NONE,
    day_count: options.DayCountOption = DayCount.ACT_360,
    by_days: options.ByDays = None,
    inflow: options.Inflow = None,
    grace: options.Grace = 0,
    lang: Lang = "en",
    *,
    defer_interest: options.DeferInterest = False,
    interest_moves: options.InterestMoves = False,
    json: Json = False,
) -> None:
    """Print every instalment of a loan: due date, payment, principal, interest, balance.

    For example:

        suixin loan schedule --method equal-instalment --principal 100000 --rate 4.35% --months 12 --start 2025-01-15

        suixin loan schedule --method harvest --inflow 9,10=2 --defer-interest --principal 80000 --rate 0.05 --months 12 --start 2025-03-01 --lang zh
    """
    made = build(
        options.terms(
            method,
            principal,
            rate,
            start,
            months,
            dues=due,
            every=every,
            settlement_day=settlement_day,
            moved=BusinessDays(business_days, interest_moves),
            day_count=day_count,
            by_days=by_days,
            inflow=inflow,
            defer_interest=defer_interest,
            grace=grace,
        )
    )
    if json:
        print_json({"instalments": instalments(made)})
        return
    show(made, words(lang))


def instalments(made: Schedule) -> list[dict[str, Any]]:
    """The rows for machines, amounts as decimal strings in yuan."""
    return [
        {
            "due_on": row.due_on,
            "payment": yuan(row.total_fen),
            "principal": yuan(row.principal_fen),
            "interest": yuan(row.interest_fen),
            "balance": yuan(row.balance_fen),
        }
        for row in made.rows
    ]


def yuan(fen: int) -> str:
    """An amount for machines: '8530.99'."""
    return str(to_major(fen, CNY))


def show(made: Schedule, word: Words) -> None:
    """The rows for people."""
    header = ("no.", "due on", "payment", "principal", "interest", "balance")
    rows = [
        (
            str(row.number),
            row.due_on,
            *(
                f"{to_major(fen, CNY):,}"
                for fen in (row.total_fen, row.principal_fen, row.interest_fen, row.balance_fen)
            ),
        )
        for row in made.rows
    ]
    title = word.text(
        "{method}, {amount} at {rate} from {day}",
        method=word.method(made.method.value),
        amount=word.money(made.principal_fen, "CNY", exact=True),
        rate=format_rate(made.annual_rate),
        day=word.date(made.start_on),
    )
    print_table(title, [word.text(name) for name in header], rows)
    say(
        word.text(
            "interest in all {interest}, payments in all {total}",
            interest=word.money(made.total_interest_fen, "CNY", exact=True),
            total=word.money(made.total_fen, "CNY", exact=True),
        )
    )
