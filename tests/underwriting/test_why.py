"""Why a limit is what it is: every figure of the tree follows from those below it."""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from merchants import LADDER
from suixin.underwriting.decide import decide
from suixin.underwriting.figures import figures
from suixin.underwriting.policy import parse_policy
from suixin.underwriting.policy_parts import Parameter
from suixin.underwriting.why import Step, why_limit
from underwriting.test_decide import CASE, LOADED, SURE, case


def tree(held=CASE) -> Step:
    return why_limit(decide(held, LOADED), held, LOADED.policy)


def below(step: Step) -> dict[str, Step]:
    return {part.code: part for part in step.parts}


def test_the_limit_follows_from_its_ceilings() -> None:
    """The lowest ceiling is marked, and less the debts it is the limit, down to a hundred yuan."""
    root = tree(case({"household_debt": 15_432.0, "group_debt": 7_000.0}, outlook=SURE))
    parts = below(root)
    ceilings = {name: step.amount_fen for name, step in parts.items() if name != "existing_debt"}
    lowest = min(ceilings, key=lambda name: ceilings[name] or 0)
    assert [name for name, step in parts.items() if step.binding] == [lowest] == ["sales_multiple"]
    assert parts["existing_debt"].amount_fen == 1_543_200
    assert root.amount_fen == (4_000_000 - 1_543_200) // 10_000 * 10_000
    assert ceilings["group_cap"] == 200_000_000 - 700_000
    assert below(parts["group_cap"])["group_debt"].amount_fen == 700_000


def test_sales_lead_down_to_their_months() -> None:
    """Multiple times stabilised sales, and of these the twelve months with where each was read."""
    history = [1_900_000 + 10_000 * back for back in range(24)]
    sales = below(tree(replace(CASE, history=history)))["sales_multiple"]
    parts = below(sales)
    assert parts["multiple"].value == 2.0
    assert parts["multiple"].source == "policy:grades.A.multiple"
    assert [part.source for part in parts["multiple"].parts] == ["", "policy:grades.A.from_score"]
    assert sales.amount_fen == 2 * (parts["stabilised_sales"].amount_fen or 0)
    assert [month.amount_fen for month in parts["stabilised_sales"].parts[:12]] == history[:12]
    assert parts["stabilised_sales"].parts[4].source == "sales:orders:5"


def test_capacity_leads_down_to_features_and_figures_of_the_policy() -> None:
    """Each step adds up, names the feature it was measured by, and the present value of the room is the ceiling."""
    capacity = below(tree())["repayment_capacity"]
    parts = below(capacity)
    amounts = {name: step.amount_fen or 0 for name, step in parts.items()}
    months = [month.amount_fen or 0 for month in parts["sales_bad_year"].parts]
    assert sum(months) == amounts["sales_bad_year"]
    costs = ("platform_fees", "freight", "cost_of_goods")
    assert amounts["margin"] == amounts["sales_bad_year"] + sum(amounts[name] for name in costs)
    assert amounts["available"] == amounts["margin"] + amounts["living"] + amounts["debt_service"]
    assert parts["freight"].source == "policy:capacity.freight_share"
    standing = decide(CASE, LOADED).forecast.standing
    assert standing is not None
    assert parts["level"].amount_fen == standing.level_fen
    assert below(parts["level"])["average"].amount_fen == standing.average_fen
    assert parts["trades"].value == standing.trades
    share = Decimal(amounts["debt_service_room"]) / amounts["sales_bad_year"]
    monthly = 1 + Decimal(repr(parts["rate"].value)) / 12
    value = sum(share * month / monthly**ahead for ahead, month in enumerate(months, start=1))
    assert abs(value - (capacity.amount_fen or 0)) < 20  # fen: each month's room was rounded down


def policy_paths(step: Step) -> set[str]:
    found = {step.source.removeprefix("policy:")} if step.source.startswith("policy:") else set()
    return found.union(*map(policy_paths, step.parts))


HELD = {
    "invoice_margin_365d": 0.4,
    "self_dealing_share_365d": 0.2,
    "harvest_months": 2.0,
    "fee_share_365d": None,
    "household_members": None,
    "monthly_debt_service": 100.0,
    "debt_service_months": 7.0,
    "household_debt": 700.0,
}


def test_every_place_of_the_policy_is_a_figure_of_it() -> None:
    """A reader finds each under the very path that the policy's figures are listed by."""
    short = case({"loans_repaid": 0.0}, history=[0, 0, 3_000_000, 4_000_000, *[0] * 8] * 2)
    for held in (CASE, case(HELD), short):
        assert policy_paths(tree(held)) <= set(figures(LOADED.policy))


def test_each_step_of_the_capacity_follows_from_what_stands_there() -> None:
    """Brushed, a grower, with a debt that ends after seven months: every amount by its formula, to the fen."""
    capacity = below(below(tree(case(HELD)))["repayment_capacity"])
    sales, terms = capacity["sales_bad_year"].amount_fen or 0, LOADED.policy.capacity
    share = Fraction(repr(0.2)) * Fraction(repr(terms.doubt.value))
    assert capacity["doubted_sales"].amount_fen == -math.ceil(sales * share)
    assert [part.value for part in capacity["doubted_sales"].parts] == [0.2, terms.doubt.value]
    fees = capacity["platform_fees"]
    assert (fees.value, fees.source) == (terms.fee_share.value, "policy:capacity.fee_share")
    goods = capacity["cost_of_goods"]
    assert goods.formula == "- goods_share_measured x sales_bad_year"
    assert (goods.value, goods.parts[0].value) == (0.6 / 0.8, 0.6 / 0.8)
    assert [part.code for part in goods.parts[0].parts] == ["invoice_margin_365d", "self_dealing_share_365d"]
    loss = below(capacity["produce_loss"])
    assert (loss["goods_share"].value, loss["produce_loss_share"].value) == (goods.value, 0.2)
    living = below(capacity["living"])
    assert capacity["living"].formula == "- min(household_allowance, living_most)"
    assert capacity["living"].amount_fen == -min(step.amount_fen or 0 for step in living.values())
    allowed = below(living["household_allowance"])
    assert (allowed["members"].value, allowed["members"].source) == (3.0, "policy:capacity.members")
    assert living["household_allowance"].amount_fen == 52_000 * 3 * 12
    assert (living["living_most"].value, living["living_most"].unit) == (0.5, "share")
    service = capacity["debt_service"]
    assert service.formula == "- monthly_debt_service x min(debt_service_months, months)"
    assert (service.amount_fen, [part.value for part in service.parts[1:]]) == (-70_000, [7.0, 12.0])
    room, left = capacity["debt_service_room"], capacity["available"].amount_fen or 0
    assert (room.amount_fen, room.value) == (math.floor(left * Fraction(repr(room.value))), 0.7)
    assert room.source == "policy:capacity.service_share"


@pytest.mark.parametrize(
    ("margin", "formula", "bound", "measured"),
    [
        (0.99, "- max(goods_share_lowest, goods_share_measured) x sales_bad_year", 0.3, 0.01),
        (-2.0, "- min(goods_share_highest, goods_share_measured) x sales_bad_year", 0.9, 3.0),
    ],
)
def test_a_bound_on_the_cost_of_goods_is_named(
    margin: float, formula: str, bound: float, measured: float
) -> None:
    """Invoices that are not believed stand beside the bound that counts in their place."""
    goods = below(below(tree(case({"invoice_margin_365d": margin})))["repayment_capacity"])["cost_of_goods"]
    assert (goods.formula, goods.value) == (formula, bound)
    assert [part.value for part in goods.parts] == [bound, pytest.approx(measured)]
    assert goods.parts[0].source == f"policy:capacity.{goods.parts[0].code}"
    assert goods.parts[1].parts[0].source == "feature:invoice_margin_365d"


def test_what_is_unknown_says_so() -> None:
    """No debts on record are no debts of nothing; a recorded nothing is one."""
    names = ("household_debt", "group_debt", "monthly_debt_service")
    for value, note in ((None, "unknown"), (0.0, "")):
        parts = below(tree(case(dict.fromkeys(names, value))))
        service = below(below(parts["repayment_capacity"])["debt_service"])["monthly_debt_service"]
        found = [parts["existing_debt"], parts["group_cap"].parts[1], service]
        assert [(step.amount_fen, step.note) for step in found] == [(0, note)] * 3


def test_a_declined_limit_says_that_it_is_not_offered() -> None:
    """The sums stay, with a word that they are no offer."""
    assert tree().note == ""
    declined = tree(case({"genuine_days_since_order": 400.0}))
    assert declined.note == "declined"
    assert declined.amount_fen


def test_months_of_grace_stand_in_the_formula() -> None:
    """A policy that lets the first two months rest says so where the room is added up."""
    months = Parameter[int].model_validate({"value": 2, "source": "test", "since": CASE.as_of})
    term = LOADED.policy.term.model_copy(update={"grace_months": months})
    rested = replace(LOADED, policy=LOADED.policy.model_copy(update={"term": term}))
    capacity = below(why_limit(decide(CASE, rested), CASE, rested.policy))["repayment_capacity"]
    assert capacity.formula.startswith("sum over the months ahead, but the first grace_months, of sales")
    assert (below(capacity)["grace_months"].value, below(capacity)["grace_months"].source) == (
        2.0,
        "policy:term.grace_months",
    )


def test_what_is_paid_up_front_is_named_line_by_line() -> None:
    """The fee of the price and each charge of the policy that is paid before the loan is."""
    text = LOADED.text.replace("upfront_fee: {value: 0.0,", "upfront_fee: {value: 0.01,").replace(
        "\ncharges:\n",
        "\ncharges:\n  - {code: guarantee_fee, kind: guarantee, value: 0.008, payee: fund, source: test, "
        "since: 2026-11-01}\n",
    )
    loaded = parse_policy(text, "dear")
    capacity = below(below(why_limit(decide(CASE, loaded), CASE, loaded.policy))["repayment_capacity"])
    assert capacity["up_front"].value == pytest.approx(0.018)
    assert [(part.code, part.value, part.source) for part in capacity["up_front"].parts] == [
        ("upfront_fee", 0.01, "policy:price.upfront_fee"),
        ("guarantee_fee", 0.008, "policy:charges.guarantee_fee"),
    ]


def test_the_price_of_the_loan_follows_from_what_stands_there() -> None:
    """Costs, expected loss, capital and tax by their formulas, for the limit or the smallest loan; less the ladder's discount."""
    taxed = LOADED.text.replace("  tax: {value: 0.0,", "  tax: {value: 0.03,")
    laddered = parse_policy(taxed + LADDER, "laddered")
    assert laddered.policy.price.tax.value == 0.03
    poor = case(history=[30_000] * 24)
    for held in (case({"loans_repaid": 1.0}, outlook=SURE), poor):
        decision = decide(held, laddered)
        step = below(below(why_limit(decision, held, laddered.policy))["repayment_capacity"])["rate"]
        parts = {code.removeprefix("rate_"): part for code, part in below(step).items()}
        assert step.value == pytest.approx(sum(part.value or 0.0 for part in parts.values()))
        assert step.value == sum(part.rate_ppm for part in decision.price_components) / 1e6
        figure = {name: below(part) for name, part in parts.items()}
        fixed, lent, balance = figure["operations"].values()
        assert lent.amount_fen == max(decision.by_the_sums_fen, 50_000)
        by_hand = {
            "operations": (fixed.amount_fen or 0) / ((lent.amount_fen or 0) * (balance.value or 0)),
            "expected_loss": decision.pd * laddered.policy.price.lgd.value,
        }
        price = laddered.policy.price
        by_hand["capital"] = price.capital.value * (price.return_on_equity.value - price.funding.value)
        by_hand |= {"funding": price.funding.value, "margin": price.margin.value}
        by_hand["tax"] = 0.03 / 0.97 * sum(by_hand.values())
        found = {name: part.value for name, part in parts.items() if name != "ladder_discount"}
        assert found == pytest.approx(by_hand, abs=1e-6)
        assert policy_paths(step) <= set(figures(laddered.policy))
        if held is not poor:
            discount = parts["ladder_discount"]
            assert (discount.value, discount.source) == (-0.005, "policy:ladder.rungs.1.discount")
