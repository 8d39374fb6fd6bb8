"""The five classes of a loan, with the reasons that bind.

Each rule finds a class that the loan has at least; the worst one holds, and the rules that found it are its reasons.
Retail loans are classed by their own days past due and flags; what the debtor owes elsewhere counts for non-retail
debtors only. Watch and upgrade are in `lending.watch`.

Source: Measures for the Risk Classification of Financial Assets of Commercial Banks, in force from 2023-07-01.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.class_facts import Debtor, Facts, Flag
from suixin.lending.class_rules import FiveClass, Thresholds
from suixin.money import check_minor

__all__ = ["Classified", "Code", "Debtor", "Facts", "Finding", "Flag", "classify", "own_bank_share"]


class Code(StrEnum):
    """A rule of the classification."""

    OVERDUE = "overdue"
    OVERDUE_SUBSTANDARD = "overdue_substandard"
    OVERDUE_DOUBTFUL = "overdue_doubtful"
    OVERDUE_LOSS = "overdue_loss"
    IMPAIRED_DOUBTFUL = "impaired_doubtful"
    IMPAIRED_LOSS = "impaired_loss"
    MISUSE = "misuse"
    NEW_FOR_OLD = "new_for_old"
    NON_PERFORMING_ELSEWHERE = "non_performing_elsewhere"
    EVASION = "evasion"
    BANKRUPTCY = "bankruptcy"
    OWN_BANK_SHARE = "own_bank_share"
    ALL_BANK_SHARE = "all_bank_share"
    RESTRUCTURED = "restructured"
    RESTRUCTURED_TWICE = "restructured_twice"
    NOT_UPGRADED = "not_upgraded"
    HIGH_ALERT = "high_alert"


class Finding(NamedTuple):
    """A class that a rule found the loan to have at least."""

    code: Code
    five_class: FiveClass


class Classified(NamedTuple):
    """The class of a loan.

    Attributes:
        five_class: the class that holds.
        findings: every rule that found more than normal, in the order of `Code`.
        proposal: a worse class that evidence suggests and only a person may set.
    """

    five_class: FiveClass
    findings: tuple[Finding, ...]
    proposal: Finding | None = None

    @property
    def reasons(self) -> tuple[Code, ...]:
        """The rules that bind: those that found the class that holds."""
        return tuple(code for code, found in self.findings if found is self.five_class)


_NORMAL = Classified(FiveClass.NORMAL, ())


def classify(facts: Facts, at: Thresholds) -> Classified:
    """Return the class of a loan.

    Args:
        facts: what is known on the day.
        at: the figures in force on it, `class_rules.CN.on(day)`.
    """
    findings = tuple(_findings(facts, at))
    worst = max((found.five_class for found in findings), default=FiveClass.NORMAL)
    if Flag.HIGH_ALERT in facts.flags and worst is FiveClass.NORMAL:
        return Classified(worst, findings, Finding(Code.HIGH_ALERT, FiveClass.SPECIAL_MENTION))
    return Classified(worst, findings) if findings else _NORMAL


def own_bank_share(claims: Iterable[tuple[int, FiveClass]]) -> Fraction:
    """Return the non-performing share of a debtor's claims in this bank; 0 without claims.

    Args:
        claims: balance in fen, 0 or more, and the class that each claim has by itself.

    Raises:
        UsageError: a balance below 0.
    """
    total = bad = 0
    for balance, five_class in claims:
        if check_minor(balance, "balance") < 0:
            raise UsageError(f"balance of {balance} fen is below 0")
        total += balance
        bad += balance if five_class.non_performing else 0
    return Fraction(bad, total) if total else Fraction(0)


def _findings(facts: Facts, at: Thresholds) -> Iterator[Finding]:
    before = FiveClass.NORMAL
    for found in _ordinary(facts, at):
        before = max(before, found.five_class)
        yield found
    held_back = facts.held.non_performing and not (before.non_performing or facts.upgradable)
    if held_back and not facts.small_retail:
        yield Finding(Code.NOT_UPGRADED, FiveClass.SUBSTANDARD)


def _ordinary(facts: Facts, at: Thresholds) -> Iterator[Finding]:
    if facts.days_past_due:
        yield from _overdue(facts, at)
    if facts.impaired_share:
        yield from _impaired(facts.impaired_share, at)
    if facts.flags:
        yield from _flagged(facts)
    if facts.debtor is Debtor.NON_RETAIL:
        if facts.own_bank_share > at.own_bank_share:
            yield Finding(Code.OWN_BANK_SHARE, FiveClass.SUBSTANDARD)
        if facts.all_bank_share > at.all_bank_share:
            yield Finding(Code.ALL_BANK_SHARE, FiveClass.SUBSTANDARD)
    if facts.restructurings > 1:
        yield Finding(Code.RESTRUCTURED_TWICE, FiveClass.SUBSTANDARD)
    elif facts.restructurings:
        yield Finding(Code.RESTRUCTURED, FiveClass.SPECIAL_MENTION)


def _overdue(facts: Facts, at: Thresholds) -> Iterator[Finding]:
    days = facts.days_past_due
    if days > at.loss_days:
        yield Finding(Code.OVERDUE_LOSS, FiveClass.LOSS)
    elif days > at.doubtful_days:
        yield Finding(Code.OVERDUE_DOUBTFUL, FiveClass.DOUBTFUL)
    elif days > at.substandard_days:
        yield Finding(Code.OVERDUE_SUBSTANDARD, FiveClass.SUBSTANDARD)
    elif days > at.technical_days or Flag.TECHNICAL_DELAY not in facts.flags:
        yield Finding(Code.OVERDUE, FiveClass.SPECIAL_MENTION)


def _impaired(share: Decimal, at: Thresholds) -> Iterator[Finding]:
    if share >= at.loss_impaired:
        yield Finding(Code.IMPAIRED_LOSS, FiveClass.LOSS)
    elif share >= at.doubtful_impaired:
        yield Finding(Code.IMPAIRED_DOUBTFUL, FiveClass.DOUBTFUL)


def _flagged(facts: Facts) -> Iterator[Finding]:
    flags = facts.flags
    if Flag.MISUSE in flags:
        yield Finding(Code.MISUSE, FiveClass.SPECIAL_MENTION)
    if Flag.NEW_FOR_OLD in flags and Flag.QUALIFYING_RENEWAL not in flags:
        yield Finding(Code.NEW_FOR_OLD, FiveClass.SPECIAL_MENTION)
    if Flag.NON_PERFORMING_ELSEWHERE in flags and facts.debtor is Debtor.NON_RETAIL:
        yield Finding(Code.NON_PERFORMING_ELSEWHERE, FiveClass.SPECIAL_MENTION)
    if Flag.EVASION in flags:
        yield Finding(Code.EVASION, FiveClass.DOUBTFUL)
    if Flag.BANKRUPTCY in flags:
        yield Finding(Code.BANKRUPTCY, FiveClass.LOSS)
