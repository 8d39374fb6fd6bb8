"""Each event of a loan becomes one balanced transaction: what the loan's positions are worth after it, less before."""

from collections.abc import Iterable
from datetime import date

from suixin.ledger.transaction import Entry, Transaction, gathered
from suixin.lending.positions import Positions

ACCOUNT_OF = {
    "settlement": "1002.01",
    "current": "1303.01",
    "overdue": "1303.02",
    "accrued": "1132.01",
    "due": "1132.02",
    "late": "1132.03",
    "fees": "1221.01",
    "overpaid": "2241.01",
    "allowance": "1304.01",
    "interest_income": "6011.01",
    "fee_income": "6021.01",
    "recovered": "6301.01",
    "memo_interest": "9001.01",
    "memo_claim": "9001.02",
    "memo_contra": "9009.01",
}
_POOLED = "1002.01"  # money has no borrower: the settlement account is one
# In the order of a transaction's entries, so that nothing is sorted for each of a hundred thousand loans a night.
_IN_ORDER = sorted((account, place) for place, account in enumerate(ACCOUNT_OF.values()))


def entries(loan: str, currency: str, change: Positions) -> tuple[Entry, ...]:
    """Return the entries of a change in a loan's positions, none of 0, in order."""
    return tuple(
        [
            Entry(account, "" if account == _POOLED else loan, currency, change[place])
            for account, place in _IN_ORDER
            if change[place]
        ]
    )


def transaction(
    key: str,
    kind: str,
    loan: str,
    currency: str,
    change: Positions,
    *,
    booked_on: date,
    value_on: date | None = None,
) -> Transaction | None:
    """Return the transaction of a change, or None if nothing changed.

    Raises:
        LedgerError: the change does not balance, which is a fault of the caller.
    """
    made = entries(loan, currency, change)
    if not made:
        return None
    return Transaction(key, kind, booked_on, value_on or booked_on, made, loan)


def together(
    key: str, kind: str, booked_on: date, parts: Iterable[Transaction], *, reference: str = ""
) -> Transaction:
    """Return one transaction for changes of several loans, such as a new contract that settles an old one."""
    lines = gathered(entry for part in parts for entry in part.entries)
    return Transaction(key, kind, booked_on, booked_on, lines, reference)


def provision(loan: str, currency: str, amount_fen: int) -> tuple[Entry, ...]:
    """Return the entries that raise a loan's allowance by an amount, fen; a negative one releases it."""
    return gathered(
        [Entry("1304.01", loan, currency, -amount_fen), Entry("6702.01", loan, currency, amount_fen)]
    )
