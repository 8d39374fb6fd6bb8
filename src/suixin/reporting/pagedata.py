"""What the page holds of a book: the summary of all of it, and the merchants it draws, as compact JSON values."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from suixin.features.registry import FEATURES
from suixin.lending.schedule import Schedule
from suixin.reporting import phrases
from suixin.reporting.book import Book, is_trained, run_facts, source_notes
from suixin.reporting.catalogue import chinese
from suixin.reporting.summary import Against, Summary, Tally, month_labels, summarise
from suixin.underwriting.decision import Decision, Outcome, Reason
from suixin.underwriting.forecast import basis_parts
from suixin.underwriting.standing import SILENT
from suixin.underwriting.sweep import Sweep

WHOLE = 4_000
"""A book of so many merchants is held whole."""

REFERRED, SAMPLED = 2_000, 900
"""Of a larger book: so many referred merchants, and so many each of the approved and the declined."""


_NUMBER = {name: number for number, name in enumerate(FEATURES)}
"""A merchant's card items name their features by number: names would be a fifth of the page."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The decisions that the page holds, and how many of each outcome they are; `whole` if that is all of them."""

    decisions: list[Decision]
    whole: bool
    held: dict[Outcome, int]


def select(decisions: Sequence[Decision]) -> Selection:
    """Choose what the page holds.

    Up to `WHOLE` merchants all. Above it the referred with the largest limits, and of the approved and of the
    declined those with the smallest digest of their identifier: a random choice that is the same every time.
    """
    if len(decisions) <= WHOLE:
        chosen = list(decisions)
    else:
        by_limit = sorted(_of(decisions, Outcome.REFER), key=lambda d: (-d.limit_fen, d.merchant_id))[
            :REFERRED
        ]
        samples = [sorted(_of(decisions, o), key=_draw)[:SAMPLED] for o in (Outcome.APPROVE, Outcome.DECLINE)]
        kept = {id(decision) for part in (by_limit, *samples) for decision in part}
        chosen = [decision for decision in decisions if id(decision) in kept]
    held = {outcome: len(_of(chosen, outcome)) for outcome in Outcome}
    return Selection(chosen, len(chosen) == len(decisions), held)


def _days(selection: Selection) -> list[date]:
    """The as-of dates of the decisions held; a cap depends on the day of the contract."""
    return sorted({decision.as_of for decision in selection.decisions})


def _of(decisions: Iterable[Decision], outcome: Outcome) -> list[Decision]:
    return [decision for decision in decisions if decision.outcome is outcome]


def _draw(decision: Decision) -> tuple[bytes, str]:
    return blake2b(decision.merchant_id.encode(), digest_size=8).digest(), decision.merchant_id


_CAPACITY_NUMBER = {name: number for number, name in enumerate(phrases.CAPACITY_NAMES)}
_BASIS_NUMBER = {"measured": 1, "assumed": 0, "": None}
_SHOWN_ELSEWHERE = ("principal", "interest", "all_in")  # the page has these figures already
_COST_NUMBER = {name: number for number, name in enumerate(phrases.COST_NAMES)}


def page_data(book: Book) -> dict[str, Any]:
    """Everything that the page's script reads."""
    summary, selection = summarise(book), select(book.decisions)
    policy = book.policy
    return {
        "words": chinese(),
        "currency": policy.currency,
        "policy": {
            "illustrative": policy.illustrative,
            "approve": policy.cutoffs.approve_from,
            "refer": policy.cutoffs.refer_from,
            "grades": [grade.grade for grade in policy.grades],
            "caps": {day.isoformat(): round(policy.rate_cap(day) * 1_000_000) for day in _days(selection)},
        },
        "names": {
            "outcome": phrases.OUTCOMES,
            "method": phrases.METHODS,
            "limit": phrases.LIMIT_NAMES,
            "price": phrases.PRICE_NAMES,
            "capacity": phrases.CAPACITY_NAMES,
            "capacityBasis": phrases.CAPACITY_BASES,
            "cost": phrases.COST_NAMES,
            "basis": phrases.BASES,
            "standing": phrases.STANDINGS,
            "pdBasis": phrases.PD_BASES,
            "sales": phrases.SALES_SOURCES,
            "route": phrases.ROUTES,
            "family": phrases.FAMILIES,
            "fact": phrases.RUN_FACTS,
        },
        "units": {unit.value: list(pair) for unit, pair in phrases.UNIT_WORDS.items()},
        "features": _features(),
        "numbered": list(_NUMBER),
        "phrases": _phrases(),
        "generic": [phrases.GENERIC_RULE, phrases.GENERIC_ABOVE, phrases.GENERIC_BELOW, phrases.UNKNOWN],
        "hints": [phrases.HINT_DOWN, phrases.HINT_UP],
        "run": run_facts(book),
        "trained": is_trained(book),
        "sources": [
            [note.adapter, note.source, note.route, note.authorisation, note.purpose, list(note.assumptions)]
            for note in source_notes(book.run)
        ],
        "absent": [str(name) for name in book.run.get("absent_families") or ()],
        "summary": _summary(summary),
        "held": {
            "whole": selection.whole,
            **{outcome.value: count for outcome, count in selection.held.items()},
        },
        "merchants": [merchant(decision) for decision in selection.decisions],
    }


def _features() -> dict[str, Any]:
    return {
        feature.name: {
            "unit": feature.unit.value,
            "label": feature.label,
            "sentence": _both(feature.sentence),
            "count": list(phrases.COUNT_WORDS.get(feature.name, ())),
            "signed": feature.name in phrases.SIGNED,
        }
        for feature in FEATURES.values()
    }


def _both(sentence: str) -> list[str]:
    """Singular and plural of a sentence."""
    return [phrases.SINGULAR.get(sentence, sentence), sentence]


def _phrases() -> dict[str, Any]:
    named = {f"check.{code}": phrase for code, phrase in phrases.CHECKS.items()}
    named |= {f"rule.{code}": phrase for code, phrase in phrases.RULES.items()}
    return {
        code: {"label": p.label, "sentence": _both(p.sentence), "unit": str(p.unit), "feature": p.feature}
        for code, p in named.items()
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "merchants": summary.merchants,
        "outcomes": _tallies(summary.outcomes),
        "grades": {grade: _tallies(row) for grade, row in summary.grades.items()},
        "bins": [[each.low, each.high, *each.outcomes.values()] for each in summary.bins],
        "binding": [[name, tally.merchants, tally.limit_fen] for name, tally in summary.binding.items()],
        "against": _counts(summary.against),
        "costly": _counts(summary.costly),
        "months": [[m.label, m.sales_fen, m.due_fen, m.even_due_fen] for m in summary.months],
        "seasonal": summary.seasonal,
        "lent": summary.lent_fen,
        "interest": summary.interest_fen,
        "extra": summary.extra_interest_fen,
        "rate": summary.rate_ppm,
        "allIn": summary.all_in_ppm,
        "pd": summary.pd,
    }


def _tallies(row: dict[Outcome, Tally]) -> dict[str, list[int]]:
    return {outcome.value: [tally.merchants, tally.limit_fen] for outcome, tally in row.items()}


def _counts(rows: Iterable[Against]) -> list[list[Any]]:
    return [
        [each.code, each.feature, each.outcomes[Outcome.REFER], each.outcomes[Outcome.DECLINE]]
        for each in rows
    ]


def merchant(decision: Decision) -> dict[str, Any]:
    """One merchant, short: amounts in minor units, rates in parts per million, points in tenths that add up."""
    terms, outlook = decision.terms, decision.forecast
    card = [reason for reason in decision.reasons if reason.code.startswith("card.")]
    tenths = whole_tenths([reason.points for reason in card])
    found: dict[str, Any] = {
        "id": decision.merchant_id,
        "number": decision.decision_id,
        "asOf": decision.as_of.isoformat(),
        "outcome": decision.outcome.value,
        "score": _short(decision.score),
        "grade": decision.grade,
        "pd": _short(decision.pd),
        "pdBasis": decision.pd_basis,
        "limit": decision.limit_fen,
        "confidence": _short(decision.confidence),
        "sales": decision.sales_source,
        "basis": list(basis_parts(outlook.basis)),
        "month": month_labels(decision, 1)[0],
        "p10": list(outlook.p10),
        "p50": list(outlook.p50),
        "p90": list(outlook.p90),
        "ceilings": [[part.name, part.amount_fen, int(part.binding)] for part in decision.limit_components],
        "price": [
            [part.name, part.rate_ppm] for part in decision.price_components if decision.by_the_sums_fen
        ],
        "checks": [_reason(reason) for reason in decision.reasons if reason.outcome],
        "card": [
            [_NUMBER[reason.feature], _short(reason.value), _short(reason.threshold), points]
            for reason, points in zip(card, tenths, strict=True)
        ],
        "hints": [[h.feature, _short(h.value), _short(h.target), h.gain_fen] for h in decision.raise_hints],
    }
    if decision.rung and (above := decision.rung.next):
        found["rung"] = [above.loans_repaid, above.cap_fen, above.discount_ppm]
    if (standing := outlook.standing) and standing.sign:
        silent = standing.silent_months if standing.sign == SILENT else standing.months
        found["standing"] = [
            standing.sign, silent, _short(standing.trades), standing.level_fen, standing.average_fen
        ]  # fmt: skip
    held = {part.name for part in decision.limit_components if part.binding}
    if decision.capacity and (terms or "repayment_capacity" in held):
        found["badYear"] = decision.capacity[0].amount_fen
        found["capacity"] = [
            [_CAPACITY_NUMBER[part.name], part.amount_fen, _BASIS_NUMBER[part.basis]]
            for part in decision.capacity
            if part.basis or part.name == "shortfall"
        ]
    if terms:
        found["room"] = _room(decision)
        found["ways"] = [
            [way.method, way.interest_fen, _short(way.lowest_coverage)] for way in terms.alternatives
        ]
        if terms.sweep:
            found["sweep"] = _sweep(terms.sweep, decision.as_of)
        found["covered"] = _short(terms.lowest_coverage)
        found["costs"] = [
            [_COST_NUMBER.get(item.code, item.code), item.amount_fen, item.rate_ppm, int(item.on_default)]
            for item in terms.costs
            if item.code not in _SHOWN_ELSEWHERE
        ]
        found["rate"] = terms.annual_rate_ppm
        found["allIn"] = terms.all_in_rate_ppm
        found["fee"] = terms.fee_fen
        found["method"] = terms.schedule.method.value
        found["due"] = [(row.due_on - decision.as_of).days for row in terms.schedule.rows]
        found["schedule"] = _rows(terms.schedule)
        found["even"] = None if terms.comparator == terms.schedule else _rows(terms.comparator)
    return found


def _sweep(sweep: Sweep, as_of: date) -> list[Any]:
    """Share, what stays, days to the last date, interest in a bad and a usual year; smallest amounts and both by month.

    A list ends with its last month that pays something.
    """
    kinds = zip(*((month.floor_fen, month.bad_fen, month.usual_fen) for month in sweep.months), strict=True)
    paid = [list(kind[: max((n for n, fen in enumerate(kind, 1) if fen), default=0)]) for kind in kinds]
    interest = [sweep.bad_interest_fen, sweep.usual_interest_fen]
    return [sweep.share_ppm, sweep.working_cash_fen, (sweep.last_on - as_of).days, *interest, *paid]


def _room(decision: Decision) -> list[int]:
    """What each month of a bad year has for this loan's debt service, fen."""
    amounts = {part.name: part.amount_fen for part in decision.capacity}
    part = amounts["debt_service_room"] / amounts["available"] if amounts.get("available") else 0.0
    return [round(month * part) for month in decision.left_p10]


def _rows(schedule: Schedule) -> list[list[int]]:
    return [[row.principal_fen, row.interest_fen] for row in schedule.rows]


def _reason(reason: Reason) -> list[Any]:
    return [reason.code, reason.feature, _short(reason.value), _short(reason.threshold), reason.outcome]


def _short(value: float | None) -> float | None:
    """Ten significant digits; None for what JSON cannot hold."""
    return float(f"{value:.10g}") if value is not None and math.isfinite(value) else None


def whole_tenths(parts: Sequence[float]) -> list[int]:
    """Parts as whole tenths that add up to their rounded sum, each less than a tenth from its part."""
    floors = [math.floor(part * 10) for part in parts]
    missing = round(sum(map(Fraction, parts)) * 10) - sum(floors)  # exactly: 0.95 lies below 0.95
    order = sorted(range(len(parts)), key=lambda index: floors[index] - parts[index] * 10)
    for index in order[:missing]:
        floors[index] += 1
    return floors
