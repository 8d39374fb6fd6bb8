"""Why a limit is what it is: every figure of the tree follows from those below it."""

from dataclasses import replace
from decimal import Decimal

from suixin.underwriting.decide import decide
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
