"""A lending budget shared over merchants so that the expected profit is greatest, and what that gains.

The budget bounds what is *offered*: it holds even if everybody accepts. A cap bounds what is offered to one value of
an attribute (one crop, one township ...) as a share of the budget. Liquidity bounds, at the end of each month, what is
expected to be out: money lent less money paid back, over churn and default.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from suixin.errors import UsageError
from suixin.underwriting.budget_model import Limit, Model, solve
from suixin.underwriting.budget_task import Task, Terms, breach, cap, prepare, tight
from suixin.underwriting.offers import MILLION, Candidate, Churn, Costs, Flags, Whole, worthwhile

Progress = Callable[[str, int, int], None]
_MAJOR = 100.0  # the solver counts profit in major units, which keeps its figures near 1
_NOTHING = 1e-6  # fen


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered to one merchant; `taken` is the chance that it is taken, `profit_fen` what it is expected to earn."""

    candidate: Candidate
    rate_ppm: int
    amount_fen: int
    taken: float
    profit_fen: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Offers in the order of the candidates.

    Attributes:
        gap: what a better plan could still add at most, as a share of the profit; infinite if nothing is proven.
    """

    offers: tuple[Offer, ...]
    gap: float = math.inf

    @property
    def profit_fen(self) -> float:
        """Expected profit of all offers."""
        return math.fsum(offer.profit_fen for offer in self.offers)

    @property
    def offered_fen(self) -> int:
        """What is out if everybody accepts."""
        return sum(offer.amount_fen for offer in self.offers)

    @property
    def expected_fen(self) -> float:
        """What is expected to be taken."""
        return math.fsum(offer.amount_fen * offer.taken for offer in self.offers)


@dataclass(frozen=True, slots=True)
class Shared:
    """The best plan, and what it is compared with.

    Attributes:
        plan: within all limits.
        equal: the same amount for everybody as far as its own bounds allow, at the best common rate.
        equal_breaks: a limit that equal shares break at every rate, '' if they can be given.
        undiversified: the best plan without caps.
        unprofitable: how many candidates no rate makes worth an offer.
    """

    plan: Plan
    equal: Plan
    equal_breaks: str
    undiversified: Plan
    unprofitable: int


def share(
    candidates: Sequence[Candidate],
    churn: Churn,
    costs: Costs,
    terms: Terms,
    progress: Progress | None = None,
) -> Shared:
    """Share the budget.

    Args:
        candidates: each with a grade of the churn table.
        churn: the rates that may be offered, and who leaves.
        costs: of lending.
        terms: budget, caps, liquidity and how long to search.
        progress: told what is being done.

    Raises:
        UsageError: nothing can be lent within the limits or nothing earns anything; or the time was up before the
            profit was proven to be within the gap.
    """
    tell = progress or (lambda *_: None)
    task = prepare(candidates, churn, costs, terms)
    tell("sharing the budget", 0, 2)
    plan, unprofitable = _best(task)
    tell("sharing it without caps", 1, 2)
    undiversified = _best(replace(task, terms=replace(terms, caps={})))[0] if terms.caps else plan
    equal, breaks = _equal_shares(task)
    return Shared(plan, equal, breaks, undiversified, unprofitable)


def _best(task: Task) -> tuple[Plan, int]:
    """The best plan and the number of candidates that no rate makes worth an offer."""
    step, rates = task.terms.step_fen, task.churn.rates_ppm
    kept = worthwhile(task.found, task.smallest * step, task.largest * step, tight(task))
    who, at = np.nonzero(kept)
    if not who.size:
        raise UsageError(
            f"no loan to any of {len(task.people)} candidates is expected to earn anything at "
            f"{rates[0] / MILLION:g} to {rates[-1] / MILLION:g} a year; offer other rates"
        )
    model = _model(task, who, at)
    plan = _found(task, model, at, whole=False)
    if plan.gap > task.terms.gap:
        plan = min(plan, _found(task, model, at, whole=True), key=lambda one: one.gap)
    return _proven(plan, task.terms), int((~kept.any(axis=1)).sum())


def _found(task: Task, model: Model, at: Whole, *, whole: bool) -> Plan:
    """A plan with its gap, which is infinite if rounding down broke a limit or nothing is proven of it."""
    gap = task.terms.gap
    steps, bound = solve(model, gap if whole else gap / 2, task.terms.seconds, whole=whole)
    made = steps > 0
    amounts, chosen = np.zeros((2, len(task.people)), dtype=np.int64)
    amounts[model.candidate[made]], chosen[model.candidate[made]] = steps[made], at[made]
    broken = breach(task, amounts, chosen)
    if broken and whole:
        raise RuntimeError(f"the solver's plan breaks {broken}")
    plan = _plan(task, amounts, chosen)
    most = bound * _MAJOR
    if broken:
        return replace(plan, gap=math.inf)
    if plan.profit_fen <= 0:
        return Plan((), math.inf if most > _NOTHING else 0.0)
    return replace(plan, gap=max(0.0, most / plan.profit_fen - 1.0))


def _model(task: Task, who: Whole, at: Whole) -> Model:
    """The programme of these offers: candidate `who` at rate `at`."""
    step, found, terms = task.terms.step_fen, task.found, task.terms
    everyone = np.arange(who.size)
    limits = [Limit(everyone, np.ones(who.size), task.budget)]
    for name, part in terms.caps.items():
        offers: dict[str, list[int]] = {}
        for number, n in enumerate(who.tolist()):
            label = task.people[n].labels.get(name)
            if label is not None:
                offers.setdefault(label, []).append(number)
        limits += [Limit(np.array(own), np.ones(len(own)), cap(task, part)) for own in offers.values()]
    for month in tight(task):
        available = (terms.liquidity_fen or ())[month]
        limits.append(Limit(everyone, found.drawn[month, who, at], available / step))
    return Model(
        candidate=who,
        candidates=len(task.people),
        smallest=task.smallest[who],
        largest=task.largest[who],
        margin=found.margin[who, at] * step / _MAJOR,
        fixed=found.fixed[who, at] / _MAJOR,
        limits=limits,
    )


def _proven(plan: Plan, terms: Terms) -> Plan:
    """The plan; UsageError if its gap is wider than asked for, or there is nothing to gain."""
    if plan.gap > terms.gap + 1e-9:
        more = f"{plan.gap:.2%}" if math.isfinite(plan.gap) else "any amount"
        raise UsageError(
            f"after {terms.seconds:g} s a better plan might still earn {more} more, and the gap asked for is "
            f"{terms.gap:.2%}; give more --seconds, or a wider --gap"
        )
    if not plan.offers:
        raise UsageError(
            "the limits leave no loan that is expected to earn anything; widen caps or liquidity"
        )
    return plan


def _plan(task: Task, amounts: Whole, at: Whole) -> Plan:
    fen = amounts * task.terms.step_fen
    profit = task.found.profit(fen)
    return Plan(
        tuple(
            Offer(
                candidate=task.people[n],
                rate_ppm=task.churn.rates_ppm[at[n]],
                amount_fen=int(fen[n]),
                taken=float(task.found.taken[n, at[n]]),
                profit_fen=float(profit[n, at[n]]),
            )
            for n in np.flatnonzero(amounts).tolist()
        )
    )


def _equal_shares(task: Task) -> tuple[Plan, str]:
    """One amount for all at the best common rate that breaks no limit, and the limit that every rate breaks.

    Who may not have so much gets its own largest amount, and the rest is spread over the others; whose smallest
    amount lies above the share gets nothing, nor does who may not be offered the rate.
    """
    shares = [_equal_amounts(task, allowed) for allowed in task.found.allowed.T]
    fen = [amounts * task.terms.step_fen for amounts in shares]
    earned = [task.found.profit(each)[:, rate].sum() for rate, each in enumerate(fen)]
    order = np.argsort(-np.array(earned), kind="stable").tolist()
    everyone = [(shares[rate], np.full(len(task.people), rate)) for rate in order]
    broken = [breach(task, *each) for each in everyone]
    best = broken.index("") if "" in broken else 0
    return _plan(task, *everyone[best]), broken[best]


def _equal_amounts(task: Task, allowed: Flags) -> Whole:
    """The same amount for all who are allowed, in steps, as large as the budget bears."""

    def at_most(level: int) -> Whole:
        return np.where(allowed & (task.smallest <= level), np.minimum(task.largest, level), 0)

    low, high = 0, int(task.largest.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if at_most(middle).sum() <= task.budget else (low, middle - 1)
    return at_most(low)
