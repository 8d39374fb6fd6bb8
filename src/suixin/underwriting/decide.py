"""One merchant, decided: score, checks, limit, price, schedule, reasons."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from suixin.features.feature import Forgeable
from suixin.features.registry import FEATURES
from suixin.identifiers import digest
from suixin.lending.schedule import Schedule, equal_instalment, season
from suixin.money import round_half_up
from suixin.scoring.card import Contribution, Scored, score
from suixin.underwriting.decision import (
    RANK,
    SCHEMA_VERSION,
    Decision,
    Hint,
    LimitComponent,
    Outcome,
    PriceComponent,
    Reason,
    Terms,
)
from suixin.underwriting.forecast import Forecast, forecast
from suixin.underwriting.limit import limit
from suixin.underwriting.policy import LoadedPolicy, Policy
from suixin.underwriting.price import MILLION, all_in_rate, contract_rate, nominal_cost

PD_BASIS = "assumed"  # the expert card is judgement; a trained, calibrated model will say otherwise
MODEL_VERSION = f"expert-card/{SCHEMA_VERSION}"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one merchant on one day.

    Attributes:
        merchant_id, as_of: who and when.
        features: feature -> value, None where unknown.
        history: net sales by month before the as-of date, fen, newest first.
        sales_source: 'orders', 'invoices' or '' if there is none.
        months_known: for how many of these months the merchant was trading.
        bureau_required: whether the routes of the lake's data ask for a bureau report.
        lake_snapshot: where it was read.
        outlook: the forecast, if it was made for many at once; None to make it from the history alone, without peers.
    """

    merchant_id: str
    as_of: date
    features: Mapping[str, float | None]
    history: Sequence[int]
    sales_source: str
    months_known: int
    bureau_required: bool
    lake_snapshot: str
    outlook: Forecast | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    """The part of a decision that hints re-run."""

    outcome: Outcome
    limit_fen: int
    limit_components: tuple[LimitComponent, ...]
    price_components: tuple[PriceComponent, ...]
    rate_ppm: int
    scored: Scored
    checks: tuple[Reason, ...]


def decide(case: Case, loaded: LoadedPolicy) -> Decision:
    """Decide one case by a policy; the same case and policy always give the same decision."""
    policy = loaded.policy
    outlook = case.outlook or forecast(case.history, case.months_known, policy.forecast)
    offer = _offer(case, case.features, policy, outlook)
    refused = offer.outcome is Outcome.DECLINE
    reasons = (*offer.checks, *_card_reasons(offer.scored.contributions))
    return Decision(
        decision_id=digest(
            case.merchant_id, case.as_of, case.lake_snapshot, loaded.hash, MODEL_VERSION, SCHEMA_VERSION
        ),
        merchant_id=case.merchant_id,
        as_of=case.as_of,
        outcome=offer.outcome,
        score=offer.scored.score,
        grade=policy.grade_of(offer.scored.score).grade,
        pd=policy.card.pd(offer.scored.score),
        pd_basis=PD_BASIS,
        limit_fen=0 if refused else offer.limit_fen,
        limit_components=offer.limit_components,
        currency=policy.currency,
        price_components=offer.price_components,
        terms=None if refused else _terms(offer, policy, outlook, case.as_of),
        forecast=outlook,
        reasons=reasons,
        raise_hints=tuple(_hints(case, policy, outlook, offer)),
        confidence=offer.scored.confidence,
        features=case.features,
        sales_source=case.sales_source,
        model_version=MODEL_VERSION,
        policy_hash=loaded.hash,
        lake_snapshot=case.lake_snapshot,
    )


def _offer(case: Case, features: Mapping[str, float | None], policy: Policy, outlook: Forecast) -> _Offer:
    scored = score(policy.card, features, policy.cutoffs.approve_from)
    debt_fen = round((features.get("household_debt") or 0.0) * 100)
    amount, components = limit(
        policy.limit,
        policy.grade_of(scored.score).multiple,
        case.history,
        outlook,
        policy.term.months.value,
        debt_fen,
        policy.price.upfront_fee.value,
    )
    rate_ppm, prices = (
        contract_rate(policy.price, policy.card.pd(scored.score), amount) if amount else (0, ())
    )
    cost_ppm = _cost(amount, rate_ppm, policy, outlook, case.as_of)
    checks = tuple(_checks(case, features, policy, scored, amount, cost_ppm))
    outcome = max(
        (Outcome(reason.outcome) for reason in checks), key=RANK.__getitem__, default=Outcome.APPROVE
    )
    return _Offer(outcome, amount, components, prices, rate_ppm, scored, checks)


def _checks(
    case: Case,
    features: Mapping[str, float | None],
    policy: Policy,
    scored: Scored,
    amount: int,
    cost_ppm: int,
) -> Iterator[Reason]:
    """Everything that stands against an approval, worst first."""
    found = [*_score_checks(policy, scored), *_evidence_checks(case, features, policy, scored)]
    for rule in policy.rules:
        value = features.get(rule.feature)
        if value is not None and rule.broken_by(value):
            bound = rule.above if rule.above is not None else rule.below
            found.append(Reason(f"rule.{rule.code}", rule.feature, value, bound, outcome=rule.decision))
    smallest = policy.limit.minimum.value
    if amount < smallest * 100:
        found.append(_check("limit_below_minimum", Outcome.DECLINE, amount / 100, smallest))
    elif cost_ppm > (cap := policy.rate_cap(case.as_of)) * MILLION:
        found.append(_check("price_above_cap", Outcome.DECLINE, cost_ppm / MILLION, cap))
    yield from sorted(found, key=lambda reason: -RANK[Outcome(reason.outcome)])


def _score_checks(policy: Policy, scored: Scored) -> Iterator[Reason]:
    cutoffs = policy.cutoffs
    if scored.score < cutoffs.refer_from:
        yield _check("score_below_refer", Outcome.DECLINE, scored.score, cutoffs.refer_from)
    elif scored.score < cutoffs.approve_from:
        yield _check("score_below_approve", Outcome.REFER, scored.score, cutoffs.approve_from)


def _evidence_checks(
    case: Case, features: Mapping[str, float | None], policy: Policy, scored: Scored
) -> Iterator[Reason]:
    data = policy.data
    if not any(case.history[:12]):
        yield _check("no_sales", Outcome.DECLINE, None, None)
    if scored.confidence < data.minimum_confidence.value:
        yield _check("thin_evidence", Outcome.REFER, scored.confidence, data.minimum_confidence.value)
    if case.bureau_required:
        age, oldest = features.get("bureau_age_days"), data.bureau_maximum_age_days.value
        if age is None:
            yield _check("bureau_missing", Outcome.REFER, None, None)
        elif age > oldest:
            yield replace(_check("bureau_stale", Outcome.REFER, age, oldest), feature="bureau_age_days")


def _check(code: str, outcome: Outcome, value: float | None, threshold: float | None) -> Reason:
    return Reason(f"check.{code}", "", value, threshold, outcome=outcome.value)


def _card_reasons(contributions: Sequence[Contribution]) -> Iterator[Reason]:
    """Every contribution, what weighs most against the merchant first."""
    for part in sorted(contributions, key=lambda part: (part.contribution, part.feature)):
        yield Reason(f"card.{part.feature}", part.feature, part.value, part.threshold, part.contribution)


def _terms(offer: _Offer, policy: Policy, outlook: Forecast, as_of: date) -> Terms:
    amount, rate = offer.limit_fen, Decimal(offer.rate_ppm) / MILLION
    schedule = _schedule(amount, rate, policy, outlook, as_of)
    fee_fen = _fee(amount, policy)
    return Terms(
        annual_rate_ppm=offer.rate_ppm,
        all_in_rate_ppm=all_in_rate(schedule, fee_fen, as_of),
        fee_fen=fee_fen,
        term_months=len(schedule.rows),
        schedule=schedule,
        comparator=equal_instalment(amount, rate, policy.term.months.value, as_of),
    )


def _schedule(amount: int, rate: Decimal, policy: Policy, outlook: Forecast, as_of: date) -> Schedule:
    """Equal instalments; for a seasonal merchant principal in proportion to the months' cautious inflow.

    A season's loan ends with the last month that has any inflow.
    """
    months = policy.term.months.value
    inflow = outlook.p10[:months]
    if outlook.concentration < policy.term.season_concentration.value or not any(inflow):
        return equal_instalment(amount, rate, months, as_of)
    last = max(number for number, fen in enumerate(inflow, start=1) if fen)
    return season(amount, rate, last, as_of, inflow[:last])


def _fee(amount: int, policy: Policy) -> int:
    return round_half_up(amount * Decimal(repr(policy.price.upfront_fee.value)))


def _cost(amount: int, rate_ppm: int, policy: Policy, outlook: Forecast, as_of: date) -> int:
    """What a cap is held against: the contract rate, or with a fee the nominal cost of all flows."""
    fee_fen = _fee(amount, policy)
    if not fee_fen or rate_ppm >= MILLION:
        return rate_ppm
    schedule = _schedule(amount, Decimal(rate_ppm) / MILLION, policy, outlook, as_of)
    return max(rate_ppm, nominal_cost(schedule, fee_fen))


def _hints(case: Case, policy: Policy, outlook: Forecast, offer: _Offer) -> Iterator[Hint]:
    """Features that count against the merchant and are not easily faked: what would their threshold bring?"""
    base = 0 if offer.outcome is Outcome.DECLINE else offer.limit_fen
    for part in sorted(offer.scored.contributions, key=lambda part: part.contribution):
        feature = FEATURES[part.feature]
        if part.threshold is None or part.contribution >= 0 or feature.forgeable is Forgeable.HIGH:
            continue
        # A band ends before its upper edge: to fall into it from above, go just below.
        target = part.threshold if part.threshold > part.value else math.nextafter(part.threshold, -math.inf)
        changed = _offer(case, {**case.features, part.feature: target}, policy, outlook)
        gain = (0 if changed.outcome is Outcome.DECLINE else changed.limit_fen) - base
        if gain > 0:
            yield Hint(part.feature, part.value, target, gain)
