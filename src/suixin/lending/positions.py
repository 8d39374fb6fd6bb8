"""What a loan puts on the lender's books, line by line; the difference of two such views is what is to be booked."""

from typing import NamedTuple

from suixin.lending.account import Account
from suixin.lending.recognition import State


class Positions(NamedTuple):
    """A loan's balances, fen, debits above 0; those on the balance sheet sum to 0, and so do the memo ones.

    Attributes:
        settlement: paid out (credit) and come in (debit).
        current: principal not due yet.
        overdue: principal due and unpaid, less what cash for suspended interest has taken off it.
        accrued: interest to the day, not due yet.
        due: interest due and unpaid.
        late: penalty interest unpaid.
        fees: charged and unpaid.
        overpaid: held for the borrower.
        allowance: used up by a write-off.
        interest_income: penalty interest included.
        fee_income: fees charged before a write-off.
        recovered: came in after a write-off.
        memo_interest: owed and taken off the balance sheet.
        memo_claim: owed on a loan that was written off.
        memo_contra: of both.
    """

    settlement: int = 0
    current: int = 0
    overdue: int = 0
    accrued: int = 0
    due: int = 0
    late: int = 0
    fees: int = 0
    overpaid: int = 0
    allowance: int = 0
    interest_income: int = 0
    fee_income: int = 0
    recovered: int = 0
    memo_interest: int = 0
    memo_claim: int = 0
    memo_contra: int = 0

    def since(self, before: "Positions") -> "Positions":
        """Return what changed."""
        return Positions(*[now - then for now, then in zip(self, before, strict=True)])


def positions(account: Account) -> Positions:
    """Return what a loan puts on the books on its open day."""
    books = account.books
    on_sheet = books.state is State.ACCRUING
    written = books.state is State.WRITTEN_OFF
    current = min(account.current, books.principal_fen)
    memo = 0 if on_sheet or written else books.memo_fen
    claim = account.principal_fen + account.interest_fen + account.fees_fen if written else 0
    return Positions(
        settlement=account.cash,
        current=current,
        overdue=books.principal_fen - current,
        accrued=account.accrued_fen if on_sheet else 0,
        due=account.due_interest_fen if on_sheet else 0,
        late=account.late_fen if on_sheet else 0,
        fees=0 if written else account.fees_fen,
        overpaid=-account.overpaid,
        allowance=books.lost_fen,
        interest_income=-books.income_fen,
        fee_income=books.fees_fen - sum(account.charged.values()),
        recovered=-books.recovered_fen,
        memo_interest=memo,
        memo_claim=claim,
        memo_contra=-memo - claim,
    )
