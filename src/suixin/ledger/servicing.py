"""A loan in the lender's hands: what happens to it, and its nights, as the transactions that they put in the book.

The record of a loan is its contract and its events. Whatever changes, the events are folded again up to the open day, and
what the positions differ by is one balanced transaction: a payment of today, one that counts from last week, one that is
taken back. Corrections need no rules of their own.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from suixin.errors import ConflictError, LendingError
from suixin.ledger.classing import allowance_needed, classed
from suixin.ledger.loan import Loan, Risk, taken_on
from suixin.ledger.rules import entries, provision, together, transaction
from suixin.ledger.transaction import Entry, Transaction, gathered, reversal
from suixin.lending.account import Account, fold
from suixin.lending.allocation import Allocation
from suixin.lending.class_rules import CN, ClassRules
from suixin.lending.documents import KIND_OF
from suixin.lending.events import Drawn, Event, Received, Source
from suixin.lending.positions import Positions, positions
from suixin.lending.prepay import Way
from suixin.lending.stages import rules_on
from suixin.lending.stretch import Stretch, stretch
from suixin.money import amount_text

__all__ = [
    "Changed",
    "Loan",
    "Risk",
    "Step",
    "accrued",
    "accrued_key",
    "ended",
    "happen",
    "journal_order",
    "lessen",
    "looked_at",
    "night",
    "opened",
    "provided",
    "renew",
    "renewed_by",
    "take_back",
    "taken_on",
]

_DAY = timedelta(days=1)
_RENEWED_BY = "renewed by "


class Changed(NamedTuple):
    """What an event did: the loan after it, its transactions (none if no money moved), and a payment's allocation."""

    loan: Loan
    booked: tuple[Transaction, ...]
    allocation: Allocation | None = None


class Step(NamedTuple):
    """What a step of the day did to a loan: the loan after it, and its transactions in order."""

    loan: Loan
    booked: list[Transaction]


def happen(loan: Loan, event: Event, open_on: date) -> Changed:
    """Let an event happen on the open day, or on an earlier one: then everything since counts anew.

    Raises:
        LendingError: the loan refuses it, or it lies after the open day.
        ConflictError: its key was used for another event.
    """
    if event.on > open_on:
        raise LendingError(
            f"{event.on} lies after the open day {open_on}; wait for it",
            zh=f"{event.on} 晚于营业日期 {open_on}，请到时再办",
        )
    if any(held.key == event.key for held in loan.events):
        raise ConflictError(
            f"event {event.key} has happened to {loan.contract.loan} before; use another key",
            zh="这笔业务已经办过，请刷新页面再看",
        )
    loan, due = opened(loan, open_on)
    after = tuple(sorted((*loan.events, event), key=lambda one: one.on))
    going, change, last = _amended(loan, after, open_on)
    made = transaction(
        f"{loan.contract.loan}/{event.key}",
        KIND_OF[type(event)],
        loan.contract.loan,
        loan.contract.currency,
        change,
        booked_on=open_on,
        value_on=event.on,
    )
    return Changed(going, (*due, made) if made else tuple(due), last)


def take_back(loan: Loan, event_key: str, open_on: date, reason: str, posted: Transaction | None) -> Changed:
    """Let an event not have happened: a payment that bounced, a sale that was returned.

    Args:
        loan: as it is kept.
        event_key: of the event.
        open_on: the open day.
        reason: why, in words.
        posted: the event's transaction, if it had one. It is taken back exactly; what else has changed since the
            event's day is a transaction of its own.

    Raises:
        LendingError: no such event, or the loan could not have gone on without it.
    """
    gone = _had(loan, event_key)
    loan, due = opened(loan, open_on)
    left = tuple(event for event in loan.events if event is not gone)
    going, change, _ = _amended(loan, left, open_on)
    key = f"{loan.contract.loan}/{event_key}/taken back"
    exact, rest = _undone(going, change, posted, key, open_on, reason)
    if rest:
        kind, value_on = "reprocessed", gone.on
        named = loan.contract.loan
        exact.append(Transaction(f"{key}/{kind}", kind, open_on, value_on, rest, named, reason=reason))
    return Changed(going, (*due, *exact))


def lessen(
    loan: Loan, event_key: str, amount_fen: int, key: str, open_on: date, reason: str, posted: Transaction
) -> Changed:
    """Let a payment have been a smaller one from its day on: a part of the sales that it was withheld from came back.

    The payment is taken back exactly, and the smaller one is booked beside it with whatever else has changed since, so
    that it can be taken back or lessened in its turn.

    Args:
        loan: as it is kept.
        event_key: of the payment.
        amount_fen: what stays of it, above 0 and below what it was.
        key: of the smaller payment.
        open_on: the open day.
        reason: why, in words.
        posted: the payment's transaction.

    Raises:
        LendingError: no such payment, a sum that is no part of it, or the loan could not have gone on with it.
        ConflictError: the key was used for another event.
    """
    gone = _had(loan, event_key)
    if not isinstance(gone, Received) or not 0 < amount_fen < gone.amount_fen:
        raise LendingError(
            f"{amount_text(amount_fen, loan.contract.currency, 'en')} are no part of {event_key} of {loan.contract.loan}",
            zh=f"{amount_text(amount_fen, loan.contract.currency, 'zh')} 不是这笔收款的一部分",
        )
    if any(held.key == key for held in loan.events):
        raise ConflictError(
            f"event {key} has happened to {loan.contract.loan} before; use another key",
            zh="这笔业务已经办过，请刷新页面再看",
        )
    loan, due = opened(loan, open_on)
    lesser = gone._replace(key=key, amount_fen=amount_fen)
    events = tuple(lesser if event is gone else event for event in loan.events)
    going, change, _ = _amended(loan, events, open_on)
    named = loan.contract.loan
    exact, rest = _undone(going, change, posted, f"{named}/{event_key}/taken back", open_on, reason)
    made = Transaction(f"{named}/{key}", "received", open_on, gone.on, rest, named, reason=reason)
    return Changed(going, (*due, *exact, made))


def _had(loan: Loan, event_key: str) -> Event:
    """The event of a loan that is to be taken back."""
    gone = next((event for event in loan.events if event.key == event_key), None)
    if gone is None:
        raise LendingError(
            f"{loan.contract.loan} has no event {event_key!r} to take back",
            zh=f"贷款 {loan.contract.loan} 没有这笔业务可以冲回",
        )
    return gone


def _undone(
    going: Loan, change: Positions, posted: Transaction | None, key: str, open_on: date, reason: str
) -> tuple[list[Transaction], tuple[Entry, ...]]:
    """A transaction taken back exactly, and the entries that are left of a change then."""
    exact = [] if posted is None else [reversal(posted, key, open_on, reason)]
    undone = [entry._replace(amount_minor=-entry.amount_minor) for one in exact for entry in one.entries]
    contract = going.contract
    return exact, gathered([*entries(contract.loan, contract.currency, change), *undone])


def renew(old: Loan, new: Loan, open_on: date) -> tuple[Changed, Changed, Transaction]:
    """Settle a loan by a new contract without a payment (无还本续贷), in one balanced transaction.

    Args:
        old: owes what the new contract pays out, to the fen.
        new: taken on, not paid out, beginning on the open day; its contract carries what must outlive the old one.
        open_on: the open day.

    Raises:
        LendingError: the sums differ, or one of the loans refuses its part.
    """
    owed = old.on(open_on).payoff_fen
    terms, key = new.contract.terms, f"{old.contract.loan}/renewed"
    if terms.principal_fen != owed:
        raise LendingError(
            f"{new.contract.loan} pays out {amount_text(terms.principal_fen, old.contract.currency, 'en')}; {amount_text(owed, old.contract.currency, 'en')} settle {old.contract.loan}",
            zh=f"新合同放款 {amount_text(terms.principal_fen, old.contract.currency, 'zh')}，而结清旧贷款需 {amount_text(owed, old.contract.currency, 'zh')}",
        )
    paid = Received(f"{_RENEWED_BY}{new.contract.loan}", open_on, owed, Source.RENEWAL, Way.KEEP)
    settled = happen(old, paid, open_on)
    if not settled.loan.account.is_closed:
        raise LendingError(
            f"{old.contract.loan} cannot be settled on {open_on}; choose the next day",
            zh=f"贷款 {old.contract.loan} 在 {open_on} 不能结清，请选下一天",
        )
    begun = happen(new, Drawn("drawn", open_on, owed), open_on)
    return settled, begun, together(key, "renewed", open_on, (*settled.booked, *begun.booked))


def looked_at(loan: Loan, open_on: date) -> Step:
    """Look at a loan on the open day, so that its class is found anew tonight: a person has learned something of it.

    Raises:
        LendingError: nights before the day have not been ended.
    """
    loan, made = opened(loan, open_on)
    held, account = loan.positions_on(open_on), loan.on(open_on)
    ahead = _stretch(account, watched=True)._replace(begins=held)
    return Step(replace(loan, account=account, stretch=ahead), made)


def renewed_by(loan: Loan) -> str | None:
    """Return the number of the contract that settled a loan without a payment, if one did."""
    found = (event for event in loan.events if isinstance(event, Received))
    keys = (event.key for event in found if event.source is Source.RENEWAL)
    return next((key.removeprefix(_RENEWED_BY) for key in keys), None)


def _amended(
    loan: Loan, events: tuple[Event, ...], open_on: date
) -> tuple[Loan, Positions, Allocation | None]:
    """The loan with other events, what that changes in its positions, and how the last one was allocated."""
    account, last = _after(loan, events, open_on)
    change = positions(account).since(loan.positions_on(open_on))
    allowance = loan.allowance_fen - change.allowance  # a write-off uses it up
    ahead = _stretch(account)._replace(until_on=open_on)  # tonight's allowance follows what has changed today
    going = replace(loan, events=events, account=account, stretch=ahead, allowance_fen=allowance)
    return going, change, last


def _after(loan: Loan, events: tuple[Event, ...], open_on: date) -> tuple[Account, Allocation | None]:
    """The account on the open day after other events, and how the last one was allocated if it is of that day."""
    if events[:-1] == loan.events and events[-1].on == open_on:
        account = loan.on(open_on)
        return account, account.apply(events[-1])
    return fold(loan.contract, events, open_on), None


def _stretch(account: Account, rules: ClassRules = CN, *, watched: bool = False) -> Stretch:
    """The quiet days ahead: none on which the class or the stage could change, or something is still to be billed.

    A loan that is watched is looked at every night.
    """
    at, stages = rules.on(account.today), rules_on(account.today)
    limits = (at.substandard_days, at.doubtful_days, at.loss_days, stages.stage_2_days, stages.stage_3_days)
    ahead = stretch(account, limits)
    return ahead if account.is_opened and not watched else ahead._replace(until_on=account.today)


def opened(loan: Loan, day: date) -> Step:
    """Begin a day: what falls due on it is billed; held money pays it. A loan that was opened stays as it is."""
    if loan.account.today != day or loan.account.is_opened:
        return Step(loan, [])
    account = loan.account.copy()
    account.open()
    named = loan.contract.loan
    change = positions(account).since(loan.stretch.begins)
    made = transaction(f"{named}/{day}/due", "due", named, loan.contract.currency, change, booked_on=day)
    going = replace(loan, account=account, stretch=_stretch(account, watched=loan.is_watched))
    return Step(going, [made] if made else [])


def ended(loan: Loan, day: date, rules: ClassRules = CN) -> Step:
    """End the open day: interest and lateness of its night, class and allowance as of its close, booked on it."""
    loan, made = opened(loan, day)
    account = loan.on(day)
    before = positions(account)
    account.charge()
    now = classed(loan, account, day, rules)
    need = allowance_needed(loan, account, day, now)
    change = positions(account).since(before)
    named, currency = loan.contract.loan, loan.contract.currency
    booked = [accrued(named, currency, day, change), provided(loan, day, need)]
    going = replace(loan, **now._asdict(), account=account, allowance_fen=need)
    going = replace(going, stretch=_stretch(account, watched=going.is_watched))
    return Step(going, made + [one for one in booked if one is not None])


def night(loan: Loan, day: date, rules: ClassRules = CN) -> Step:
    """End the open day and begin the next."""
    loan, booked = ended(loan, day, rules)
    loan, made = opened(loan, day + _DAY)
    return Step(loan, booked + made)


def accrued(loan: str, currency: str, day: date, change: Positions) -> Transaction | None:
    """Return the transaction of a night's interest and lateness."""
    return transaction(accrued_key(loan, day), "accrued", loan, currency, change, booked_on=day)


def accrued_key(loan: str, day: date) -> str:
    """Return the key of a night's interest."""
    return f"{loan}/{day}/accrued"


def provided(loan: Loan, day: date, need_fen: int) -> Transaction | None:
    """Return the transaction that brings a loan's allowance to what is needed, fen."""
    named = loan.contract.loan
    made = provision(named, loan.contract.currency, need_fen - loan.allowance_fen)
    return Transaction(f"{named}/{day}/provided", "provided", day, day, made, named) if made else None


def journal_order(transactions: Iterable[Transaction]) -> list[Transaction]:
    """Return transactions in the order that does not depend on who posted first: by day, then by key."""
    return sorted(transactions, key=lambda one: (one.booked_on, one.key))
