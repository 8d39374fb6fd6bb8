"""Hints of whole counties: whoever follows one gets what it says, and none asks for what is easily faked."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from samples import Run
from suixin.assess import cases
from suixin.features.build import build
from suixin.features.feature import Forgeable
from suixin.features.registry import FEATURES
from suixin.features.subjects import subjects
from suixin.lake.store import Lake
from suixin.reporting.tables import decisions_table
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Hint
from suixin.underwriting.policy import LoadedPolicy, shipped_policy
from suixin.underwriting.whatif import with_features

SHIPPED = shipped_policy("CNY")
DATES = (date(2025, 4, 1), date(2025, 9, 1), date(2026, 1, 1))
FREE = (
    "fee_share",
    "freight_share",
    "goods_share",
    "goods_share_lowest",
    "produce_loss_share",
    "living_allowance",
)


def generous() -> LoadedPolicy:
    """The shipped policy where selling and living cost nothing and a limit may be any yuan: the score decides it."""
    capacity, limit = SHIPPED.policy.capacity, SHIPPED.policy.limit
    free = {name: getattr(capacity, name).model_copy(update={"value": 0.0}) for name in FREE}
    free["service_share"] = capacity.service_share.model_copy(update={"value": 1.0})
    small = {name: getattr(limit, name).model_copy(update={"value": 1.0}) for name in ("minimum", "step")}
    changed = {"capacity": capacity.model_copy(update=free), "limit": limit.model_copy(update=small)}
    return replace(SHIPPED, policy=SHIPPED.policy.model_copy(update=changed))


def asked(lake: Lake) -> list[Case]:
    """Every merchant on every date; both policies ask for the same routes and forecast."""
    routes = SHIPPED.policy.data.routes.value
    found: list[Case] = []
    for day in DATES:
        built = build(lake, subjects(lake, day, None, routes).table, routes=routes, processes=0)
        found += cases(lake, built, SHIPPED)
    return found


def followed(held: Iterable[Case], loaded: LoadedPolicy) -> Iterator[tuple[str, Hint, int]]:
    """Merchant, hint as a book holds it, and by how many fen the limit moves when that alone is changed."""
    for case in held:
        before = decide(case, loaded)
        written = decisions_table([before]).row(0, named=True)["raise_hints"]
        for hint, row in zip(before.raise_hints, written, strict=True):
            assert (row["feature"], row["gain"] * 100) == (hint.feature, hint.gain_fen)
            after = decide(with_features(case, {hint.feature: row["target"]}), loaded, hints=False)
            yield case.merchant_id, hint, after.limit_fen - before.limit_fen


def check(held: Iterable[Case], loaded: LoadedPolicy) -> tuple[set[str], set[str]]:
    """Hold every hint to its word; who has one, and which features they name."""
    found = list(followed(held, loaded))
    wrong = [(merchant, hint, rise) for merchant, hint, rise in found if rise != hint.gain_fen or rise <= 0]
    assert wrong == []
    named = {hint.feature for _, hint, _ in found}
    assert {name for name in named if FEATURES[name].forgeable is Forgeable.HIGH} == set()
    return {merchant for merchant, _, _ in found}, named


def test_hints_of_a_small_county_are_true(county: Path) -> None:
    """Sixty merchants, declined and referred ones too: the limit rises by exactly what each hint says."""
    held = asked(Lake.open(county / "lake"))
    assert len(check(held, SHIPPED)[0]) >= 1
    assert len(check(held, generous())[0]) >= 10


@pytest.mark.full
def test_hints_are_true_for_two_hundred_merchants(here: Run, tmp_path: Path) -> None:
    """Over two hundred random merchants of a county of 800 who have a hint, and many kinds of hints."""
    for arguments in (
        ("simulate", tmp_path / "source", "--merchants", 800, "--seed", 11),
        ("ingest", tmp_path / "source", "--adapter", "standard", "--lake", tmp_path / "lake"),
    ):
        done = here(*arguments)
        assert done.returncode == 0, done.stderr
    held = asked(Lake.open(tmp_path / "lake"))
    assert len(check(held, SHIPPED)[0]) >= 20
    merchants, named = check(held, generous())
    assert len(merchants) >= 200
    assert len(named) >= 15
