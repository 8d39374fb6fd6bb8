"""A transaction: what happened once, as entries that sum to zero in every currency."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from suixin.errors import LedgerError
from suixin.ledger.chart import CHART
from suixin.money import CURRENCIES, check_minor

MAX_ENTRIES = 1_000
MAX_TEXT = 200


class Entry(NamedTuple):
    """One line: an account, whose it is (a loan's or a party's pseudonym, or ''), and the sum.

    The sum is in minor units of its currency: above 0 is a debit, below 0 a credit.
    """

    account: str
    subject: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A balanced transaction; nothing else can be made.

    Attributes:
        key: names it within its book, for good: the same key never stands for two things.
        kind: the event behind it, such as 'disbursed' or 'accrued'.
        booked_on: the business date of the book.
        value_on: the day from which it counts; earlier than booked when it was entered late.
        entries: at least two, none of 0, one a (account, subject, currency), in that order.
        reference: what it belongs to outside the ledger: a loan, a payment's own number.
        reverses: the key of the transaction that it takes back, or ''.
        reason: why, in words; a reversal must have one.
    """

    key: str
    kind: str
    booked_on: date
    value_on: date
    entries: tuple[Entry, ...]
    reference: str = ""
    reverses: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if not _plain(self):
            _judge_texts(self)
        for day in (self.booked_on, self.value_on):
            if not isinstance(day, date) or isinstance(day, datetime):
                raise LedgerError(f"transaction {self.key}: {day!r} is no date; pass a civil date")
        if self.value_on > self.booked_on:
            raise LedgerError(
                f"transaction {self.key} counts from {self.value_on}, after it is booked on {self.booked_on}; "
                "book it on the day"
            )
        if self.reverses and not self.reason:
            raise LedgerError(f"transaction {self.key} takes {self.reverses} back without a reason; give one")
        _judge_entries(self.key, self.entries)


def gathered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries with one line an account, subject and currency, in order, without those that cancel out."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for account, subject, currency, amount in entries:
        sums[account, subject, currency] += amount
    return tuple(Entry(*line, amount) for line, amount in sorted(sums.items()) if amount)


def reversal(of: Transaction, key: str, booked_on: date, reason: str) -> Transaction:
    """Return the transaction that takes another back exactly, from the day on which that one counted.

    Raises:
        LedgerError: no reason, or a day before the other was booked.
    """
    if booked_on < of.booked_on:
        raise LedgerError(
            f"reversal {key} on {booked_on} comes before {of.key}, booked on {of.booked_on}; book it later"
        )
    entries = tuple(entry._replace(amount_minor=-entry.amount_minor) for entry in of.entries)
    return Transaction(key, of.kind, booked_on, of.value_on, entries, of.reference, of.key, reason)


def _plain(made: Transaction) -> bool:
    """Whether all its texts are in order together, as nearly always; else each is judged, to be named."""
    try:
        text = made.key + made.kind + made.reference + made.reverses + made.reason
    except TypeError:
        return False
    return bool(made.key and made.kind) and len(text) <= MAX_TEXT and text.isprintable()


def _judge_texts(made: Transaction) -> None:
    for name, text, needed in (
        ("key", made.key, True),
        ("kind", made.kind, True),
        ("reference", made.reference, False),
        ("reverses", made.reverses, False),
        ("reason", made.reason, False),
    ):
        if not isinstance(text, str) or len(text) > MAX_TEXT or (needed and not text):
            raise LedgerError(f"{name} {text!r}: give a text of at most {MAX_TEXT} characters")
        if not text.isprintable():
            raise LedgerError(f"{name} {text!r} holds a character that cannot be printed; leave it out")


def _judge_entries(key: str, entries: tuple[Entry, ...]) -> None:
    if not 2 <= len(entries) <= MAX_ENTRIES:
        raise LedgerError(f"transaction {key} has {len(entries)} entries; give 2 to {MAX_ENTRIES}")
    sums: dict[str, int] = {}
    before = ("", "", "")
    for account, subject, currency, amount in entries:
        if account not in CHART:
            raise LedgerError(f"transaction {key}: account {account!r} is not in the chart")
        if currency not in CURRENCIES:
            raise LedgerError(f"transaction {key}: currency {currency!r} is unknown")
        if not check_minor(amount, "entry"):
            raise LedgerError(f"transaction {key}: an entry of 0 on {account}; leave it out")
        line = (account, subject, currency)
        if line <= before:
            raise LedgerError(
                f"transaction {key}: {account} {subject} is out of order or twice; gather its entries first"
            )
        before = line
        sums[currency] = sums.get(currency, 0) + amount
    for currency, total in sums.items():
        if total:
            raise LedgerError(f"transaction {key} does not balance: {total} {currency} minor units too many")
