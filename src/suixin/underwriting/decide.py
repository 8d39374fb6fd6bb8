"""One merchant, decided: score, checks, limit, price, schedule, reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from suixin.features.feature import Direction, Forgeable, Unit
from suixin.features.registry import FEATURES
from suixin.identifiers import digest
from suixin.scoring.card import Contribution, Scored, score
from suixin.scoring.model import WAYS, Model
from suixin.underwriting.capacity import CapacityPart, affordable, capacity
from suixin.underwriting.decision import (
    RANK,
    SCHEMA_VERSION,
    Decision,
    Hint,
    LimitComponent,
    Outcome,
    PriceComponent,
    Reason,
    Rung,
    Terms,
)
from suixin.underwriting.exact import fen
from suixin.underwriting.forecast import Forecast, forecast
from suixin.underwriting.limit import Debts, by_the_year, limit
from suixin.underwriting.offer import capped_cost, default_rate, terms, up_front_share
from suixin.underwriting.policy import LoadedPolicy, Policy
from suixin.underwriting.policy_parts import Rung as PolicyRung
from suixin.underwriting.price import MILLION, contract_rate
from suixin.underwriting.season_input import SeasonInput, season_input

ASSUMED, TRAINED = (
    "assumed",
    "trained",
)  # the expert card is judgement; a trained model was held against outcomes
MODEL_VERSION = f"expert-card/{SCHEMA_VERSION}"
_REACH = 3.0  # times its sales, orders or buyers of today: more is no advice
_WORTH = 0.05  # of the limit of today: what brings less is none either
_GROWS = frozenset({Unit.MONEY, Unit.COUNT})


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
        crop: what the merchant grows, '' where unknown.
        area_mu: on how many mu, None where unknown.
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
    crop: str = ""
    area_mu: float | None = None


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
    capacity: tuple[CapacityPart, ...]
    available: tuple[int, ...]
    usual: tuple[int, ...]
    good: tuple[int, ...]
    rung: Rung | None
    season_input: SeasonInput | None


def decide(
    case: Case,
    loaded: LoadedPolicy,
    *,
    hints: bool = True,
    model: Model | None = None,
    scored: Scored | None = None,
) -> Decision:
    """Decide one case by a policy; the same case, policy and model always give the same decision.

    Args:
        case: what is known.
        loaded: the policy.
        hints: False leaves out what would raise the limit, which is found by deciding again and takes longest.
        model: scores in place of the policy's expert card, on the scale of that card; None for the card itself.
        scored: what the model says of the case, where it was asked for many at once.
    """
    policy = loaded.policy
    version, lgd = (model.name, model.lgd) if model else (MODEL_VERSION, None)
    outlook = case.outlook or forecast(case.history, case.months_known, policy.forecast)
    offer = _offer(case, case.features, policy, outlook, scored or _scored(case.features, policy, model), lgd)
    refused = offer.outcome is Outcome.DECLINE
    reasons = (*offer.checks, *_card_reasons(offer.scored.contributions))
    return Decision(
        decision_id=digest(
            case.merchant_id, case.as_of, case.lake_snapshot, loaded.hash, version, SCHEMA_VERSION
        ),
        merchant_id=case.merchant_id,
        as_of=case.as_of,
        outcome=offer.outcome,
        score=offer.scored.score,
        grade=policy.grade_of(offer.scored.score).grade,
        pd=policy.card.pd(offer.scored.score),
        pd_basis=TRAINED if model else ASSUMED,
        limit_fen=0 if refused else offer.limit_fen,
        limit_components=offer.limit_components,
        currency=policy.currency,
        price_components=offer.price_components,
        terms=None if refused else _terms(offer, policy, outlook, case.as_of),
        forecast=outlook,
        reasons=reasons,
        raise_hints=_hints(case, policy, outlook, offer, model) if hints else (),
        confidence=offer.scored.confidence,
        features=case.features,
        sales_source=case.sales_source,
        model_version=version,
        policy_hash=loaded.hash,
        lake_snapshot=case.lake_snapshot,
        capacity=offer.capacity,
        left_p10=offer.available,
        left_p50=offer.usual,
        left_p90=offer.good,
        rung=offer.rung,
        season_input=offer.season_input,
    )


def _terms(offer: _Offer, policy: Policy, outlook: Forecast, as_of: date) -> Terms:
    return terms(offer.limit_fen, offer.rate_ppm, policy, outlook, offer.available, as_of)


def _offer(
    case: Case,
    features: Mapping[str, float | None],
    policy: Policy,
    outlook: Forecast,
    scored: Scored,
    lgd: float | None,
) -> _Offer:
    years = (outlook.bad_year, outlook.usual, outlook.good_year)
    sales, usual, good = (months[: policy.term.months.value] for months in years)
    carried = capacity(policy.capacity, features, sales)
    rung, field = _rung(policy, features), _season_input(case, policy)
    smallest, discount = fen(policy.limit.minimum.value), rung.discount_ppm if rung else 0
    pd, up_front, grace = policy.card.pd(scored.score), up_front_share(policy), policy.term.grace_months.value

    def priced(lent_fen: int) -> tuple[int, tuple[PriceComponent, ...]]:
        return contract_rate(policy.price, pd, max(lent_fen, smallest), discount, lgd)

    def carries(lent_fen: int) -> int:
        return affordable(carried, sales, priced(lent_fen)[0] / MILLION, up_front, grace)

    amount, components = limit(
        policy.limit,
        policy.grade_of(scored.score).multiple,
        case.history,
        Debts(fen(features.get("household_debt") or 0.0), fen(features.get("group_debt") or 0.0)),
        carries,
        rung.cap_fen if rung else None,
        field.ceiling_fen if field else None,
    )
    available = carried.available(sales)
    rate_ppm, prices = priced(amount)
    cost_ppm = capped_cost(amount, rate_ppm, policy, outlook, available, case.as_of) if amount else 0
    checks = tuple(_checks(case, features, policy, scored, amount, cost_ppm, rate_ppm))
    outcome = max(
        (Outcome(reason.outcome) for reason in checks), key=RANK.__getitem__, default=Outcome.APPROVE
    )
    return _Offer(
        outcome=outcome,
        limit_fen=amount,
        limit_components=components,
        price_components=prices,
        rate_ppm=rate_ppm,
        scored=scored,
        checks=checks,
        capacity=carried.parts,
        available=available,
        usual=capacity(policy.capacity, features, usual).available(usual),
        good=capacity(policy.capacity, features, good).available(good),
        rung=rung,
        season_input=field,
    )


def _season_input(case: Case, policy: Policy) -> SeasonInput | None:
    """What the season costs the merchant, if it is measured on that."""
    if not by_the_year(case.history, policy.limit):
        return None
    return season_input(policy.limit.season_input, case.crop, case.area_mu)


def _scored(
    features: Mapping[str, float | None], policy: Policy, model: Model | None, ways: int = WAYS
) -> Scored:
    line = policy.cutoffs.approve_from
    return model.scored(features, policy.card, line, ways) if model else score(policy.card, features, line)


def _rung(policy: Policy, features: Mapping[str, float | None]) -> Rung | None:
    """Where the merchant stands on the ladder; who is not known to have repaid a loan stands on the first rung."""
    if policy.ladder is None:
        return None
    here = policy.ladder.rung(features.get("loans_repaid") or 0.0)
    above = policy.ladder.after(here)
    return _step(here, _step(above, None) if above else None)


def _step(rung: PolicyRung, above: Rung | None) -> Rung:
    return Rung(rung.loans_repaid, fen(rung.cap), round(rung.discount * MILLION), above)


def _checks(
    case: Case,
    features: Mapping[str, float | None],
    policy: Policy,
    scored: Scored,
    amount: int,
    cost_ppm: int,
    rate_ppm: int,
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
    elif policy.default_cost_cap and (dear := default_rate(policy, rate_ppm)) > policy.default_cost_cap.value:
        found.append(_check("default_cost_above_cap", Outcome.DECLINE, dear, policy.default_cost_cap.value))
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


def _hints(
    case: Case, policy: Policy, outlook: Forecast, offer: _Offer, model: Model | None
) -> tuple[Hint, ...]:
    """What the merchant could change and what that would bring, the most first: each found by deciding again."""
    base, lgd = 0 if offer.outcome is Outcome.DECLINE else offer.limit_fen, model.lgd if model else None
    found = []
    for name, value, target in _changes(case, offer):
        other = {**case.features, name: target}
        changed = _offer(case, other, policy, outlook, _scored(other, policy, model, ways=0), lgd)
        gain = (0 if changed.outcome is Outcome.DECLINE else changed.limit_fen) - base
        if gain > _WORTH * base:
            found.append(Hint(name, value, target, gain))
    return tuple(sorted(found, key=lambda hint: -hint.gain_fen))


def _changes(case: Case, offer: _Offer) -> Iterator[tuple[str, float, float]]:
    """Features that count against the merchant, are not easily faked, and lie within reach: name, value, threshold.

    Beside them the service of other debts, at half of what it is: it weighs on what the household can carry, whether or
    not the score knows of it.
    """
    told = set()
    for part in sorted(offer.scored.contributions, key=lambda part: part.contribution):
        feature = FEATURES.get(part.feature)  # None of an analyst's own: nobody knows how easily it is faked
        if feature is None or part.value is None or part.target is None or part.contribution >= 0:
            continue
        if feature.forgeable is Forgeable.HIGH or feature.direction is Direction.NEUTRAL:
            continue
        if feature.unit in _GROWS and part.target > _REACH * part.value > 0.0:
            continue
        told.add(part.feature)
        yield part.feature, part.value, part.target
    service = case.features.get("monthly_debt_service")
    if service and "monthly_debt_service" not in told:
        yield "monthly_debt_service", service, service / 2.0
