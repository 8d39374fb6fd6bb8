"""suixin loan simulate: what becomes of a loan when something happens to it."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from suixin.calendar import DayCount
from suixin.cli import loan_options as options
from suixin.cli.loan_files import read_sales, records
from suixin.cli.loan_shown import instalments, show_rows, told, yuan
from suixin.cli.output import Json, Lang, print_json, say
from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.lpr import LprTable, Reprice, floating
from suixin.lending.periods import Every, regular
from suixin.lending.prepay import Way, prepay
from suixin.lending.revolving import Move, revolving
from suixin.lending.schedule import Instalment, Schedule
from suixin.lending.sweep import PPM, sweep
from suixin.lending.terms import Deferred, Moratorium, Terms
from suixin.money import parse_rate, round_half_up
from suixin.reporting.wording import Words, words

_row = Instalment._make


class Kind(StrEnum):
    """Methods that can be simulated: those of a schedule, and revolving credit."""

    EQUAL_INSTALMENT = "equal-instalment"
    EQUAL_PRINCIPAL = "equal-principal"
    INTEREST_FIRST = "interest-first"
    BULLET = "bullet"
    HARVEST = "harvest"
    REVOLVING = "revolving"


def simulate(
    method: Annotated[Kind, typer.Option(help="How the principal comes back.")],
    principal: Annotated[str, typer.Option(help="Amount lent, yuan; for revolving the limit.")],
    start: options.Start,
    months: options.Months,
    rate: Annotated[
        str | None, typer.Option(help="Nominal annual rate, 0.0435 or 4.35%; or else --lpr.")
    ] = None,
    settlement_day: options.SettlementDay = None,
    day_count: options.DayCountOption = DayCount.ACT_360,
    by_days: options.ByDays = None,
    inflow: options.Inflow = None,
    draw: Annotated[
        list[str] | None,
        typer.Option(help="A part of the principal that is drawn later, as 2025-04-01=20000."),
    ] = None,
    use: Annotated[
        list[str] | None,
        typer.Option(help="Revolving: drawn on a day, or repaid, as 2025-02-01=5000 or 2025-05-01=-3000."),
    ] = None,
    reprice: Annotated[
        list[str] | None, typer.Option(help="A new rate from a day, as 2026-01-01=3.45%.")
    ] = None,
    lpr: Annotated[
        Path | None, typer.Option(help="CSV of published LPR: published_on, one_year, five_years.")
    ] = None,
    points: Annotated[int, typer.Option(help="Basis points on the LPR.")] = 0,
    reprice_on: Annotated[
        Reprice, typer.Option(help="Which days set a floating rate anew.")
    ] = Reprice.ANNIVERSARY,
    moratorium: Annotated[
        str | None, typer.Option(help="Nothing falls due from a day to another, as 2025-06-01=2025-08-31.")
    ] = None,
    deferred: Annotated[Deferred, typer.Option(help="When its interest falls due.")] = Deferred.NEXT,
    prepayment: Annotated[
        list[str] | None, typer.Option("--prepay", help="Paid ahead on a day, as 2025-06-20=20000.")
    ] = None,
    way: Annotated[
        Way,
        typer.Option(help="What a prepayment does: fewer instalments, lower ones, or the next ones reduced."),
    ] = Way.LOWER,
    sales: Annotated[
        Path | None,
        typer.Option(help="CSV of settled sales that a share is withheld of: settled_on, amount."),
    ] = None,
    share: Annotated[str, typer.Option(help="Share of settled sales that is withheld.")] = "30%",
    keep: Annotated[str, typer.Option(help="Of each settlement, yuan that stay with the household.")] = "0",
    prepay_cap: Annotated[
        str | None, typer.Option(help="The most that a settlement pays above what is due, yuan.")
    ] = None,
    lang: Lang = "en",
    *,
    defer_interest: options.DeferInterest = False,
    keep_end: Annotated[
        bool, typer.Option("--keep-end", help="A moratorium leaves the last date; else the instalments move.")
    ] = False,
    json: Json = False,
) -> None:
    """Play what happens to a loan: drawdowns, repricing, a moratorium, prepayment, sales, or revolving use.

    For example:

        suixin loan simulate --method equal-instalment --principal 100000 --rate 4.35% --months 12 --start 2025-01-15 --prepay 2025-06-20=20000 --way shorten

        suixin loan simulate --method revolving --principal 50000 --rate 5% --months 6 --start 2025-01-20 --use 2025-02-01=20000 --use 2025-04-10=-5000

        suixin loan simulate --method equal-principal --principal 60000 --rate 5% --months 12 --start 2025-03-01 --sales settled.csv --share 20% --lang zh
    """
    word = words(lang)
    if method is Kind.REVOLVING:
        _alone(("--draw", draw), ("--reprice", reprice), ("--prepay", prepayment), ("--sales", sales))
        _alone(("--moratorium", moratorium), ("--lpr", lpr), ("--inflow", inflow))
        made = _revolved(principal, rate, start, months, settlement_day, use, day_count)
        _tell(made.rows, None, method, word, json=json)
        return
    _alone(("--use", use))
    terms = options.terms(
        options.Way(method.value),
        principal,
        "0" if rate is None and lpr is not None else _needed(rate),
        start,
        months,
        settlement_day=settlement_day,
        day_count=day_count,
        by_days=by_days,
        inflow=inflow,
        defer_interest=defer_interest,
    )
    terms = _priced(terms, rate, reprice, lpr, months, points, reprice_on)
    planned = build(terms)
    terms = replace(
        terms,
        drawdowns=options.drawdowns(draw),
        moratorium=_moratorium(moratorium, deferred, keep_end=keep_end),
    )
    if sales is not None:
        _alone(("--prepay", prepayment), ("--reprice", terms.rate_steps))
        cap = None if prepay_cap is None else options.amount(prepay_cap, "--prepay-cap", 0)
        ppm, kept = _part(share), options.amount(keep, "--keep", 0)
        found = sweep(
            build(terms), read_sales(sales), ppm, keep_fen=kept, prepay_cap_fen=cap, day_count=day_count
        )
        _tell(found.schedule.rows, planned, method, word, json=json)
        return
    _tell(_played(terms, prepayment, way), planned, method, word, json=json)


def _alone(*options_: tuple[str, object]) -> None:
    """What was given but does not go with the rest is refused, never ignored."""
    for name, value in options_:
        if value:
            raise UsageError(f"{name} does not go with the other options given; leave it out")


def _needed(rate: str | None) -> str:
    if rate is None:
        raise UsageError("no rate; give --rate, such as 4.35%, or --lpr FILE")
    return rate


def _priced(
    terms: Terms,
    rate: str | None,
    reprice: Sequence[str] | None,
    lpr: Path | None,
    months: int,
    points: int,
    on: Reprice,
) -> Terms:
    if lpr is None:
        _alone(("--points", points))
        return replace(terms, rate_steps=options.rate_steps(reprice))
    _alone(("--rate", rate), ("--reprice", reprice))
    first, steps = floating(LprTable.from_rows(records(lpr)), terms.start_on, months, points, on)
    return replace(terms, annual_rate=first, rate_steps=steps)


def _part(share: str) -> int:
    """The part of sales that is withheld, in parts per million."""
    ppm = round_half_up(parse_rate(share) * PPM)
    if not 1 <= ppm <= PPM:
        raise UsageError(f"--share {share} is out of range; give more than 0% and at most 100%")
    return ppm


def _moratorium(text: str | None, deferred: Deferred, *, keep_end: bool) -> Moratorium | None:
    if text is None:
        return None
    first_day, _, last = text.partition("=")
    if not last:
        raise UsageError(f"--moratorium {text} has no last day; write it as 2025-06-01=2025-08-31")
    first = options.day(first_day.strip(), "--moratorium")
    until = options.day(last.strip(), "--moratorium")
    if until < first:
        raise UsageError(f"--moratorium {text} ends before it begins; swap the days")
    return Moratorium(first, until, deferred, not keep_end)


def _revolved(
    limit: str,
    rate: str | None,
    start: str,
    months: int,
    settlement_day: int | None,
    use: Sequence[str] | None,
    day_count: DayCount,
) -> Schedule:
    periods = regular(options.day(start, "--start"), months, Every.MONTH, settlement_day=settlement_day)
    moves = [Move(on, options.amount(text, "--use")) for on, text in options.dated(use, "--use")]
    annual = parse_rate(_needed(rate))
    return revolving(options.amount(limit, "--principal", 1), annual, periods, moves, day_count=day_count)


def _played(terms: Terms, prepayment: Sequence[str] | None, way: Way) -> list[Instalment]:
    """All that is paid, prepayments in their place; one row a day."""
    rows: list[Instalment] = []
    left: Terms | None = terms
    for on, text in options.dated(prepayment, "--prepay"):
        if left is None:
            raise UsageError(f"--prepay {on}={text}: the loan is closed by then; leave it out")
        done = prepay(left, on, options.amount(text, "--prepay", 1), way)
        rows += [row for row in build(left).rows if row.due_on <= on]
        before = rows[-1].balance_fen if rows else left.principal_fen
        paid = done.principal_fen, done.interest_fen
        rows.append(_row((0, on, *paid, sum(paid), before - done.principal_fen)))
        left = done.terms
    rows += build(left).rows if left is not None else ()
    merged: list[Instalment] = []
    for row in rows:
        same = merged and merged[-1].due_on == row.due_on
        last = merged.pop() if same else row._replace(principal_fen=0, interest_fen=0, total_fen=0)
        sums = (last.principal_fen + row.principal_fen, last.interest_fen + row.interest_fen)
        merged.append(_row((len(merged) + 1, row.due_on, *sums, sum(sums), row.balance_fen)))
    return merged


def _tell(
    rows: Sequence[Instalment], planned: Schedule | None, method: Kind, word: Words, *, json: bool
) -> None:
    interest = sum(row.interest_fen for row in rows)
    before = None if planned is None else planned.total_interest_fen
    if json:
        sums = {"interest": yuan(interest), "planned_interest": None if before is None else yuan(before)}
        print_json({"instalments": instalments(rows), **sums})
        return
    show_rows(word.method(method.value.replace("-", "_")), rows, word)
    if before is not None:
        asked = {"was": told(before, word), "now": told(interest, word)}
        say(word.text("interest as planned {was}, as it went {now}", **asked))
