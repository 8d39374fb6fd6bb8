"""What a policy makes of many cases: approvals, limits, price, expected loss; and two policies side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import fsum
from statistics import median

from suixin.money import round_half_up, round_ratio
from suixin.underwriting.decision import Decision, Outcome, Reason

Trait = tuple[int, str]
"""A group that a case belongs to: its place among the groups, and its name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a portfolio needs of a decision.

    Attributes:
        outcome: what was decided.
        limit_fen: offered if approved, what would be offered if referred, 0 if declined.
        rate_ppm: contract rate, nominal a year; 0 if nothing is offered.
        pd: probability of default within a year, by the policy that decided.
        reason: what stands against the merchant first, if anything does.
    """

    outcome: Outcome
    limit_fen: int
    rate_ppm: int
    pd: float
    reason: Reason | None = None

    @property
    def offered_fen(self) -> int:
        """The limit that the policy offers by itself: nothing before a person has looked at what was referred."""
        return self.limit_fen if self.outcome is Outcome.APPROVE else 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One merchant on one day, decided by two policies; `traits` names its group in each dimension."""

    merchant_id: str
    as_of: date
    a: Verdict
    b: Verdict
    traits: Mapping[str, Trait] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The offers of one policy. Sums are those of one date, the mean of the dates.

    Attributes:
        decisions: how many, over all dates.
        outcomes: outcome -> how many.
        limit_fen: sum of the limits offered.
        median_fen: median limit offered, None if there is none.
        referred_fen: sum of what would be offered to those who are referred.
        rate_ppm: mean contract rate, weighed by limit; None if nothing is offered.
        expected_loss_fen: sum of limit x PD x LGD over the limits offered.
    """

    decisions: int
    outcomes: dict[Outcome, int]
    limit_fen: int
    median_fen: int | None
    referred_fen: int
    rate_ppm: int | None
    expected_loss_fen: int

    def share(self, outcome: Outcome) -> float:
        """Share of the decisions with this outcome."""
        return self.outcomes[outcome] / self.decisions if self.decisions else 0.0

    @property
    def loss_rate(self) -> float | None:
        """Expected loss as a share of the limits offered."""
        return self.expected_loss_fen / self.limit_fen if self.limit_fen else None


def verdict(decision: Decision) -> Verdict:
    """The part of a decision that a portfolio needs."""
    first = next((r for r in decision.reasons if r.outcome or r.points < 0), None)
    rate = decision.terms.annual_rate_ppm if decision.terms else 0
    return Verdict(decision.outcome, decision.limit_fen, rate, decision.pd, first)


def portfolio(verdicts: Sequence[Verdict], lgd: float, dates: int) -> Portfolio:
    """Everything over all decisions.

    Args:
        verdicts: of all merchants on all dates.
        lgd: the policy's loss given default, a fraction.
        dates: how many dates the decisions are of.
    """
    counted = Counter(each.outcome for each in verdicts)
    offers = [(each.offered_fen, each.rate_ppm) for each in verdicts if each.offered_fen]
    limits = sum(fen for fen, _ in offers)
    referred = sum(each.limit_fen for each in verdicts if each.outcome is Outcome.REFER)
    return Portfolio(
        decisions=len(verdicts),
        outcomes={outcome: counted[outcome] for outcome in Outcome},
        limit_fen=round_ratio(limits, dates),
        median_fen=_middle([fen for fen, _ in offers]),
        referred_fen=round_ratio(referred, dates),
        rate_ppm=round_ratio(sum(fen * ppm for fen, ppm in offers), limits) if limits else None,
        expected_loss_fen=expected_loss(((each.offered_fen, each.pd) for each in verdicts), lgd, dates),
    )


def expected_loss(exposures: Iterable[tuple[int, float]], lgd: float, dates: int) -> int:
    """Sum of limit x PD x LGD a date, fen; `exposures` are limits in fen, each with its PD."""
    return round(fsum(fen * pd * lgd for fen, pd in exposures) / dates)


def migration(pairs: Iterable[Pair]) -> dict[tuple[Outcome, Outcome], int]:
    """(outcome under A, outcome under B) -> how many; all nine are there."""
    moved = Counter((pair.a.outcome, pair.b.outcome) for pair in pairs)
    return {(a, b): moved[a, b] for a in Outcome for b in Outcome}


def swapped_in(pairs: Iterable[Pair]) -> list[Pair]:
    """Merchants whom B approves and A does not, each on its latest such date; the largest limit first."""
    return _latest(p for p in pairs if p.a.outcome is not Outcome.APPROVE and p.b.outcome is Outcome.APPROVE)


def swapped_out(pairs: Iterable[Pair]) -> list[Pair]:
    """Merchants whom A approves and B does not, in the order of `swapped_in`."""
    return _latest(p for p in pairs if p.a.outcome is Outcome.APPROVE and p.b.outcome is not Outcome.APPROVE)


def _latest(pairs: Iterable[Pair]) -> list[Pair]:
    newest: dict[str, Pair] = {}
    for pair in sorted(pairs, key=lambda pair: pair.as_of):
        newest[pair.merchant_id] = pair
    return sorted(newest.values(), key=lambda p: (-p.a.offered_fen - p.b.offered_fen, p.merchant_id))


def _middle(limits: Sequence[int]) -> int | None:
    return round_half_up(Decimal(median(limits))) if limits else None
