"""Why a limit is what it is: every figure that led to it, down to the months of sales and the features it was read from."""

from collections.abc import Iterator
from dataclasses import dataclass

from suixin.underwriting.decide import Case
from suixin.underwriting.decision import Decision
from suixin.underwriting.exact import fen
from suixin.underwriting.forecast import YEAR
from suixin.underwriting.limit import stabilised
from suixin.underwriting.offer import up_front_share
from suixin.underwriting.policy import Policy


@dataclass(frozen=True, slots=True)
class Step:
    """One figure and what it follows from.

    Attributes:
        code: which figure.
        amount_fen: fen; None for a number.
        value: the number; None for an amount.
        formula: how it follows from its parts, in symbols; '' for what was read.
        source: 'feature:<name>', 'policy:<place>', 'sales:<source>:<months back>', or '' for what follows.
        binding: whether this ceiling holds the limit.
        parts: what it follows from.
    """

    code: str
    amount_fen: int | None = None
    value: float | None = None
    formula: str = ""
    source: str = ""
    binding: bool = False
    parts: tuple["Step", ...] = ()


def why_limit(decision: Decision, case: Case, policy: Policy) -> Step:
    """The limit as a tree of figures.

    Args:
        decision: as the book has it.
        case: what it was decided on.
        policy: the policy that decided it.
    """
    amounts = {part.name: part.amount_fen for part in decision.limit_components}
    ceilings = tuple(_ceilings(decision, case, policy, amounts))
    debts = Step("existing_debt", -amounts["existing_debt"], source="feature:household_debt")
    step = policy.limit.step.value
    return Step(
        "limit",
        amounts["limit"],
        formula=f"max(0, min(ceilings) - existing_debt), down to a multiple of {step:g}",
        parts=(*ceilings, debts),
    )


def _ceilings(decision: Decision, case: Case, policy: Policy, amounts: dict[str, int]) -> Iterator[Step]:
    features = case.features
    parts: dict[str, tuple[str, str, tuple[Step, ...]]] = {
        "product_cap": ("", "policy:limit.product_cap", ()),
        "sales_multiple": ("multiple x stabilised_sales", "", _sales(decision, case, policy)),
        "group_cap": (
            "group_cap - group_debt",
            "policy:limit.group_cap",
            (Step("group_debt", fen(features.get("group_debt") or 0.0), source="feature:group_debt"),),
        ),
        "repayment_capacity": (
            "sum of room / (1 + rate / 12)^month / (1 + up_front) + existing_debt",
            "",
            _capacity(decision, case, policy),
        ),
        "season_input": (
            "area_mu x cost_per_mu x input_share",
            "",
            _season_input(decision),
        ),
        "ladder": (
            "cap of the rung + existing_debt",
            "policy:ladder",
            (Step("loans_repaid", value=features.get("loans_repaid") or 0.0, source="feature:loans_repaid"),),
        ),
    }
    for component in decision.limit_components:
        if component.name in parts:
            formula, source, steps = parts[component.name]
            yield Step(
                component.name, amounts[component.name], None, formula, source, component.binding, steps
            )


def _season_input(decision: Decision) -> tuple[Step, ...]:
    field = decision.season_input
    if field is None:
        return ()
    return (
        Step("area_mu", value=field.area_mu, source="table:merchants.area_mu"),
        Step("cost_per_mu", field.cost_fen, source=f"policy:limit.season_input.cost_per_mu.{field.crop}"),
        Step("input_share", value=field.share, source="policy:limit.season_input.share"),
    )


def _sales(decision: Decision, case: Case, policy: Policy) -> tuple[Step, ...]:
    grade = policy.grade_of(decision.score)
    score = Step(
        "score", value=decision.score, source=f"policy:grades.{grade.grade} from {grade.from_score:g}"
    )
    months = tuple(
        Step("month", month, value=float(back), source=f"sales:{case.sales_source}:{back}")
        for back, month in enumerate(case.history[:YEAR], start=1)
    )
    terms = policy.limit
    formula = (
        f"min(median of months in season x their share of the year, {terms.lowest_month_factor.value:g} x the lowest); "
        f"with under {terms.fewest_selling_months.value} months in season {terms.short_season_share.value:g} x the mean"
    )
    return (
        Step("multiple", value=grade.multiple, source="policy:grades", parts=(score,)),
        Step("stabilised_sales", int(stabilised(case.history, terms)), formula=formula, parts=months),
    )


def _capacity(decision: Decision, case: Case, policy: Policy) -> tuple[Step, ...]:
    steps = []
    for part in decision.capacity:
        source = f"feature:{part.feature}" if part.basis == "measured" and part.feature else ""
        if part.basis == "assumed":
            source = f"policy:capacity, {part.name}"
        steps.append(Step(part.name, part.amount_fen, part.value, source=source))
    bad_year = tuple(
        Step("month_ahead", month, value=float(number), source=f"forecast:{decision.forecast.basis}")
        for number, month in enumerate(decision.forecast.bad_year[: policy.term.months.value], start=1)
    )
    steps[0] = Step(
        "sales_bad_year",
        steps[0].amount_fen,
        formula="sum of the months of a year that is undershot one time in ten",
        parts=bad_year,
    )
    rate = Step("rate", value=policy.rate_cap(case.as_of), source="policy:price.caps")
    up_front = Step("up_front", value=up_front_share(policy), source="policy:charges")
    return (*steps, rate, up_front, *_standing(decision))


def _standing(decision: Decision) -> tuple[Step, ...]:
    held = decision.forecast.standing
    if held is None:
        return ()
    average = Step(
        "average", held.average_fen, formula=f"mean of {held.months} months of sales, season apart"
    )
    silent = Step("silent_months", value=float(held.silent_months))
    return (
        Step("level", held.level_fen, formula="the same, newer months counting more", parts=(average,)),
        Step("trades", value=held.trades, formula="by Bayes' rule, from the silent months", parts=(silent,)),
    )
