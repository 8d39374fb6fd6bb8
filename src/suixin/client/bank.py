"""What a program asks of a bank, typed: rows into the lake, applications and their why, loans, payments, settlements."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import quote

from suixin.client import answers
from suixin.client.answers import Money, read
from suixin.client.asking import Door
from suixin.errors import AnswerError, UsageError

A = TypeVar("A")
NDJSON = "application/x-ndjson"
MOST_BYTES = 4 * 1024 * 1024
"""So large a part of a push is at most; the server takes 5 MB."""


@runtime_checkable
class Frame(Protocol):
    """A table with named rows, such as a Polars DataFrame."""

    def iter_rows(self, *, named: bool) -> Iterator[Any]:
        """Its rows."""


class Bank:
    """A bank's server, through one client of its API.

    Every write takes a key, your own name for it: sent again, by you or by this class after a time-out, it is done once.
    """

    def __init__(
        self, server: str, client_id: str, client_secret: str, *, page_rows: int = 200, **more: Any
    ) -> None:
        """Args: as `Door`; `page_rows` is how many rows of a list are fetched at a time."""
        self._door = Door(server, client_id, client_secret, **more)
        self._page_rows = page_rows

    def push(
        self, table: str, rows: Frame | Iterable[Mapping[str, Any]], *, key: str
    ) -> list[answers.Pushed]:
        """Push rows of a standard table; what became of each part.

        Args:
            table: such as `orders`.
            rows: a Polars frame, or a mapping a row; dates, instants and decimals as Python has them.
            key: of the push; its parts are `key.1`, `key.2` ..., so that the same rows under the same key are sent once.

        Raises:
            ApiError: the server refused a part; those before it are in the lake.
            UsageError: a row is larger than a part may be.
        """
        parts = enumerate(_parts(rows), start=1)
        path = f"/data/{_named(table)}"
        return [
            read(answers.Pushed, self._door.post(path, part, key=f"{key}.{number}", kind=NDJSON))
            for number, part in parts
        ]

    def applications(
        self, *, state: str | None = None, merchant_id: str | None = None
    ) -> Iterator[answers.Application]:
        """Applications, the oldest first, a page fetched when it is needed."""
        return self._listed(answers.Application, "/applications", state=state, merchant_id=merchant_id)

    def application(self, number: str) -> answers.Application:
        """One application."""
        return read(answers.Application, self._door.get(f"/applications/{_named(number)}"))

    def file(
        self, merchant_id: str, amount: Money, purpose: str, *, key: str, by_people: bool = False
    ) -> answers.Application:
        """File an application for a merchant who is enrolled."""
        sent = {
            "merchant_id": merchant_id,
            "amount": _sum(amount),
            "purpose": purpose,
            "by_people": by_people,
        }
        return self._written(answers.Application, "/applications", sent, key)

    def decide(self, number: str, *, key: str) -> answers.Decision:
        """Have an application assessed, under the merchant's consents; the decision with its reasons."""
        path = f"/applications/{_named(number)}/decision"
        return read(answers.Decision, self._door.post(path, b"", key=key))

    def decision(self, number: str) -> answers.Decision:
        """The decision that holds."""
        return read(answers.Decision, self._door.get(f"/applications/{_named(number)}/decision"))

    def loans(self, *, state: str | None = None, borrower: str | None = None) -> Iterator[answers.Loan]:
        """Loans, the oldest first."""
        return self._listed(answers.Loan, "/loans", state=state, borrower=borrower)

    def loan(self, number: str) -> answers.LoanDetail:
        """One loan, with what closes it today."""
        return read(answers.LoanDetail, self._door.get(f"/loans/{_named(number)}"))

    def schedule(self, number: str) -> list[answers.Instalment]:
        """What falls due when."""
        told = self._door.get(f"/loans/{_named(number)}/schedule")
        return [read(answers.Instalment, one) for one in _listed_in(told, "instalments")]

    def statement(
        self, number: str, *, first_on: date | None = None, last_on: date | None = None
    ) -> list[answers.StatementLine]:
        """What happened to a loan's account."""
        told = self._door.get(f"/loans/{_named(number)}/statement", first_on=first_on, last_on=last_on)
        return [read(answers.StatementLine, one) for one in _listed_in(told, "lines")]

    def repayments(self, number: str) -> Iterator[answers.Repayment]:
        """Payments that came, the oldest first."""
        return self._listed(answers.Repayment, f"/loans/{_named(number)}/repayments")

    def repay(self, number: str, amount: Money, *, key: str, on: date | None = None) -> answers.RepaymentDone:
        """Take in a payment that has come; it counts from the business date unless a day is given."""
        sent = {"amount": _sum(amount), "on": on.isoformat() if on else None}
        return self._written(answers.RepaymentDone, f"/loans/{_named(number)}/repayments", sent, key)

    def settlements(self, number: str) -> Iterator[answers.Settlement]:
        """What platforms settled of authorised shops, the oldest first."""
        return self._listed(answers.Settlement, f"/loans/{_named(number)}/settlements")

    def settle(
        self,
        number: str,
        sales: Money,
        *,
        platform: str,
        shop: str,
        settlement: str,
        settled_on: date,
        key: str,
    ) -> answers.Settlement:
        """Take in a settlement of a platform's sales."""
        sent = {"platform": platform, "shop": shop, "settlement": settlement, "sales": _sum(sales)}
        sent |= {"settled_on": settled_on.isoformat()}
        return self._written(answers.Settlement, f"/loans/{_named(number)}/settlements", sent, key)

    def portfolio(self) -> answers.Portfolio:
        """The house's loans as a whole."""
        return read(answers.Portfolio, self._door.get("/portfolio"))

    def _written(self, kind: type[A], path: str, sent: Mapping[str, Any], key: str) -> A:
        return read(kind, self._door.post(path, json.dumps(sent).encode(), key=key))

    def _listed(self, kind: type[A], path: str, **asked: object) -> Iterator[A]:
        cursor: object = None
        while True:
            page = self._door.get(path, cursor=cursor, limit=self._page_rows, **asked)
            for one in _listed_in(page, "items"):
                yield read(kind, one)
            before, cursor = cursor, page.get("next")
            if cursor is None:
                return
            if cursor == before:
                raise AnswerError(f"the server's list {path} does not go on behind {cursor!r}")


def _listed_in(told: Any, name: str) -> list[Any]:
    match told:
        case {**held} if isinstance(found := held.get(name), list):
            return found
    raise AnswerError(f"the server's answer has no {name!r}")


def _parts(rows: Frame | Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Lines of JSON, as many as a part may hold."""
    held: list[bytes] = []
    size = 0
    found = rows.iter_rows(named=True) if isinstance(rows, Frame) else iter(rows)
    for row in found:
        line = json.dumps(row, default=_text, ensure_ascii=False).encode() + b"\n"
        if len(line) > MOST_BYTES:
            raise UsageError(f"a row of {len(line)} bytes is larger than {MOST_BYTES}")
        if held and size + len(line) > MOST_BYTES:
            yield b"".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield b"".join(held)


def _text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise UsageError(
        f"{value!r} cannot stand in a row; give text, numbers, decimals, dates, True, False or None"
    )


def _sum(given: Money) -> dict[str, str]:
    return {"amount": f"{given.amount:f}", "currency": given.currency}


def _named(name: str) -> str:
    return quote(name, safe="")
