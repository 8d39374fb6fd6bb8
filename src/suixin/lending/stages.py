"""Stages of expected credit loss, with the reasons that bind, and the loss itself from PD, LGD and EAD.

Source: CAS 22 (IFRS 9): stage 1 bears the loss of the next 12 months, stage 2 (credit risk has risen significantly
since the grant) and stage 3 (impaired) that of the whole life. The presumptions at 30 and 90 days are dated figures.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.class_rules import FiveClass
from suixin.lending.parameters import Dated, Stated
from suixin.money import check_minor, round_ratio

_IN_FORCE = date(2019, 1, 1)
STAGE_2_DAYS = Dated(
    "stage_2_days",
    (Stated(30, _IN_FORCE, "CAS 22: more than 30 days past due, credit risk is presumed to have risen"),),
)
STAGE_3_DAYS = Dated(
    "stage_3_days", (Stated(90, _IN_FORCE, "CAS 22: more than 90 days past due, default is presumed"),)
)
PD_RATIO = Dated(
    "pd_ratio",
    (Stated(Decimal(2), _IN_FORCE, "a lender's own test: 12-month PD over that at the grant has doubled"),),
)


class Stage(IntEnum):
    """12-month loss, lifetime loss, impaired."""

    ONE = 1
    TWO = 2
    THREE = 3


class StageCode(StrEnum):
    """A test of the stage."""

    DAYS = "days"
    SPECIAL_MENTION = "special_mention"
    RISK_RISEN = "risk_risen"
    RESTRUCTURED = "restructured"
    IMPAIRED = "impaired"
    DAYS_IMPAIRED = "days_impaired"


class StageRules(NamedTuple):
    """The figures in force on a day: see the parameters of the module."""

    stage_2_days: int
    stage_3_days: int
    pd_ratio: Decimal


def rules_on(day: date) -> StageRules:
    """Return the figures in force on a day.

    Raises:
        UsageError: one of them was not in force yet.
    """
    return StageRules(STAGE_2_DAYS.on(day), STAGE_3_DAYS.on(day), PD_RATIO.on(day))


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a loan may lose.

    Attributes:
        exposure_fen: at default (EAD): what is owed, and the undrawn part expected to be drawn.
        pd_12_months: probability of default within the next 12 months.
        pd_lifetime: the same up to the end; at least that of 12 months.
        lgd: share lost after a default, net of collateral and of guarantees up to their cap.
        pd_at_grant: of 12 months, when the *original* loan was granted: a renewal carries it, so that a new contract
            does not make old risk look new. None if unknown.
    """

    exposure_fen: int
    pd_12_months: Decimal
    pd_lifetime: Decimal
    lgd: Decimal
    pd_at_grant: Decimal | None = None

    def __post_init__(self) -> None:
        if check_minor(self.exposure_fen, "exposure") < 0:
            raise UsageError(f"exposure of {self.exposure_fen} fen is below 0")
        if not 0 <= self.pd_12_months <= self.pd_lifetime <= 1 or not 0 <= self.lgd <= 1:
            raise UsageError(
                f"PD of {self.pd_12_months} and {self.pd_lifetime}, LGD of {self.lgd}: give fractions from 0 to 1, "
                "the PD of the lifetime at least that of 12 months"
            )


class Staged(NamedTuple):
    """The stage of a loan and the tests that bind; stage 1 has none."""

    stage: Stage
    reasons: tuple[StageCode, ...]


def stage(
    exposure: Exposure,
    rules: StageRules,
    days_past_due: int,
    five_class: FiveClass = FiveClass.NORMAL,
    *,
    in_watch: bool = False,
) -> Staged:
    """Return the stage of a loan.

    Args:
        exposure: its probabilities of default.
        rules: the figures in force.
        days_past_due: since the original first unpaid date.
        five_class: non-performing is impaired; special-mention has risen in risk.
        in_watch: restructured, and the watch is not over.
    """
    before = exposure.pd_at_grant
    impaired = {
        StageCode.IMPAIRED: five_class.non_performing,
        StageCode.DAYS_IMPAIRED: days_past_due > rules.stage_3_days,
    }
    risen = {
        StageCode.DAYS: days_past_due > rules.stage_2_days,
        StageCode.SPECIAL_MENTION: five_class is FiveClass.SPECIAL_MENTION,
        StageCode.RISK_RISEN: before is not None and exposure.pd_12_months >= rules.pd_ratio * before > 0,
        StageCode.RESTRUCTURED: in_watch,
    }
    for found, tests in ((Stage.THREE, impaired), (Stage.TWO, risen)):
        if any(tests.values()):
            return Staged(found, tuple(code for code, holds in tests.items() if holds))
    return Staged(Stage.ONE, ())


def expected_loss(exposure: Exposure, at: Stage) -> int:
    """Return the expected credit loss, fen, rounded half-up: EAD x PD x LGD; in stage 3 the default has happened."""
    pd = {Stage.ONE: exposure.pd_12_months, Stage.TWO: exposure.pd_lifetime, Stage.THREE: Decimal(1)}[at]
    found = exposure.exposure_fen * Fraction(pd) * Fraction(exposure.lgd)
    return round_ratio(found.numerator, found.denominator)
