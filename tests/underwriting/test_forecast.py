"""The forecast: parts worked out by hand, and what holds for any history."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suixin.underwriting.forecast import Forecast, basis_parts, forecast, forecast_all
from suixin.underwriting.peers import no_peers
from suixin.underwriting.policy import shipped_policy
from suixin.underwriting.policy_parts import Forecasting
from suixin.underwriting.seasonal import MONTHS, Guide, fit, sales_known, years_alike

TERMS = shipped_policy("CNY").policy.forecast
QUANTILES = ("p10", "p50", "p90")
HARVEST = ([0] * 2 + [600_000] * 4 + [0] * 6) * 2

months = st.integers(-(10**6), 10**9)
histories = st.tuples(st.lists(months, min_size=1, max_size=36), st.integers(1, 36))


def steady(level: int, years: int = 2) -> list[int]:
    return [level] * (12 * years)


def test_a_harvest_comes_back_in_its_month() -> None:
    """Month j ahead is month 12 - j behind: sales of three to six months ago return seven to ten months ahead."""
    outlook = forecast(HARVEST, 24, TERMS)
    assert [month for month, fen in enumerate(outlook.p50, start=1) if fen] == [7, 8, 9, 10]
    assert [month for month, fen in enumerate(outlook.p10, start=1) if fen] == [7, 8, 9, 10]
    assert outlook.basis == "own_years"
    assert outlook.concentration == pytest.approx(0.25, abs=0.001)


def test_one_steady_year_by_hand() -> None:
    """Twelve equal months: level, spread and quantiles of the first month, from the formulas in the docs."""
    outlook = forecast([1_000_000] * 12, 12, TERMS)
    prior = 0.8**2 - 0.3**2
    # twelve months without any deviation, so each says grain = -luck², and six months of the prior
    grain = max(0.0, (12 * -(0.3**2) + 6 * prior) / 18)
    assert outlook.spread == pytest.approx(math.sqrt(0.3**2 + grain))
    walk = 0.7**2 / 12 / (0.3**2 + grain)
    gain = (math.sqrt(walk**2 + 4 * walk) - walk) / 2
    weights = [(1 - gain) ** age for age in range(12)]
    effective = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    variance = 0.3**2 + grain + (0.3**2 + grain) / effective + 0.7**2 / 12
    quiet = math.exp(-2 / grain)
    empty = 1 - (1 - quiet) * (1 - 0.005)
    law = stats.gamma(
        1 / ((1 + variance) * (1 - quiet) - 1),
        scale=1_000_000 / (1 - quiet) * ((1 + variance) * (1 - quiet) - 1),
    )
    by_hand = [round(law.ppf((level - empty) / (1 - empty))) for level in (0.1, 0.5, 0.9)]
    assert [getattr(outlook, name)[0] for name in QUANTILES] == pytest.approx(by_hand, abs=1)


def test_months_before_the_merchant_traded_are_not_zeros() -> None:
    """A shop of three months is measured on three months, not diluted over twelve."""
    fitted = fit(*_arrays([300, 300, 300, 0, 0, 0], 3), no_peers(1, TERMS).guide, TERMS)
    assert fitted.mean[0] == pytest.approx([300.0] * 12)


def test_a_thin_file_without_peers_is_flat_and_says_so() -> None:
    """Five months know no season: every month has one mean, and only the uncertainty grows."""
    outlook = forecast([100_000, 200_000, 300_000, 200_000, 200_000], 5, TERMS)
    fitted = fit(*_arrays([100_000, 200_000, 300_000, 200_000, 200_000], 5), no_peers(1, TERMS).guide, TERMS)
    assert np.ptp(fitted.mean) == 0.0
    assert outlook.basis == "flat"
    assert list(outlook.p90) == sorted(outlook.p90)


def test_the_season_of_peers_fades_as_own_years_come() -> None:
    """The peers sell more in one half of the year, the merchant evenly: each year of its own counts for more."""
    halves = np.array([[1.5] * 6 + [0.5] * 6])
    guide = Guide(halves, np.array([0.5]), np.array([0.1]), np.zeros(1), np.zeros(1))
    own = [
        float(fit(*_arrays(steady(1_000_000, years), 12 * years), guide, TERMS).own[0]) for years in (1, 2, 3)
    ]
    assert 0.5 < own[0] < own[1] < own[2] < 1.0
    assert fit(*_arrays([1_000_000] * 11, 11), guide, TERMS).own[0] == 0.0


def test_no_sales_forecast_nothing() -> None:
    """Without a sale there is no inflow to lend on."""
    nothing = ((0,) * 12,)
    found = forecast([0] * 36, 24, TERMS)
    assert replace(found, standing=None) == Forecast(
        *nothing * 3, "flat", 0.0, *nothing * 2, usual_year=(0,) * 12
    )
    assert found.standing is not None
    assert found.standing.sign == ""
    assert forecast([-500] * 36, 36, TERMS).p90 == (0,) * 12


def test_what_is_often_empty_has_a_cautious_month_of_nothing() -> None:
    """One month in three sells, another one each year: the P10 of every month is 0, and the P90 is not."""
    outlook = forecast([0, 0, 900_000] * 4 + [900_000, 0, 0] * 4, 24, TERMS)
    assert outlook.p10 == (0,) * 12
    assert max(outlook.p90) > 900_000


def test_an_idle_month_by_hand() -> None:
    """One month of eight without sales, in an even year of small grain: how often there will be none, from the formula."""
    guide = Guide(np.ones((1, 12)), np.array([1e-6]), np.array([0.3]), np.array([0.2]), np.array([0.02]))

    def empty(idle_month: int) -> np.ndarray:
        history = [0 if month == idle_month else 1_000_000 for month in range(8)]
        fitted = fit(*_arrays(history, 8), guide, TERMS)
        chance = math.exp(-2 / float(fitted.grain[0]))
        before = [month for month in range(8) if month > (1 if idle_month == 0 else 0)]
        idled = sum((month == idle_month) - chance for month in before)
        idle = (idled + 6 * 0.2) / ((1 - chance) * len(before) + 6)
        was_quiet = 1 - (1 - max(idle, 0.0)) * (1 - chance)
        grain_now = float(fitted.grain[0]) * np.mean(history) / float(fitted.mean[0, 0])
        quiet = 1 - (1 - max(idle, 0.0)) * (1 - math.exp(-2 / grain_now))
        trades = 0.98 * was_quiet / (0.98 * was_quiet + 0.02) if idle_month == 0 else 1.0
        by_hand = [1 - (1 - quiet) * trades * 0.98**month for month in range(1, 13)]
        assert fitted.empty[0] == pytest.approx(by_hand)
        return fitted.empty[0]

    assert empty(0)[0] == pytest.approx(0.267, abs=0.001)  # silent now: it may have ceased
    assert empty(7)[0] == pytest.approx(0.186, abs=0.001)  # and long ago: it idles now and then


def test_an_order_weighs_more_in_months_of_a_level_that_has_fallen() -> None:
    """Two shops sold as much in two years, one less and less: its coming months are likelier to be empty, and less sure."""
    guide = Guide(np.ones((1, 12)), np.array([1e-6]), np.array([0.5]), np.zeros(1), np.array([0.005]))
    even = [1_000_000, 200_000] * 12
    falling = [fen * (1 + month) // 13 for month, fen in enumerate(even)]
    grown, fell = (fit(*_arrays(sold, 24), guide, TERMS) for sold in (falling[::-1], falling))
    assert fell.mean[0, 0] < 0.6 * grown.mean[0, 0]
    assert (fell.empty[0] > grown.empty[0] + 0.01).all()
    assert (fell.variance[0] > grown.variance[0]).all()
    scaled = fit(*_arrays([fen * 3 for fen in falling], 24), guide, TERMS)
    assert scaled.empty[0] == pytest.approx(fell.empty[0])  # a larger shop of the same course is no surer
    assert scaled.mean[0] == pytest.approx(3 * fell.mean[0])


def test_what_two_years_have_in_common_is_no_chance() -> None:
    """Products of the distances a year apart, by hand; a merchant of one year says nothing, half a second year counts."""
    draw = np.random.default_rng(3)
    factors = np.exp(draw.normal(0, 0.1, 12))
    years = [factors / factors.mean() * level for level in (900_000, 700_000)]
    guide = Guide(np.ones((1, 12)), np.array([0.5]), np.array([0.1]), np.zeros(1), np.array([0.005]))
    grain = np.array([0.1])

    def alike(months: int) -> tuple[float, float]:
        same, weight = years_alike(
            *_arrays([int(fen) for fen in np.concatenate(years)][:months], months), guide, grain, TERMS
        )
        return float(same[0]), float(weight[0])

    same, weight = alike(24)
    assert weight == pytest.approx(12 / (0.5**2 + 0.3**2 + 0.1))
    assert same / weight == pytest.approx(np.mean((factors / factors.mean() - 1) ** 2), rel=1e-4)
    assert alike(12) == alike(17) == (0.0, 0.0)
    assert alike(18)[1] == pytest.approx(weight / 2)


def test_a_month_with_sales_is_never_surer_than_luck_and_level_leave_it() -> None:
    """Where idling explains all the spread, the months with sales keep what all months share: luck, level, its walk."""
    history = [0, 0, 1_000_000] * 8
    fitted = fit(*_arrays(history, 24), no_peers(1, TERMS).guide, TERMS)
    tenth, ninth = (fitted.quantile(fitted.empty + (1 - fitted.empty) * level)[0] for level in (0.1, 0.9))
    shape = 1 / np.maximum((1 + fitted.variance[0]) * (1 - fitted.quiet[0]) - 1, fitted.common[0])
    assert (fitted.common[0] >= TERMS.luck.value**2).all()
    assert ninth / tenth == pytest.approx(stats.gamma.ppf(0.9, shape) / stats.gamma.ppf(0.1, shape))


@given(histories)
def test_quantiles_are_ordered_whole_and_not_negative(history: tuple[list[int], int]) -> None:
    """P10 <= P50 <= P90 in every month, whatever happened: returns, gaps, one huge month."""
    outlook = forecast(*history, TERMS)
    for low, middle, high in zip(outlook.p10, outlook.p50, outlook.p90, strict=True):
        assert 0 <= low <= middle <= high
        assert isinstance(low, int)
    assert math.isfinite(outlook.spread)


@given(histories, st.sampled_from([2, 10, 1000]))
def test_a_currency_of_smaller_units_gives_the_same_forecast(
    history: tuple[list[int], int], times: int
) -> None:
    """All months times c give the forecast times c, up to rounding: nothing depends on the unit."""
    one = forecast(*history, TERMS)
    many = forecast([month * times for month in history[0]], history[1], TERMS)
    for name in QUANTILES:
        for small, large in zip(getattr(one, name), getattr(many, name), strict=True):
            assert large == pytest.approx(small * times, abs=times, rel=1e-6)
    assert many.spread == pytest.approx(one.spread)


@given(st.lists(histories, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_a_batch_equals_each_alone_in_any_order(drawn: list[tuple[list[int], int]], random) -> None:
    """Nobody's forecast depends on who is forecast beside him, or where he stands in the list."""
    random.shuffle(drawn)
    rows = [_arrays(*history) for history in drawn]
    net = np.concatenate([np.array([_padded(history)], dtype=np.int64) for history, _ in drawn])
    known = np.concatenate([row[1] for row in rows])
    alone = [forecast(*history, TERMS) for history in drawn]
    assert list(forecast_all(net, known, TERMS)) == alone


def test_an_older_policy_opens_with_the_measured_figures() -> None:
    """What a policy of before does not name is as in the shipped one."""
    named = {
        name: {"value": value, "source": "test", "since": date(2026, 1, 1)}
        for name, value in {"prior_spread": 0.8, "prior_years": 0.5}.items()
    }
    older = Forecasting.model_validate(named)
    assert {name: getattr(older, name).value for name in Forecasting.model_fields} == {
        name: getattr(TERMS, name).value for name in Forecasting.model_fields
    }


@pytest.mark.parametrize(
    ("basis", "parts"),
    [
        ("own_years", ("own_years", "", 0)),
        ("peers:all:1204", ("peers", "all", 1204)),
        ("own_and_peers:a:b/1-10:57", ("own_and_peers", "a:b/1-10", 57)),
    ],
)
def test_a_basis_is_read_back(basis: str, parts: tuple[str, str, int]) -> None:
    """A crop's name may hold a colon."""
    assert basis_parts(basis) == parts


def _padded(history: list[int]) -> list[int]:
    return (history + [0] * 36)[:36]


def _arrays(history: list[int], known: int) -> tuple[np.ndarray, np.ndarray]:
    held = np.array([min(known, len(history))])
    return sales_known(np.array([_padded(history)], dtype=np.int64), held), held


def test_a_bad_and_a_good_year_lie_between_twelve_such_months_and_the_usual_year() -> None:
    """Months are not all bad at once, nor all good: both years are nearer to the sum of the medians."""
    outlook = forecast([900_000, 1_100_000] * 12, 24, TERMS)
    years = (outlook.p10, outlook.bad_year, outlook.p50, outlook.good_year, outlook.p90)
    sums = [sum(months) for months in years]
    assert sums == sorted(set(sums))


def test_the_variance_of_a_year_by_hand() -> None:
    """Without a walk of the level: a twelfth of what is each month's own, all of the level's error, and that it may cease."""
    still = TERMS.model_copy(update={"drift": TERMS.drift.model_copy(update={"value": 0.0})})
    sales = np.full((1, MONTHS), 1_000_000.0)
    known = np.array([24])
    guide = no_peers(1, still).guide

    def year(ceases: float) -> float:
        told = replace(guide, ceases=np.array([ceases]))
        return float(fit(sales, known, told, still).year_variance[0])

    own = still.luck.value**2 + fit(sales, known, guide, still).grain[0]
    assert year(0.0) == pytest.approx(own / 12 + own / 24, rel=1e-6)
    # of a shop that ceases in the month k it trades in k - 1 months; the law of their number, one by one
    ceases = 0.1
    law = {months: 0.9**months * 0.1 for months in range(12)} | {12: 0.9**12}
    mean = sum(months * chance for months, chance in law.items())
    squares = sum(chance * (months**2 * (1 + own / 24) + months * own) for months, chance in law.items())
    assert year(ceases) == pytest.approx(squares / mean**2 - 1, rel=1e-6)


def test_a_shop_that_may_have_ceased_has_less_of_every_year() -> None:
    """Half a year of silence after two steady ones: less is expected in a bad year, the usual month and a good year."""
    steady_year = forecast(steady(1_000_000), 24, TERMS)
    fallen_silent = forecast([0] * 6 + [1_000_000] * 18, 24, TERMS)
    for kind in ("bad_year", "p50", "good_year"):
        assert sum(getattr(fallen_silent, kind)) < 0.6 * sum(getattr(steady_year, kind))
    assert sum(fallen_silent.bad_year) < 0.05 * sum(steady_year.bad_year)


def test_a_month_of_nothing_is_nothing_in_a_bad_year() -> None:
    """A harvest in two months: the others may be empty, and nobody is asked to pay from them."""
    outlook = forecast(([0] * 5 + [2_000_000] * 2 + [0] * 5) * 2, 24, TERMS)
    assert [month for month, fen in enumerate(outlook.bad_year, start=1) if fen] == [6, 7]
    assert [month for month, fen in enumerate(outlook.p10, start=1) if fen] == [6, 7]


def test_a_month_that_is_empty_now_and_then_is_part_of_a_bad_year() -> None:
    """Two months of the last eleven without sales: no month can be counted on (P10 is nothing), and the year can."""
    outlook = forecast([900_000, 0, 800_000, 0, *[700_000] * 7], 11, TERMS)
    assert set(outlook.p10) == {0}
    assert 0 not in outlook.bad_year
