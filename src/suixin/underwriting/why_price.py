"""Why a loan costs what it costs: the parts of its contract rate, each from the policy, the score or the amount lent."""

from collections.abc import Callable
from dataclasses import replace

from suixin.underwriting.decide import ASSUMED
from suixin.underwriting.decision import Decision
from suixin.underwriting.exact import fen
from suixin.underwriting.policy import Policy
from suixin.underwriting.policy_price import Price
from suixin.underwriting.price import MILLION
from suixin.underwriting.steps import FORMULAS, SHARE, Step, of_policy

_PREFIX = "rate_"
"""Before the name of a part: 'margin' alone is a step of the capacity."""


def why_price(decision: Decision, policy: Policy) -> Step:
    """The contract rate of a loan of the limit, at least of the smallest that the policy lends, and what it follows from."""
    parts = tuple(
        _grown(Step(_PREFIX + part.name, value=part.rate_ppm / MILLION, unit=SHARE), decision, policy)
        for part in decision.price_components
    )
    whole = sum(part.rate_ppm for part in decision.price_components)
    return Step("rate", value=whole / MILLION, unit=SHARE, template=FORMULAS["rate"], parts=parts)


def _grown(step: Step, decision: Decision, policy: Policy) -> Step:
    grow = _GROWN.get(step.code)
    return grow(step, decision, policy) if grow else step


def _of_price(name: str, terms: Price) -> Step:
    value: float = getattr(terms, name).value
    return of_policy(name, value, f"price.{name}", SHARE)


def _read(step: Step, _: Decision, __: Policy) -> Step:
    """A figure of the policy as it stands."""
    return replace(step, source=f"policy:price.{step.code.removeprefix(_PREFIX)}")


def _operations(step: Step, decision: Decision, policy: Policy) -> Step:
    terms = policy.price
    parts = (
        Step("cost_a_loan", fen(terms.cost_a_loan.value), source="policy:price.cost_a_loan"),
        Step(
            "lent", max(decision.by_the_sums_fen, fen(policy.limit.minimum.value)), template=FORMULAS["lent"]
        ),
        _of_price("average_balance_share", terms),
    )
    return replace(step, template=FORMULAS["operations"], parts=parts)


def _expected_loss(step: Step, decision: Decision, policy: Policy) -> Step:
    pd = Step("pd", value=decision.pd, unit=SHARE)
    if decision.pd_basis != ASSUMED:  # a trained model may have measured the loss given default itself
        return replace(step, source=f"model:{decision.model_version}", parts=(pd,))
    lgd = _of_price("lgd", policy.price)
    return replace(step, template=FORMULAS["expected_loss"], parts=(pd, lgd))


def _capital(step: Step, _: Decision, policy: Policy) -> Step:
    parts = tuple(_of_price(name, policy.price) for name in ("capital", "return_on_equity", "funding"))
    return replace(step, template=FORMULAS["capital"], parts=parts)


def _tax(step: Step, _: Decision, policy: Policy) -> Step:
    return replace(step, template=FORMULAS["tax"], parts=(_of_price("tax", policy.price),))


def _discount(step: Step, decision: Decision, policy: Policy) -> Step:
    if policy.ladder is None or decision.rung is None:
        return step
    rung = policy.ladder.rung(decision.rung.loans_repaid)
    return replace(step, source=f"policy:ladder.rungs.{policy.ladder.rungs.index(rung)}.discount")


_GROWN: dict[str, Callable[[Step, Decision, Policy], Step]] = {
    "rate_funding": _read,
    "rate_operations": _operations,
    "rate_expected_loss": _expected_loss,
    "rate_capital": _capital,
    "rate_margin": _read,
    "rate_tax": _tax,
    "rate_ladder_discount": _discount,
}
