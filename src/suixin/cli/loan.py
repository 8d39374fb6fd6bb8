"""suixin loan: schedules of a loan, without a server."""

from typing import Annotated

import typer

from suixin.calendar import Convention, DayCount
from suixin.cli import loan_options as options
from suixin.cli.loan_quote import quote
from suixin.cli.loan_shown import instalments, show
from suixin.cli.loan_simulate import simulate
from suixin.cli.output import Json, Lang, print_json
from suixin.lending.amortise import build
from suixin.lending.periods import BusinessDays, Every
from suixin.reporting.wording import words


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    noun = typer.Typer(help="Schedules of a loan, exact to the fen.", no_args_is_help=True)
    noun.command("quote")(quote)
    noun.command("schedule")(_schedule)
    noun.command("simulate")(simulate)
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
        print_json({"instalments": instalments(made.rows)})
        return
    show(made, words(lang))
