"""What a booked loan carries for its life beside its terms: how lateness is charged, payments allocated, fees bounded."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from suixin.calendar import DayCount
from suixin.errors import UsageError
from suixin.lending.allocation import DEFAULT, AllocationRule, Bucket
from suixin.lending.recognition import CashTo
from suixin.lending.terms import Terms
from suixin.money import CURRENCIES, check_minor

PPM = 1_000_000
_DAYS = {DayCount.ACT_360: 360, DayCount.ACT_365: 365}


@dataclass(frozen=True, slots=True)
class Late:
    """What a missed date costs.

    Attributes:
        uplift: of the contract rate, such as 0.5 for 50 % (逾期罚息); see `lending.overdue` for misuse.
        grace_days: a payment so many days after its date is on time; ordinary interest runs on.
        back_to_due: a missed grace counts from the due date; else from its own last day.
        compound: unpaid interest bears the penalty rate too (复利).
    """

    uplift: Decimal = Decimal("0.5")
    grace_days: int = 0
    back_to_due: bool = True
    compound: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.uplift, Decimal) or not 0 <= self.uplift <= 10:
            raise UsageError(f"uplift {self.uplift!r} is out of range; give Decimal('0.5') for 50 %")
        if not isinstance(self.grace_days, int) or not 0 <= self.grace_days <= 90:
            raise UsageError(f"{self.grace_days!r} days of grace; give 0 to 90")


@dataclass(frozen=True, slots=True)
class Contract:
    """A loan as it was signed.

    Attributes:
        loan: its number, a pseudonym.
        terms: without later drawdowns, which come as events; days are counted ACT/360 or ACT/365.
        late: what a missed date costs.
        allocation: which debt a payment settles first; money ahead of its date that no bucket of it takes is held.
        charges: the cost table (综合融资成本): each fee that may ever be charged, with the most that all of it may
            come to, fen. Nothing else is charged.
        suspend_after_days: past due for more days than these, interest leaves the balance sheet (非应计).
        cash_to: where cash for such interest goes.
        first_overdue_on: of the loan that this one renewed or restructured, if that was in arrears; days past due go on
            from it until a date is paid in time.
        currency: ISO 4217.

    Raises:
        UsageError: terms that cannot be booked, or a figure out of range.
    """

    loan: str
    terms: Terms
    late: Late = Late()
    allocation: AllocationRule = DEFAULT
    charges: dict[str, int] = field(default_factory=dict)
    suspend_after_days: int = 90
    cash_to: CashTo = CashTo.PRINCIPAL
    first_overdue_on: date | None = None
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if not self.loan:
            raise UsageError("a loan without a number; give one")
        if self.terms.day_count not in _DAYS:
            raise UsageError(f"day count {self.terms.day_count} cannot be booked; use ACT/360 or ACT/365")
        if self.terms.drawdowns:
            raise UsageError("later drawdowns of a booked loan come as events; leave them out of its terms")
        if self.currency not in CURRENCIES:
            raise UsageError(f"currency {self.currency!r} is unknown; use one of {', '.join(CURRENCIES)}")
        rate_ppm(self.terms.annual_rate)
        order = self.allocation.order
        principal, interest = Bucket.IN_ADVANCE_PRINCIPAL, Bucket.IN_ADVANCE_INTEREST
        if principal in order and interest not in order[: order.index(principal)]:
            raise UsageError(
                "principal in advance stands before the interest to the day; settle interest first"
            )
        for name, most in self.charges.items():
            if check_minor(most, name) < 0:
                raise UsageError(f"fee {name!r} of at most {most} fen; give 0 or more")

    @property
    def year_days(self) -> int:
        """Days of a year of interest, 360 or 365."""
        return _DAYS[self.terms.day_count]


def rate_ppm(rate: Decimal) -> int:
    """Return a nominal annual rate in parts per million.

    Raises:
        UsageError: more than six decimals: what is accrued every day must be exact.
    """
    top, bottom = (rate * PPM).as_integer_ratio()
    if bottom != 1:
        raise UsageError(f"annual rate {rate} has over 6 decimals; a booked loan states 0.0435, not more")
    return top
