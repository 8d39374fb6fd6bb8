"""Peers: who they are, what they say, and that nobody learns from a later day."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.calendar import date_to_day
from suixin.underwriting.forecast import Outlooks, basis_parts, forecast, forecast_all
from suixin.underwriting.histories import Histories
from suixin.underwriting.peers import learn, sums_by_date
from suixin.underwriting.policy import shipped_policy
from suixin.underwriting.seasonal import Guide, fit, sales_known

TERMS = shipped_policy("CNY").policy.forecast
AS_OF = date_to_day(date(2026, 1, 1))
TEA = (
    np.array([1, 1, 1, 1, 1, 1, 1, 2, 6, 6, 2, 1]) / 2.0
)  # newest first: spring is eight to eleven months ago
EVEN = np.ones(12)


def growers(
    count: int, season: np.ndarray, crop: str = "tea", region: str = "999901101101", months: int = 36
) -> Histories:
    """Merchants who sell 2,000 a month over the season, a little more each than the one before."""
    level = 200_000 + 100 * np.arange(count)
    net = np.zeros((count, 36), dtype=np.int64)
    net[:, :months] = np.rint(level[:, None] * np.tile(season, 3)[:months])
    known = np.full(count, months)
    days = np.full(count, AS_OF)
    return Histories(net, known, days, [crop] * count, [region] * count, ["orders"] * count)


def together(*parts: Histories) -> Histories:
    return Histories(
        np.concatenate([part.net for part in parts]),
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.as_of_day for part in parts]),
        [crop for part in parts for crop in part.crop],
        [region for part in parts for region in part.region],
        [source for part in parts for source in part.source],
    )


def forecast_of(histories: Histories) -> Outlooks:
    return forecast_all(histories.net, histories.known, TERMS, learn(histories, TERMS))


def test_a_thin_file_takes_the_season_of_its_peers_and_says_so() -> None:
    """Three months of tea among forty growers: spring is expected, and their number is on the forecast."""
    thin = growers(1, TEA, months=3)
    outlook = list(forecast_of(together(growers(40, TEA), thin)))[-1]
    assert outlook.basis == "peers:tea/999901101/1000-10000:40"
    assert [outlook.p50.index(fen) for fen in sorted(outlook.p50)[-2:]] == [3, 2]
    alone = next(iter(forecast_of(thin)))
    assert alone.basis == "flat"
    assert alone.p50.index(max(alone.p50)) == 0


@pytest.mark.parametrize(
    ("crop", "region", "size", "group"),
    [
        ("tea", "999901101101", 1, "tea/999901101/1000-10000"),
        ("tea", "999901102101", 1, "tea/1000-10000"),  # nobody else in the township
        ("tea", "", 1, "tea/1000-10000"),
        ("tea", "999901101101", 10, "tea"),  # nobody else of that size
        ("rice", "999901101101", 1, "1000-10000"),  # nobody else grows it
        ("", "999901101101", 1, "1000-10000"),
        ("", "", 10, "all"),
    ],
)
def test_the_closest_group_with_enough_merchants_is_taken(
    crop: str, region: str, size: int, group: str
) -> None:
    """Crop, region and size, then crop and size, crop, size, all."""
    one = growers(1, EVEN, crop, region, months=3)
    found = learn(together(growers(40, TEA), replace(one, net=one.net * size)), TERMS)
    assert found.group[-1] == group
    assert found.count[-1] == 40


def test_too_few_peers_are_none() -> None:
    """Below the policy's number a group says nothing, and the forecast does not pretend."""
    some = learn(together(growers(29, TEA), growers(1, TEA, months=3)), TERMS)
    assert set(some.group) == {""}
    assert list(some.guide.season[-1]) == [1.0] * 12


def test_the_peers_season_is_the_mean_of_theirs() -> None:
    """Forty who sell in spring and forty who sell half a year later, as regular: halfway between."""
    autumn = np.roll(TEA, 6)
    found = learn(together(growers(40, TEA), growers(40, autumn), growers(1, EVEN, months=2)), TERMS)
    assert found.guide.season[-1] == pytest.approx((TEA + autumn) / 2 / TEA.mean(), abs=1e-5)


def test_a_year_of_one_sale_hardly_tells_the_season() -> None:
    """Forty of tea and forty who sold once a year, in December: each counts by what its grain leaves of it."""
    once = np.array([12.0] + [0.0] * 11)
    people = together(growers(40, TEA), growers(40, once))
    shape = np.stack([TEA / TEA.mean()] * 40 + [once] * 40)
    assumed = np.full(80, TERMS.prior_spread.value**2 - TERMS.luck.value**2)
    learned = learn(people, TERMS).guide
    varies = learned.varies[0]
    first = Guide(
        np.tile(shape.mean(axis=0), (80, 1)), np.full(80, varies), assumed, np.zeros(80), np.zeros(80)
    )
    grain = fit(sales_known(people.net, people.known), people.known, first, TERMS).grain
    kept = varies**2 + TERMS.luck.value**2
    weight = np.rint(1_000 * kept / (kept + grain))
    expected = (weight[:, None] * shape).sum(axis=0) / weight.sum()
    found = learned.season[0]
    assert found == pytest.approx(expected, abs=0.01)  # and what it leaves of those who may have ceased
    assert found[0] < shape.mean(axis=0)[0]


def luckily(count: int, crop: str, months: int = 24) -> Histories:
    """Even merchants whose months come out with a luck of their own, each year another one."""
    people = growers(count, EVEN, crop, months=months)
    luck = np.exp(np.random.default_rng(5).normal(0, 0.3, people.net.shape))
    return replace(people, net=np.rint(people.net * luck).astype(np.int64))


def test_how_far_seasons_differ_is_read_from_second_years() -> None:
    """Luck does not come back in a year's time and a season does; without a second year the policy's figure stands."""
    by_crop = TERMS.season_varies.value
    without = TERMS.season_varies_without_crop.value

    def varies(people: Histories) -> float:
        return float(learn(people, TERMS).guide.varies[0])

    assert varies(luckily(400, "tea", months=17)) == pytest.approx(by_crop)
    assert varies(luckily(400, "", months=17)) == pytest.approx(without)
    alike = varies(luckily(400, ""))
    assert alike == pytest.approx(without * (30 / 430) ** 0.5, abs=0.05)  # what the policy's thirty leave
    halves = together(growers(200, np.repeat([0.5, 1.5], 6), ""), growers(200, np.repeat([1.5, 0.5], 6), ""))
    assert varies(halves) == pytest.approx(((400 * 0.5**2 + 30 * without**2) / 430) ** 0.5, abs=0.01)


def test_who_has_a_crop_says_nothing_of_those_without_one() -> None:
    """Seasons of the sown lie close together, those of the others do not: two figures."""
    halves = together(growers(50, np.repeat([0.5, 1.5], 6), ""), growers(50, np.repeat([1.5, 0.5], 6), ""))
    found = learn(together(growers(50, TEA), halves), TERMS).guide.varies
    assert found[0] < 0.2
    assert found[-1] > 0.45


def test_shops_that_faded_are_no_season() -> None:
    """Forty who sell evenly, forty who sold evenly and stopped half a year ago: what is told of a year is even."""
    stopped = growers(40, EVEN, months=12)
    stopped.net[:, :6] = 0
    people = together(growers(40, EVEN, months=12), stopped)
    assert learn(people, TERMS).guide.season[0] == pytest.approx(EVEN, abs=0.05)
    summer = np.repeat([0.0, 2.0], 6)
    assert learn(growers(40, summer, months=12), TERMS).guide.season[0] == pytest.approx(summer, abs=0.05)


def test_the_spread_is_that_of_peers_who_sell_as_regularly() -> None:
    """Forty who sell every month, forty who miss one in three, all of one size: two spreads; a new shop has the mean."""
    seldom = growers(40, EVEN)
    seldom.net[(np.arange(40)[:, None] + np.arange(36)) % 3 == 0] = 0
    found = learn(together(growers(40, EVEN), seldom, growers(1, EVEN, months=1)), TERMS).guide.grain
    assert found[0] < found[-1] < found[40]
    assert found[-1] == pytest.approx((found[0] + found[40]) / 2, abs=1e-6)


def test_a_new_shop_idles_as_often_as_those_of_its_size() -> None:
    """Thirty who missed one month in three until they sold again, seventy who missed none: what a new shop is told."""
    idle = growers(30, EVEN)
    idle.net[:, 2::3] = 0
    people = together(idle, growers(70, EVEN), growers(1, EVEN, months=1))
    # every month before the last sale would have sold, but for the idle ones: 12 of 35
    assert learn(people, TERMS).guide.idle[-1] == pytest.approx(0.3 * 12 / 35, abs=0.02)


def test_who_has_fallen_silent_does_not_idle_but_has_ceased() -> None:
    """Thirty steady shops silent for half a year among seventy who sell: nobody idles, and thirty deaths are counted."""
    silent = growers(30, EVEN)
    silent.net[:, :6] = 0
    guide = learn(together(silent, growers(70, EVEN), growers(1, EVEN, months=1)), TERMS).guide
    assert guide.idle[-1] == pytest.approx(0.0, abs=1e-6)
    # thirty of 200 assumed months, seventy lives of 35 months and thirty of 30
    assert guide.ceases[0] == pytest.approx((1 + 30) / (200 + 70 * 35 + 30 * 30), rel=0.01)


def test_a_harvest_trade_has_not_ceased_in_winter() -> None:
    """Forty who sell tea in spring alone, asked about in January: the months without sales are their season."""
    spring = np.array([0, 0, 0, 0, 0, 0, 0, 3, 6, 3, 0, 0])
    assert learn(growers(40, spring), TERMS).guide.ceases.max() < 0.005


def test_what_new_shops_showed_is_believed_by_a_quarter_of_older_ones() -> None:
    """All past outcomes are of shops of two months, and all at the top: shops of fourteen months learn a quarter of it."""
    grown = growers(400, EVEN, months=14)
    grown.net[:, :12] *= 100
    levels = learn(grown, TERMS).levels[0]
    # 4,800 outcomes in the last fiftieth, with 200 that lie as in the law: everyone; a quarter of it, three of the law.
    below = 0.25 * 200 / 5_000 + 0.75
    assert levels[0, :2] == pytest.approx([0.1 / below, 0.5 / below])
    assert learn(grown, TERMS).levels[0, 0, 2] == pytest.approx(
        0.98 + 0.02 * (0.9 - below * 0.98) / (1 - below * 0.98)
    )


def test_nobody_learns_from_a_later_day() -> None:
    """A merchant asked about a year ago sees none of those asked about today; they see him."""
    then = replace(growers(40, EVEN), as_of_day=np.full(40, AS_OF - 365))
    now = growers(40, TEA)
    found = learn(together(then, now), TERMS)
    assert np.array_equal(found.guide.season[:40], learn(then, TERMS).guide.season)
    assert set(found.count[:40]) == {40}
    assert set(found.count[40:]) == {80}


def test_another_day_of_the_year_turns_the_season() -> None:
    """Merchants asked about in April see spring where it is for them: three months later than in January."""
    april = date_to_day(date(2026, 4, 1))
    late = replace(growers(1, TEA, months=3), as_of_day=np.array([april]))
    found = learn(together(growers(40, TEA), late), TERMS)
    assert found.guide.season[-1] == pytest.approx(np.roll(TEA / TEA.mean(), 3), abs=1e-4)


def test_rows_may_come_in_any_order_and_one_by_one() -> None:
    """Sums of whole numbers: shuffled rows give the same forecasts to the fen, and each row alone too."""
    everyone = together(growers(50, TEA), growers(50, EVEN, "rice"), growers(9, TEA, months=5))
    order = np.random.default_rng(7).permutation(109)
    shuffled = Histories(
        everyone.net[order],
        everyone.known[order],
        everyone.as_of_day[order],
        [everyone.crop[row] for row in order],
        [everyone.region[row] for row in order],
        [everyone.source[row] for row in order],
    )
    straight = list(forecast_of(everyone))
    assert list(forecast_of(shuffled)) == [straight[row] for row in order]
    peers = learn(everyone, TERMS)
    for row in (0, 60, 108):
        one = forecast(everyone.net[row].tolist(), int(everyone.known[row]), TERMS, peers=peers.row(row))
        assert one == straight[row]


@given(month=st.integers(0, 35), times=st.integers(2, 50))
def test_one_huge_month_does_not_break_the_spread(month: int, times: int) -> None:
    """A month of fifty times the usual counts as one somewhat above it: the cautious year keeps 70 % at least."""
    peers = learn(growers(40, TEA), TERMS).row(0)
    usual = growers(1, TEA).net[0].tolist()
    spiked = [fen * times if back == month else fen for back, fen in enumerate(usual)]
    before, after = (sum(forecast(history, 36, TERMS, peers=peers).p10) for history in (usual, spiked))
    assert after >= 0.7 * before


def test_running_sums_by_hand() -> None:
    """Each row gets the sum over its key up to its own day; the key '' is nobody's."""
    keys = np.array(["a", "b", "a", "a", ""], dtype=object)
    days = np.array([3, 1, 1, 3, 2])
    facts = np.array([[1], [10], [100], [1000], [7]])
    assert sums_by_date(keys, days, facts)[:, 0].tolist() == [1101, 10, 100, 1101, 0]


def test_nobody_at_all() -> None:
    """A run without merchants has no forecasts."""
    nobody = growers(0, TEA)
    assert list(forecast_of(nobody)) == []


def test_the_quantiles_keep_their_promise_on_a_sample() -> None:
    """600 merchants of seasonal, thin, drifting sales, half a year to three years known: 75 to 85 % lie between."""
    draw = np.random.default_rng(11)
    count, ahead = 600, 12
    level = 100.0 * np.exp(draw.normal(8.0, 1.0, count))
    walk = np.cumsum(draw.normal(0.0, 0.5 / np.sqrt(12), (count, 36 + ahead)), axis=1)
    season = np.tile(TEA / TEA.mean(), 4)[::-1]
    orders = draw.poisson(np.exp(draw.normal(1.5, 1.0, count))[:, None] * season)
    sales = orders * draw.gamma(2.0, 0.5, orders.shape) * level[:, None] / 10 * np.exp(walk)
    past, came = sales[:, :36][:, ::-1], sales[:, 36:]
    known = draw.choice([6, 12, 24, 36], count)
    net = np.where(np.arange(36) < known[:, None], past, 0).astype(np.int64)
    histories = Histories(
        net, known, np.full(count, AS_OF), ["tea"] * count, [""] * count, ["orders"] * count
    )
    quantiles = forecast_of(histories).quantiles
    inside = (came >= quantiles[:, :, 0]) & (came <= quantiles[:, :, 2])
    assert 0.75 < inside.mean() < 0.85
    some = net.any(axis=1).tolist()
    kinds = {
        basis_parts(basis)[0] for basis, sold in zip(forecast_of(histories).basis, some, strict=True) if sold
    }
    assert kinds == {"own_and_peers", "peers"}


def test_other_quantiles_are_of_the_same_forecast() -> None:
    """Whoever asks for more quantiles to judge a forecast by judges the one that decisions rest on."""
    people = together(growers(40, TEA), growers(40, EVEN, crop=""))
    finer = learn(people, TERMS, (0.05, 0.1, 0.5, 0.75, 0.9))
    quantiles = forecast_all(people.net, people.known, TERMS, finer).quantiles
    assert quantiles.shape == (80, 12, 5)
    assert (quantiles[:, :, [1, 2, 4]] == forecast_of(people).quantiles).all()
    assert (np.diff(quantiles, axis=2) >= 0).all()
