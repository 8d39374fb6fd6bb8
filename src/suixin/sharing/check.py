"""May this recipient read these scopes for this purpose now? A yes, or a no that says why."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from suixin.calendar import add_months
from suixin.sharing.artefact import Consent, State
from suixin.sharing.consent import settled
from suixin.sharing.purposes import Words, civil_date


class Why(StrEnum):
    """Why data may not be read; the first one that holds, in this order."""

    NONE = "none"
    OTHER_PRINCIPAL = "other_principal"
    OTHER_RECIPIENT = "other_recipient"
    OTHER_PURPOSE = "other_purpose"
    BEFORE_CHANGE = "before_change"
    REQUESTED = "requested"
    PAUSED = "paused"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    REVOKED = "revoked"
    EXPIRED = "expired"
    CONSUMED = "consumed"
    SUPERSEDED = "superseded"
    NO_SCOPE = "no_scope"
    OUT_OF_SCOPE = "out_of_scope"
    BEFORE_HISTORY = "before_history"
    CAP_REACHED = "cap_reached"


WORDS: dict[Why, Words] = {
    Why.NONE: Words("该商户没有为此目的作出同意", "the merchant gave no consent for this purpose"),
    Why.OTHER_PRINCIPAL: Words("该同意属于另一商户", "the consent is another merchant's"),
    Why.OTHER_RECIPIENT: Words("该同意给予另一机构", "the consent names another recipient"),
    Why.OTHER_PURPOSE: Words("该同意用于另一目的", "the consent is for another purpose"),
    Why.BEFORE_CHANGE: Words(
        "读取时间早于该同意的最近变更", "the instant lies before the consent's last change"
    ),
    Why.REQUESTED: Words("商户尚未答复", "the merchant has not answered yet"),
    Why.PAUSED: Words("商户已暂停该同意", "the merchant has paused the consent"),
    Why.REJECTED: Words("商户已拒绝", "the merchant refused"),
    Why.LAPSED: Words("请求逾时未获答复，请重新征求", "the request lapsed without an answer; ask again"),
    Why.REVOKED: Words("商户已撤回该同意", "the merchant has withdrawn the consent"),
    Why.EXPIRED: Words("该同意已到期，请重新征求", "the consent has expired; ask again"),
    Why.CONSUMED: Words(
        "该同意的使用次数已用完，请重新征求", "every use that the consent allowed was made; ask again"
    ),
    Why.SUPERSEDED: Words("该同意已被新的同意取代", "a later consent has taken its place"),
    Why.NO_SCOPE: Words("未说明要读取哪些数据", "no scope is named; say what is to be read"),
    Why.OUT_OF_SCOPE: Words("要读取的数据不在同意范围内", "the consent does not cover these scopes"),
    Why.BEFORE_HISTORY: Words("要读取的数据早于同意的期间", "the consent does not reach back so far"),
    Why.CAP_REACHED: Words("本期使用次数已达上限", "the cap of uses in this period is reached"),
}
_STATES = {
    State.REQUESTED: Why.REQUESTED,
    State.PAUSED: Why.PAUSED,
    State.REJECTED: Why.REJECTED,
    State.LAPSED: Why.LAPSED,
    State.REVOKED: Why.REVOKED,
    State.EXPIRED: Why.EXPIRED,
    State.CONSUMED: Why.CONSUMED,
    State.SUPERSEDED: Why.SUPERSEDED,
}


class Question(NamedTuple):
    """What somebody wants to read.

    Attributes:
        principal: whose data, by the lake's key.
        recipient: the id of the house that reads.
        purpose: for what.
        scopes: which tables.
        at: when.
        since: the first day that is read; None for as far back as the consent reaches.
    """

    principal: str
    recipient: str
    purpose: str
    scopes: Collection[str]
    at: datetime
    since: date | None = None


class Verdict(NamedTuple):
    """The answer: `why` is None for yes."""

    why: Why | None

    @property
    def allowed(self) -> bool:
        """Whether the data may be read."""
        return self.why is None


def check(held: Consent | None, asked: Question, uses: Collection[datetime]) -> Verdict:
    """Answer whether a consent allows what is asked.

    Args:
        held: the consent, in whatever state, or None.
        asked: what is to be read.
        uses: the instants of the uses made under it so far; those outside the cap's period do not count.

    Raises:
        UsageError: an instant without a time zone.
    """
    if held is None:
        return Verdict(Why.NONE)
    return Verdict(_not_for(held, asked) or _not_now(held, asked) or _not_so_much(held, asked, uses))


def reaches_to(held: Consent, at: datetime) -> date:
    """Return the first day that a consent lets one read at an instant."""
    return add_months(civil_date(at), -held.terms.history_months)


def _not_for(held: Consent, asked: Question) -> Why | None:
    terms = held.terms
    if terms.principal.pseudonym != asked.principal:
        return Why.OTHER_PRINCIPAL
    if terms.recipient.id != asked.recipient:
        return Why.OTHER_RECIPIENT
    return None if terms.purpose == asked.purpose else Why.OTHER_PURPOSE


def _not_now(held: Consent, asked: Question) -> Why | None:
    if asked.at < held.last.at:
        return Why.BEFORE_CHANGE
    return _STATES.get(settled(held, asked.at).state)


def _not_so_much(held: Consent, asked: Question, uses: Collection[datetime]) -> Why | None:
    terms = held.terms
    if not asked.scopes:
        return Why.NO_SCOPE
    if not set(asked.scopes) <= set(terms.scopes):
        return Why.OUT_OF_SCOPE
    if asked.since is not None and asked.since < reaches_to(held, asked.at):
        return Why.BEFORE_HISTORY
    count = sum(terms.frequency.unit.holds(used_at, asked.at) for used_at in uses)
    return Why.CAP_REACHED if count >= terms.frequency.most else None
