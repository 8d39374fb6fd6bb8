"""Input cost of the season: what the fields of a merchant with few selling months allow him to owe."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants import CASE, GOOD
from suixin.errors import PolicyError
from suixin.reporting.decision_schema import LATER, json_schema
from suixin.reporting.rows import decision_row
from suixin.reporting.tables import SCHEMA, decisions_table
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import parse_policy, shipped_policy
from suixin.underwriting.season_input import SeasonInput
from suixin.underwriting.why import why_limit

LOADED = shipped_policy("CNY")
HARVEST = [0, 0, 30_000_000, 40_000_000, 0, 0, 0, 0, 0, 0, 0, 0] * 2
TEA = LOADED.text.index("  season_input:")
OLDER = parse_policy(LOADED.text[:TEA] + LOADED.text[LOADED.text.index("\ncapacity:") :], "older")


def grower(area_mu: float | None, crop: str = "tea", **changes: object) -> Case:
    """A grower who sells 700,000 yuan in two months of the year."""
    return replace(CASE, **{"history": HARVEST, "crop": crop, "area_mu": area_mu, **changes})  # type: ignore[arg-type]


def ceilings(decision: Decision) -> dict[str, int]:
    return {part.name: part.amount_fen for part in decision.limit_components}


def binding(decision: Decision) -> list[str]:
    return [part.name for part in decision.limit_components if part.binding]


def test_the_ceiling_is_area_times_cost_times_share() -> None:
    """3.7 mu of tea at 2,000 yuan, of which 80 % may be owed: 5,920 yuan, and it binds by its name."""
    decision = decide(grower(3.7), LOADED)
    assert ceilings(decision)["season_input"] == 592_000
    assert binding(decision) == ["season_input"]
    assert decision.limit_fen == 590_000
    assert decision.season_input == SeasonInput("tea", 3.7, 200_000, 0.8, 592_000)


def test_debts_are_taken_off_it() -> None:
    """Who owes 2,000 yuan already may owe 3,920 more for the same fields."""
    features = {**GOOD, "household_debt": 2_000.0}
    decision = decide(grower(3.7, features=features), LOADED)
    assert (binding(decision), decision.limit_fen) == (["season_input"], 390_000)


@pytest.mark.parametrize(
    "held",
    [
        grower(None),
        grower(3.7, crop=""),
        grower(3.7, crop="handicraft"),
        grower(3.7, history=[2_000_000] * 24),
    ],
    ids=["area unknown", "crop unknown", "crop without a cost", "sells all year"],
)
def test_unknown_is_not_zero(held: Case) -> None:
    """Without area, crop or cost, or with sales all year, the component is absent and all is as by an older policy."""
    decision, before = decide(held, LOADED), decide(held, OLDER)
    assert decision.season_input is None
    assert "season_input" not in ceilings(decision)
    assert decision.limit_components == before.limit_components
    assert decision.limit_fen == before.limit_fen > 0


def test_an_older_policy_decides_as_before() -> None:
    """A policy that says nothing of fields opens, and measures nobody by them."""
    assert OLDER.policy.limit.season_input is None
    assert "season_input" not in ceilings(decide(grower(0.1), OLDER))


def test_the_tree_shows_the_formula_with_its_values() -> None:
    """Each factor stands below the ceiling with where it was read, and their product is the ceiling."""
    held = grower(3.7)
    tree = why_limit(decide(held, LOADED), held, LOADED.policy)
    step = {part.code: part for part in tree.parts}["season_input"]
    assert (step.amount_fen, step.binding) == (592_000, True)
    assert step.formula == "area_mu x cost_per_mu x input_share"
    assert [(part.code, part.amount_fen, part.value, part.source) for part in step.parts] == [
        ("area_mu", None, 3.7, "table:merchants.area_mu"),
        ("cost_per_mu", 200_000, None, "policy:limit.season_input.cost_per_mu.tea"),
        ("input_share", None, 0.8, "policy:limit.season_input.share"),
    ]


def test_the_decision_keeps_it_and_its_schema_allows_its_absence() -> None:
    """The row of the book holds the figures; a document of before has none and is still of this version."""
    row = decision_row(decide(grower(3.7), LOADED))["season_input"]
    told = {"crop": "tea", "area_mu": 3.7, "share": 0.8}
    assert {name: row[name] for name in told} == told
    assert (str(row["cost_per_mu"]), str(row["ceiling"])) == ("2000.00", "5920.00")
    table = decisions_table([decide(grower(3.7), LOADED), decide(grower(None), LOADED)])
    assert dict(table.schema) == SCHEMA
    assert table["season_input"].is_null().to_list() == [False, True]
    schema = json_schema()
    assert "season_input" in LATER
    assert "season_input" not in schema["required"]


areas = st.floats(0.1, 200).map(lambda area: round(area, 2))
harvests = st.lists(st.integers(0, 60_000_000), min_size=3, max_size=3).map(
    lambda months: [*months, *[0] * 9] * 2
)


@given(area=areas, more=st.floats(0, 50), history=harvests, owed=st.floats(0, 30_000))
def test_more_land_never_lowers_and_more_debt_never_raises(
    area: float, more: float, history: list[int], owed: float
) -> None:
    """Other things equal, known fields of more mu allow as much or more, and debts take it away."""
    held = grower(area, history=history)
    base = decide(held, LOADED, hints=False).limit_fen
    assert decide(replace(held, area_mu=area + more), LOADED, hints=False).limit_fen >= base
    indebted = replace(held, features={**GOOD, "household_debt": owed})
    assert decide(indebted, LOADED, hints=False).limit_fen <= base


@given(area=areas, history=harvests, factor=st.floats(1, 3))
def test_more_sales_never_lower_the_limit(area: float, history: list[int], factor: float) -> None:
    """Who sells more in every month may borrow as much or more, less a step that rounding to fen may cost."""
    more = [int(month * factor) for month in history]
    less = decide(grower(area, history=history), LOADED, hints=False).limit_fen
    assert decide(grower(area, history=more), LOADED, hints=False).limit_fen >= less - 10_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tea: {value: 2000,", "tea: {value: 0,", "limit.season_input.cost_per_mu.tea.value"),
        ("    share: {value: 0.8, source: board; a fifth", "    share: {value: 1.8, source: board; a fifth", "season_input.share"),
    ],
)  # fmt: skip
def test_figures_out_of_bounds_are_named(old: str, new: str, said: str) -> None:
    """A cost of nothing or a share over all of it is refused where it is read."""
    with pytest.raises(PolicyError, match=said):
        parse_policy(LOADED.text.replace(old, new, 1), "ours")
