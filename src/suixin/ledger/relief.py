"""Relief of loans that are kept: what `lending` decides on becomes events, and the class follows through the nights.

Change, extension and renewal carry the first overdue date, the flags and the watch; a disaster's batch moves dates and
freezes days for every loan it reaches. Nothing that was booked before the day of the relief changes.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from suixin.errors import LendingError
from suixin.ledger import servicing
from suixin.ledger.loan import Loan, taken_on
from suixin.ledger.servicing import Changed, Step, happen, looked_at, opened
from suixin.ledger.transaction import Transaction
from suixin.lending import disaster as disasters
from suixin.lending import relief as reliefs
from suixin.lending import renewal as renewals
from suixin.lending.account import Account, fold
from suixin.lending.class_facts import Flag
from suixin.lending.contract import Contract
from suixin.lending.disaster import Batch, Beneficiary, Disaster, Placed
from suixin.lending.events import Received, Replanned
from suixin.lending.periods import Period
from suixin.lending.prepay import Payoff
from suixin.lending.recognition import State
from suixin.lending.relief import Change, Relief
from suixin.lending.renewal import Applicant, Renewal
from suixin.lending.standing import Span, Standing
from suixin.lending.terms import Weight
from suixin.money import amount_text

_DAY = timedelta(days=1)


class Relieved(NamedTuple):
    """A loan with other terms: what the relief was, and what it did to the loan and the book."""

    relief: Relief
    changed: Changed


class Renewed(NamedTuple):
    """A loan that a new contract settled.

    Attributes:
        renewal: what it was, and whether it qualifies.
        paid: what the borrower paid of its own money, if it did.
        old: the loan that ended.
        new: the loan that began.
        booked: the one transaction of both.
    """

    renewal: Renewal
    paid: Changed | None
    old: Loan
    new: Loan
    booked: Transaction


class Place(NamedTuple):
    """A loan that is kept, and where and on what its borrower farms or trades."""

    loan: Loan
    township: str
    crop: str


class Moratorium(NamedTuple):
    """What a disaster's batch did: the batch, and each beneficiary's loan in the order of its number."""

    batch: Batch
    changed: tuple[Changed, ...]


def standing(loan: Loan, open_on: date) -> Standing:
    """Return how a loan stands on the open day, for relief.

    Raises:
        LendingError: it has nothing ahead that could be changed.
    """
    account = loan.on(open_on)
    if account.course is None:
        raise LendingError(
            f"{loan.contract.loan} is not paid out, or nothing is left of it; there is nothing to relieve",
            zh=f"贷款 {loan.contract.loan} 没有放款，或已没有未到期的部分，不用变更还款条件",
        )
    terms = loan.contract.terms
    return Standing(
        loan_id=loan.contract.loan,
        terms=account.course.terms,
        granted_on=terms.start_on,
        matures_on=terms.periods[-1].due_on,
        first_overdue_on=account.arrears.first_overdue_on(open_on),
        frozen=tuple(sorted(Span(*span) for span in account.arrears.frozen)),
        restructurings=loan.restructurings,
        flags=loan.flags,
    )


def change(loan: Loan, open_on: date, wanted: Change, *, key: str, difficulty: bool) -> Relieved:
    """Give a loan other terms from the open day on; see `lending.relief.change`.

    A restructuring, in difficulty and with a concession, is special-mention at least until its watch is over, and a
    second one in the watch substandard. Overdue principal is taken in whole or stays overdue; taken in, it is as old as
    it was until a date of the new terms is paid in time. Forgiven principal is a
    loss that is written off, so the account refuses it here.

    Raises:
        UsageError: as in `lending.relief.change`.
        LendingError: the loan refuses the terms.
    """
    loan, due = opened(loan, open_on)
    done = reliefs.change(standing(loan, open_on), open_on, wanted, difficulty=difficulty)
    return _replanned(loan, done, key, due)


def extend(
    loan: Loan,
    open_on: date,
    periods: tuple[Period, ...],
    *,
    key: str,
    difficulty: bool,
    weights: tuple[Weight, ...] | None = None,
    annual_rate: Decimal | None = None,
) -> Relieved:
    """Give a loan a later maturity (展期); see `lending.relief.extend` and `change`.

    Raises:
        UsageError: the maturity is not later, or longer than the rules allow, or as in `change`.
        LendingError: the loan refuses the terms.
    """
    loan, due = opened(loan, open_on)
    done = reliefs.extend(
        standing(loan, open_on),
        open_on,
        periods,
        difficulty=difficulty,
        weights=weights,
        annual_rate=annual_rate,
    )
    return _replanned(loan, done, key, due)


def _replanned(loan: Loan, done: Relief, key: str, due: list[Transaction]) -> Relieved:
    taken_in = done.on == done.after.terms.start_on and loan.account.due_principal_fen > 0
    taken_in = taken_in and done.after.terms.principal_fen == loan.account.principal_fen
    since = done.before.first_overdue_on if taken_in else loan.account.arrears.carried
    event = Replanned(key, done.on, done.after.terms, first_overdue_on=since)
    changed = happen(loan, event, done.on)
    going = replace(changed.loan, restructurings=done.after.restructurings, flags=done.after.flags)
    if done.restructured:
        going = replace(going, restructured_on=(*going.restructured_on, done.on))
    return Relieved(done, Changed(going, (*due, *changed.booked)))


def relieve(disaster: Disaster, places: Iterable[Place], open_on: date, *, key: str) -> Moratorium:
    """Apply a disaster's moratorium to every loan it reaches, on its first day or, heard of later, on the open day.

    It changes the terms of its first day; what was prepaid or drawn since then happens to these anew. A loan that is not
    paid out, paid in full or written off is excluded.

    Raises:
        UsageError: as in `lending.disaster.relieve`.
        LendingError: the first day lies ahead, or a loan refuses it: then none of the batch may be kept.
    """
    if open_on < disaster.first_on:
        raise LendingError(
            f"{disaster.event}: begins on {disaster.first_on}, after the open day {open_on}; wait for it",
            zh=f"{disaster.event} 从 {disaster.first_on} 起，晚于营业日期 {open_on}，请到时再办",
        )
    here = [(place, opened(place.loan, open_on)) for place in places]
    ended = [(place, step) for place, step in here if _has_ended(step.loan.on(open_on))]
    placed = (
        Placed(_standing_then(step.loan, disaster.first_on, open_on), place.township, place.crop)
        for place, step in here
        if not _has_ended(step.loan.on(open_on))
    )
    batch = disasters.relieve(disaster, placed)
    apart = [
        (
            step.loan.contract.loan,
            disasters.outside(disaster, place.township, place.crop) or disasters.Excluded.ENDED,
        )
        for place, step in ended
    ]
    batch = batch._replace(excluded=tuple(sorted((*batch.excluded, *apart))))
    steps = {step.loan.contract.loan: step for _, step in here}
    return Moratorium(
        batch,
        tuple(_frozen(steps[one.before.loan_id], one, disaster, open_on, key) for one in batch.beneficiaries),
    )


def _has_ended(account: Account) -> bool:
    return account.course is None or account.is_closed or account.books.state is State.WRITTEN_OFF


def _standing_then(loan: Loan, first_on: date, open_on: date) -> Standing:
    """How a loan stands on the open day, with the terms of a first day; a moratorium granted since is seen."""
    now = standing(loan, open_on)
    if now.terms.moratorium is not None:
        return now
    then = fold(loan.contract, loan.events, first_on).course
    return now if then is None else replace(now, terms=then.terms)


def _frozen(step: Step, one: Beneficiary, disaster: Disaster, open_on: date, key: str) -> Changed:
    """A date on the first day is moved before the day opens; the days are frozen from it on."""
    loan, booked = step.loan, [*step.booked]
    if disaster.first_on in one.moved:
        early = happen(loan, Replanned(f"{key}/dates", disaster.first_on - _DAY, one.after.terms), open_on)
        loan, booked = early.loan, [*booked, *early.booked]
    event = Replanned(key, disaster.first_on, one.after.terms, disaster.last_on)
    done = happen(loan, event, open_on)
    return Changed(done.loan, (*booked, *done.booked))


def renew(old: Loan, contract: Contract, applicant: Applicant, open_on: date) -> Renewed:
    """Settle a loan by a new contract (无还本续贷); see `lending.renewal.renew`.

    The borrower pays what the new contract does not lend. The new loan carries class, flags, watch and the first overdue
    date, which is put later by days that relief froze, so that it is as many days past due as the old one was.
    Suspended interest is income once it is paid, so the new contract may not pay it: principal alone is renewed.

    Args:
        old: the loan that ends.
        contract: of the new loan, beginning on the open day; its first overdue date is filled in here.
        applicant: what was checked.
        open_on: the open day.

    Raises:
        UsageError: as in `lending.renewal.renew`.
        LendingError: one of the loans refuses its part, the old one was written off, or its interest is suspended and the
            borrower does not pay it.
    """
    seen, _ = opened(old, open_on)
    account, before = seen.on(open_on), standing(seen, open_on)
    owed = Payoff(open_on, account.principal_fen, account.payoff_fen - account.principal_fen)
    done = renewals.renew(before, owed, contract.loan, contract.terms, applicant)
    _judge_books(account.books.state, done, contract.currency)
    paid = None
    if done.paid_fen:
        own = Received(f"paid towards {contract.loan}", open_on, done.paid_fen)
        paid = happen(old, own, open_on)
    since = None if before.first_overdue_on is None else open_on - account.days_past_due * _DAY
    new = replace(
        taken_on(replace(contract, first_overdue_on=since), old.risk),
        flags=done.new.flags,
        restructurings=done.new.restructurings,
        restructured_on=old.restructured_on,
        small_retail=old.small_retail,
        five_class=old.five_class,
        non_performing_on=old.non_performing_on,
    )
    settled, begun, booked = servicing.renew(old if paid is None else paid.loan, new, open_on)
    return Renewed(done, paid, settled.loan, begun.loan, booked)


def _judge_books(state: State, done: Renewal, currency: str) -> None:
    """Refuse income or a recovery that no money stands for."""
    if state is State.WRITTEN_OFF:
        raise LendingError(
            f"{done.old.loan_id} was written off; a renewal brings no recovery",
            zh=f"贷款 {done.old.loan_id} 已核销，不能以续贷收回",
        )
    if state is State.SUSPENDED and done.paid_fen < done.owed.interest_fen:
        raise LendingError(
            f"{done.old.loan_id}: its interest is suspended; the borrower pays {amount_text(done.owed.interest_fen, currency, 'en')} of it, and the new contract lends at most {amount_text(done.owed.principal_fen, currency, 'en')}",
            zh=f"贷款 {done.old.loan_id} 的利息已停止计入收入；续贷前须由借款人还清利息 {amount_text(done.owed.interest_fen, currency, 'zh')}，新合同最多放款 {amount_text(done.owed.principal_fen, currency, 'zh')}",
        )


def flagged(loan: Loan, flags: frozenset[Flag], open_on: date) -> Step:
    """Return a loan of which other things are known from the open day on; tonight's class follows.

    Raises:
        LendingError: nights before the day have not been ended.
    """
    loan, made = looked_at(loan, open_on)
    return Step(replace(loan, flags=flags), made)
