"""The class and the allowance of a loan as of the close of a day."""

from datetime import date
from typing import NamedTuple

from suixin.ledger.loan import Loan
from suixin.lending.account import Account
from suixin.lending.class_facts import Facts
from suixin.lending.class_rules import ClassRules, FiveClass, Thresholds
from suixin.lending.classes import classify
from suixin.lending.leaps import cured_on, dues
from suixin.lending.provisions import class_rates
from suixin.lending.recognition import State
from suixin.lending.stages import Exposure, expected_loss, rules_on, stage
from suixin.lending.watch import upgrade_on, watch


class Classed(NamedTuple):
    """The class of a loan, its restructurings in a watch that is not over, and `Loan.non_performing_on`."""

    five_class: FiveClass
    restructurings: int
    non_performing_on: date | None


def classed(loan: Loan, account: Account, day: date, rules: ClassRules) -> Classed:
    """Return the class of a loan as of the close of a day.

    Args:
        loan: as it is kept, its events those of the account.
        account: after the night of the day.
        day: the day.
        rules: of the classes.
    """
    at = rules.on(day)
    if account.is_closed or not account.drawn:
        return Classed(FiveClass.NORMAL, 0, loan.non_performing_on)
    watched = _watched(loan, day, at)
    facts = Facts(
        days_past_due=account.arrears.days_past_due(day),
        flags=loan.flags,
        restructurings=watched,
        held=loan.five_class,
        upgradable=_upgradable(loan, day, at),
        small_retail=loan.small_retail,
    )
    found = classify(facts, at).five_class
    otherwise = found.non_performing and facts.days_past_due <= at.substandard_days
    first_on = loan.non_performing_on or (day if otherwise else None)
    return Classed(found, watched, first_on)


def _watched(loan: Loan, day: date, at: Thresholds) -> int:
    """Restructurings in a watch that is not over as of the close of a day."""
    if not loan.restructurings or not loan.restructured_on:
        return loan.restructurings
    since = loan.restructured_on[-1]
    later = [due for due in dues(loan.contract, loan.events, day) if due.due_on > since]
    return 0 if watch(later, day, at).over_on is not None else loan.restructurings


def _upgradable(loan: Loan, day: date, at: Thresholds) -> bool:
    """Whether the way back from non-performing is gone, for a loan that has to go it."""
    if loan.small_retail or not loan.five_class.non_performing:
        return False
    cured = cured_on(loan.contract, loan.events, day)
    if cured is None:
        return False
    return upgrade_on(cured, dues(loan.contract, loan.events, day), day, at) is not None


def allowance_needed(loan: Loan, account: Account, day: date, now: Classed) -> int:
    """Return the allowance of a loan as of the close of a day, fen: expected loss, or what the class asks for."""
    if account.books.state is State.WRITTEN_OFF:
        return 0
    owed = account.books.principal_fen
    if loan.risk is None:
        return class_rates(day).need(owed, now.five_class)
    held = loan.risk
    exposure = Exposure(owed, held.pd_12_months, held.pd_lifetime, held.lgd, held.pd_at_grant)
    past_due = account.arrears.days_past_due(day)
    found = stage(exposure, rules_on(day), past_due, now.five_class, in_watch=now.restructurings > 0)
    return expected_loss(exposure, found.stage)
