"""The purposes for which a merchant's data may be read: what each one allows, how often, how far back, how long.

A purpose that is not in this table cannot be asked for. The figures are dated: a consent keeps those of its day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from suixin.calendar import civil_day, day_to_date
from suixin.errors import UsageError

ZONE = "Asia/Shanghai"  # whose civil days and months the caps count


class Unit(StrEnum):
    """Over what a cap counts."""

    LIFE = "life"  # of the consent
    MONTH = "month"  # a civil month
    DAY = "day"  # a civil day

    def holds(self, used_at: datetime, at: datetime) -> bool:
        """Whether a use at one instant counts against the cap at a later one."""
        if self is Unit.LIFE:
            return True
        then, now = civil_date(used_at), civil_date(at)
        return then == now if self is Unit.DAY else (then.year, then.month) == (now.year, now.month)

    def earliest(self, at: datetime) -> datetime | None:
        """An instant at or before every use that counts at `at`, None for no bound; to narrow a search, then `holds`."""
        return None if self is Unit.LIFE else at - timedelta(days=1 if self is Unit.DAY else 31)


class Frequency(NamedTuple):
    """How often data may be read: at most so many uses in each unit."""

    unit: Unit
    most: int


class Words(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data may be read for.

    Attributes:
        code: its name in every consent, receipt and message.
        zh, en: in words for the merchant.
        ask: the sentence by which it is asked for, on a screen or read aloud; `{n}` is its months of history.
        scopes: what it allows at most: tables of the lake, or 'bureau' for a query of a licensed credit bureau.
        cap: how often at most.
        history_months: how far back at most.
        life_days: how long a consent holds at most.
        data_life_days: how long what was taken from the data may be kept for this purpose; law may ask for longer.
        needed: without it an application cannot be judged by data; refusing any other one stops nothing (PIPL art. 16).
        automated: a decision is made from it by a program (PIPL art. 24).
        legal_basis: the article that the consent rests on.
        from_on: the first day on which these figures hold.
    """

    code: str
    zh: str
    en: str
    ask: Words
    scopes: frozenset[str]
    cap: Frequency
    history_months: int
    life_days: int
    data_life_days: int
    needed: bool
    automated: bool
    legal_basis: str
    from_on: date

    @property
    def asked(self) -> Words:
        """The sentence by which it is asked for, with its figures."""
        return Words(*(text.format(n=self.history_months) for text in self.ask))


_TRADE = frozenset(
    {"merchants", "orders", "order_items", "payments", "settlements", "shipments", "reviews", "refunds"}
) | {"invoices", "cashflows", "exposures", "loans", "relations"}
_SINCE = date(2021, 11, 1)  # the day on which the PIPL came into force
_PIPL = "PIPL art. 13(1), 23, 29"

PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        "P103", "贷款申请", "loan application",
        Words(
            "查看近 {n} 个月的店铺交易、物流和评价，只用于这次申请。",
            "To read the last {n} months of your shop's orders, parcels and reviews, for this application alone.",
        ),
        _TRADE | {"parties", "inquiries", "applications", "outcomes"},
        Frequency(Unit.LIFE, 30), 36, 31, 1_826, needed=True, automated=True, legal_basis=_PIPL, from_on=_SINCE,
    ),
    Purpose(
        "P103B", "查询征信", "credit bureau query",
        Words("向征信机构查询一次您的信用报告。", "To query the credit bureau about you, once."),
        frozenset({"bureau"}),
        Frequency(Unit.LIFE, 1), 60, 31, 1_826, needed=True, automated=True,
        legal_basis="征信业管理条例 art. 18, PIPL art. 23, 29", from_on=_SINCE,
    ),
    Purpose(
        "P104", "贷后预警", "post-loan warning",
        Words(
            "贷款期间每月查看，提前发现困难。不给也能贷款。",
            "To look each month while the loan runs, so that trouble shows early. You may refuse and still borrow.",
        ),
        _TRADE,
        Frequency(Unit.MONTH, 5), 24, 1_826, 1_826, needed=False, automated=False, legal_basis=_PIPL, from_on=_SINCE,
    ),
    Purpose(
        "P105", "身份核验", "identity check",
        Words("核对一次您的姓名和证件号码。", "To check your name and the number of your identity paper, once."),
        frozenset({"parties", "identities"}),
        Frequency(Unit.LIFE, 1), 1, 1, 1_826, needed=True, automated=False, legal_basis=_PIPL, from_on=_SINCE,
    ),
    Purpose(
        "P108", "县域经营统计（只出汇总数）", "county sales figures, totals only",
        Words(
            "每月把您的订单金额与本乡镇其他商户加总，政府和担保基金只看到10户以上的总数。与贷款无关：不同意没有任何影响，随时可撤。",
            "Each month your orders are added to those of other merchants of your township; government and guarantee fund see "
            "totals of 10 or more alone. It has nothing to do with a loan: refusing changes nothing, and you may withdraw at any "
            "time.",
        ),
        frozenset({"orders"}),
        Frequency(Unit.MONTH, 3), 3, 548, 1, needed=False, automated=False, legal_basis=_PIPL, from_on=_SINCE,
    ),
)  # fmt: skip
"""P103B stands behind P103 as P104C (collections) behind P104: an act of its own with a signature of its own.

P108 is scheme monitoring: what is read goes into totals over ten merchants or more and nowhere else, so it is held for a day
at most, and months that are past are not read again. 548 days are eighteen months; three months of history reach
the month before, whenever in the month after it is published.
"""


def purpose_on(code: str, day: date) -> Purpose:
    """Return the purpose with the figures that hold on a day.

    Raises:
        UsageError: no such purpose, or none yet on that day.
    """
    held = [one for one in PURPOSES if one.code == code and one.from_on <= day]
    if not held:
        codes = ", ".join(sorted({one.code for one in PURPOSES}))
        raise UsageError(f"purpose {code!r} is not known on {day}; the purposes are {codes}")
    return max(held, key=lambda one: one.from_on)


def civil_date(at: datetime) -> date:
    """Return the civil date of an instant in China; UsageError for a naive one."""
    return day_to_date(civil_day(at, ZONE))
