"""What the loan commands are given, as options, and read into values of the library."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer

from suixin.calendar import Convention, DayCount
from suixin.cli.output import read_date
from suixin.errors import UsageError
from suixin.lending.periods import UNMOVED, BusinessDays, Every, Period, custom, regular
from suixin.lending.schedule import Drawdown, Method
from suixin.lending.terms import RateStep, Terms
from suixin.money import CNY, parse_rate, to_major, to_minor


class Way(StrEnum):
    """Methods of repayment as the command line calls them."""

    EQUAL_INSTALMENT = "equal-instalment"
    EQUAL_PRINCIPAL = "equal-principal"
    INTEREST_FIRST = "interest-first"
    BULLET = "bullet"
    HARVEST = "harvest"

    @property
    def method(self) -> Method:
        """The library's method."""
        return Method(self.value.replace("-", "_"))


MethodOption = Annotated[Way, typer.Option("--method", help="How the principal comes back.")]
Principal = Annotated[str, typer.Option(help="Amount lent, yuan.")]
Rate = Annotated[str, typer.Option(help="Nominal annual rate: 0.0435 or 4.35%.")]
Months = Annotated[int, typer.Option(help="Term in months, 1 to 600.")]
Start = Annotated[str, typer.Option(help="Day of the drawdown, as 2025-01-15.")]
SettlementDay = Annotated[
    int | None,
    typer.Option(help="Day of the month on which interest falls due; the first period is then short."),
]
DayCountOption = Annotated[DayCount, typer.Option("--day-count", help="How days bear interest.")]
ByDays = Annotated[
    bool | None,
    typer.Option(
        "--by-days/--whole-months",
        help="Whether a whole month bears interest by its days or annual / 12; by days for interest-first and "
        "bullet unless told, else annual / 12.",
    ),
]
Inflow = Annotated[
    str | None,
    typer.Option(
        help="Harvest: calendar months in which money comes in, with weights if they differ, as 9,10=2,11; "
        "the last three periods unless told."
    ),
]
DeferInterest = Annotated[
    bool, typer.Option("--defer-interest", help="Harvest: a month without inflow pays no interest either.")
]
EveryOption = Annotated[Every, typer.Option("--every", help="How often an instalment falls due.")]
Dues = Annotated[
    list[str] | None,
    typer.Option("--due", help="A due date of your own, instead of --months; give it once for each date."),
]
BusinessDaysOption = Annotated[
    Convention,
    typer.Option("--business-days", help="Where a due date moves that China's calendar says is not worked."),
]
InterestMoves = Annotated[
    bool, typer.Option("--interest-moves", help="Interest runs to the moved date, by days.")
]
Grace = Annotated[int, typer.Option(help="So many first periods pay interest only.", min=0)]


def amount(text: str, name: str, least_fen: int | None = None) -> int:
    """An amount of yuan, in fen; at least `least_fen`, if that is given."""
    try:
        found = to_minor(text, CNY)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from error
    if least_fen is not None and found < least_fen:
        raise UsageError(f"{name} {text} is too small; give {to_major(least_fen, CNY):f} or more")
    return found


def day(text: str, name: str) -> date:
    """A date."""
    found = read_date(text)
    if found is None:
        raise UsageError(f"{name}: give a date, as 2025-01-15")
    return found


def dated(texts: Sequence[str] | None, name: str) -> list[tuple[date, str]]:
    """Options of the form DATE=VALUE, in order of their dates."""
    found = []
    for text in texts or ():
        on, mark, value = text.partition("=")
        if not mark:
            raise UsageError(f"{name} {text!r} has no value; write it as 2025-06-20=20000")
        found.append((day(on.strip(), name), value.strip()))
    return sorted(found)


def drawdowns(texts: Sequence[str] | None) -> tuple[Drawdown, ...]:
    """Later drawdowns, DATE=AMOUNT."""
    return tuple(Drawdown(on, amount(text, "--draw", 1)) for on, text in dated(texts, "--draw"))


def rate_steps(texts: Sequence[str] | None) -> tuple[RateStep, ...]:
    """Repricings, DATE=RATE."""
    return tuple(RateStep(on, parse_rate(text)) for on, text in dated(texts, "--reprice"))


def periods(
    way: Way,
    start_on: date,
    months: int | None,
    dues: Sequence[str] | None,
    every: Every,
    settlement_day: int | None,
    moved: BusinessDays,
) -> tuple[Period, ...]:
    """The loan's periods; a bullet has one."""
    if (months is None) == (not dues):
        raise UsageError("give either --months, such as 12, or --due for each date")
    if dues:
        return custom(start_on, [day(text, "--due") for text in dues], business_days=moved)
    assert months is not None  # noqa: S101  # judged above
    whole = regular(start_on, months, every, settlement_day=settlement_day, business_days=moved)
    if way is not Way.BULLET:
        return whole
    last = whole[-1]
    return (Period(start_on, last.end, last.due_on, months if last.due_on == last.end else 0),)


def weights(way: Way, inflow: str | None, found: Sequence[Period]) -> tuple[Decimal, ...] | None:
    """One weight for each period that is no stub, by the calendar month of its end."""
    if way is not Way.HARVEST:
        if inflow is not None:
            raise UsageError(f"--inflow {inflow} does not belong to method {way}; use --method harvest")
        return None
    open_ = [period for period in found if not period.stub]
    if inflow is None:
        last = min(3, len(open_))
        return (Decimal(0),) * (len(open_) - last) + (Decimal(1),) * last
    by_month = dict(_month(part) for part in inflow.split(","))
    chosen = tuple(by_month.get(period.end.month, Decimal(0)) for period in open_)
    if not any(chosen):
        raise UsageError(f"--inflow {inflow}: no due date of the loan lies in these months; give others")
    return chosen


def _month(text: str) -> tuple[int, Decimal]:
    month, _, weight = (part.strip() for part in text.partition("="))
    try:
        number, share = int(month), Decimal(weight or 1)
    except (ValueError, ArithmeticError) as error:
        raise UsageError(f"--inflow {text!r} is no month; write it as 10 or 10=2") from error
    if not 1 <= number <= 12 or not share.is_finite() or share < 0:
        raise UsageError(f"--inflow {text!r}: give a month of 1 to 12, and a weight of 0 or more")
    return number, share


def terms(
    way: Way,
    principal: str,
    rate: str,
    start: str,
    months: int | None,
    *,
    dues: Sequence[str] | None = None,
    every: Every = Every.MONTH,
    settlement_day: int | None = None,
    moved: BusinessDays = UNMOVED,
    day_count: DayCount = DayCount.ACT_360,
    by_days: bool | None = None,
    inflow: str | None = None,
    defer_interest: bool = False,
    grace: int = 0,
) -> Terms:
    """The contract that the options describe."""
    start_on = day(start, "--start")
    fen, annual = amount(principal, "--principal", 1), parse_rate(rate)
    found = periods(way, start_on, months, dues, every, settlement_day, moved)
    chosen = weights(way, inflow, found)
    if chosen is not None:
        # A loan ends with the last date that repays it; what lies behind would ask for nothing.
        behind = next(number for number, weight in enumerate(reversed(chosen)) if weight)
        found, chosen = found[: len(found) - behind], chosen[: len(chosen) - behind]
    return Terms(
        principal_fen=fen,
        annual_rate=annual,
        start_on=start_on,
        method=way.method,
        periods=found,
        day_count=day_count,
        by_days=by_days,
        weights=chosen,
        defer_interest=defer_interest,
        grace_periods=grace,
    )
