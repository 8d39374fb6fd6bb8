"""Between the row of a loan and the loan that the library knows."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from suixin.ledger.servicing import Loan as Held
from suixin.ledger.servicing import Risk
from suixin.lending.account import Account
from suixin.lending.class_rules import FiveClass
from suixin.lending.classes import Flag
from suixin.lending.contract import rate_ppm
from suixin.lending.documents import read_account, read_contract, read_event, write_account
from suixin.lending.events import Event, Received, Source
from suixin.lending.positions import Positions
from suixin.lending.recognition import State as BooksState
from suixin.lending.stretch import Stretch
from suixin.server.servicing.models import Loan, LoanEvent


def read(row: Loan, *, with_events: bool) -> Held:
    """The loan of a row.

    Args:
        row: as stored.
        with_events: whether its events are read; the nights of a loan that is not watched do not need them.
    """
    return _held(row, tuple(events_of(row)) if with_events or _is_watched(row) else ())


def read_all(rows: Sequence[Loan]) -> dict[str, Held]:
    """Number -> the loan with its events, in one query for all of them."""
    kept: dict[int, list[LoanEvent]] = {row.pk: [] for row in rows}
    for one in LoanEvent.objects.filter(loan_id__in=list(kept)).order_by("id"):
        kept[one.loan_id].append(one)
    return {row.number: _held(row, tuple(_counting(kept[row.pk]))) for row in rows}


def _held(row: Loan, events: tuple[Event, ...]) -> Held:
    contract = read_contract(row.contract)
    return Held(
        contract=contract,
        events=events,
        account=read_account(contract, row.account),
        stretch=stretch_of(row),
        five_class=FiveClass(row.five_class),
        allowance_fen=row.allowance_minor,
        risk=None if row.risk is None else _risk(row.risk),
        flags=frozenset(Flag(name) for name in row.flags),
        restructurings=row.restructurings,
        restructured_on=tuple(date.fromisoformat(day) for day in row.restructured_on),
        small_retail=row.small_retail,
        non_performing_on=row.non_performing_on,
    )


def _is_watched(row: Loan) -> bool:
    """As `suixin.ledger.loan.Loan.is_watched`."""
    held_back = FiveClass(row.five_class).non_performing and not row.small_retail
    return row.restructurings > 0 or held_back


def events_of(row: Loan) -> Iterable[Event]:
    """Its events that were not taken back: by day, those of one day as they came."""
    return _counting(list(LoanEvent.objects.filter(loan_id=row.pk).order_by("id")))


def _counting(rows: Sequence[LoanEvent]) -> Iterable[Event]:
    gone = {one.takes_back for one in rows}
    held = [one for one in rows if not one.takes_back and one.key not in gone]
    return (read_event(one.kind, one.document) for one in sorted(held, key=lambda one: one.on))


STRETCH = (
    "from_on",
    "until_on",
    "interest",
    "interest_daily",
    "cap_minor",
    "late",
    "late_daily",
    "late_paid_minor",
    "year_days",
)
"""The columns of a loan's quiet days, in the order of `suixin.lending.stretch.Columns`."""


def stretch_of(row: Loan) -> Stretch:
    """Its quiet days."""
    return Stretch(
        loan=row.number,
        from_on=row.from_on,
        until_on=row.until_on,
        interest=row.interest,
        interest_daily=row.interest_daily,
        cap_fen=row.cap_minor,
        late=row.late,
        late_daily=row.late_daily,
        late_paid_fen=row.late_paid_minor,
        year_days=row.year_days,
        state=BooksState(row.books_state),
        begins=Positions(*row.begins),
    )


def write(row: Loan, held: Held) -> Loan:
    """Put a loan into its row, which is saved by the caller."""
    ahead, account = held.stretch, held.account
    _count(row, account)
    row.account = write_account(account)
    row.begins = list(ahead.begins)
    row.five_class = int(held.five_class)
    row.allowance_minor = held.allowance_fen
    row.flags = sorted(flag.value for flag in held.flags)
    row.restructurings = held.restructurings
    row.restructured_on = [day.isoformat() for day in held.restructured_on]
    row.small_retail, row.non_performing_on = held.small_retail, held.non_performing_on
    row.is_live = held.is_live
    row.principal_minor, row.drawn_minor = account.principal_fen, account.drawn
    row.bills_on = account.bills_on
    row.from_on, row.until_on = ahead.from_on, ahead.until_on
    row.interest, row.interest_daily, row.cap_minor = ahead.interest, ahead.interest_daily, ahead.cap_fen
    row.late, row.late_daily, row.late_paid_minor = ahead.late, ahead.late_daily, ahead.late_paid_fen
    row.year_days, row.books_state = ahead.year_days, ahead.state.value
    row.state = _state(row, held)
    return row


def _count(row: Loan, account: Account) -> None:
    """Its days past due and its rate, while the row still says how late it was before."""
    today, late = account.today, account.arrears.days_past_due
    ended_on, next_day = today - timedelta(days=1), today + timedelta(days=1)
    before = row.days_past_due(ended_on) if row.from_on else 0
    days, tomorrow = late(today), late(next_day)
    row.overdue_days, row.ended_days = days, late(ended_on)
    row.worst_days = max(row.worst_days, before, row.ended_days)
    row.overdue_on = next_day - timedelta(days=tomorrow) if tomorrow > days else None
    terms = account.contract.terms if account.course is None else account.course.terms
    row.rate_ppm = rate_ppm(terms.rate_on(today))


KEPT = (
    "account",
    "begins",
    "five_class",
    "allowance_minor",
    "flags",
    "restructurings",
    "restructured_on",
    "small_retail",
    "non_performing_on",
    "is_live",
    "principal_minor",
    "drawn_minor",
    "rate_ppm",
    "overdue_days",
    "overdue_on",
    "ended_days",
    "worst_days",
    "bills_on",
    "from_on",
    "until_on",
    "interest",
    "interest_daily",
    "cap_minor",
    "late",
    "late_daily",
    "late_paid_minor",
    "year_days",
    "books_state",
    "state",
)
"""The columns that `write` fills."""


def save(rows: Sequence[Loan]) -> None:
    """Save what `write` fills, of many rows in one go."""
    fields = [field for field in Loan._meta.concrete_fields if field.name in KEPT]
    columns = ", ".join(f"{field.column} = %s" for field in fields)
    sql = f"UPDATE servicing_loan SET {columns} WHERE id = %s AND organisation_id = %s"  # noqa: S608  our own names
    here = connections[DEFAULT_DB_ALIAS]  # not its proxy, which looks for the thread's own at every figure
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), here) for field in fields]
        + [row.pk, row.organisation_id]
        for row in rows
    ]
    if values:
        with here.cursor() as cursor:
            cursor.executemany(sql, values)


_UNDRAWN = {Loan.State.OFFERED, Loan.State.ACCEPTED, Loan.State.WITHDRAWN}


def _state(row: Loan, held: Held) -> str:
    account = held.account
    if not account.drawn:  # not yet, or no longer: the drawdown was taken back
        return row.state if row.state in _UNDRAWN else Loan.State.ACCEPTED
    if held.stretch.state is BooksState.WRITTEN_OFF:
        return Loan.State.RECOVERED if account.is_closed else Loan.State.WRITTEN_OFF
    if account.is_closed:
        last = [event for event in held.events if isinstance(event, Received)][-1:]
        renewed = bool(last) and last[0].source is Source.RENEWAL
        return Loan.State.RENEWED if renewed or row.state == Loan.State.RENEWED else Loan.State.CLOSED
    if account.days_past_due:
        return Loan.State.ARREARS
    return Loan.State.RESTRUCTURED if held.restructurings else Loan.State.ACTIVE


def _risk(document: list[Any]) -> Risk:
    year, lifetime, lgd, at_grant = document
    before = None if at_grant is None else Decimal(at_grant)
    return Risk(Decimal(year), Decimal(lifetime), Decimal(lgd), before)


def risk_document(risk: Risk | None) -> list[Any] | None:
    """A loan's risk as JSON."""
    return None if risk is None else [None if part is None else str(part) for part in risk]
