"""suixin allocate: a lending budget, shared over the merchants of a book."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.allocated import show, summary
from suixin.cli.output import Json, print_json, progress_bar, refuse_overwriting
from suixin.errors import UsageError
from suixin.money import Currency, currency_of, parse_rate, to_minor
from suixin.replay import Recorded, read_run, run_file, same_snapshot
from suixin.reporting.candidates import WHO, Found, Wanted, candidates, capped, labelled
from suixin.reporting.offers import WRITERS, write_offers
from suixin.underwriting.attributes import ATTRIBUTES, Labels, attributes
from suixin.underwriting.budget import share
from suixin.underwriting.budget_files import read_churn, read_labels, read_liquidity
from suixin.underwriting.budget_task import Terms
from suixin.underwriting.offers import MILLION, MONTHS, Churn, Costs
from suixin.underwriting.policy import Policy

REPAYMENTS = ("book", "bullet")


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("allocate")(_allocate)


def _allocate(
    book: Annotated[Path, typer.Argument(help="The book's folder.")],
    budget: Annotated[str, typer.Option(help="What may be offered in all, major units.")],
    churn: Annotated[
        Path,
        typer.Option(help="File with annual_rate and churn_A, churn_B ...: the share of customers lost."),
    ],
    out: Annotated[Path | None, typer.Option(help=f"File for the offers: {', '.join(WRITERS)}.")] = None,
    cap: Annotated[
        list[str] | None,
        typer.Option(help="NAME=SHARE of the budget for one crop, township, platform or group; repeatable."),
    ] = None,
    by: Annotated[
        Path | None, typer.Option(help="File with merchant_id and attributes that the lake lacks.")
    ] = None,
    lake: Annotated[Path | None, typer.Option(help="The lake, if it has moved since the book.")] = None,
    liquidity: Annotated[
        str | None,
        typer.Option(
            help="Most that may be out at a month's end: an amount, or a file with month, available."
        ),
    ] = None,
    who: Annotated[
        str, typer.Option("--candidates", help=f"Whose decisions count: {', '.join(WHO)} (for research).")
    ] = "not-declined",
    smallest: Annotated[str | None, typer.Option(help="Smallest loan; else the policy's.")] = None,
    largest: Annotated[str | None, typer.Option(help="Largest loan for all; else each one's limit.")] = None,
    lowest_rate: Annotated[str | None, typer.Option(help="Lowest rate to offer.")] = None,
    highest_rate: Annotated[str | None, typer.Option(help="Highest; never above the policy's cap.")] = None,
    repayment: Annotated[
        str, typer.Option(help="book (each one's schedule) or bullet (after a year).")
    ] = "book",
    lgd: Annotated[str | None, typer.Option(help="Loss given default; else the policy's.")] = None,
    funding: Annotated[str | None, typer.Option(help="Cost of funds a year; else the policy's.")] = None,
    loan_cost: Annotated[str | None, typer.Option(help="Cost of one loan; else the policy's.")] = None,
    gap: Annotated[str, typer.Option(help="How close to the optimum the profit must be proven.")] = "0.001",
    seconds: Annotated[float, typer.Option(help="How long one search may take.")] = 120.0,
    *,
    json: Json = False,
) -> None:
    """Share a budget over merchants for the greatest expected profit, when a higher rate loses customers.

    For example:

        suixin allocate book --budget 5000000 --churn churn.csv --cap crop=0.4 --cap group=5% --out offers.csv

        suixin allocate book --budget 5000000 --churn churn.csv --liquidity cash.csv --json
    """
    _refuse_out(out, book, lake, (churn, by, liquidity))
    recorded = read_run(run_file(book))
    policy = recorded.loaded.policy
    currency = currency_of(policy.currency)
    money = _Money(currency)
    table = read_churn(churn)
    terms = Terms(
        budget_fen=money.read(budget, "--budget"),
        step_fen=money.fen(policy.limit.step.value),
        caps=_caps(cap or ()),
        liquidity_fen=_liquidity(liquidity, money),
        gap=float(_rate(gap, "--gap")),
        seconds=seconds,
    )
    wanted = Wanted(
        who=_one_of(who, "--candidates", tuple(WHO)),
        grades=table.lost,
        smallest_fen=money.read(smallest, "--smallest", policy.limit.minimum.value),
        largest_fen=None if largest is None else money.read(largest, "--largest"),
        step_fen=terms.step_fen,
        bullet=_one_of(repayment, "--repayment", REPAYMENTS) == "bullet",
    )
    found = candidates(book, wanted)
    menu, above = _menu(table, policy, found, lowest_rate, highest_rate)
    found = capped(found, menu, policy, above)
    people = labelled(found, _labels(recorded, book, lake, by, list(terms.caps), found))
    with progress_bar() as tell:
        shared = share(people, menu, _costs(policy, money, lgd, funding, loan_cost), terms, tell)
    if out is not None:
        write_offers(shared.plan, currency, out)
    told = summary(shared, people, found, terms, currency)
    if json:
        print_json({**told, "out": None if out is None else str(out)})
    else:
        show(told, out)


def _refuse_out(out: Path | None, book: Path, lake: Path | None, read: Sequence[Path | str | None]) -> None:
    """A file that cannot be written, or that the command reads, is refused before the search and not after it."""
    if out is None:
        return
    if out.suffix not in WRITERS:
        raise UsageError(f"{out}: the ending {out.suffix!r} is not one of {', '.join(WRITERS)}")
    if not out.parent.is_dir():
        raise UsageError(f"cannot write {out}: there is no folder {out.parent}")
    files = [Path(file) for file in read if file is not None]
    refuse_overwriting(out, files, [book] if lake is None else [book, lake])


class _Money:
    """Amounts of the book's currency, as options and as the policy's figures, in minor units."""

    def __init__(self, currency: Currency) -> None:
        self.currency = currency

    def read(self, text: str | None, name: str, otherwise: float = 0.0) -> int:
        """An option's amount, 0 or more; the policy's where the option is left out."""
        if text is None:
            return self.fen(otherwise)
        try:
            fen = to_minor(text, self.currency)
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from error
        if fen < 0:
            raise UsageError(f"{name} {text} is negative; give 0 or more")
        return fen

    def fen(self, major: float) -> int:
        """A figure of the policy."""
        return to_minor(Decimal(repr(major)), self.currency, rounding=True)


def _costs(policy: Policy, money: _Money, lgd: str | None, funding: str | None, loan: str | None) -> Costs:
    """What lending costs: as the options say, else as the policy does."""
    price = policy.price
    return Costs(
        lgd=_share(lgd, "--lgd", price.lgd.value),
        funding=_share(funding, "--funding", price.funding.value),
        tax=price.tax.value,
        loan_fen=money.read(loan, "--loan-cost", price.cost_a_loan.value),
    )


def _one_of(value: str, name: str, known: Sequence[str]) -> str:
    if value not in known:
        raise UsageError(f"{name} {value!r} is not one of {', '.join(known)}")
    return value


def _rate(text: str, name: str) -> Decimal:
    try:
        return parse_rate(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from error


def _share(text: str | None, name: str, otherwise: float) -> float:
    """A fraction from 0 to 1; the policy's where the option is left out."""
    if text is None:
        return otherwise
    share = _rate(text, name)
    if share > 1:
        raise UsageError(f"{name} {text} lies above 100%")
    return float(share)


def _caps(texts: Sequence[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for text in texts:
        name, sign, share = text.partition("=")
        if not sign or not name:
            raise UsageError(f"--cap {text!r} is no cap; write it as crop=0.4")
        if name in found:
            raise UsageError(f"--cap {name} is given twice; leave one out")
        found[name] = _rate(share, f"--cap {text}")
    return found


def _liquidity(text: str | None, money: _Money) -> tuple[int, ...] | None:
    """The same amount every month, or a file's."""
    if text is None:
        return None
    if Path(text).suffix in (".csv", ".parquet", ".xlsx"):
        return read_liquidity(Path(text), money.currency)
    return (money.read(text, "--liquidity"),) * (MONTHS + 1)


def _menu(
    table: Churn, policy: Policy, found: Found, lowest: str | None, highest: str | None
) -> tuple[Churn, int]:
    """The rates within the bounds asked for and the policy's cap on the day of the decisions.

    And how many the cap alone leaves out: none if a highest rate is asked for, which lies within it.
    """
    cap = Decimal(repr(policy.rate_cap(found.as_of)))
    low = _rate(lowest, "--lowest-rate") if lowest else Decimal(0)
    high = _rate(highest, "--highest-rate") if highest else cap
    if low > high:
        raise UsageError(f"--lowest-rate {low} lies above the highest, {high}; give a lower one")
    if high > cap:
        raise UsageError(f"--highest-rate {high} lies above the policy's cap of {cap}; give a lower one")
    above = 0 if highest else sum(rate > cap * MILLION for rate in table.rates_ppm)
    return table.between(int(low * MILLION), int(high * MILLION)), above


def _labels(
    recorded: Recorded, book: Path, lake: Path | None, by: Path | None, names: Sequence[str], found: Found
) -> Mapping[str, Labels]:
    """Attribute -> merchant -> value: from the file where it has the column, else from the lake."""
    told: dict[str, Labels] = {} if by is None else dict(read_labels(by, names))
    if by is not None and not told:
        raise UsageError(f"--by {by}: no --cap names a column of it; add one, or leave the file out")
    missing = [name for name in names if name not in told]
    for name in missing:
        if name not in ATTRIBUTES:
            raise UsageError(
                f"--cap {name}: a lake tells {', '.join(ATTRIBUTES)}; name a file with the column {name} with --by"
            )
    if missing:
        held = same_snapshot(recorded, lake or recorded.lake, run_file(book))
        routes = recorded.loaded.policy.data.routes.value
        told |= attributes(held, found.as_of, missing, routes)
    return {name: told[name] for name in names}
