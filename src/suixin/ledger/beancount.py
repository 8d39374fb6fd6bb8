"""The journal for an independent auditor: plain-text accounting that `bean-check` reads.

The text opens every account, states every transaction with its key and days, and asserts the balance of every account
at the close of every day on which it moved. `bean-check` adds it all up again and knows nothing of this program.
Format: https://beancount.github.io/docs/beancount_language_syntax.html
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

import orjson

from suixin.ledger.chart import CHART, Kind
from suixin.ledger.transaction import Transaction
from suixin.money import CURRENCIES

_ROOTS = {
    Kind.ASSET: "Assets",
    Kind.LIABILITY: "Liabilities",
    Kind.INCOME: "Income",
    Kind.EXPENSE: "Expenses",
    Kind.MEMO: "Equity:Memo",
}
_NAMES = {code: f"{_ROOTS[account.kind]}:{account.path}" for code, account in CHART.items()}


def lines(title: str, transactions: Iterable[Transaction], *, opened_on: date) -> Iterator[str]:
    """Yield the file's lines.

    Args:
        title: of the book.
        transactions: ordered by the day on which they were booked.
        opened_on: no later than the first of them.
    """
    yield f"option {_text('title')} {_text(title)}"
    for currency in sorted(CURRENCIES):
        yield f"option {_text('operating_currency')} {_text(currency)}"
    yield ""
    for code, named in CHART.items():
        yield f"{opened_on} open {_NAMES[code]}"
        yield f"  code: {_text(code)}"
        yield f"  zh: {_text(named.zh)}"
    sums: Counter[tuple[str, str]] = Counter()
    for booked_on, made in groupby(transactions, key=lambda one: one.booked_on):
        moved: set[tuple[str, str]] = set()
        for one in made:
            yield from _transaction(one)
            for account, _, currency, amount in one.entries:
                sums[account, currency] += amount
                moved.add((account, currency))
        yield ""
        # An assertion holds at the beginning of its day, so that the next one asserts this day's close. Without a
        # stated tolerance an assertion forgives two halves of the last digit: one fen.
        for account, currency in sorted(moved):
            close = _major(sums[account, currency], currency)
            yield f"{booked_on + timedelta(days=1)} balance {_NAMES[account]}  {close} ~ 0 {currency}"


def _transaction(made: Transaction) -> Iterator[str]:
    yield ""
    yield f"{made.booked_on} * {_text(made.kind)} {_text(made.reason)}"
    yield f"  key: {_text(made.key)}"
    yield f"  value: {made.value_on}"
    if made.reference:
        yield f"  reference: {_text(made.reference)}"
    if made.reverses:
        yield f"  reverses: {_text(made.reverses)}"
    for account, subject, currency, amount in made.entries:
        yield f"  {_NAMES[account]}  {_major(amount, currency)} {currency}"
        if subject:
            yield f"    subject: {_text(subject)}"


def _major(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-CURRENCIES[currency].digits):f}"


def _text(text: str) -> str:
    """A quoted text; JSON's escapes of quotes and backslashes are beancount's too, and keys hold nothing else."""
    return orjson.dumps(text).decode()
