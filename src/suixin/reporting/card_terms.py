"""The part of a decision's card that says what is offered: capacity, price, schedule, costs, the next rung."""

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from suixin.lending.schedule import Method
from suixin.reporting import phrases
from suixin.reporting.terminal import Figures
from suixin.reporting.wording import Words
from suixin.underwriting.capacity import ASSUMED
from suixin.underwriting.decision import Decision, Rung
from suixin.underwriting.sweep import Sweep


def grid(*justify: str) -> Figures:
    """A table without lines; 'r' aligns a column to the right."""
    table = Figures(box=None, padding=(0, 2), show_header=False, pad_edge=False, collapse_padding=True)
    for side in justify:
        table.add_column(right=side == "r")
    return table


def price(decision: Decision, say: Words) -> RenderableType:
    """The parts of the contract rate, and the all-in rate."""
    table = grid("l", "r")
    for part in decision.price_components:
        table.add_row(Text(say.price_component(part.name)), Text(say.rate(part.rate_ppm)))
    whole = sum(part.rate_ppm for part in decision.price_components)
    table.add_row(Text(say.text("contract rate"), "bold"), Text(say.rate(whole), "bold"))
    if decision.terms:
        table.add_row(
            Text(say.text("all-in rate"), "bold"), Text(say.rate(decision.terms.all_in_rate_ppm), "bold")
        )
    return Padding(table, (0, 0, 0, 2))


def season(decision: Decision, say: Words) -> str:
    """How it is repaid, and what the season costs."""
    terms = decision.terms
    if terms is None:
        return ""
    method = say.method(terms.schedule.method.value)
    extra = terms.extra_interest_fen
    if terms.schedule == terms.comparator:
        return method
    if terms.schedule.method is Method.SWEEP:
        lead = "Repaying from sales costs" if extra > 0 else "Repaying from sales saves"
    else:
        lead = "Repaying by the season costs" if extra > 0 else "Repaying by the season saves"
    season, even, amount = (
        say.money(fen, decision.currency, exact=True)
        for fen in (terms.schedule.total_interest_fen, terms.comparator.total_interest_fen, abs(extra))
    )
    rest = say.text(
        "in interest against equal instalments ({season} instead of {even}).", season=season, even=even
    )
    return f"{method}  {say.text(lead)} {amount} {rest}"


def schedule(decision: Decision, say: Words) -> RenderableType:
    """Every instalment, beside what the month leaves for it in a bad year and in a usual one."""
    note = say.text("A wider terminal shows more columns.")
    table = Figures(note=note, box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column(say.text("due on"))
    for name in ("principal", "interest", "falls due", "balance"):
        table.add_column(say.text(name), right=True)
    for name in ("left in a bad year", "left in a usual year", "in equal instalments"):
        table.add_column(say.text(name), right=True, spare=True)
    terms = decision.terms
    if terms is None:
        return table
    even = {row.number: row.total_fen for row in terms.comparator.rows}
    for row in terms.schedule.rows:
        at = row.number - 1
        amounts = [row.principal_fen, row.interest_fen, row.total_fen, row.balance_fen]
        amounts += [
            months[at] if at < len(months) else 0 for months in (decision.left_p10, decision.left_p50)
        ]
        amounts.append(even.get(row.number, 0))
        shown = [say.money(fen, decision.currency, exact=True) for fen in amounts]
        table.add_row(str(row.number), say.date(row.due_on), *shown)
    return table


def capacity(decision: Decision, say: Words) -> RenderableType:
    """From a bad year's sales to the room for this loan."""
    table = grid("l", "r", "l")
    for part in decision.capacity:
        whole = not part.basis or part.name == "debt_service_room"
        amount, basis = (
            say.money(part.amount_fen, decision.currency, exact=True),
            say.capacity_basis(part.basis),
        )
        if part.name == "debt_service" and part.basis == ASSUMED:
            amount, basis = "", say.named(phrases.WHY_NOTES, "unknown")
        table.add_row(
            Text(say.capacity_part(part.name), "bold" if whole else ""),
            Text(amount, "bold" if whole else ""),
            Text(basis, "dim"),
        )
    return Padding(table, (0, 0, 0, 2))


def alternatives(decision: Decision, say: Words) -> RenderableType:
    """The same loan repaid in other ways: interest, also beside equal instalments; how often the worst month covers it."""
    table = grid("l", "r", "r", "r")
    terms = decision.terms
    if terms is None:
        return table
    heads = ("interest", "beside equal instalments", "lowest coverage")
    table.add_row("", *(Text(say.text(head), "dim") for head in heads))
    even = terms.comparator.total_interest_fen
    own = (terms.schedule.method.value, terms.schedule.total_interest_fen, terms.lowest_coverage)
    others = [(one.method, one.interest_fen, one.lowest_coverage) for one in terms.alternatives]
    for method, interest, coverage in (own, *(other for other in others if other[0] != own[0])):
        table.add_row(
            Text(say.method(method)),
            Text(say.money(interest, decision.currency, exact=True)),
            Text(_more(interest - even, decision.currency, say)),
            Text("" if coverage is None else f"{say.number(coverage, 2)} ×"),
        )
    return Padding(table, (0, 0, 0, 2))


def sweep_lead(found: Sweep, currency: str, say: Words) -> str:
    """How much is withheld, what stays, until when, and what it costs."""
    lead = say.text(
        "{share} of each month's settled sales is withheld until {day} at the latest; {cash} of them stay with the household.",
        share=say.percent(found.share_ppm / 1_000_000),
        day=say.date(found.last_on),
        cash=say.money(found.working_cash_fen, currency),
    )
    bad, usual = (
        say.money(fen, currency, exact=True) for fen in (found.bad_interest_fen, found.usual_interest_fen)
    )
    return (
        f"{lead} {say.text('Interest: {bad} in a bad year, {usual} in a usual one.', bad=bad, usual=usual)}"
    )


def sweep(found: Sweep, currency: str, say: Words) -> RenderableType:
    """Month by month: the smallest amount, and what a bad and a usual year are expected to pay."""
    table = Figures(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column(say.text("due on"))
    for name in ("smallest amount", "paid in a bad year", "paid in a usual year"):
        table.add_column(say.text(name), right=True)
    for month in found.months:
        least, bad, usual = (
            say.money(fen, currency, exact=True) for fen in (month.floor_fen, month.bad_fen, month.usual_fen)
        )
        last = month is found.months[-1]
        table.add_row(say.date(month.due_on), say.text("all that is left") if last else least, bad, usual)
    return table


def _more(fen: int, currency: str, say: Words) -> str:
    """An amount above another, with its sign; nothing for nothing."""
    return f"{'+' if fen > 0 else ''}{say.money(fen, currency, exact=True)}" if fen else ""


def costs(decision: Decision, say: Words) -> RenderableType:
    """The cost table: all is paid as agreed, then on default."""
    table = grid("l", "r", "r", "l", "l")
    for item in decision.terms.costs if decision.terms else ():
        table.add_row(
            Text(say.cost(item.code)),
            Text(
                "" if item.amount_fen is None else say.money(item.amount_fen, decision.currency, exact=True)
            ),
            Text("" if item.rate_ppm is None else say.rate(item.rate_ppm)),
            Text(say.text("only on default") if item.on_default else "", "dim"),
        )
    return Padding(table, (0, 0, 0, 2))


def next_rung(rung: Rung, currency: str, say: Words) -> str:
    """What the next rung of the ladder asks for and gives."""
    return say.text(
        "after {n} loans repaid: up to {cap}, and {discount} less a year",
        n=say.number(rung.loans_repaid, 0),
        cap=say.money(rung.cap_fen, currency),
        discount=say.rate(rung.discount_ppm),
    )
