"""Repayment from sales: the least share that repays in a bad year, floors, a last date, and what stays at home."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from merchants import CASE, case
from suixin.errors import PolicyError
from suixin.lending.schedule import Method, interest_first
from suixin.reporting.tables import decisions_table
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import LoadedPolicy, parse_policy, shipped_policy
from suixin.underwriting.policy_parts import Sweep as Terms
from suixin.underwriting.season_fit import lowest_coverage
from suixin.underwriting.sweep import sweep

START = date(2026, 1, 1)
RATE = Decimal("0.06")
LOADED = shipped_policy("CNY")
HARVEST = ([0] * 6 + [6_000_000] * 4 + [0] * 2) * 2


def figures(share: float = 1.0, floor: float = 0.5, working_cash: float = 0.0) -> Terms:
    """A policy's figures."""
    given = {"share": share, "floor": floor, "working_cash": working_cash}
    origin = {"source": "test", "since": START}
    return Terms.model_validate({name: {"value": value, **origin} for name, value in given.items()})


def chosen(method: str = "sweep", **changes: object) -> LoadedPolicy:
    """The shipped policy with another method, and other figures of the term."""
    document = yaml.safe_load(LOADED.text)
    for name, value in {"method": method, **changes}.items():
        document["term"][name]["value"] = value
    return parse_policy(yaml.safe_dump(document), "ours")


def test_a_sweep_by_hand() -> None:
    """1,000.00 at 6 %, sales of 2,000 and 4,000: 17.1 % of both repay it in a bad year, and in a good year the first does."""
    found, bad, _ = sweep(100_000, RATE, START, [0, 200_000, 400_000], [0, 600_000, 900_000], figures())
    # owed after two months 1,010.00; a sixth of it all is 16.8 %, with the third month's interest 16.9 %
    assert found.share_ppm == 169_000
    assert [(row.principal_fen, row.interest_fen) for row in bad.rows] == [
        (0, 0),
        (32_800, 1_000),  # 16.9 % of 2,000.00 are 338.00; interest of two months was deferred
        (67_200, 336),
    ]
    assert bad.method is Method.SWEEP
    assert [month.floor_fen for month in found.months] == [
        0,
        16_900,
        0,
    ]  # half of 338.00; the rest on the last date
    assert [month.usual_fen for month in found.months] == [0, 101_000, 0]
    assert (found.bad_interest_fen, found.usual_interest_fen) == (1_336, 1_000)
    assert found.last_on == date(2026, 4, 1)


def test_what_stays_with_the_household() -> None:
    """Of a month that sells 300.00 nothing is withheld that would leave less than 250.00."""
    found, bad, _ = sweep(
        100_000, RATE, START, [30_000, 400_000], [30_000, 400_000], figures(working_cash=250)
    )
    assert bad.rows[0].total_fen == 5_000
    assert 30_000 * found.share_ppm > 5_000 * 1_000_000
    # a share that must not exceed a tenth cannot repay in time: the last date takes what is left
    held, late, _ = sweep(100_000, RATE, START, [200_000, 200_000], [200_000, 200_000], figures(share=0.1))
    assert held.share_ppm == 100_000
    assert [row.total_fen for row in late.rows] == [20_000, 80_903]


sales = st.lists(st.integers(0, 5_000_000), min_size=1, max_size=12).filter(any)


@given(
    principal=st.integers(1, 5_000_000),
    bad=sales,
    more=st.floats(1, 3),
    rate=st.sampled_from(["0", "0.0435", "0.15"]),
    share=st.floats(0.01, 1),
    floor=st.floats(0, 1),
    cash=st.floats(0, 5_000),
)
def test_both_paths_repay_the_loan(
    principal: int, bad: list[int], more: float, rate: str, share: float, floor: float, cash: float
) -> None:
    """Principal sums to the loan, nobody pays more interest than interest only, and a usual year no more than a bad one."""
    annual = Decimal(rate)
    usual = [int(month * more) for month in bad]
    found, path, _ = sweep(principal, annual, START, bad, usual, figures(share, floor, cash))
    assert sum(month.bad_principal_fen for month in found.months) == principal
    assert sum(month.usual_principal_fen for month in found.months) == principal
    most = interest_first(principal, annual, len(path.rows), START).total_interest_fen
    assert found.bad_interest_fen <= most + len(path.rows)
    assert found.usual_interest_fen <= found.bad_interest_fen + len(path.rows)
    assert found.share_ppm <= share * 1_000_000 + 1e-6
    for month, sold in zip(found.months[:-1], bad, strict=False):
        assert month.floor_fen <= month.bad_fen <= max(0, sold - cash * 100 + 1)
        assert month.bad_fen <= sold * found.share_ppm / 1_000_000
    owed = principal
    for month in found.months:
        owed += month.usual_interest_fen
        assert month.usual_fen >= min(month.floor_fen, owed)
        owed -= month.usual_fen
    assert owed == 0


def left(principal: int, sold: list[int], share: Fraction) -> Fraction:
    """What is owed after the last month if this share of each is paid at 6 %, without any rounding."""
    balance, accrued = Fraction(principal), Fraction(0)
    for month in sold:
        accrued += balance / 200
        paid = share * month
        charge = min(paid, accrued)
        accrued -= charge
        balance = max(Fraction(0), balance - (paid - charge))
    return balance + accrued


@given(principal=st.integers(100_000, 5_000_000), bad=sales)
def test_no_smaller_share_repays_in_time(principal: int, bad: list[int]) -> None:
    """The share repays the loan in the bad year, and a tenth of a per cent less would not."""
    found, *_ = sweep(principal, RATE, START, bad, bad, figures())
    share = Fraction(found.share_ppm, 1_000_000)
    if share < 1:
        assert left(principal, bad, share) < Fraction(1, 1_000)
    assert left(principal, bad, share - Fraction(1_000_001, 1_000_000_000)) > 0


def ways(decision: Decision) -> dict[str, tuple[int, float | None]]:
    """Method -> interest and lowest coverage, of what is offered and of the other ways."""
    terms = decision.terms
    assert terms is not None
    own = (terms.schedule.method.value, terms.schedule.total_interest_fen, terms.lowest_coverage)
    others = [(way.method, way.interest_fen, way.lowest_coverage) for way in terms.alternatives]
    return {method: (interest, covered) for method, interest, covered in [own, *others]}


def test_a_sweep_stands_beside_the_season_and_the_season_beside_a_sweep() -> None:
    """A harvest merchant sees the same ways whichever is offered, with the same interest and coverage."""
    grower = case({"genuine_selling_months_12m": 4.0}, history=HARVEST)
    season, swept = decide(grower, LOADED), decide(grower, chosen())
    assert season.terms is not None
    assert swept.terms is not None
    assert season.terms.schedule.method is Method.HARVEST
    assert swept.terms.schedule.method is Method.SWEEP
    assert season.limit_fen == swept.limit_fen == sum(r.principal_fen for r in swept.terms.schedule.rows)
    assert ways(season) == ways(swept)
    assert set(ways(season)) == {"harvest", "sweep", "equal_instalment", "interest_first"}
    assert swept.terms.sweep == season.terms.sweep
    assert swept.terms.lowest_coverage == lowest_coverage(swept.terms.schedule, swept.left_p10)
    even = swept.terms.comparator.total_interest_fen
    assert swept.terms.extra_interest_fen == ways(swept)["sweep"][0] - even


def test_without_sales_in_a_bad_year_nothing_can_be_swept() -> None:
    """Who sells evenly is swept too; a policy that does not offer it has no sweep."""
    assert decide(CASE, chosen()).terms.schedule.method is Method.SWEEP  # type: ignore[union-attr]
    document = yaml.safe_load(LOADED.text)
    for name in ("method", "grace_months", "floor", "sweep"):
        del document["term"][name]
    older = parse_policy(yaml.safe_dump(document), "older")
    decision = decide(CASE, older)
    assert decision.terms is not None
    assert decision.terms.sweep is None
    assert "sweep" not in ways(decision)
    today = decide(CASE, LOADED)
    assert (decision.limit_fen, decision.terms.schedule) == (today.limit_fen, today.terms.schedule)  # type: ignore[union-attr]


def test_a_book_keeps_the_sweep_to_the_fen() -> None:
    """The row of the book has every amount."""
    decision = decide(case({"genuine_selling_months_12m": 4.0}, history=HARVEST), LOADED)
    assert decision.terms is not None
    held = decision.terms.sweep
    assert held is not None
    row = decisions_table([decision]).row(0, named=True)["sweep"]
    assert row["share"] * 1_000_000 == held.share_ppm
    assert sum(month["bad_principal"] for month in row["months"]) * 100 == decision.limit_fen
    assert [month["floor"] * 100 for month in row["months"]] == [month.floor_fen for month in held.months]


def test_grace_and_floor_are_figures_of_the_policy() -> None:
    """Three months of grace pay nothing; with a floor of 5 % of the loan no later month that has it pays less."""
    grower = case(
        {"genuine_selling_months_12m": 7.0}, history=([3_000_000] * 3 + [300_000] * 6 + [0] * 3) * 2
    )
    plain, graced, floored = (
        decide(grower, policy).terms
        for policy in (LOADED, chosen("season", grace_months=6), chosen("season", floor=0.05))
    )
    assert plain is not None
    assert graced is not None
    assert floored is not None
    assert plain.schedule.method is graced.schedule.method is floored.schedule.method is Method.HARVEST
    first = next(row.number for row in plain.schedule.rows if row.total_fen)
    assert first <= 6 < next(row.number for row in graced.schedule.rows if row.total_fen)
    # what the months of grace leave repays nothing, so less is lent
    assert graced.schedule.principal_fen < plain.schedule.principal_fen
    assert sum(row.principal_fen for row in graced.schedule.rows) == graced.schedule.principal_fen
    dearer, cheaper = (
        terms.schedule.total_interest_fen / terms.schedule.principal_fen for terms in (graced, plain)
    )
    assert dearer > cheaper
    least, months = plain.schedule.principal_fen // 20, decide(grower, LOADED).left_p10
    asked = int(
        months[first - 1] * LOADED.policy.capacity.service_share.value
    )  # no floor asks for more than that
    assert plain.schedule.rows[first - 1].total_fen < min(least, asked)
    assert floored.schedule.rows[first - 1].total_fen == min(least, asked)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grace_months": 12}, "less than or equal to 11"),
        ({"grace_months": 6, "months": 6}, "grace_months 6 leave no month of the 6 to repay in"),
        ({"method": "barter"}, "term.method.value: Input should be 'season' or 'sweep'"),
        ({"floor": 2}, "less than or equal to 1"),
    ],
)
def test_terms_that_cannot_be_meant(changes: dict[str, object], message: str) -> None:
    """Each is refused with its place."""
    with pytest.raises(PolicyError, match=message):
        chosen(**{"method": "season", **changes})  # type: ignore[arg-type]


def test_a_sweep_needs_its_figures() -> None:
    """The method alone does not say how much is withheld."""
    document = yaml.safe_load(LOADED.text)
    document["term"]["method"]["value"] = "sweep"
    del document["term"]["sweep"]
    with pytest.raises(PolicyError, match="nothing says how: give sweep, or the method season"):
        parse_policy(yaml.safe_dump(document), "ours")


def test_the_fee_of_a_sweep_is_in_its_cost() -> None:
    """The all-in rate is of the path of a bad year, with what is paid up front."""
    fee = replace(LOADED, policy=chosen().policy)
    price = fee.policy.price.model_copy(
        update={"upfront_fee": fee.policy.price.upfront_fee.model_copy(update={"value": 0.01})}
    )
    dear = decide(CASE, replace(fee, policy=fee.policy.model_copy(update={"price": price}))).terms
    free = decide(CASE, fee).terms
    assert dear is not None
    assert free is not None
    assert dear.schedule.method is free.schedule.method is Method.SWEEP
    assert dear.all_in_rate_ppm > free.all_in_rate_ppm + 10_000
