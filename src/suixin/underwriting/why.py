"""Why a limit is what it is: every figure that led to it, down to the months of sales and the features it was read from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from suixin.underwriting.decide import Case
from suixin.underwriting.decision import Decision, Outcome
from suixin.underwriting.exact import fen
from suixin.underwriting.forecast import YEAR
from suixin.underwriting.limit import stabilised
from suixin.underwriting.policy import Policy
from suixin.underwriting.policy_parts import Limit
from suixin.underwriting.steps import DECLINED, FORMULAS, SHARE, Step, of_feature, of_policy
from suixin.underwriting.why_capacity import why_capacity

__all__ = ["Step", "why_limit"]


def why_limit(decision: Decision, case: Case, policy: Policy) -> Step:
    """The limit as a tree of figures.

    Args:
        decision: as the book has it.
        case: what it was decided on.
        policy: the policy that decided it.
    """
    amounts = {part.name: part.amount_fen for part in decision.limit_components}
    ceilings = tuple(_ceilings(decision, case, policy))
    owed = of_feature(case.features, "household_debt")
    debts = replace(owed, code="existing_debt", amount_fen=-amounts["existing_debt"])
    return Step(
        "limit",
        amounts["limit"],
        template=FORMULAS["limit"],
        source="policy:limit.step",
        parts=(*ceilings, debts),
        note=DECLINED if decision.outcome is Outcome.DECLINE else "",
        numbers={"step": f"{policy.limit.step.value:g}"},
    )


def _ceilings(decision: Decision, case: Case, policy: Policy) -> Iterator[Step]:
    for component in decision.limit_components:
        if component.name not in ("existing_debt", "limit"):
            formula = FORMULAS.get(_rule(component.name, policy), "")
            parts = _parts(component.name, decision, case, policy)
            source = "policy:limit.product_cap" if component.name == "product_cap" else ""
            yield Step(component.name, component.amount_fen, None, formula, source, component.binding, parts)


def _rule(name: str, policy: Policy) -> str:
    """Which formula holds."""
    grace = name == "repayment_capacity" and policy.term.grace_months.value
    return f"{name}_grace" if grace else name


def _parts(name: str, decision: Decision, case: Case, policy: Policy) -> tuple[Step, ...]:
    match name:
        case "sales_multiple":
            return _sales(decision, case, policy)
        case "group_cap":
            cap = Step("cap", fen(policy.limit.group_cap.value), source="policy:limit.group_cap")
            return (cap, of_feature(case.features, "group_debt"))
        case "repayment_capacity":
            return why_capacity(decision, case.features, policy)
        case "season_input":
            return _season_input(decision)
        case "ladder":
            return _ladder(case.features, policy)
    return ()


def _ladder(features: Mapping[str, float | None], policy: Policy) -> tuple[Step, ...]:
    """The cap of the rung that the loans repaid reach."""
    repaid = of_feature(features, "loans_repaid")
    if policy.ladder is None:
        return (repaid,)
    rung = policy.ladder.rung(repaid.value or 0.0)
    place = f"ladder.rungs.{policy.ladder.rungs.index(rung)}"
    reached = of_policy("loans_asked", float(rung.loans_repaid), f"{place}.loans_repaid")
    return (Step("cap", fen(rung.cap), source=f"policy:{place}.cap"), repaid, reached)


def _season_input(decision: Decision) -> tuple[Step, ...]:
    field = decision.season_input
    if field is None:
        return ()
    return (
        Step("area_mu", value=field.area_mu, source="table:merchants.area_mu"),
        Step("cost_per_mu", field.cost_fen, source=f"policy:limit.season_input.cost_per_mu.{field.crop}"),
        of_policy("input_share", field.share, "limit.season_input.share", SHARE),
    )


def _sales(decision: Decision, case: Case, policy: Policy) -> tuple[Step, ...]:
    grade, terms = policy.grade_of(decision.score), policy.limit
    place, reached = f"grades.{grade.grade}", decision.score >= grade.from_score
    score = Step("score", value=decision.score)
    line = of_policy("from_score", grade.from_score, f"{place}.from_score")
    multiple = replace(
        of_policy("multiple", grade.multiple, f"{place}.multiple"),
        template=FORMULAS["grade"] if reached else "",  # the last grade is open below
        parts=(score, line) if reached else (score,),
    )
    months = (
        Step("month", month, value=float(back), source=f"sales:{case.sales_source}:{back}")
        for back, month in enumerate(case.history[:YEAR], start=1)
    )
    amount = int(stabilised(case.history, terms))
    return (
        multiple,
        Step(
            "stabilised_sales", amount, template=FORMULAS["stabilised"], parts=(*months, *_stabilised(terms))
        ),
    )


def _stabilised(terms: Limit) -> tuple[Step, ...]:
    """The figures of the policy by which the months become one."""
    fewest = float(terms.fewest_selling_months.value)
    return (
        of_policy("short_season_share", terms.short_season_share.value, "limit.short_season_share", SHARE),
        of_policy("fewest_selling_months", fewest, "limit.fewest_selling_months"),
        of_policy("lowest_month_factor", terms.lowest_month_factor.value, "limit.lowest_month_factor"),
    )
