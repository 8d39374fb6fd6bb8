"""What the database refuses, as the errors of the house."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from suixin.errors import BusinessDateError, FundsError, HoldError, LedgerError

_BY_WORDS: dict[str, tuple[type[LedgerError], str]] = {
    "balance_available": (
        FundsError,
        "the posting takes what is held on an account; void or post the hold first",
    ),
    "suixin business date": (BusinessDateError, "the book's business date is another one"),
    "suixin hold": (HoldError, "the hold was ended before, or was never placed"),
    "hold_posted_once": (HoldError, "the transaction has posted another hold"),
    "suixin reversal": (LedgerError, "a reversal takes back what was never posted"),
    "transaction_reversed_once": (LedgerError, "the transaction was taken back before"),
    "ledger_transaction.reverses": (LedgerError, "the transaction was taken back before"),
    "balance_size": (LedgerError, "a balance would be larger than any balance may be"),
    "entry_amount": (LedgerError, "an entry is 0, or larger than any entry may be"),
}
"""The database's words -> the error and what it means to a user."""


@contextmanager
def typed() -> Iterator[None]:
    """Raise the error of the house where the database refused; what is not known stays a bug."""
    try:
        yield
    except IntegrityError as error:
        for words, (kind, meaning) in _BY_WORDS.items():
            if words in str(error):
                raise kind(meaning) from error
        raise
