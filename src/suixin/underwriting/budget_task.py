"""What a budget is shared under, and whether a plan keeps to it: the same rules for every plan, however it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from suixin.errors import UsageError
from suixin.underwriting.offers import MONTHS, Candidate, Churn, Costs, Floats, Whole, Worth, worth

_FEN = 1.0  # what floats may leave of an expected sum


@dataclass(frozen=True, slots=True)
class Terms:
    """What the sharing keeps to.

    Attributes:
        budget_fen: the most that is offered.
        step_fen: amounts are whole multiples of it.
        caps: attribute -> share of the budget that one of its values may have, above 0, at most 1.
        liquidity_fen: what may be out at the end of month 0, 1 ... 12; None for no bound.
        gap: the profit is proven to lie this close to the best, as a share of it.
        seconds: for each search.

    Raises:
        UsageError: a figure is out of range.
    """

    budget_fen: int
    step_fen: int = 10_000
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    liquidity_fen: tuple[int, ...] | None = None
    gap: float = 0.001
    seconds: float = 120.0

    def __post_init__(self) -> None:
        if self.budget_fen <= 0:
            raise UsageError(f"a budget of {major(self.budget_fen)} is not above 0")
        if self.step_fen <= 0:
            raise UsageError(f"a step of {major(self.step_fen)} is not above 0")
        for name, share in self.caps.items():
            if not 0 < share <= 1:
                raise UsageError(f"the cap {name}={share} lies outside 0 to 1; write 0.4 or 40%")
        for month, available in enumerate(self.liquidity_fen or ()):
            if available < 0:
                raise UsageError(
                    f"the liquidity of month {month} is {major(available)}; give 0 or more, or raise funds first"
                )
        if self.liquidity_fen is not None and len(self.liquidity_fen) != MONTHS + 1:
            raise UsageError(f"liquidity is given for {len(self.liquidity_fen)} months; give months 0 to 12")
        if not 0 <= self.gap < 1:
            raise UsageError(f"the gap {self.gap:g} lies outside 0 to 1; write 0.001 for 0.1 %")
        if not self.seconds > 0:
            raise UsageError(f"{self.seconds:g} seconds is not above 0")


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be shared.

    Attributes:
        people, churn, terms: as they were given.
        found: every offer's worth.
        smallest, largest: bounds of each candidate in whole steps.
    """

    people: Sequence[Candidate]
    churn: Churn
    terms: Terms
    found: Worth
    smallest: Whole
    largest: Whole

    @property
    def budget(self) -> int:
        """The budget in whole steps."""
        return self.terms.budget_fen // self.terms.step_fen


def prepare(people: Sequence[Candidate], churn: Churn, costs: Costs, terms: Terms) -> Task:
    """Put the candidates into whole steps; UsageError if there is none, or a limit leaves room for nobody."""
    if not people:
        raise UsageError("there is no candidate to lend to")
    step = terms.step_fen
    smallest = np.array([-(-max(one.smallest_fen, 1) // step) for one in people], dtype=np.int64)
    largest = np.array([one.largest_fen // step for one in people], dtype=np.int64)
    for one, low, high in zip(people, smallest, largest, strict=True):
        if low > high:
            raise UsageError(
                f"merchant {one.merchant_id!r} may have {major(one.smallest_fen)} to {major(one.largest_fen)}, which "
                f"holds no multiple of {major(step)}"
            )
    task = Task(people, churn, terms, worth(people, churn, costs), smallest, largest)
    _refuse_hopeless(task)
    return task


def _refuse_hopeless(task: Task) -> None:
    """Say which limit leaves room for nobody, before a search says it in a riddle."""
    least = int(task.smallest.min())
    step = task.terms.step_fen
    if task.budget < least:
        raise UsageError(
            f"a budget of {major(task.terms.budget_fen)} is below the smallest loan of {major(least * step)}"
        )
    room = {name: cap(task, share) for name, share in task.terms.caps.items()}
    blocked = []
    for one, low in zip(task.people, task.smallest, strict=True):
        shut = [(room[name], name) for name in room if one.labels.get(name) is not None and room[name] < low]
        blocked += [min(shut)] if shut else []
    if len(blocked) == len(task.people):
        most, name = min(blocked)
        raise UsageError(
            f"the cap {name}={task.terms.caps[name]} leaves {major(most * step)} for each {name}, less than the smallest "
            f"loan of {major(least * step)}; raise the cap or the budget"
        )


def cap(task: Task, share: Decimal) -> int:
    """A cap in whole steps, exactly."""
    top, bottom = share.as_integer_ratio()
    return task.terms.budget_fen * top // (bottom * task.terms.step_fen)


def tight(task: Task) -> list[int]:
    """The months whose liquidity a budget lent out could exceed; the others bind nobody."""
    most = np.maximum(task.found.drawn.max(axis=(1, 2)), 0.0) * task.terms.budget_fen
    return [n for n, fen in enumerate(task.terms.liquidity_fen or ()) if fen < most[n]]


def breach(task: Task, amounts: Whole, at: Whole) -> str:
    """The first limit that a plan breaks, in words; '' if it keeps to all of them.

    Args:
        task: with the limits.
        amounts: steps that each candidate is offered, 0 for none.
        at: the number of the rate at which.
    """
    terms = task.terms
    if amounts.sum() > task.budget:
        return f"the budget of {major(terms.budget_fen)}"
    for name, share in terms.caps.items():
        for label, steps in _by_label(task, amounts, name).items():
            if steps > cap(task, share):
                return f"the cap {name}={share} for {label}"
    out: Floats = (task.found.drawn[:, np.arange(len(task.people)), at] * amounts * terms.step_fen).sum(
        axis=1
    )
    for month, available in enumerate(terms.liquidity_fen or ()):
        if out[month] > available + _FEN + 1e-5 * terms.step_fen:
            return f"the liquidity of month {month}"
    return ""


def _by_label(task: Task, amounts: Whole, name: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one, steps in zip(task.people, amounts.tolist(), strict=True):
        label = one.labels.get(name)
        if label is not None:
            sums[label] = sums.get(label, 0) + steps
    return sums


def major(fen: int) -> str:
    """An amount for an error's line, major units."""
    return f"{fen / 100:,.2f}"
