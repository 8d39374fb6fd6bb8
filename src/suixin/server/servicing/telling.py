"""What others are told of a loan, as messages of the topics; written in the transaction that makes it true."""

from collections.abc import Sequence
from datetime import date

from suixin.ledger.transaction import Transaction
from suixin.lending.events import Drawn, Event, Received
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing.models import Loan, Settlement
from suixin.server.webhooks.topics import news, sum_of


def happened(book: Book, row: Loan, event: Event, day: date, action: str) -> News:
    """An event of a loan that stands as the row says."""
    key, stands = _key(book, row.number, event.key), _stands(book, row)
    if isinstance(event, Drawn):
        amount = sum_of(event.amount_fen, book.currency)
        return news("loan.drawn", key, key=event.key, amount=amount, on=event.on.isoformat(), **stands)
    if isinstance(event, Received):
        return received(book, row, event)
    return changed(book, row, event.key, day, action)


def received(book: Book, row: Loan, event: Received) -> News:
    """A payment."""
    return news(
        "repayment.received",
        _key(book, row.number, event.key),
        key=event.key,
        amount=sum_of(event.amount_fen, book.currency),
        source=event.source.value,
        on=event.on.isoformat(),
        **_stands(book, row),
    )


def taken_back(book: Book, row: Loan, event_key: str, day: date) -> News:
    """A payment that is no more."""
    key = _key(book, row.number, event_key)
    return news("repayment.taken_back", key, key=event_key, on=day.isoformat(), **_stands(book, row))


def changed(book: Book, row: Loan, key: str, day: date, action: str) -> News:
    """Something else, by the name of the action that did it."""
    what = action.removeprefix("lending.")
    return news(
        "loan.changed",
        _key(book, row.number, f"{key} {what}"),
        what=what,
        on=day.isoformat(),
        **_stands(book, row),
    )


def relieved(book: Book, row: Loan, key: str, day: date) -> News:
    """Other terms."""
    told = {"loan": row.number, "merchant_id": row.borrower, "key": key, "on": day.isoformat()}
    return news("relief.granted", _key(book, row.number, key), **told)


def repaid(book: Book, row: Loan, before: str, booked: Sequence[Transaction], day: date) -> list[News]:
    """That nothing is owed any more, if that is new; a loan that is closed, opened again and closed is told again."""
    if row.state != Loan.State.CLOSED or before == Loan.State.CLOSED:
        return []
    told = {"loan": row.number, "merchant_id": row.borrower, "on": day.isoformat(), "state": row.state}
    key = booked[-1].key if booked else f"{row.number}/{day.isoformat()}"
    return [news("loan.repaid", f"{book.code}/{key}", **told)]


def split(book: Book, row: Settlement, loan: Loan, key: str, day: date) -> News:
    """How a platform parts a settlement; the key is that of the payment which it makes."""
    held, sales = row.authorisation, row.sales_minor - row.returned_minor
    return news(
        "settlement.split",
        _key(book, loan.number, key),
        loan=loan.number,
        merchant_id=loan.borrower,
        platform=held.platform,
        shop=held.shop,
        settlement=row.key,
        sales=sum_of(row.sales_minor, book.currency),
        returned=sum_of(row.returned_minor, book.currency),
        withheld=sum_of(row.withheld_minor, book.currency),
        left=sum_of(sales - row.withheld_minor, book.currency),
        on=day.isoformat(),
    )


def _stands(book: Book, row: Loan) -> dict[str, object]:
    return {
        "loan": row.number,
        "merchant_id": row.borrower,
        "principal": sum_of(row.principal_minor, book.currency),
        "state": row.state,
    }


def _key(book: Book, number: str, key: str) -> str:
    return f"{book.code}/{number}/{key}"
