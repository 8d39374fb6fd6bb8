"""The one way in which anything happens to a loan: lock, fold, save, post, tell, write down; all or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from suixin.errors import BusinessDateError, ConflictError, LendingError
from suixin.ledger.servicing import Changed, happen, taken_on
from suixin.ledger.servicing import Loan as Held
from suixin.ledger.transaction import Transaction
from suixin.lending.contract import Contract
from suixin.lending.documents import write_contract, write_event
from suixin.lending.events import Drawn, Event
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import hands, keeping, telling
from suixin.server.servicing.models import DayEnd, Loan, LoanEvent

MAX_NAME = 95


def open_day(book: Book) -> date:
    """The book's business date, which stands still until the transaction ends.

    Raises:
        BusinessDateError: its end is running; what is asked can be done once it is over.
    """
    locks.post_to_book(book.pk)
    day = queries.day_of(book).business_on
    if DayEnd.objects.filter(book_id=book.pk, day=day, finished_at=None).exists():
        raise BusinessDateError(
            f"book {book.code} is ending {day}; try again in a moment", zh="银行正在日终处理，请过一会儿再试"
        )
    return day


def locked(book: Book, *numbers: str) -> list[Loan]:
    """The rows of loans, locked, in the order of the numbers.

    Raises:
        LendingError: there is none of that number.
    """
    found = {row.number: row for row in locks.rows(Loan.objects.filter(book_id=book.pk, number__in=numbers))}
    for number in numbers:
        if number not in found:
            raise LendingError(f"book {book.code} has no loan {number!r}", zh=f"没有贷款 {number}")
    return [found[number] for number in numbers]


def let_happen(
    book: Book,
    number: str,
    make: Callable[[date], Event],
    *,
    key: str,
    asked: Mapping[str, Any],
    action: str,
    by: Actor,
    at: datetime,
    check: Callable[[Loan, date], None] | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Let an event happen to a loan, once for its key: asked again, on whatever day, it returns what it did.

    Args:
        book: the lender's.
        number: the loan's.
        make: the event, given the open day.
        key: the caller's, which the event bears.
        asked: what the caller asked for, as JSON: with the same key it must be the same.
        action: the registered name that the actor must be granted.
        by: who does it.
        at: when.
        check: what else must hold, of the row and the open day; raises what it finds.
        reason: in words, for the audit log.

    Returns:
        What was booked, and a payment's allocation, as JSON.

    Raises:
        LendingError, LedgerError: the loan or the book refuses it; nothing is written.
        ConflictError: the key was used for something else.
        AccessError: the actor may not, or is a relative of the borrower.
    """

    def do() -> dict[str, Any]:
        day = open_day(book)
        (row,) = locked(book, number)
        held = keeping.read(row, with_events=True)
        event = make(day)
        if not held.account.drawn and not isinstance(event, Drawn):
            raise LendingError(
                f"{event.key} comes before the loan is paid out: {number} is {row.state}",
                zh=f"贷款 {number} 还没有放款，不能办理",
            )
        if check is not None:
            check(row, day)
        changed = happen(held, event, day)
        add_event(row, event, day, by=by, at=at, reason=reason)

        def news() -> list[News]:
            return [telling.happened(book, row, event, day, action)]

        finish(
            book, row, changed.loan, changed.booked, news, day=day, action=action, by=by, at=at, reason=reason
        )
        return told(changed)

    with tenancy.within(book.organisation_id):
        by.require(action, book, None if by.is_program else hands.of_loan(book, number))
        judged(key)
        result: dict[str, Any] = once(action, scoped(book, number, key), {"loan": number, **asked}, do, at=at)
        return result


def judged(name: str, most: int = MAX_NAME) -> str:
    """A key or a number, if it can stand in the names of transactions.

    Raises:
        LendingError: it is empty, too long, not printable, or holds the stroke that parts such names.
    """
    if not name or len(name) > most or "/" in name or not name.isprintable():
        raise LendingError(
            f"key {name!r}: give 1 to {most} printable characters without '/'",
            zh=f"编号须为 1 至 {most} 个可见字符，不含“/”",
        )
    return name


def scoped(book: Book, *names: str) -> str:
    """A key of idempotency: the same words in another book are something else."""
    return "/".join([str(book.pk), *names])


def add_event(row: Loan, event: Event, day: date, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Keep an event."""
    kind, document = write_event(event)
    if LoanEvent.objects.filter(loan_id=row.pk, key=event.key).exists():
        raise ConflictError(
            f"loan {row.number} has had {event.key!r} before; use another key",
            zh="这笔业务已经办过，请刷新页面再看",
        )
    LoanEvent(
        loan=row,
        key=event.key,
        kind=kind,
        on=event.on,
        document=document,
        reason=reason,
        booked_on=day,
        by=by.name,
        at=at,
    ).save(force_insert=True)


def add_taken_back(
    row: Loan, event_key: str, day: date, *, key: str, reason: str, by: Actor, at: datetime
) -> None:
    """Keep that an event had not happened."""
    if LoanEvent.objects.filter(loan_id=row.pk, key=key).exists():
        raise ConflictError(
            f"loan {row.number} has had {key!r} before; use another key",
            zh="这笔业务已经办过，请刷新页面再看",
        )
    LoanEvent(
        loan=row,
        key=key,
        kind="taken back",
        on=day,
        takes_back=event_key,
        reason=reason,
        booked_on=day,
        by=by.name,
        at=at,
    ).save(force_insert=True)


def add_events(
    row: Loan, before: Held, after: Held, day: date, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Keep the events that a loan has and had not before."""
    known = {event.key for event in before.events}
    for event in after.events:
        if event.key not in known:
            add_event(row, event, day, by=by, at=at, reason=reason)


def finish(
    book: Book,
    row: Loan,
    held: Held,
    booked: tuple[Transaction, ...],
    news: Callable[[], list[News]],
    *,
    day: date,
    action: str,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Save a loan as it is now, post what it comes to, tell others, and write it down.

    Args:
        book: the lender's.
        row: of the loan.
        held: the loan as it is now.
        booked: what that comes to.
        news: what others are told, made once the row says how the loan stands.
        day: the open day.
        action: the registered name of what was done.
        by: who did it.
        at: when.
        reason: in words, for the audit log.
    """
    before = {"state": row.state, "principal_minor": row.principal_minor}
    keeping.write(row, held).save(update_fields=keeping.KEPT)
    after = {"state": row.state, "principal_minor": row.principal_minor}
    told_others = [*news(), *telling.repaid(book, row, str(before["state"]), booked, day)]
    post(book, booked, by=poster(by), news=told_others, at=at)
    record(by, action, row, before=before, after=after, reason=reason, at=at)


def poster(by: Actor) -> Actor:
    """The same actor, who may post what the action that was granted comes to."""
    return replace(by, granted=by.granted | {"ledger.transaction.post"})


def told(changed: Changed) -> dict[str, Any]:
    """What an event did, as JSON."""
    parts = changed.allocation.parts if changed.allocation else ()
    return {
        "loan": changed.loan.contract.loan,
        "booked": [made.key for made in changed.booked],
        "allocation": [[part.bucket.value, part.due_on.isoformat(), part.amount_fen] for part in parts],
        "overpaid_minor": changed.loan.account.overpaid,
        "owed_minor": changed.loan.account.payoff_fen,
    }


def new_row(book: Book, contract: Contract, borrower: str, **columns: Any) -> Loan:
    """A loan's row, filled and not saved."""
    row = Loan(
        book=book,
        number=contract.loan,
        borrower=borrower,
        contract=write_contract(contract),
        organisation_id=book.organisation_id,
        **columns,
    )
    return keeping.write(row, taken_on(contract))
