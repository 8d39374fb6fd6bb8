"""What happened to loans comes back as a source: rows of the standard tables `loans` and `outcomes`.

A merchant defaulted if, within 12 months of the as-of date (18 if a loan paid out on it is a bullet or by harvest),
one of its loans was more than 90 days past due, or substandard or worse, or paid by guarantor or pool, or
restructured in difficulty, or written off. A renewal is seen through: the new contract goes on with the debt and is no
decision of its own, so it has no as-of date, and what becomes of it counts for the old one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from suixin.calendar import MAX_MONTHS, add_months
from suixin.errors import UsageError
from suixin.ledger.history import History, history
from suixin.ledger.loan import Loan
from suixin.lending.schedule import Method

DEFINITION = "dpd90_npl_claim_restructured_writeoff"
"""Code of the definition of default in the table `outcomes`."""
MONTHS, LONG_MONTHS = 12, 18
_LONG = {Method.BULLET, Method.HARVEST}


class LoanRow(NamedTuple):
    """A row of the table `loans`: the loan as it was paid out; the principal in fen.

    Known when it was granted; `closed_on` fills in later. Only a closing that is told otherwise than before is known
    as of the day on which it is told.
    """

    loan_id: str
    merchant_id: str
    granted_on: date
    principal_fen: int
    annual_rate: Decimal
    term_months: int
    method: str
    closed_on: date | None
    known_on: date


class OutcomeRow(NamedTuple):
    """A row of the table `outcomes`; `known_on` is the day of the default, or the last one of the horizon."""

    merchant_id: str
    as_of_on: date
    horizon_days: int
    definition: str
    defaulted: bool
    known_on: date


class Indeterminate(StrEnum):
    """Why an as-of date has no outcome."""

    NOT_OVER = "not_over"  # the horizon is not over, and there was no default yet
    ALREADY = "already"  # in default before it
    INSURED = "insured"  # an insurer paid in the borrower's place, and there was no default
    GONE = "gone"  # a contract that is not among the loans settled one of them


class Told(NamedTuple):
    """What a lender's loans tell on a day.

    Attributes:
        on: the day; what was known as of its close.
        currency: of the principals.
        loans: that were paid out.
        outcomes: one a merchant and day on which a loan was paid out that renewed none.
        indeterminate: as-of dates without an outcome, by reason.
        restated: outcomes that are not what they were when they were told before.
    """

    on: date
    currency: str
    loans: tuple[LoanRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    indeterminate: Mapping[Indeterminate, int]
    restated: int


def told(loans: Iterable[Loan], merchants: Mapping[str, str], on: date, before: Told | None = None) -> Told:
    """Return what a lender's loans tell as of the close of a day.

    Args:
        loans: all of the lender's, settled ones too.
        merchants: number of the loan -> merchant.
        on: the day, of which every night up to its own is ended.
        before: what was told last, so that what turned out otherwise since is known as of `on`, not earlier: a
            lake takes the row that was known last.

    Raises:
        UsageError: a loan without a merchant, two with one number, two currencies, or `before` is not earlier.
    """
    if before is not None and before.on >= on:
        raise UsageError(f"what was told on {before.on} is not earlier than {on}; name a later day")
    kept = _by_number(loans, merchants)
    became: dict[str, list[History]] = {}
    for number in sorted(kept):
        one = history(kept[number], on)
        if one.granted_on is not None:
            became.setdefault(merchants[number], []).append(one)
    rows = [_row(kept[one.loan], who, one) for who, theirs in became.items() for one in theirs]
    outcomes: list[OutcomeRow] = []
    why: Counter[Indeterminate] = Counter()
    for who, theirs in sorted(became.items()):
        for as_of, months in _as_of(theirs, kept):
            found = _outcome(who, as_of, months, theirs, on)
            if isinstance(found, OutcomeRow):
                outcomes.append(found)
            else:
                why[found] += 1
    currency = next((loan.contract.currency for loan in kept.values()), "CNY")
    return _restated(Told(on, currency, tuple(sorted(rows)), tuple(outcomes), why, 0), before)


def _by_number(loans: Iterable[Loan], merchants: Mapping[str, str]) -> dict[str, Loan]:
    kept: dict[str, Loan] = {}
    for loan in loans:
        number = loan.contract.loan
        if number in kept:
            raise UsageError(f"two loans have the number {number}; give each loan once")
        if number not in merchants:
            raise UsageError(f"loan {number} has no merchant; name the one who borrowed")
        kept[number] = loan
    if len({loan.contract.currency for loan in kept.values()}) > 1:
        raise UsageError("the loans have several currencies; tell those of each by themselves")
    return kept


def _as_of(theirs: list[History], kept: Mapping[str, Loan]) -> list[tuple[date, int]]:
    """The days on which a merchant was lent something new, with the months of the horizon."""
    renewals = {one.renewed_by for one in theirs}
    found: dict[date, int] = {}
    for one in theirs:
        if one.loan not in renewals and one.granted_on is not None:
            months = LONG_MONTHS if kept[one.loan].contract.terms.method in _LONG else MONTHS
            found[one.granted_on] = max(months, found.get(one.granted_on, 0))
    return sorted(found.items())


def _outcome(
    merchant: str, as_of: date, months: int, theirs: list[History], on: date
) -> OutcomeRow | Indeterminate:
    end = add_months(as_of, months)
    days = [one.default_on for one in theirs if one.default_on is not None]
    before = [one for one in theirs if one.default_on is not None and one.default_on < as_of]
    if any(not _is_over(one, theirs, as_of) for one in before):
        return Indeterminate.ALREADY
    within = min((day for day in days if as_of <= day <= end), default=None)
    row = OutcomeRow(merchant, as_of, (end - as_of).days, DEFINITION, within is not None, within or end)
    if within is not None:
        return row
    numbers = {one.loan for one in theirs}
    if any(_between(as_of, one.closed_on, end) and one.renewed_by not in {None, *numbers} for one in theirs):
        return Indeterminate.GONE
    if any(_between(as_of, one.insured_on, end) for one in theirs):
        return Indeterminate.INSURED
    return row if end <= on else Indeterminate.NOT_OVER


def _is_over(one: History, theirs: list[History], day: date) -> bool:
    """Whether a debt was closed before a day, and so were the contracts that it went on in."""
    if one.closed_on is None or one.closed_on >= day:
        return False
    after = next((other for other in theirs if other.loan == one.renewed_by), None)
    return after is None or _is_over(after, theirs, day)


def _between(first: date, day: date | None, last: date) -> bool:
    return day is not None and first <= day <= last


def _row(loan: Loan, merchant: str, one: History) -> LoanRow:
    terms = loan.contract.terms
    last = terms.periods[-1].due_on
    months = next(
        n for n in range(1, MAX_MONTHS + 1) if n == MAX_MONTHS or add_months(terms.start_on, n) >= last
    )
    begin = terms.start_on
    return LoanRow(
        one.loan, merchant, begin, terms.principal_fen, terms.annual_rate, months, terms.method.value,
        one.closed_on, begin,
    )  # fmt: skip


def _restated(now: Told, before: Told | None) -> Told:
    """What is told otherwise than before is known as of today."""
    if before is None:
        return now
    closed = {row.loan_id: row for row in before.loans}
    loans = [_correct_loan(row, closed.get(row.loan_id), now.on) for row in now.loans]
    said = {row[:4]: row for row in before.outcomes}
    outcomes, restated = [], 0
    for row in now.outcomes:
        old = said.get(row[:4])
        if old is not None and old.defaulted is not row.defaulted:
            restated += 1
            outcomes.append(row._replace(known_on=now.on))
        else:
            outcomes.append(row if old is None else old)
    return now._replace(loans=tuple(loans), outcomes=tuple(outcomes), restated=restated)


def _correct_loan(row: LoanRow, old: LoanRow | None, on: date) -> LoanRow:
    if old is None or old.closed_on is None or old.closed_on == row.closed_on:
        return row if old is None else row._replace(known_on=old.known_on)
    return row._replace(known_on=on)
