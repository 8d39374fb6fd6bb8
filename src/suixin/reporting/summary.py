"""The whole book in figures, exact: what the page draws and the workbook's first sheet says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from math import floor

from suixin.lending.schedule import Method
from suixin.reporting.book import Book
from suixin.underwriting.decision import Decision, Outcome

_HALF_A_MONTH = 15
_MONTH_DAYS = 365.25 / 12
_NARROW, _WIDE = 10, 20  # points a bin of the histogram
_MOST_BINS = 40


@dataclass(frozen=True, slots=True)
class Tally:
    """How many merchants, and their limits in fen."""

    merchants: int = 0
    limit_fen: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.merchants + other.merchants, self.limit_fen + other.limit_fen)


@dataclass(frozen=True, slots=True)
class Bin:
    """Merchants by outcome whose score lies in [low, high)."""

    low: float
    high: float
    outcomes: dict[Outcome, int]


@dataclass(frozen=True, slots=True)
class Against:
    """How many merchants a check, a rule or an item of the card stands against, by what was decided."""

    code: str
    feature: str
    outcomes: dict[Outcome, int]

    @property
    def merchants(self) -> int:
        """All of them."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Month:
    """A month after the as-of date, over all offers, fen: middle forecast of sales, and what falls due at its end.

    `label` is the calendar month as year-month, '' if the book has several as-of dates.
    """

    label: str
    sales_fen: int
    due_fen: int
    even_due_fen: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The book's totals.

    Attributes:
        outcomes: outcome -> merchants and limits; a limit that is referred is what would be offered.
        grades: grade -> outcome -> merchants and limits, grades from best to worst.
        bins: histogram of scores; an edge lies on the accept line.
        binding: ceiling -> offers it holds and their limits, most first.
        against: checks and rules, most merchants first.
        costly: the item of the card that costs a merchant who is not approved most, counted.
        months: the coming months over all offers that have terms.
        seasonal: offers whose schedule follows the season.
        lent_fen, interest_fen, extra_interest_fen: over all offers: principal, interest, and interest above that of
            equal instalments.
        rate_ppm, all_in_ppm: means over the offers, weighed by limit; None without offers.
        pd: mean assumed probability of default of the approved, weighed by limit; None if there are none.
    """

    merchants: int
    outcomes: dict[Outcome, Tally]
    grades: dict[str, dict[Outcome, Tally]]
    bins: list[Bin]
    binding: dict[str, Tally]
    against: list[Against]
    costly: list[Against]
    months: list[Month]
    seasonal: int
    lent_fen: int
    interest_fen: int
    extra_interest_fen: int
    rate_ppm: float | None
    all_in_ppm: float | None
    pd: float | None


def summarise(book: Book) -> Summary:
    """Add the decisions up."""
    decisions = book.decisions
    offers = [decision for decision in decisions if decision.terms]
    terms = [decision.terms for decision in offers if decision.terms]
    approved = [decision for decision in decisions if decision.outcome is Outcome.APPROVE]
    interest = sum(each.schedule.total_interest_fen for each in terms)
    return Summary(
        merchants=len(decisions),
        outcomes={outcome: _tally(d for d in decisions if d.outcome is outcome) for outcome in Outcome},
        grades=_grades(decisions, [grade.grade for grade in book.policy.grades]),
        bins=_histogram(decisions, book.policy.cutoffs.approve_from),
        binding=_binding(offers),
        against=_against(decisions),
        costly=_costly(decisions),
        months=_months(offers),
        seasonal=sum(each.schedule.method is Method.HARVEST for each in terms),
        lent_fen=sum(each.schedule.principal_fen for each in terms),
        interest_fen=interest,
        extra_interest_fen=interest - sum(each.comparator.total_interest_fen for each in terms),
        rate_ppm=_mean((each.annual_rate_ppm, each.schedule.principal_fen) for each in terms),
        all_in_ppm=_mean((each.all_in_rate_ppm, each.schedule.principal_fen) for each in terms),
        pd=_mean((decision.pd, decision.limit_fen) for decision in approved),
    )


def _tally(decisions: Iterable[Decision]) -> Tally:
    return sum((Tally(1, decision.limit_fen) for decision in decisions), Tally())


def _mean(weighed: Iterable[tuple[float, int]]) -> float | None:
    pairs = list(weighed)
    whole = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / whole if whole else None


def _grades(decisions: Sequence[Decision], names: Sequence[str]) -> dict[str, dict[Outcome, Tally]]:
    found = {name: dict.fromkeys(Outcome, Tally()) for name in names}
    for decision in decisions:
        row = found.setdefault(decision.grade, dict.fromkeys(Outcome, Tally()))
        row[decision.outcome] += Tally(1, decision.limit_fen)
    return found


def _histogram(decisions: Sequence[Decision], edge: float) -> list[Bin]:
    if not decisions:
        return []
    scores = [decision.score for decision in decisions]
    width = _NARROW if max(scores) - min(scores) <= _NARROW * _MOST_BINS else _WIDE
    bins: dict[int, Counter[Outcome]] = defaultdict(Counter)
    for decision in decisions:
        bins[floor((decision.score - edge) / width)][decision.outcome] += 1
    return [
        Bin(
            edge + index * width,
            edge + (index + 1) * width,
            {outcome: bins[index][outcome] for outcome in Outcome},
        )
        for index in range(min(bins), max(bins) + 1)
    ]


def _binding(offers: Sequence[Decision]) -> dict[str, Tally]:
    found: dict[str, Tally] = defaultdict(Tally)
    for decision in offers:
        for component in decision.limit_components:
            if component.binding:
                found[component.name] += Tally(1, decision.limit_fen)
    return dict(sorted(found.items(), key=lambda item: -item[1].merchants))


def _against(decisions: Sequence[Decision]) -> list[Against]:
    counts: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    for decision in decisions:
        for reason in decision.reasons:
            if reason.outcome:
                counts[reason.code, reason.feature][decision.outcome] += 1
    return _ranked(counts)


def _costly(decisions: Sequence[Decision]) -> list[Against]:
    counts: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    for decision in decisions:
        items = [
            reason for reason in decision.reasons if reason.code.startswith("card.") and reason.points < 0
        ]
        if items and decision.outcome is not Outcome.APPROVE:
            worst = min(items, key=lambda reason: reason.points)
            counts[worst.code, worst.feature][decision.outcome] += 1
    return _ranked(counts)


def _ranked(counts: dict[tuple[str, str], Counter[Outcome]]) -> list[Against]:
    found = [
        Against(code, feature, {outcome: counter[outcome] for outcome in Outcome})
        for (code, feature), counter in counts.items()
    ]
    return sorted(found, key=lambda each: (-each.merchants, each.code, each.feature))


def month_labels(decision: Decision, months: int) -> list[str]:
    """Year-month of the middle of each month after the as-of date: the month whose sales it mostly holds."""
    middles = (timedelta(days=_HALF_A_MONTH + index * _MONTH_DAYS) for index in range(months))
    return [f"{decision.as_of + middle:%Y-%m}" for middle in middles]


def _months(offers: Sequence[Decision]) -> list[Month]:
    sales = _columns(decision.forecast.p50 for decision in offers)
    due = _columns([row.total_fen for row in d.terms.schedule.rows] for d in offers if d.terms)
    even = _columns([row.total_fen for row in d.terms.comparator.rows] for d in offers if d.terms)
    span = max(len(sales), len(due), len(even))
    alike = len({decision.as_of for decision in offers}) == 1
    labels = month_labels(offers[0], span) if alike else [""] * span
    return [Month(*row) for row in zip_longest(labels, sales, due, even, fillvalue=0)]  # type: ignore[arg-type]


def _columns(rows: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip_longest(*rows, fillvalue=0)]
