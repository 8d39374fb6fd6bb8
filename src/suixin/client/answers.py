"""What the server answers, as frozen records: money as exact decimals beside the currency, rates as decimals, days as dates.

A field that a later server adds is left out; one that it lacks is an error, so that nothing is guessed.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from suixin.errors import AnswerError

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in major units."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RowAside:
    """A row that was set aside."""

    row: int
    column: str | None
    rule: str
    meaning: str
    raw: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of pushed rows; read = accepted + already there + quarantined."""

    table: str
    snapshot: str | None
    read: int
    accepted: int
    already_there: int
    quarantined: int
    ignored_columns: tuple[str, ...]
    rows: tuple[RowAside, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """An application."""

    number: str
    merchant_id: str
    state: str
    channel: str
    asked: Money
    purpose: str
    by_people: bool
    filed_on: date
    filed_at: datetime
    granted: Money | None
    annual_rate: Decimal | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: as it was kept, and in words."""

    code: str
    feature: str
    value: float | None
    threshold: float | None
    points: float
    outcome: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LimitPart:
    """A ceiling or deduction of the limit."""

    name: str
    amount: Money
    binding: bool


@dataclass(frozen=True, slots=True)
class PricePart:
    """A part of the annual rate."""

    name: str
    annual_rate: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """What a decision offers."""

    annual_rate: Decimal
    all_in_rate: Decimal
    term_months: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision and its why."""

    application: str
    state: str
    automatic: bool
    decision_id: str
    as_of: date
    made_at: datetime
    outcome: str
    score: float
    grade: str
    pd: float
    pd_basis: str
    confidence: float
    limit: Money
    limit_parts: tuple[LimitPart, ...]
    price_parts: tuple[PricePart, ...]
    offer: Offer | None
    reasons: tuple[Reason, ...]
    model_version: str
    policy_hash: str
    lake_snapshot: str
    digest: str


@dataclass(frozen=True, slots=True)
class Payoff:
    """What closes a loan on a day."""

    on: date
    principal: Money
    interest: Money
    late: Money
    fees: Money
    held: Money
    total: Money


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan."""

    number: str
    borrower: str
    state: str
    five_class: int
    drawn: Money
    principal: Money
    allowance: Money
    annual_rate: Decimal
    days_past_due: int
    classed_on: date
    granted_on: date
    next_due_on: date | None


@dataclass(frozen=True, slots=True)
class LoanDetail:
    """A loan with what it is for and what closes it."""

    number: str
    borrower: str
    state: str
    five_class: int
    drawn: Money
    principal: Money
    allowance: Money
    annual_rate: Decimal
    days_past_due: int
    classed_on: date
    granted_on: date
    next_due_on: date | None
    purpose: str
    payoff: Payoff | None


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on a day, and what of it is open."""

    due_on: date
    principal: Money
    interest: Money
    total: Money
    balance: Money
    open: Money


@dataclass(frozen=True, slots=True)
class Repayment:
    """A payment that came."""

    key: str
    on: date
    booked_on: date
    amount: Money
    source: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class RepaymentPart:
    """What of a payment went where."""

    to: str
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class RepaymentDone:
    """What a payment did."""

    loan: str
    key: str
    amount: Money
    on: date
    parts: tuple[RepaymentPart, ...]
    held: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a platform settled."""

    loan: str
    settlement: str
    platform: str
    shop: str
    sales: Money
    settled_on: date
    due_on: date
    state: str
    withheld: Money
    returned: Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a loan's statement."""

    booked_on: date
    value_on: date
    kind: str
    principal: Money
    interest: Money
    fees: Money
    held: Money
    owed: Money
    reason: str


@dataclass(frozen=True, slots=True)
class AtRisk:
    """The principal of loans that are later than so many days."""

    days: int
    principal: Money
    share: float


@dataclass(frozen=True, slots=True)
class PortfolioPart:
    """A part of the portfolio."""

    code: str
    loans: int
    principal: Money
    allowance: Money
    share: float


@dataclass(frozen=True, slots=True)
class Vintage:
    """The loans of a quarter."""

    quarter: str
    loans: int
    drawn: Money
    principal: Money
    ever_late: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The house's loans as a whole."""

    business_on: date
    classed_on: date
    loans: int
    borrowers: int
    principal: Money
    allowance: Money
    ledger_principal: Money
    non_performing: Money
    at_risk: tuple[AtRisk, ...]
    by_days_past_due: tuple[PortfolioPart, ...]
    by_class: tuple[PortfolioPart, ...]
    by_township: tuple[PortfolioPart, ...]
    by_crop: tuple[PortfolioPart, ...]
    vintages: tuple[Vintage, ...]


def read(kind: type[A], document: Any) -> A:
    """A document as a record.

    Raises:
        AnswerError: a field is missing or is of another kind.
    """
    try:
        made: A = _read(kind, document)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise AnswerError(f"the server's answer is no {kind.__name__} of this client ({error!r})") from error
    return made


def _read(kind: Any, told: Any) -> Any:
    if isinstance(kind, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return None if told is None else _read(inner, told)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in told)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _read(hints[one.name], told[one.name]) for one in fields(kind)})  # type: ignore[operator]
    return _plain(kind, told)


def _plain(kind: Any, told: Any) -> Any:
    if kind is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    wanted = str if kind in _FROM_TEXT else kind
    if not isinstance(told, wanted) or (wanted is int and isinstance(told, bool)):
        raise TypeError(f"{told!r} is no {kind.__name__}")
    return _FROM_TEXT[kind](told) if kind in _FROM_TEXT else told


_FROM_TEXT: dict[Any, Any] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}
