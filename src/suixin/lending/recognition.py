"""Income recognition: what of a loan the books may call income, apart from what the contract says is owed.

Interest more than 90 days overdue is reversed and kept as a memo off balance, and so is what accrues later. The
borrower owes it as before; cash that comes then lowers the book's principal or is income, by a setting.

At every step principal + receivable = disbursed + income - cash - lost + recovered.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.parameters import Dated, Stated
from suixin.money import check_minor


class State(StrEnum):
    """How the books look at a loan."""

    ACCRUING = "accruing"  # interest is income as it accrues
    SUSPENDED = "suspended"  # interest is a memo
    WRITTEN_OFF = "written_off"  # the whole claim is a memo


class CashTo(StrEnum):
    """Where cash for interest goes while accrual is suspended."""

    PRINCIPAL = "principal"  # the book's principal first; income once that is 0
    INCOME = "income"  # interest is income when it is paid


SUSPENDED_AFTER_DAYS = Dated(
    "suspended_after_days",
    (
        Stated(
            90,
            date(2001, 1, 1),
            "practice of Chinese banks: interest over 90 days overdue leaves income and is kept off balance",
        ),
    ),
)
CASH_TO = Dated(
    "cash_to",
    (
        Stated(
            CashTo.PRINCIPAL,
            date(2001, 1, 1),
            "the cautious of the two settings; a lender's own accounting policy",
        ),
    ),
)


class Books(NamedTuple):
    """A loan in the lender's books, fen.

    Attributes:
        principal_fen: on balance; below the contract's while cash for interest has gone to it.
        receivable_fen: interest that was called income and is not paid.
        memo_fen: interest that is owed and was not called income.
        income_fen: interest income up to now.
        applied_fen: cash for interest that lowered the principal.
        lost_fen: written off.
        recovered_fen: came after the write-off.
        fees_fen: charged after the write-off, a claim and no income.
        state: how interest is treated.
    """

    principal_fen: int
    receivable_fen: int = 0
    memo_fen: int = 0
    income_fen: int = 0
    applied_fen: int = 0
    lost_fen: int = 0
    recovered_fen: int = 0
    fees_fen: int = 0
    state: State = State.ACCRUING


def must_suspend(days_past_due: int, limit_days: int) -> bool:
    """Whether accrual is suspended: more days past due than `SUSPENDED_AFTER_DAYS` allows."""
    return days_past_due > limit_days


def accrue(books: Books, interest_fen: int) -> Books:
    """Book interest, penalty and compound interest included, that the contract has accrued.

    Raises:
        UsageError: a sum below 0.
    """
    _judge("interest", interest_fen)
    if books.state is State.ACCRUING:
        return books._replace(
            receivable_fen=books.receivable_fen + interest_fen, income_fen=books.income_fen + interest_fen
        )
    return books._replace(memo_fen=books.memo_fen + interest_fen)


def suspend(books: Books) -> Books:
    """Take unpaid interest out of income and into the memo; a loan that is not accruing stays as it is."""
    if books.state is not State.ACCRUING:
        return books
    return books._replace(
        receivable_fen=0,
        memo_fen=books.memo_fen + books.receivable_fen,
        income_fen=books.income_fen - books.receivable_fen,
        state=State.SUSPENDED,
    )


def resume(books: Books) -> Books:
    """Accrue again: the memo becomes receivable, and what cash took off the principal is income after all.

    Raises:
        UsageError: the loan was written off.
    """
    if books.state is State.WRITTEN_OFF:
        raise UsageError("a loan that was written off does not accrue again; book what comes as a recovery")
    return books._replace(
        principal_fen=books.principal_fen + books.applied_fen,
        receivable_fen=books.receivable_fen + books.memo_fen,
        memo_fen=0,
        income_fen=books.income_fen + books.memo_fen + books.applied_fen,
        applied_fen=0,
        state=State.ACCRUING,
    )


def write_off(books: Books, fees_fen: int = 0) -> Books:
    """Take principal, unpaid interest and unpaid fees off balance, as a loss; the claim lives on in the loan's account."""
    return books._replace(
        principal_fen=0,
        receivable_fen=0,
        lost_fen=books.lost_fen + books.principal_fen + books.receivable_fen + fees_fen,
        state=State.WRITTEN_OFF,
    )


def receive(books: Books, interest_fen: int, principal_fen: int, cash_to: CashTo = CashTo.PRINCIPAL) -> Books:
    """Book a payment, as the contract's allocation has split it.

    Args:
        books: before the payment.
        interest_fen: to interest, penalty and compound interest.
        principal_fen: to principal.
        cash_to: the setting in force, `CASH_TO.on(day)`.

    Raises:
        UsageError: a sum below 0, or more than the books know of.
    """
    _judge("interest", interest_fen)
    _judge("principal", principal_fen)
    if books.state is State.WRITTEN_OFF:
        return books._replace(recovered_fen=books.recovered_fen + interest_fen + principal_fen)
    known = books.receivable_fen if books.state is State.ACCRUING else books.memo_fen
    if interest_fen > known or principal_fen > books.principal_fen + books.applied_fen:
        raise UsageError(
            f"payment of {interest_fen} fen interest and {principal_fen} fen principal is more than is booked, "
            f"{known} and {books.principal_fen + books.applied_fen} fen; accrue first"
        )
    if books.state is State.ACCRUING:
        return books._replace(
            receivable_fen=books.receivable_fen - interest_fen,
            principal_fen=books.principal_fen - principal_fen,
        )
    return _received_suspended(books, interest_fen, principal_fen, cash_to)


def _received_suspended(books: Books, interest: int, principal: int, cash_to: CashTo) -> Books:
    """What of a payment the book's principal takes lowers it; the rest is income."""
    wanted = principal + (interest if cash_to is CashTo.PRINCIPAL else 0)
    lowered = min(wanted, books.principal_fen)
    return books._replace(
        principal_fen=books.principal_fen - lowered,
        memo_fen=books.memo_fen - interest,
        income_fen=books.income_fen + interest + principal - lowered,
        applied_fen=books.applied_fen + lowered - principal,
    )


def _judge(name: str, amount: int) -> None:
    if check_minor(amount, name) < 0:
        raise UsageError(f"{name} of {amount} fen is below 0; reverse it by replaying without it")
