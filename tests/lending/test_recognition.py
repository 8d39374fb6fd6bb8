"""Income recognition: what leaves income and where later cash goes, by hand and on any history."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.recognition import (
    CASH_TO,
    SUSPENDED_AFTER_DAYS,
    Books,
    CashTo,
    State,
    accrue,
    must_suspend,
    receive,
    resume,
    suspend,
    write_off,
)

LOAN = accrue(Books(100_000), 900)


def test_interest_is_suspended_after_ninety_days():
    """Protects the edge, from a dated parameter that says it is not confirmed."""
    stated = SUSPENDED_AFTER_DAYS.stated_on(date(2026, 1, 1))
    assert [must_suspend(days, stated.value) for days in (90, 91)] == [False, True]
    assert not stated.verified
    assert CASH_TO.on(date(2026, 1, 1)) is CashTo.PRINCIPAL


def test_an_accruing_loan_is_paid():
    """Protects the ordinary case: income as it accrues, cash settles what is receivable."""
    assert receive(LOAN, 900, 5_000) == Books(95_000, income_fen=900)


def test_suspension_reverses_income_once():
    """Protects the reversal: unpaid interest leaves income, later interest never enters it, twice is once."""
    held = suspend(LOAN)
    assert held == Books(100_000, memo_fen=900, state=State.SUSPENDED)
    assert suspend(held) is held
    assert accrue(held, 300).memo_fen == 1_200
    assert accrue(held, 300).income_fen == 0


def test_later_cash_by_setting():
    """Protects both settings: 700 for interest and 1,000 for principal lower the principal by 1,700, or by 1,000 and
    are income of 700. What the contract still owes is the same."""
    held = suspend(LOAN)
    to_principal = receive(held, 700, 1_000, CashTo.PRINCIPAL)
    assert to_principal == Books(98_300, memo_fen=200, applied_fen=700, state=State.SUSPENDED)
    to_income = receive(held, 700, 1_000, CashTo.INCOME)
    assert to_income == Books(99_000, memo_fen=200, income_fen=700, state=State.SUSPENDED)
    assert to_principal.principal_fen + to_principal.applied_fen == to_income.principal_fen


def test_cash_beyond_the_books_principal_is_income():
    """Protects the end of a bad loan that pays after all: nothing goes below 0."""
    done = receive(receive(suspend(LOAN), 900, 0), 0, 100_000)
    assert done == Books(0, income_fen=900, state=State.SUSPENDED)


def test_resumption_gives_both_settings_the_same_books():
    """Protects the cure: the memo is receivable again, and applied cash is income after all."""
    held = suspend(LOAN)
    ends = {resume(receive(held, 700, 1_000, cash_to)) for cash_to in CashTo}
    assert ends == {Books(99_000, receivable_fen=200, income_fen=900)}


def test_a_written_off_claim_lives_on():
    """Protects the write-off: off balance, interest runs on as a memo, what comes is a recovery."""
    gone = write_off(suspend(LOAN))
    assert gone == Books(0, memo_fen=900, lost_fen=100_000, state=State.WRITTEN_OFF)
    assert receive(accrue(gone, 50), 10, 20) == gone._replace(memo_fen=950, recovered_fen=30)
    assert suspend(gone) is gone
    with pytest.raises(UsageError, match="written off"):
        resume(gone)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accrue(LOAN, -1), "below 0"),
        (lambda: receive(LOAN, 901, 0), "accrue first"),
        (lambda: receive(LOAN, 0, 100_001), "accrue first"),
    ],
)
def test_bad_sums_are_refused(call, message):
    """Protects the entry."""
    with pytest.raises(UsageError, match=message):
        call()


@given(
    st.integers(0, 10**6),
    st.lists(
        st.tuples(
            st.sampled_from(["accrue", "pay", "suspend", "resume", "write off"]),
            st.integers(0, 10**5),
            st.integers(0, 10**5),
            st.sampled_from(CashTo),
        ),
        max_size=12,
    ),
)
def test_the_books_balance_on_any_history(principal, steps):
    """Protects the identity of the module, that nothing on balance falls below 0, and that income and what is not
    income yet make all interest that ever accrued."""
    books, cash, accrued = Books(principal), 0, 0
    for what, first, second, cash_to in steps:
        gone = books.state is State.WRITTEN_OFF
        if what == "accrue":
            books, accrued = accrue(books, first), accrued + first
        elif what == "pay":
            known = books.receivable_fen if books.state is State.ACCRUING else books.memo_fen
            interest = first if gone else min(first, known)
            part = second if gone else min(second, books.principal_fen + books.applied_fen)
            books, cash = receive(books, interest, part, cash_to), cash + interest + part
        elif what == "suspend":
            books = suspend(books)
        elif what == "write off":
            books = write_off(books)
        elif not gone:
            books = resume(books)
        on_balance = books.principal_fen + books.receivable_fen
        assert on_balance == principal + books.income_fen - cash - books.lost_fen + books.recovered_fen
        assert min(books[:7]) >= 0
        assert books.income_fen + books.memo_fen + books.applied_fen == accrued
