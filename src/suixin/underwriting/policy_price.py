"""The parts of a policy that say what a loan costs: the price, its caps, and the charges beside it."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, WrapValidator, model_validator

from suixin.scoring.card import Strict, Text
from suixin.underwriting.policy_parts import Parameter, Share


class Cap(Strict):
    """The highest annual rate of a lender type: a figure, or a multiple of the one-year loan prime rate.

    Attributes:
        since: the day on which the figure was set.
        from_day: the first day on which the cap binds; None if it binds on every day.
    """

    value: float | None = Field(default=None, gt=0, lt=1)
    prime_rate_multiple: float | None = Field(default=None, gt=0, le=10)
    source: Text
    since: date
    from_day: date | None = None
    verified: bool = True

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.value is None) == (self.prime_rate_multiple is None):
            raise ValueError("give exactly one of value and prime_rate_multiple")
        return self


_CAPS = TypeAdapter(Annotated[tuple[Cap, ...], Field(min_length=1)])


def _one_or_several(given: Any, _: object) -> Cap | tuple[Cap, ...]:
    """A cap, or a list of caps: read apart, so that a fault is named once and at its place."""
    return _CAPS.validate_python(given) if isinstance(given, list | tuple) else Cap.model_validate(given)


Caps = Annotated[Cap | tuple[Cap, ...], WrapValidator(_one_or_several)]


class Price(Strict):
    """How a contract rate is built: annual fractions, and the cost of one loan for a year in major units.

    `caps` holds a cap for each lender type, or a list of caps in the order of their first days; of a list, the first
    alone may bind from the start.
    """

    funding: Share
    cost_a_loan: Parameter[Annotated[float, Field(ge=0, le=1_000_000)]]
    average_balance_share: Parameter[Annotated[float, Field(ge=0.01, le=1)]]
    lgd: Share
    capital: Share
    return_on_equity: Share
    margin: Share
    tax: Parameter[Annotated[float, Field(ge=0, le=0.99)]]
    upfront_fee: Parameter[Annotated[float, Field(ge=0, le=0.5)]]
    lender_type: str
    caps: dict[str, Caps]

    @model_validator(mode="after")
    def _has_cap(self) -> Self:
        if self.lender_type not in self.caps:
            raise ValueError(f"no cap is given for the lender type {self.lender_type!r}")
        for lender_type in self.caps:
            for earlier, later in pairwise(self.caps_of(lender_type)):
                _refuse_disorder(lender_type, earlier.from_day, later.from_day)
        return self

    def caps_of(self, lender_type: str) -> tuple[Cap, ...]:
        """The caps of a lender type, by their first days."""
        held = self.caps[lender_type]
        return (held,) if isinstance(held, Cap) else held


def _refuse_disorder(lender_type: str, earlier: date | None, later: date | None) -> None:
    """ValueError unless the second of two caps begins on a day of its own, after the first."""
    if later is None:
        raise ValueError(
            f"a later cap of the lender type {lender_type!r} has no from_day: give each but the first the day from "
            "which it binds"
        )
    if earlier == later:
        raise ValueError(
            f"two caps of the lender type {lender_type!r} have the from_day {later}: leave one out"
        )
    if earlier is not None and earlier > later:
        raise ValueError(
            f"the caps of the lender type {lender_type!r} are not in order: from_day {later} is listed after {earlier}"
        )


UP_FRONT = ("fee", "guarantee", "insurance")  # kinds of charges that are paid before the money comes


class Charge(Strict):
    """A cost beside the contract rate, one line of the cost table.

    Attributes:
        code: a name of its own.
        kind: fee, guarantee or insurance are paid up front; subsidy is paid by the government, a year; overdue and
            misuse multiply the contract rate when the borrower defaults.
        value: a fraction of the principal, an annual fraction for a subsidy, a multiple for overdue and misuse.
        payee: who receives it (who pays it, for a subsidy).
    """

    code: Text
    kind: Literal["fee", "guarantee", "insurance", "subsidy", "overdue", "misuse"]
    value: Annotated[float, Field(ge=0, le=10)]
    payee: Text
    source: Text
    since: date
    verified: bool = True

    @model_validator(mode="after")
    def _in_bounds(self) -> Self:
        multiple = self.kind in ("overdue", "misuse")
        if multiple and self.value < 1:
            raise ValueError(
                f"{self.code}: {self.value:g} would make a default cheaper than the contract: give 1 or more"
            )
        if not multiple and self.value > 0.5:
            raise ValueError(
                f"{self.code}: {self.value:g} is over half of the principal; write 0.008 for 0.8 %"
            )
        return self
