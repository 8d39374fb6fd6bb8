"""The figures of the five classes, each dated and with its source; a lender sets its own with `Dated.followed_by`."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from suixin.lending.parameters import Dated, Stated, V

MEASURES = "Measures for the Risk Classification of Financial Assets of Commercial Banks (2023, decree no. 1)"
IN_FORCE = date(2023, 7, 1)


class FiveClass(IntEnum):
    """The class of a loan: 正常, 关注, 次级, 可疑, 损失; a higher figure is worse, the last three are non-performing."""

    NORMAL = 1
    SPECIAL_MENTION = 2
    SUBSTANDARD = 3
    DOUBTFUL = 4
    LOSS = 5

    @property
    def non_performing(self) -> bool:
        """Substandard, doubtful or loss (不良)."""
        return self >= FiveClass.SUBSTANDARD


class Thresholds(NamedTuple):
    """The figures in force on a day.

    Attributes:
        technical_days: a delay of so many days, for technical or operational causes, does not count.
        substandard_days: more days past due than these are at least substandard; doubtful and loss alike.
        doubtful_days: see above.
        loss_days: see above.
        doubtful_impaired: credit loss over book balance from which a loan is at least doubtful.
        loss_impaired: the same for loss.
        own_bank_share: a non-retail debtor with a higher share of non-performing claims in this bank is
            non-performing in all of them.
        all_bank_share: a non-retail debtor with a higher share of all banks' debt over `substandard_days` past
            due is non-performing.
        watch_dates: consecutive due dates of the watch over a restructured loan.
        watch_months: its least length.
        upgrade_dates: consecutive due dates before a non-performing loan is performing again.
        upgrade_months: the least time before it.
    """

    technical_days: int
    substandard_days: int
    doubtful_days: int
    loss_days: int
    doubtful_impaired: Decimal
    loss_impaired: Decimal
    own_bank_share: Decimal
    all_bank_share: Decimal
    watch_dates: int
    watch_months: int
    upgrade_dates: int
    upgrade_months: int


def _measures(name: str, value: V, where: str, *, verified: bool = False) -> Dated[V]:
    return Dated(name, (Stated(value, IN_FORCE, f"{MEASURES}: {where}", verified),))


@dataclass(frozen=True)
class ClassRules:
    """Dated figures of the five classes; the attributes are those of `Thresholds`."""

    technical_days: Dated[int]
    substandard_days: Dated[int]
    doubtful_days: Dated[int]
    loss_days: Dated[int]
    doubtful_impaired: Dated[Decimal]
    loss_impaired: Dated[Decimal]
    own_bank_share: Dated[Decimal]
    all_bank_share: Dated[Decimal]
    watch_dates: Dated[int]
    watch_months: Dated[int]
    upgrade_dates: Dated[int]
    upgrade_months: Dated[int]

    def on(self, day: date) -> Thresholds:
        """Return the figures in force on a day.

        Raises:
            UsageError: one of them was not in force yet.
        """
        return _thresholds(self, day)


@lru_cache(maxsize=64)
def _thresholds(rules: ClassRules, day: date) -> Thresholds:
    return Thresholds(**{field.name: getattr(rules, field.name).on(day) for field in fields(rules)})


CN = ClassRules(
    technical_days=_measures(
        "technical_days", 7, "short delays for operational or technical causes, such as within 7 days"
    ),
    substandard_days=_measures("substandard_days", 90, "over 90 days past due", verified=True),
    doubtful_days=_measures("doubtful_days", 270, "over 270 days past due", verified=True),
    loss_days=_measures("loss_days", 360, "over 360 days past due", verified=True),
    doubtful_impaired=_measures(
        "doubtful_impaired", Decimal("0.5"), "credit loss of 50 % of the book balance or more"
    ),
    loss_impaired=_measures(
        "loss_impaired", Decimal("0.9"), "credit loss of 90 % of the book balance or more"
    ),
    own_bank_share=_measures(
        "own_bank_share", Decimal("0.1"), "article 7, over 10 % of the claims in this bank", verified=True
    ),
    all_bank_share=_measures(
        "all_bank_share",
        Decimal("0.2"),
        "over 20 % of the debt in all banks over 90 days past due",
        verified=True,
    ),
    watch_dates=_measures(
        "watch_dates", 2, "watch of at least two consecutive repayment periods", verified=True
    ),
    watch_months=_measures("watch_months", 12, "watch of at least a year", verified=True),
    upgrade_dates=_measures(
        "upgrade_dates", 2, "arrears and fees paid, and then two consecutive repayment periods"
    ),
    upgrade_months=_measures("upgrade_months", 6, "or six months, whichever is longer"),
)
