"""The policy: one versioned YAML file with every figure that a lender may set, and where each comes from."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator
from yaml.constructor import ConstructorError

from suixin.errors import PolicyError
from suixin.money import CURRENCIES, currency_of, to_minor
from suixin.scoring.card import Card, Strict, Text
from suixin.underwriting.exact import exactly
from suixin.underwriting.policy_parts import (
    Authority,
    Capacity,
    Complaints,
    Cutoffs,
    Data,
    Diligence,
    Forecasting,
    Grade,
    Ladder,
    Limit,
    LoanPrimeRate,
    Parameter,
    Rule,
    Term,
)
from suixin.underwriting.policy_price import UP_FRONT, Cap, Charge, Price
from suixin.underwriting.policy_upgrade import upgraded

SCHEMA_VERSION = 2
_LONGEST_SHOWN = 60  # characters of a faulty value that an error repeats


class Policy(Strict):
    """A lender's policy in one currency."""

    schema_version: Literal[2]
    name: Text
    version: Text
    currency: str
    illustrative: bool
    data: Data
    card: Card
    grades: tuple[Grade, ...]
    cutoffs: Cutoffs
    rules: tuple[Rule, ...]
    limit: Limit
    capacity: Capacity
    price: Price
    term: Term
    charges: tuple[Charge, ...] = ()
    default_cost_cap: Parameter[Annotated[float, Field(gt=0, lt=1)]] | None = None
    ladder: Ladder | None = None
    authority: Authority | None = None
    diligence: Diligence | None = None
    complaints: Complaints | None = None
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
        for what, names in (
            ("grade", [grade.grade for grade in self.grades]),
            ("rule", [rule.code for rule in self.rules]),
            ("charge", [charge.code for charge in self.charges]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(
                    f"the {what} {', '.join(twice)} is given more than once: each needs its own name"
                )
        caps = self.price.caps_of(self.price.lender_type)
        if any(cap.value is None for cap in caps) and not self.loan_prime_rate:
            raise ValueError(
                f"the cap of {self.price.lender_type!r} is a multiple of the loan prime rate: list loan_prime_rate"
            )
        return self

    @model_validator(mode="after")
    def _pays_something_out(self) -> Self:
        shares = {"upfront_fee": self.price.upfront_fee.value}
        shares |= {f"charge {c.code}": c.value for c in self.charges if c.kind in UP_FRONT}
        if (total := sum(map(exactly, shares.values()))) >= 1:
            parts = ", ".join(f"{name} {share:g}" for name, share in shares.items() if share)
            raise ValueError(
                f"what is paid up front comes to {float(total):g} of the principal ({parts}), so nothing would be paid out: "
                "bring the sum below 1"
            )
        return self

    def grade_of(self, score: float) -> Grade:
        """The best grade whose score is reached; the last grade is open below."""
        return next((grade for grade in self.grades if score >= grade.from_score), self.grades[-1])

    def authority_minor(self, whose: Literal["automatic", "approver"]) -> int:
        """Up to which limit, minor units, the policy itself or an approver decides; nothing if the policy names none."""
        if self.authority is None:
            return 0
        held: Parameter[float] = getattr(self.authority, whose)
        return to_minor(Decimal(repr(held.value)), currency_of(self.currency))

    def rate_cap(self, on: date) -> float:
        """The highest annual rate that this lender may charge on a contract of that day.

        Raises:
            PolicyError: no cap of the lender type binds yet on that day, or no loan prime rate was published by it.
        """
        cap = self.cap(on)
        if cap.value is not None:
            return cap.value
        published = [rate for rate in self.loan_prime_rate if rate.published_on <= on]
        if not published:
            raise PolicyError(f"policy {self.name}: no loan prime rate is listed that was published by {on}")
        return (cap.prime_rate_multiple or 0.0) * max(published, key=lambda rate: rate.published_on).one_year

    def cap(self, on: date) -> Cap:
        """The latest cap of the lender type whose first day is no later than the day."""
        lender_type = self.price.lender_type
        caps = self.price.caps_of(lender_type)
        begun = [cap for cap in caps if cap.from_day is None or cap.from_day <= on]
        if not begun:
            first = caps[0].from_day
            raise PolicyError(
                f"policy {self.name}: no cap of the lender type {lender_type!r} binds on {on}, the first begins on {first}; "
                f"list the cap that held before, or decide as of {first} or later",
                zh=f"政策 {self.name}：机构类型 {lender_type!r} 的利率上限自 {first} 起适用，{on} 没有可用的上限；"
                f"请在政策中补上此前适用的上限，或者改用 {first} 及以后的日期",
            )
        return begun[-1]


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy, the text it was read from, and the hash of that text that decisions carry."""

    policy: Policy
    text: str
    hash: str


def load_policy(path: Path) -> LoadedPolicy:
    """Read and check a policy file; PolicyError that names every fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PolicyError(f"{path}: no such policy file") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: is no text in UTF-8; give a policy in YAML") from error
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror}") from error
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
        policy = _parsed(text)
    except ValidationError as error:
        raise PolicyError(f"{origin}: " + "; ".join(_faults(error))) from error
    except RecursionError as error:
        raise PolicyError(f"{origin}: is nested too deeply to be a policy") from error
    except (yaml.YAMLError, ValueError) as error:
        raise PolicyError(f"{origin}: is not readable YAML: {' '.join(str(error).split())}") from error
    return LoadedPolicy(policy, text, policy_hash(text))


@lru_cache(
    maxsize=16
)  # a decision is made on a policy that was read for the decision before it; it is immutable
def _parsed(text: str) -> Policy:
    return Policy.model_validate(upgraded(_document(text)))


def policy_hash(text: str) -> str:
    """The hash of a policy's text, which decisions carry."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class _Loader(yaml.SafeLoader):
    """YAML as it is written: a key given twice is a fault, and one that cannot be read is shown with its line."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise ConstructorError(
                        None, None, f"the key {key.value!r} is given twice: leave one out", key.start_mark
                    )
                seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise ConstructorError(
                None, None, f"{_shown(node.value)} cannot be read: {error}", node.start_mark
            ) from error


def _document(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        place = " ".join(".".join(str(part) for part in fault["loc"]).split())
        message = _MENDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        if fault["type"] not in _MENDS and isinstance(fault["input"], str | int | float | None):
            message += f", but it is {_shown(fault['input'])}"
        yield f"{place}: {message}" if place else message


_MENDS = {
    "missing": "is missing: give it",
    "extra_forbidden": "is no key of a policy: leave it out",
    "model_type": "holds no keys with values; `suixin policy shipped CNY` prints what a policy has",
}


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
