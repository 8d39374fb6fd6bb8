"""A decision as a page tells it: every figure with its words; the figures are the decision's own."""

from collections.abc import Iterable
from dataclasses import dataclass

from suixin.features.feature import Unit
from suixin.features.registry import FEATURES
from suixin.reporting.letter import to_officer
from suixin.reporting.summary import month_labels
from suixin.reporting.wording import Words
from suixin.server.pages import charts
from suixin.server.pages.templatetags.words import crop
from suixin.underwriting.decision import Decision, Reason, Terms
from suixin.underwriting.forecast import basis_parts

EXPOSURE = (
    "household_debt",
    "monthly_debt_service",
    "other_shops_owing",
    "debt_to_sales",
    "lenders",
    "inquiries_90d",
    "bureau_age_days",
    "group_debt",
    "group_debt_service",
    "group_loans",
    "unit_size",
    "household_members",
    "shared_contacts",
    "guarantees",
    "coop_member",
    "past_defaults",
    "loans_repaid",
)
"""What the features tell of the household and of whom it is tied to."""

BRUSHING = ("self_dealing_share_365d", "self_dealing_orders_365d", "signs_checked")
"""What they tell of orders that the seller may have bought himself."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its name; `strong` marks the one that decides."""

    name: str
    text: str
    note: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """A reason in words; `kind` is 'decline', 'refer', 'against' or 'for'."""

    text: str
    kind: str


def reasons(decision: Decision, say: Words) -> list[Why]:
    """Every reason, what weighs most against the merchant first, with its points."""
    return [
        Why(to_officer(one, decision, say), one.outcome or ("against" if one.points < 0 else "for"))
        for one in decision.reasons
        if one.outcome or one.points
    ]


def against(found: Iterable[Why]) -> list[Why]:
    """Those that stand against the merchant."""
    return [one for one in found if one.kind != "for"]


def limits(decision: Decision, say: Words) -> list[Fact]:
    """The ceilings and deductions of the limit, the binding one marked."""
    return [
        Fact(
            say.limit_component(one.name),
            say.money(one.amount_fen, decision.currency, exact=True),
            strong=one.binding,
        )
        for one in decision.limit_components
    ]


def capacities(decision: Decision, say: Words) -> list[Fact]:
    """From a bad year's sales to the room for this loan."""
    return [
        Fact(
            say.capacity_part(one.name),
            say.money(one.amount_fen, decision.currency, exact=True),
            say.capacity_basis(one.basis),
            strong=not one.basis or one.name == "debt_service_room",
        )
        for one in decision.capacity
    ]


def prices(decision: Decision, say: Words) -> list[Fact]:
    """The parts of the contract rate; none where the sums leave nothing to lend."""
    if not decision.by_the_sums_fen:
        return []
    return [Fact(say.price_component(one.name), say.rate(one.rate_ppm)) for one in decision.price_components]


def features(decision: Decision, names: Iterable[str], say: Words) -> list[Fact]:
    """Some features that the decision knows."""
    held = decision.features
    return [
        Fact(say.feature_label(name), say.value(name, held[name], decision.currency))
        for name in names
        if name in held
    ]


@dataclass(frozen=True, slots=True)
class Repaid:
    """A way of repaying: `coverage` is the smallest ratio of what a month of a bad year leaves to what is due."""

    method: str
    interest_minor: int
    extra_minor: int
    coverage: float | None
    chosen: bool


def ways(terms: Terms, say: Words) -> list[Repaid]:
    """The schedule that is offered, and the same sum repaid in other ways."""
    even, own = terms.comparator.total_interest_fen, terms.schedule.method.value
    found = [(own, terms.schedule.total_interest_fen, terms.lowest_coverage)]
    found += [(one.method, one.interest_fen, one.lowest_coverage) for one in terms.alternatives]
    return [
        Repaid(say.method(method), interest, interest - even, coverage, method == own)
        for at, (method, interest, coverage) in enumerate(found)
        if not at or method != own
    ]


def season(decision: Decision) -> charts.Season:
    """What the months leave for repaying, in a good, a usual and a bad year, against the schedule of the whole limit."""
    labels = [label[5:] for label in month_labels(decision, len(decision.left_p50))]
    due = [row.total_fen for row in decision.terms.schedule.rows] if decision.terms else []
    return charts.season(
        labels, good=decision.left_p90, usual=decision.left_p50, bad=decision.left_p10, due=due
    )


def basis(code: str, say: Words) -> str:
    """What the forecast rests on; a peer group that is a crop's bears the crop's name."""
    group = basis_parts(code)[1]
    plant, size, sales = group.partition("/")
    return say.basis(code).replace(f"（{group}）", f"（{crop(plant)}{size}{sales}）")


def binding(decision: Decision, say: Words) -> str:
    """What holds the limit, in words."""
    return next((say.limit_component(one.name) for one in decision.limit_components if one.binding), "")


def costs(terms: Terms, say: Words) -> list[dict[str, object]]:
    """The cost table."""
    return [
        {
            "name": say.cost(one.code),
            "rate_ppm": one.rate_ppm,
            "amount_minor": one.amount_fen,
            "on_default": one.on_default,
            "payee": one.payee,
        }
        for one in terms.costs
    ]


@dataclass(frozen=True, slots=True)
class Slider:
    """A feature that one may set otherwise: its own value and bounds as a field holds them."""

    name: str
    label: str
    own: str
    least: str
    most: str
    text: str
    known: bool


_MOST_SLIDERS = 6
_ALWAYS = ("household_debt", "monthly_debt_service", "lenders")


def sliders(decision: Decision, say: Words) -> list[Slider]:
    """The features that cost the merchant most, and the debts that the limit and capacity hang on."""
    hurt = [one.feature for one in decision.reasons if one.feature in FEATURES and _hurts(one)]
    names = list(
        dict.fromkeys([*hurt[:_MOST_SLIDERS], *(one for one in _ALWAYS if one in decision.features)])
    )
    return [_slider(name, decision, say) for name in names]


def _hurts(reason: Reason) -> bool:
    return bool(reason.outcome) or reason.points < 0


def _slider(name: str, decision: Decision, say: Words) -> Slider:
    value, unit = decision.features.get(name), FEATURES[name].unit
    span = 1.0 if unit is Unit.SHARE else max(10.0, 2 * abs(value or 0.0))
    least = "-1" if value is not None and value < 0 and unit is Unit.SHARE else "0"
    return Slider(
        name,
        say.feature_label(name),
        plain(value),
        least if unit is Unit.SHARE or value is None or value >= 0 else plain(-span),
        plain(max(span, value or 0.0)),
        say.value(name, value, decision.currency),
        value is not None,
    )


def plain(value: float | None) -> str:
    """A number as a field holds it; an empty field is not known."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
