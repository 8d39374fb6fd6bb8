"""The decisions of a book as candidates for a budget, and who is left out and why."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from suixin.errors import BookError, UsageError
from suixin.money import currency_of, to_minor
from suixin.underwriting.decision import Outcome
from suixin.underwriting.offer_caps import hold_caps
from suixin.underwriting.offers import BULLET, MILLION, Booked, Candidate, Churn, Repayment, scheduled
from suixin.underwriting.policy import Policy

WHO: dict[str, tuple[str, ...]] = {
    "approve": (Outcome.APPROVE.value,),
    "not-declined": (Outcome.APPROVE.value, Outcome.REFER.value),
    "all": tuple(outcome.value for outcome in Outcome),
}
"""Which decisions make a candidate."""
COLUMNS = (
    *("merchant_id", "as_of", "decision", "grade", "pd", "pd_basis", "limit", "annual_rate", "currency"),
    "schedule",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is a candidate, and what may be offered.

    Attributes:
        who: a key of `WHO`.
        grades: those that may be lent to.
        smallest_fen: of every loan.
        largest_fen: in place of the book's limits; None for each merchant's own limit.
        step_fen: an amount is a whole multiple of it.
        bullet: repaid after a year, whatever schedule the book offers.
    """

    who: str
    grades: Container[str]
    smallest_fen: int
    largest_fen: int | None
    step_fen: int
    bullet: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of a book, and who is left out.

    Attributes:
        left_out: why -> how many merchants.
        as_of: the latest as-of date.
        pd_bases: what the PDs rest on.
        offers_left_out: why -> how many offers, a candidate at a rate each.
    """

    candidates: tuple[Candidate, ...]
    left_out: Mapping[str, int]
    as_of: date
    pd_bases: tuple[str, ...]
    offers_left_out: Mapping[str, int] = field(default_factory=dict)


def candidates(book: Path, wanted: Wanted) -> Found:
    """The candidates of a book, in its order.

    Raises:
        BookError: the book cannot be read.
        UsageError: nobody is left; the line says why.
    """
    table = _decisions(book)
    left_out: Counter[str] = Counter()
    found = []
    for row in table.iter_rows(named=True):
        why, one = _candidate(row, wanted)
        if one is None:
            left_out[why] += 1
        else:
            found.append(one)
    if not found:
        told = ", ".join(f"{count} {why}" for why, count in left_out.items())
        raise UsageError(f"{book}: nobody is left to lend to: {told}")
    days: list[date] = table["as_of"].to_list()
    return Found(tuple(found), dict(left_out), max(days), tuple(sorted(table["pd_basis"].unique().to_list())))


def capped(found: Found, menu: Churn, policy: Policy, above: int) -> Found:
    """The candidates with the rates of the menu that the policy's caps allow, and what is left out for these.

    Args:
        found: the candidates.
        menu: the rates on offer.
        policy: of the book.
        above: rates that are not in the menu because they lie above the policy's cap.

    Raises:
        UsageError: no rate is left for anybody.
    """
    held = hold_caps(found.candidates, menu, policy, found.as_of)
    offers = {
        "cost above the policy's cap": held.above_cap + above * len(found.candidates),
        "cost when overdue above the policy's cap": held.above_default_cap,
    }
    nobody = {"no rate within the policy's caps": held.nobody} if held.nobody else {}
    return replace(
        found,
        candidates=held.candidates,
        left_out={**found.left_out, **nobody},
        offers_left_out={why: count for why, count in offers.items() if count},
    )


def labelled(found: Found, labels: Mapping[str, Mapping[str, str]]) -> tuple[Candidate, ...]:
    """The candidates with their attributes; None where an attribute is not known."""
    return tuple(
        replace(one, labels={name: values.get(one.merchant_id) for name, values in labels.items()})
        for one in found.candidates
    )


def _decisions(book: Path) -> pl.DataFrame:
    file = book / "decisions.parquet"
    if not file.is_file():
        raise BookError(
            f"{book}: no decision book (it has no decisions.parquet); make one with: suixin assess LAKE"
        )
    try:
        return pl.read_parquet(file, columns=list(COLUMNS))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"{book}: cannot be read: {str(error).splitlines()[0]}") from error


def _candidate(row: Mapping[str, Any], wanted: Wanted) -> tuple[str, Candidate | None]:
    """The candidate, or why there is none."""
    if row["decision"] not in WHO[wanted.who]:
        return row["decision"], None
    if row["grade"] not in wanted.grades:
        return f"grade {row['grade']}", None
    step = wanted.step_fen
    limit = to_minor(row["limit"], currency_of(row["currency"]))
    largest = limit if wanted.largest_fen is None else wanted.largest_fen
    smallest = -(-wanted.smallest_fen // step) * step
    if largest // step * step < smallest:
        return "limit below the smallest loan", None
    shape = BULLET if wanted.bullet or not row["schedule"] else _shape(row["schedule"], row["currency"])
    rate = row["annual_rate"]
    booked = Booked(row["decision"], limit or None, None if rate is None else int(rate * MILLION))
    who = row["merchant_id"], row["grade"], row["pd"]
    return "", Candidate(*who, smallest, largest, shape, booked=booked)


def _shape(schedule: list[dict[str, Any]], currency: str) -> Repayment:
    unit = currency_of(currency)
    principal, interest = (
        [to_minor(part[name], unit) for part in schedule] for name in ("principal", "interest")
    )
    return scheduled(principal, interest)
