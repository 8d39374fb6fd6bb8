"""Balances: the fold of entries, and the trial balance that an account's kind explains."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from suixin.ledger.chart import CHART, Kind
from suixin.ledger.transaction import Transaction

Line = tuple[str, str, str]  # account, subject, currency


class Total(NamedTuple):
    """One row of a trial balance: an account's debits or credits left, minor units; one of the two is 0."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int


def fold(transactions: Iterable[Transaction], before: Mapping[Line, int] | None = None) -> dict[Line, int]:
    """Return the balance of each account, subject and currency, minor units, debit above 0; what is 0 is left out.

    Args:
        transactions: in any order: sums do not depend on it.
        before: balances to begin with.
    """
    sums: Counter[Line] = Counter(before or {})
    for made in transactions:
        for account, subject, currency, amount in made.entries:
            sums[account, subject, currency] += amount
    return {line: amount for line, amount in sorted(sums.items()) if amount}


def trial_balance(balances: Mapping[Line, int]) -> list[Total]:
    """Return one row an account and currency, in the order of the chart."""
    sums: Counter[tuple[str, str]] = Counter()
    for (account, _, currency), amount in balances.items():
        sums[account, currency] += amount
    return [
        Total(account, currency, max(amount, 0), max(-amount, 0))
        for (account, currency), amount in sorted(sums.items())
        if amount
    ]


def out_of_balance(totals: Iterable[Total]) -> dict[str, int]:
    """Return by currency what debits exceed credits by, minor units; on and off the balance sheet apart. Empty is right."""
    sums: Counter[str] = Counter()
    for account, currency, debit, credit in totals:
        side = f"{currency} memo" if CHART[account].kind is Kind.MEMO else currency
        sums[side] += debit - credit
    return {side: amount for side, amount in sums.items() if amount}
