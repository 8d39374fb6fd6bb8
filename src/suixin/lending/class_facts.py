"""What a loan is classed by: its days past due, its debtor, and what else is known on the day."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from suixin.errors import UsageError
from suixin.lending.class_rules import FiveClass


class Debtor(StrEnum):
    """How the Measures look at a debtor: a household or small business in a pool, or one by one."""

    RETAIL = "retail"
    NON_RETAIL = "non_retail"


class Flag(StrEnum):
    """What is known of a loan or its debtor beside the days past due."""

    TECHNICAL_DELAY = "technical_delay"  # the arrears have an operational or technical cause
    MISUSE = "misuse"  # spent on another purpose without consent
    NEW_FOR_OLD = "new_for_old"  # 借新还旧: borrowed to repay what is due
    QUALIFYING_RENEWAL = "qualifying_renewal"  # new for old, but as the notice on small firms allows
    EVASION = "evasion"  # the debtor evades its debts
    BANKRUPTCY = "bankruptcy"  # in bankruptcy or liquidation
    NON_PERFORMING_ELSEWHERE = "non_performing_elsewhere"  # another debt, in this bank or another
    HIGH_ALERT = "high_alert"  # the early warning's highest level


@dataclass(frozen=True, slots=True)
class Facts:
    """What a loan is classed by, on a day.

    Attributes:
        days_past_due: since the original first unpaid date, carried through renewal, extension and restructuring;
            days that a disaster moratorium froze do not count.
        debtor: retail or non-retail.
        flags: what else is known.
        impaired_share: credit loss over book balance, 0 to 1.
        own_bank_share: share of this bank's claims on the debtor that is non-performing; see `classes.own_bank_share`.
        all_bank_share: share of the debtor's debt to all banks that is over 90 days past due.
        restructurings: how many the loan has had in a watch that is not over; 0 without one.
        held: the class so far.
        upgradable: whether `watch.upgrade_on` is reached and the debtor is expected to keep paying.
        small_retail: a small retail loan, which is upgraded by its days past due alone.
    """

    days_past_due: int
    debtor: Debtor = Debtor.RETAIL
    flags: frozenset[Flag] = frozenset()
    impaired_share: Decimal = Decimal(0)
    own_bank_share: Decimal | Fraction = Decimal(0)
    all_bank_share: Decimal | Fraction = Decimal(0)
    restructurings: int = 0
    held: FiveClass = FiveClass.NORMAL
    upgradable: bool = False
    small_retail: bool = False

    def __post_init__(self) -> None:
        if self.days_past_due < 0 or self.restructurings < 0:
            raise UsageError(
                f"{self.days_past_due} days past due and {self.restructurings} restructurings: give 0 or more"
            )
        for share in (self.impaired_share, self.own_bank_share, self.all_bank_share):
            if not 0 <= share <= 1:
                raise UsageError(f"share of {share} is outside 0 to 1; write 0.1 for 10 %")
        if self.small_retail and self.debtor is not Debtor.RETAIL:
            raise UsageError("a small retail loan has a retail debtor; set one of both right")
