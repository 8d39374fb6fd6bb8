"""The policy: one versioned YAML file with every figure that a lender may set, and where each comes from."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Generic, Literal, Self, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from suixin.errors import PolicyError
from suixin.features.registry import FEATURES
from suixin.lake.source import ROUTES
from suixin.money import CURRENCIES
from suixin.scoring.card import Card, Strict

SCHEMA_VERSION = 1

T = TypeVar("T")


class Parameter(Strict, Generic[T]):
    """One figure with its origin.

    Attributes:
        value: the figure; money in major units, rates as annual fractions.
        source: law, notice, measurement, or 'board' for the lender's own choice.
        since: first day of validity.
        verified: whether the source was checked; an unverified one is dated domain knowledge.
    """

    value: T
    source: str
    since: date
    verified: bool = True


Fraction = Parameter[float]
Amount = Parameter[float]


class Grade(Strict):
    """A grade: scores from `from_score`; `multiple` of stabilised monthly net sales that it may borrow."""

    grade: str
    from_score: float
    multiple: float = Field(ge=0, le=6)


class Cutoffs(Strict):
    """Scores from which a decision is approve, or at least refer; below, it is decline."""

    approve_from: float
    refer_from: float
    source: str
    since: date


class Rule(Strict):
    """A hard rule: a feature beyond a bound makes the decision `refer` or `decline`, whatever the score."""

    code: str
    feature: str
    above: float | None = None
    below: float | None = None
    decision: Literal["refer", "decline"]
    source: str
    since: date

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if self.feature not in FEATURES:
            raise ValueError(f"{self.code}: {self.feature!r} is no registered feature")
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.code}: give exactly one of above and below")
        return self

    def broken_by(self, value: float) -> bool:
        """Whether the value is beyond the bound."""
        return value > self.above if self.above is not None else value < (self.below or 0.0)


class Data(Strict):
    """What evidence a decision needs."""

    routes: Parameter[tuple[str, ...]]
    minimum_confidence: Fraction
    bureau_maximum_age_days: Parameter[int]
    bureau_not_required_routes: Parameter[tuple[str, ...]]

    @model_validator(mode="after")
    def _known_routes(self) -> Self:
        for route in (*self.routes.value, *self.bureau_not_required_routes.value):
            if route not in ROUTES:
                raise ValueError(f"{route!r} is no route; the routes are {', '.join(ROUTES)}")
        return self


class Limit(Strict):
    """How a limit is built. Money in major units."""

    product_cap: Amount
    minimum: Amount
    step: Amount
    withheld_share: Fraction
    in_season_share: Fraction
    lowest_month_factor: Fraction
    fewest_selling_months: Parameter[int]
    short_season_share: Fraction


class Cap(Strict):
    """The highest annual rate of a lender type: a figure, or a multiple of the one-year loan prime rate."""

    value: float | None = Field(default=None, gt=0, lt=1)
    prime_rate_multiple: float | None = Field(default=None, gt=0)
    source: str
    since: date
    verified: bool = True

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.value is None) == (self.prime_rate_multiple is None):
            raise ValueError("give exactly one of value and prime_rate_multiple")
        return self


class Price(Strict):
    """How a contract rate is built: annual fractions, and the cost of one loan for a year in major units."""

    funding: Fraction
    cost_a_loan: Amount
    average_balance_share: Fraction
    lgd: Fraction
    capital: Fraction
    return_on_equity: Fraction
    margin: Fraction
    tax: Fraction
    upfront_fee: Fraction
    lender_type: str
    caps: dict[str, Cap]

    @model_validator(mode="after")
    def _has_cap(self) -> Self:
        if self.lender_type not in self.caps:
            raise ValueError(f"no cap is given for the lender type {self.lender_type!r}")
        return self


class Term(Strict):
    """How a loan is repaid."""

    months: Parameter[int]
    season_concentration: Fraction


class Forecasting(Strict):
    """What the seasonal forecast assumes where history is short."""

    prior_spread: Fraction
    prior_years: Fraction


class LoanPrimeRate(Strict):
    """One publication of the loan prime rate."""

    published_on: date
    one_year: float
    five_year: float
    verified: bool


class Policy(Strict):
    """A lender's policy in one currency."""

    schema_version: Literal[1]
    name: str
    version: str
    currency: str
    illustrative: bool
    data: Data
    card: Card
    grades: tuple[Grade, ...]
    cutoffs: Cutoffs
    rules: tuple[Rule, ...]
    limit: Limit
    price: Price
    term: Term
    forecast: Forecasting
    loan_prime_rate: tuple[LoanPrimeRate, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.currency not in CURRENCIES:
            raise ValueError(f"the currency {self.currency!r} is not one of {', '.join(CURRENCIES)}")
        if not self.grades:
            raise ValueError("there is no grade")
        for better, worse in pairwise(self.grades):
            if worse.from_score >= better.from_score:
                raise ValueError(
                    f"the grades {better.grade} and {worse.grade} overlap: list them from best to worst"
                )
            if worse.multiple > better.multiple:
                raise ValueError(
                    f"grade {worse.grade} has a higher multiple than the better grade {better.grade}"
                )
        if self.cutoffs.refer_from > self.cutoffs.approve_from:
            raise ValueError("cutoffs: refer_from lies above approve_from")
        return self

    def grade_of(self, score: float) -> Grade:
        """The best grade whose score is reached; the last grade is open below."""
        return next((grade for grade in self.grades if score >= grade.from_score), self.grades[-1])

    def rate_cap(self, on: date) -> float:
        """The highest annual rate that this lender may charge on a contract of that day."""
        cap = self.price.caps[self.price.lender_type]
        if cap.value is not None:
            return cap.value
        published = [rate for rate in self.loan_prime_rate if rate.published_on <= on]
        if not published:
            raise PolicyError(f"policy {self.name}: no loan prime rate is listed that was published by {on}")
        return (cap.prime_rate_multiple or 0.0) * max(published, key=lambda rate: rate.published_on).one_year


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy, the text it was read from, and the hash of that text that decisions carry."""

    policy: Policy
    text: str
    hash: str


def load_policy(path: Path) -> LoadedPolicy:
    """Read and check a policy file; PolicyError with every fault, one a line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PolicyError(f"{path}: no such policy file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read: {error}") from error
    return parse_policy(text, str(path))


def shipped_policy(currency: str) -> LoadedPolicy:
    """The policy that ships for a currency; PolicyError if there is none."""
    file = resources.files("suixin.underwriting.policies") / f"{currency.lower()}.yaml"
    if not file.is_file():
        raise PolicyError(f"no policy ships for the currency {currency}; give one with --policy FILE")
    return parse_policy(file.read_text(encoding="utf-8"), f"shipped policy {currency}")


def parse_policy(text: str, origin: str) -> LoadedPolicy:
    """Check a policy's text; `origin` names it in errors."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PolicyError(f"{origin}: is not readable YAML: {' '.join(str(error).split())}") from error
    try:
        policy = Policy.model_validate(document)
    except ValidationError as error:
        raise PolicyError(f"{origin}: " + "; ".join(_faults(error))) from error
    return LoadedPolicy(policy, text, hashlib.blake2b(text.encode(), digest_size=8).hexdigest())


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        place = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        yield f"{place}: {message}" if place else message
