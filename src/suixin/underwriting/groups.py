"""Whom a change of policy helps and whom it hurts: approval rates of groups, and the four-fifths rule.

The adverse impact ratio is a group's approval rate over that of the best-served group; below four fifths it is a sign to
look at (Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D; lenders use the same measure).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from suixin.underwriting.decision import Outcome
from suixin.underwriting.portfolio import Pair, Trait, Verdict

SMALLEST = 10  # merchants; a rate of fewer says nothing, and could point at one of them
FEWEST_HIDDEN = 2  # groups; what is missing from the whole would give away a single one
FOUR_FIFTHS = 0.8


@dataclass(frozen=True, slots=True)
class Group:
    """One group of one dimension.

    Attributes:
        dimension, name: as in the traits of a pair.
        merchants: how many different ones.
        rate_a, rate_b: approval rate of its decisions under each policy.
        impact_a, impact_b: adverse impact ratio within the dimension; None where nobody is approved.
    """

    dimension: str
    name: str
    merchants: int
    rate_a: float
    rate_b: float
    impact_a: float | None
    impact_b: float | None

    @property
    def adverse(self) -> bool:
        """Whether the ratio under B lies below four fifths."""
        return self.impact_b is not None and self.impact_b < FOUR_FIFTHS


@dataclass(frozen=True, slots=True)
class Effects:
    """The groups in the order of their traits, and dimension -> how many groups are not shown."""

    groups: tuple[Group, ...]
    suppressed: dict[str, int]


def effects(pairs: Sequence[Pair]) -> Effects:
    """Approval rates by group in each dimension.

    Groups of fewer than `SMALLEST` merchants are counted only. So that the whole less what is shown tells nothing of
    them either, the next smallest groups go with them until at least `FEWEST_HIDDEN` groups and `SMALLEST` merchants are
    hidden (complementary suppression).
    """
    groups: list[Group] = []
    suppressed: dict[str, int] = {}
    for dimension in dict.fromkeys(name for pair in pairs for name in pair.traits):
        members = _members(pairs, dimension)
        hidden = _hidden(members)
        shown = {trait: held for trait, held in members.items() if trait not in hidden}
        suppressed[dimension] = len(members) - len(shown)
        groups += _rated(dimension, shown)
    return Effects(tuple(groups), suppressed)


def _members(pairs: Iterable[Pair], dimension: str) -> dict[Trait, list[Pair]]:
    found: dict[Trait, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if dimension in pair.traits:
            found[pair.traits[dimension]].append(pair)
    return dict(sorted(found.items()))


def _hidden(members: Mapping[Trait, list[Pair]]) -> set[Trait]:
    """The groups that are too small, and the smallest of the others that must hide them."""
    by_size = sorted(members, key=lambda trait: (_merchants(members[trait]), trait))
    hidden: list[Trait] = []
    for trait in by_size:
        small = _merchants(members[trait]) < SMALLEST
        together = _merchants(pair for one in hidden for pair in members[one])
        if small or (hidden and (len(hidden) < FEWEST_HIDDEN or together < SMALLEST)):
            hidden.append(trait)
    return set(hidden)


def _merchants(pairs: Iterable[Pair]) -> int:
    return len({pair.merchant_id for pair in pairs})


def _rated(dimension: str, members: dict[Trait, list[Pair]]) -> list[Group]:
    """The groups with their rates. Ratios are of whole numbers: exactly four fifths is not below four fifths."""
    rates = {
        trait: (_rate(pair.a for pair in pairs), _rate(pair.b for pair in pairs))
        for trait, pairs in members.items()
    }
    best_a, best_b = (max((rate[side] for rate in rates.values()), default=Fraction()) for side in (0, 1))
    return [
        Group(
            dimension,
            trait[1],
            _merchants(members[trait]),
            float(a),
            float(b),
            float(a / best_a) if best_a else None,
            float(b / best_b) if best_b else None,
        )
        for trait, (a, b) in rates.items()
    ]


def _rate(verdicts: Iterable[Verdict]) -> Fraction:
    approved = [each.outcome is Outcome.APPROVE for each in verdicts]
    return Fraction(sum(approved), len(approved))
