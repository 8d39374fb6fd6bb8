"""Provisions of a book: expected credit loss, beside it the need by class and the regulator's two ratios.

The book holds expected credit loss by stage (`lending.stages`). What the five classes ask for, the coverage ratio
(provisions over non-performing loans) and the loan-loss ratio (provisions over all loans) are floors: the highest
binds, and what is missing is shown.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.class_rules import FiveClass
from suixin.lending.parameters import Dated, Stated, V
from suixin.money import check_minor, round_ratio

_GUIDE = "Guidelines for Loan Loss Provisions of Banks (PBC 2002 no. 98)"
_RATIOS = "Measures for Loan Loss Reserves of Commercial Banks (2012); from 2018 a supervisor may set 120-150 % and 1.5-2.5 %"


def _guide(name: str, value: V, where: str) -> Dated[V]:
    return Dated(name, (Stated(value, date(2002, 1, 1), f"{_GUIDE}: {where}", verified=True),))


GENERAL = _guide("general", Decimal("0.01"), "at least 1 % of all loans")
SPECIFIC = _guide(
    "specific",
    {
        FiveClass.NORMAL: Decimal(0),
        FiveClass.SPECIAL_MENTION: Decimal("0.02"),
        FiveClass.SUBSTANDARD: Decimal("0.25"),
        FiveClass.DOUBTFUL: Decimal("0.5"),
        FiveClass.LOSS: Decimal(1),
    },
    "2, 25, 50 and 100 % by class",
)
FLOAT = _guide("float", Decimal("0.2"), "substandard and doubtful may float by 20 % of their rate")
COVERAGE_FLOOR = Dated("coverage_floor", (Stated(Decimal("1.5"), date(2012, 1, 1), _RATIOS),))
LOAN_LOSS_FLOOR = Dated("loan_loss_floor", (Stated(Decimal("0.025"), date(2012, 1, 1), _RATIOS),))
_FLOATING = (FiveClass.SUBSTANDARD, FiveClass.DOUBTFUL)


class ClassRates(NamedTuple):
    """Rates of provision by class, as a lender applies them on a day."""

    general: Decimal
    specific: dict[FiveClass, Decimal]

    def need(self, balance_fen: int, five_class: FiveClass) -> int:
        """Return general and specific provision of one loan, fen, rounded half-up."""
        found = balance_fen * Fraction(self.general + self.specific[five_class])
        return round_ratio(found.numerator, found.denominator)


def class_rates(
    day: date, *, substandard_float: Decimal = Decimal(0), doubtful_float: Decimal = Decimal(0)
) -> ClassRates:
    """Return the rates in force on a day.

    Args:
        day: the business date.
        substandard_float: what the lender adds to the rate, as a share of it: 0.2 makes 25 % to 30 %.
        doubtful_float: the same for doubtful.

    Raises:
        UsageError: a float beyond what is allowed, or no rate in force yet.
    """
    most, rates = FLOAT.on(day), dict(SPECIFIC.on(day))
    for five_class, share in zip(_FLOATING, (substandard_float, doubtful_float), strict=True):
        if abs(share) > most:
            raise UsageError(
                f"float of {share} on {five_class.name} is beyond {most}; give {-most} to {most}"
            )
        rates[five_class] *= 1 + share
    return ClassRates(GENERAL.on(day), rates)


class Provisioned(NamedTuple):
    """A loan in the book: what is owed, its class, and its expected credit loss, fen."""

    balance_fen: int
    five_class: FiveClass
    expected_loss_fen: int


class Adequacy(NamedTuple):
    """Whether a book's provisions suffice, fen.

    Attributes:
        balance_fen: all loans.
        non_performing_fen: substandard or worse.
        held_fen: provisions that the book holds.
        expected_loss_fen: what the standard asks for.
        class_need_fen: what the five classes ask for.
        coverage_need_fen: what the coverage ratio's floor asks for.
        loan_loss_need_fen: what the loan-loss ratio's floor asks for.
    """

    balance_fen: int
    non_performing_fen: int
    held_fen: int
    expected_loss_fen: int
    class_need_fen: int
    coverage_need_fen: int
    loan_loss_need_fen: int

    @property
    def coverage(self) -> Fraction | None:
        """Provisions over non-performing loans; None without any."""
        return Fraction(self.held_fen, self.non_performing_fen) if self.non_performing_fen else None

    @property
    def loan_loss(self) -> Fraction | None:
        """Provisions over all loans; None without any."""
        return Fraction(self.held_fen, self.balance_fen) if self.balance_fen else None

    @property
    def shortfalls(self) -> dict[str, int]:
        """What is missing against each need that is not met, by its name."""
        needs = ("expected_loss_fen", "class_need_fen", "coverage_need_fen", "loan_loss_need_fen")
        missing = {name: getattr(self, name) - self.held_fen for name in needs}
        return {name: amount for name, amount in missing.items() if amount > 0}

    @property
    def shortfall_fen(self) -> int:
        """What is missing against the highest need."""
        return max(self.shortfalls.values(), default=0)


def adequacy(
    loans: Iterable[Provisioned], day: date, *, held_fen: int | None = None, rates: ClassRates | None = None
) -> Adequacy:
    """Return whether a book's provisions suffice on a day.

    Args:
        loans: every loan on balance.
        day: the business date.
        held_fen: provisions held; the expected credit loss if None.
        rates: by class; those in force without a float if None.

    Raises:
        UsageError: a sum below 0, or no figure in force yet.
    """
    rates = rates or class_rates(day)
    balance = bad = expected = need = 0
    for loan in loans:
        if check_minor(loan.balance_fen, "balance") < 0 or check_minor(loan.expected_loss_fen, "loss") < 0:
            raise UsageError(
                f"balance of {loan.balance_fen} or loss of {loan.expected_loss_fen} fen is below 0"
            )
        balance += loan.balance_fen
        bad += loan.balance_fen if loan.five_class.non_performing else 0
        expected += loan.expected_loss_fen
        need += rates.need(loan.balance_fen, loan.five_class)
    held = expected if held_fen is None else check_minor(held_fen, "provisions held")
    coverage = _up(bad * Fraction(COVERAGE_FLOOR.on(day)))
    loan_loss = _up(balance * Fraction(LOAN_LOSS_FLOOR.on(day)))
    return Adequacy(balance, bad, held, expected, need, coverage, loan_loss)


def _up(amount: Fraction) -> int:
    """A floor is met in whole fen, so it is rounded up."""
    return -(-amount.numerator // amount.denominator)
