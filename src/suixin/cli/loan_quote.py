"""suixin loan quote: what a loan costs, beside the other ways of repaying it."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from suixin.calendar import DayCount
from suixin.cli import loan_options as options
from suixin.cli.loan_shown import told, yuan
from suixin.cli.output import Json, Lang, print_json, print_table, say
from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.irr import dated_irr
from suixin.lending.periods import UNMOVED, Every
from suixin.lending.schedule import Schedule
from suixin.lending.subsidy import subsidise, totals
from suixin.lending.terms import Terms
from suixin.money import format_rate, parse_rate
from suixin.reporting.wording import Words, words


def quote(
    method: options.MethodOption,
    principal: options.Principal,
    rate: options.Rate,
    start: options.Start,
    months: options.Months,
    settlement_day: options.SettlementDay = None,
    day_count: options.DayCountOption = DayCount.ACT_360,
    by_days: options.ByDays = None,
    inflow: options.Inflow = None,
    grace: options.Grace = 0,
    fee: Annotated[
        str, typer.Option(help="Fees paid on the first day, yuan; part of the all-in cost.")
    ] = "0",
    subsidy: Annotated[
        str | None, typer.Option(help="Annual rate that the government pays of the interest, as 1%.")
    ] = None,
    lang: Lang = "en",
    *,
    defer_interest: options.DeferInterest = False,
    json: Json = False,
) -> None:
    """Tell what a loan costs: payments, interest, all-in rate, the government's part, and the other methods beside.

    The all-in rate is the yearly effective rate of the dated flows, fee included, before any subsidy.

    For example:

        suixin loan quote --method equal-instalment --principal 100000 --rate 4.35% --months 12 --start 2025-01-15

        suixin loan quote --method harvest --inflow 9,10 --principal 80000 --rate 5% --months 12 --start 2025-03-01 --subsidy 2% --lang zh
    """
    terms = options.terms(
        method,
        principal,
        rate,
        start,
        months,
        settlement_day=settlement_day,
        day_count=day_count,
        by_days=by_days,
        inflow=inflow,
        defer_interest=defer_interest,
        grace=grace,
    )
    made, fee_fen = build(terms), options.amount(fee, "--fee")
    if not 0 <= fee_fen < made.principal_fen:
        raise UsageError(f"--fee {fee} is out of range; give 0 or more, below the principal")
    split = None if subsidy is None else totals(subsidise(made, parse_rate(subsidy)))
    others = _others(terms, months, settlement_day)
    if json:
        print_json(_document(method, made, fee_fen, split, others))
        return
    _show(made, fee_fen, split, others, words(lang))


def _others(terms: Terms, months: int, settlement_day: int | None) -> dict[options.Way, Schedule]:
    """The same loan repaid in the other ways that need nothing more to be known."""
    start = terms.start_on.isoformat()
    found: dict[options.Way, Schedule] = {}
    for way in options.Way:
        if way is options.Way.HARVEST or way.method is terms.method:
            continue
        periods = options.periods(way, terms.start_on, months, None, Every.MONTH, settlement_day, UNMOVED)
        bare = options.terms(way, yuan(terms.principal_fen), f"{terms.annual_rate:f}", start, months)
        found[way] = build(replace(bare, periods=periods, day_count=terms.day_count, by_days=terms.by_days))
    return found


def _all_in(made: Schedule, fee_fen: int) -> float:
    flows = [(made.start_on, fee_fen - made.principal_fen)]
    return dated_irr([*flows, *((row.due_on, row.total_fen) for row in made.rows)])


def _document(
    method: options.Way,
    made: Schedule,
    fee_fen: int,
    split: tuple[int, int] | None,
    others: dict[options.Way, Schedule],
) -> dict[str, Any]:
    payments = [row.total_fen for row in made.rows]
    return {
        "method": method,
        "currency": "CNY",
        "principal": yuan(made.principal_fen),
        "annual_rate": f"{made.annual_rate:f}",
        "instalments": len(payments),
        "first_payment": yuan(payments[0]),
        "highest_payment": yuan(max(payments)),
        "last_payment": yuan(payments[-1]),
        "interest": yuan(made.total_interest_fen),
        "fee": yuan(fee_fen),
        "all_in_rate": round(_all_in(made, fee_fen), 6),
        "borrower_interest": yuan(made.total_interest_fen if split is None else split[0]),
        "government_interest": yuan(0 if split is None else split[1]),
        "beside": [{"method": way, "interest": yuan(one.total_interest_fen)} for way, one in others.items()],
    }


def _show(
    made: Schedule,
    fee_fen: int,
    split: tuple[int, int] | None,
    others: dict[options.Way, Schedule],
    word: Words,
) -> None:
    payments = [row.total_fen for row in made.rows]
    rows = [
        ("first payment", told(payments[0], word)),
        ("highest payment", told(max(payments), word)),
        ("last payment", told(payments[-1], word)),
        ("interest in all", told(made.total_interest_fen, word)),
        ("fee", told(fee_fen, word)),
        ("all-in rate a year, effective", word.percent(_all_in(made, fee_fen), 4)),
    ]
    if split is not None:
        rows.append(("interest paid by the borrower", told(split[0], word)))
        rows.append(("interest paid by the government", told(split[1], word)))
    title = word.text(
        "{method}, {amount} at {rate} from {day}",
        method=word.method(made.method.value),
        amount=told(made.principal_fen, word),
        rate=format_rate(made.annual_rate),
        day=word.date(made.start_on),
    )
    print_table(title, ("", ""), [(word.text(name), value) for name, value in rows])
    for one in others.values():
        extra = made.total_interest_fen - one.total_interest_fen
        says = (
            "{method}: interest {interest}, {extra} less"
            if extra > 0
            else "{method}: interest {interest}, {extra} more"
        )
        name = word.method(one.method.value)
        say(
            word.text(
                says, method=name, interest=told(one.total_interest_fen, word), extra=told(abs(extra), word)
            )
        )
