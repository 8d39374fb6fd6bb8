"""Renewal without repayment (无还本续贷): a new contract settles the old one, in one balanced transaction.

A qualifying renewal is not lowered in class for the renewal alone; any other is new money for old, and at least
special-mention. The original loan's first overdue date, its frozen days and its watch go with the new contract.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from suixin.errors import UsageError
from suixin.lending.class_facts import Flag
from suixin.lending.parameters import Dated, Stated
from suixin.lending.prepay import Payoff
from suixin.lending.standing import Standing
from suixin.lending.terms import Terms


class Borrower(StrEnum):
    """Who borrows, for the notice on renewals."""

    FARMER = "farmer"  # 农户, for business
    SOLE_TRADER = "sole_trader"  # 个体工商户
    FIRM_OWNER = "firm_owner"  # 小微企业主
    SMALL_FIRM = "small_firm"  # small or micro firm, co-op
    OTHER = "other"


class Failed(StrEnum):
    """Why a renewal does not qualify."""

    BORROWER = "borrower"  # not of a kind that the notice names
    UNLAWFUL = "unlawful"  # the business or the use of funds is not lawful
    NO_GOING_CONCERN = "no_going_concern"
    POOR_CREDIT = "poor_credit"
    ARREARS = "arrears"  # principal or interest is overdue
    EVASION = "evasion"
    MISUSE = "misuse"
    CAPITALISED = "capitalised"  # the new contract also pays interest of the old one


RENEWABLE = Dated(
    "renewable",
    (
        Stated(
            frozenset(Borrower) - {Borrower.OTHER},
            date(2024, 9, 24),
            "Notice on renewals for small firms (金规〔2024〕13号): small firms, their owners, sole traders, farmers' "
            "business loans; lawful, a going concern, good credit, no arrears, no evasion",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the lender has checked of a borrower who asks for a renewal."""

    borrower: Borrower
    lawful: bool
    going_concern: bool
    good_credit: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """A new contract that settles an old one.

    Attributes:
        on: the day.
        old: the loan that ends.
        owed: what closes it.
        new: the loan that begins; it carries what must outlive the old one.
        paid_fen: what the borrower pays of `owed` from money of its own; the new principal is the rest.
        failed: why it does not qualify; empty if it does.
    """

    on: date
    old: Standing
    owed: Payoff
    new: Standing
    paid_fen: int
    failed: tuple[Failed, ...]

    @property
    def qualifies(self) -> bool:
        """Whether the class is not lowered for the renewal alone."""
        return not self.failed


def renew(old: Standing, owed: Payoff, new_id: str, terms: Terms, applicant: Applicant) -> Renewal:
    """Settle a loan by a new contract.

    Args:
        old: the loan that ends.
        owed: what closes it on the day, `prepay.payoff` or the account's own figure with arrears.
        new_id: of the new loan.
        terms: of the new contract, which starts on the day of the payoff.
        applicant: what was checked.

    Raises:
        UsageError: the new contract starts on another day, lends more than closes the old one, or has its id; or
            no rule is in force yet.
    """
    if terms.start_on != owed.on or terms.opening_fen != terms.principal_fen:
        raise UsageError(
            f"the new contract must pay out all on {owed.on}, the day on which it settles the old one"
        )
    paid = owed.total_fen - terms.principal_fen
    if paid < 0:
        raise UsageError(
            f"new principal of {terms.principal_fen} fen is more than closes the old loan; lend at most "
            f"{owed.total_fen} fen, and more by another loan"
        )
    if new_id == old.loan_id:
        raise UsageError(f"loan {new_id} cannot settle itself; give the new contract an id of its own")
    failed = _failed(old, owed, paid, applicant)
    flags = {Flag.NEW_FOR_OLD} if failed else {Flag.NEW_FOR_OLD, Flag.QUALIFYING_RENEWAL}
    kept = old.flags - {Flag.QUALIFYING_RENEWAL, Flag.TECHNICAL_DELAY}
    last = terms.periods[-1].due_on
    new = replace(
        old, loan_id=new_id, terms=terms, granted_on=owed.on, matures_on=last, flags=kept | frozenset(flags)
    )
    return Renewal(owed.on, old, owed, new, paid, failed)


def _failed(old: Standing, owed: Payoff, paid_fen: int, applicant: Applicant) -> tuple[Failed, ...]:
    tests = {
        Failed.BORROWER: applicant.borrower not in RENEWABLE.on(owed.on),
        Failed.UNLAWFUL: not applicant.lawful,
        Failed.NO_GOING_CONCERN: not applicant.going_concern,
        Failed.POOR_CREDIT: not applicant.good_credit,
        Failed.ARREARS: old.first_overdue_on is not None,
        Failed.EVASION: Flag.EVASION in old.flags,
        Failed.MISUSE: Flag.MISUSE in old.flags,
        Failed.CAPITALISED: paid_fen < owed.interest_fen,
    }
    return tuple(reason for reason, holds in tests.items() if holds)
