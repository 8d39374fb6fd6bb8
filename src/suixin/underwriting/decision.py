"""A decision: one frozen document with everything that led to it, and everything a replay needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from suixin.lending.schedule import Schedule
from suixin.underwriting.forecast import Forecast

SCHEMA_VERSION = 1
CATALOGUE_VERSION = 1


class Outcome(StrEnum):
    """What is decided, from best to worst."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"


RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; the words come from the catalogue.

    Attributes:
        code: 'rule.<code>', 'check.<code>' or 'card.<feature>'.
        feature: the feature it rests on, '' if none.
        value: the feature's value, None if unknown.
        threshold: the value from which it would no longer count against the merchant.
        points: contribution to the score against the accept threshold (card reasons).
        outcome: what a rule or check demands; '' for a card reason.
    """

    code: str
    feature: str = ""
    value: float | None = None
    threshold: float | None = None
    points: float = 0.0
    outcome: str = ""
    catalogue_version: int = CATALOGUE_VERSION


@dataclass(frozen=True, slots=True)
class LimitComponent:
    """One ceiling or deduction of the limit, fen; `binding` marks the lowest ceiling."""

    name: str
    amount_fen: int
    binding: bool = False


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """One part of the contract rate, parts per million a year."""

    name: str
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Hint:
    """A change that would raise the limit: found by deciding again with it."""

    feature: str
    value: float
    target: float
    gain_fen: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered, if something is: the schedule, and equal instalments beside a season schedule.

    Attributes:
        annual_rate_ppm: contract rate, nominal a year.
        all_in_rate_ppm: annual effective IRR of the dated flows with every fee (ACT/365).
        fee_fen: paid up front.
    """

    annual_rate_ppm: int
    all_in_rate_ppm: int
    fee_fen: int
    term_months: int
    schedule: Schedule
    comparator: Schedule


@dataclass(frozen=True, slots=True)
class Decision:
    """One merchant on one day.

    Money in fen, rates in parts per million a year; `features` is the row it was decided on.
    """

    decision_id: str
    merchant_id: str
    as_of: date
    outcome: Outcome
    score: float
    grade: str
    pd: float
    pd_basis: str
    limit_fen: int
    limit_components: tuple[LimitComponent, ...]
    currency: str
    price_components: tuple[PriceComponent, ...]
    terms: Terms | None
    forecast: Forecast
    reasons: tuple[Reason, ...]
    raise_hints: tuple[Hint, ...]
    confidence: float
    features: Mapping[str, float | None]
    sales_source: str
    model_version: str
    policy_hash: str
    lake_snapshot: str
    schema_version: int = SCHEMA_VERSION
