"""Two policies on the county: the figures are those of the two books that they would make."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from samples import Run, write_csv
from suixin.lake.store import Lake
from suixin.policy_diff import compare, last_quarter, registered
from suixin.underwriting.policy import LoadedPolicy, parse_policy, shipped_policy

TEXT = shipped_policy("CNY").text
LGD = 0.6  # of the shipped policy
TITLES = "cutoffs.approve_from rules.too_many_lenders.above capacity.service_share"
"""The figures that differ are called as in the file."""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy that approves from 590 on, refers everyone who owes anything, and lends on less of the sales."""
    changes = {
        "approve_from: 620": "approve_from: 590",
        "  service_share: {value: 0.7": "  service_share: {value: 0.5",
        "lenders, above: 3": "lenders, above: 0",
    }
    text = TEXT
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = tmp_path_factory.mktemp("policies") / "ours.yaml"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def books(
    county: Path, ours: Path, suixin: Run, tmp_path_factory: pytest.TempPathFactory
) -> list[pl.DataFrame]:
    """The decisions of the county as of 2026-01-01 by the shipped policy and by ours, as `assess` makes them."""
    out = tmp_path_factory.mktemp("ours") / "book"
    done = suixin("assess", county / "lake", "--as-of", "2026-01-01", "--policy", ours, "--out", out)
    assert done.returncode == 0, done.stderr
    return [pl.read_parquet(book / "decisions.parquet") for book in (county / "book", out)]


def asked(done: Any) -> Any:
    """The document that a command printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_figures_are_those_of_the_books(
    county: Path, ours: Path, books: list[pl.DataFrame], here: Run
) -> None:
    """Counts, limits, rate, expected loss and migration of one date are what the two books hold."""
    said = asked(
        here("policy", "diff", "shipped", ours, "--lake", county / "lake", "--as-of", "2026-01-01", "--json")
    )
    assert (said["merchants"], said["decisions"], said["same"]) == (60, 60, False)
    for letter, book in zip("ab", books, strict=True):
        side, offers = said["portfolio"][letter], book.filter(pl.col("decision") == "approve")
        for outcome in ("approve", "refer", "decline"):
            count = book.filter(pl.col("decision") == outcome).height
            assert (side[outcome], side[f"{outcome}_share"]) == (count, count / 60)
        limits = [float(limit) for limit in offers["limit"]]
        assert Decimal(side["limits"]) == offers["limit"].sum()
        assert float(side["median_limit"]) == offers["limit"].cast(pl.Float64).median()
        rate = sum(a * float(b) for a, b in zip(limits, offers["annual_rate"], strict=True)) / sum(limits)
        assert float(side["mean_rate"]) == pytest.approx(rate, abs=1e-6)
        loss = sum(limit * pd * LGD for limit, pd in zip(limits, offers["pd"], strict=True))
        assert float(side["expected_loss"]) == pytest.approx(loss, abs=0.01)
    both = books[0].join(books[1], on="merchant_id", suffix="_b")
    ways = {(w["a"], w["b"]): w["decisions"] for w in said["migration"]}
    counted = both.group_by("decision", "decision_b").len()
    assert {way: n for way, n in ways.items() if n} == {(a, b): n for a, b, n in counted.iter_rows()}
    moved = both.filter((pl.col("decision") == "approve") & (pl.col("decision_b") != "approve"))
    assert said["swapped_out"]["merchants"] == moved.height > 0
    reasons = {each["reason"] for each in said["swapped_out"]["examples"]}
    assert reasons == {
        "rule.too_many_lenders",
        "check.limit_below_minimum",
    }  # one other lender, less for service


def test_the_figures_that_differ(county: Path, ours: Path, here: Run) -> None:
    """Each is named by its path with both values."""
    said = asked(
        here("policy", "diff", "shipped", ours, "--lake", county / "lake", "--as-of", "2026-01-01", "--json")
    )
    assert said["figures"] == [
        {"path": "cutoffs.approve_from", "a": 620.0, "b": 590.0},
        {"path": "rules.too_many_lenders.above", "a": 3.0, "b": 0.0},
        {"path": "capacity.service_share", "a": 0.7, "b": 0.5},
    ]


def test_the_last_quarter(county: Path, ours: Path, here: Run) -> None:
    """Without a date it is three months; sums are their mean, and group rates are of all decisions."""
    said = asked(here("policy", "diff", "shipped", ours, "--lake", county / "lake", "--json"))
    assert said["as_of"] == ["2025-11-01", "2025-12-01", "2026-01-01"]
    assert [each["as_of"] for each in said["by_date"]] == said["as_of"]
    for letter in "ab":
        each = [Decimal(day[letter]["limits"]) for day in said["by_date"]]
        assert Decimal(said["portfolio"][letter]["limits"]) == (sum(each) / 3).quantize(Decimal("0.01"))
    sizes = [group for group in said["groups"] if group["dimension"] == "annual_sales"]
    assert all(group["merchants"] >= 10 for group in said["groups"])
    assert max(group["impact_b"] for group in sizes) == 1.0
    assert all(group["adverse"] == (group["impact_b"] < 0.8) for group in sizes)
    assert set(said["suppressed"]) == {"township", "legal_form", "annual_sales", "tenure", "borrowing"}


def test_for_people(county: Path, ours: Path, here: Run) -> None:
    """The same as tables, with what is suppressed and why a merchant moves."""
    done = here("policy", "diff", ours, "shipped", "--lake", county / "lake", "--as-of", "2026-01-01")
    assert done.returncode == 0, done.stderr
    assert "3 figures differ" in done.stdout
    assert "60 merchants as of 2026-01-01: 60 decisions by each" in done.stdout
    assert "Approved by B, not by A: " in done.stdout
    assert "groups of fewer than 10 merchants, and what would give them away, not" in done.stdout
    assert "expected loss" in done.stdout


def test_for_people_in_chinese(county: Path, ours: Path, here: Run) -> None:
    """The same in Chinese: nothing of the frame is left in English, and the figures are the same."""
    common = ("policy", "diff", "shipped", ours, "--lake", county / "lake", "--as-of", "2026-01-01")
    english, chinese = (here(*common, "--lang", lang).stdout for lang in ("en", "zh"))
    assert "2026-01-01共60户商户：两份政策各作60个决定" in chinese
    for words in (
        "3个数值不同",
        "授信额度合计",
        "预期损失",
        "A同意、B不同意：",
        "按主体类型分组的同意率",
        "影响比",
    ):
        assert words in chinese
    left = set(re.findall(r"[a-z]{4,}", "\n".join(chinese.splitlines()[2:])))
    assert left <= set(re.findall(r"[a-z]{4,}", TITLES)), left
    # every share of either side stands in both
    assert re.findall(r"\d+\.?\d*%", english) == re.findall(r"\d+\.?\d*%", chinese)
    refused = here(*common, "--lang", "fr")
    assert (refused.returncode, refused.stderr) == (2, "suixin: language 'fr' is unknown; use zh or en\n")


def of_routes(*routes: str) -> LoadedPolicy:
    """The shipped policy with these routes only."""
    start = TEXT.index("    value: [merchant_export")
    end = TEXT.index("\n", start)
    return parse_policy(f"{TEXT[:start]}    value: [{', '.join(routes)}]{TEXT[end:]}", "ours")


def test_each_policy_sees_the_routes_that_it_allows(tmp_path: Path, here: Run) -> None:
    """Of two merchants by two routes, one policy knows both and the other one: one pair is left, and one stands alone."""
    columns = ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount"]
    for number, route in enumerate(("own_mall", "merchant_export")):
        source, merchant = tmp_path / route, f"m{number}"
        write_csv(source / "merchants.csv", [["merchant_id", "opened_on"], [merchant, "2025-01-01"]])
        write_csv(
            source / "orders.csv",
            [
                columns,
                *([f"o{n}", merchant, f"b{n}", f"2025-0{n}-05 08:00:00", "9000"] for n in range(1, 10)),
            ],
        )
        (source / "source.yaml").write_text(f"currency: CNY\nzone: Asia/Shanghai\nroute: {route}\n")
        done = here("ingest", source, "--adapter", "standard", "--lake", tmp_path / "lake")
        assert done.returncode == 0, done.stderr
    both, one = of_routes("own_mall", "merchant_export"), of_routes("own_mall")
    found = compare(Lake.open(tmp_path / "lake"), both, one, [date(2025, 10, 1)], processes=0)
    assert [pair.merchant_id for pair in found.pairs] == ["m0"]
    assert found.alone == 1
    assert found.pairs[0].a == found.pairs[0].b


def test_one_policy_twice(county: Path, ours: Path, here: Run) -> None:
    """The same file twice is answered without computing anything."""
    done = here("policy", "diff", ours, ours, "--lake", county / "lake")
    assert done.stdout == f"no difference: {ours} and {ours} are the same policy, so they decide alike\n"
    assert asked(here("policy", "diff", ours, ours, "--lake", county / "lake", "--json"))["same"] is True


def test_only_the_origin_differs(county: Path, tmp_path: Path, here: Run) -> None:
    """Another source of the same figures: every decision stays, and it is said why."""
    (tmp_path / "own.yaml").write_text(
        TEXT.replace("board; debt service within 70 % of what is left in a bad year", "our own")
    )
    common = (
        "policy",
        "diff",
        "shipped",
        tmp_path / "own.yaml",
        "--lake",
        county / "lake",
        "--as-of",
        "2026-01-01",
    )
    assert "no figure differs: only names, versions, sources or dates do" in here(*common).stdout
    said = asked(here(*common, "--json"))
    assert said["portfolio"]["a"] == said["portfolio"]["b"]
    assert said["swapped_in"]["merchants"] == said["swapped_out"]["merchants"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shipped", "none.yaml"), "none.yaml: no such policy file"),
        (("shipped", "BRL"), "is in BRL, the lake in CNY; use a policy in CNY"),
        (("NOROUTE", "shipped"), "allows none of the lake's routes (simulation); it allows own_mall"),
        (("shipped", "OURS", "--as-of", "2020-01-01"), "lies before the first event"),
        (("shipped", "OURS", "--as-of", "soon"), "'soon' is no date"),
        (("shipped", "shipped", "--as-of", "soon"), "'soon' is no date"),
    ],
)
def test_what_cannot_be_compared(
    arguments: tuple[str, ...], message: str, county: Path, ours: Path, tmp_path: Path, here: Run
) -> None:
    """Each is one line with the mend."""
    (tmp_path / "brl.yaml").write_text(shipped_policy("BRL").text)
    (tmp_path / "noroute.yaml").write_text(of_routes("own_mall").text)
    files = {"BRL": tmp_path / "brl.yaml", "NOROUTE": tmp_path / "noroute.yaml", "OURS": ours}
    given = [files.get(argument, argument) for argument in arguments]
    done = here("policy", "diff", *given, "--lake", county / "lake")
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")
    assert message in done.stderr


def small_lake(folder: Path, here: Run, orders: list[list[str]]) -> Path:
    """A lake of one merchant who moved from one township to another in March."""
    merchants = [
        ["merchant_id", "opened_on", "region_code", "legal_form", "known_at"],
        ["m1", "2025-01-01", "999901101102", "person", "2025-01-01 00:00:00"],
        ["m1", "2025-01-01", "999901105101", "sole_trader", "2025-03-10 00:00:00"],
    ]
    write_csv(folder / "source" / "merchants.csv", merchants)
    columns = ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount"]
    write_csv(folder / "source" / "orders.csv", [columns, *orders])
    (folder / "source" / "source.yaml").write_text("currency: CNY\nzone: Asia/Shanghai\nroute: simulation\n")
    done = here("ingest", folder / "source", "--adapter", "standard", "--lake", folder / "lake")
    assert done.returncode == 0, done.stderr
    return folder / "lake"


def test_a_group_is_that_of_the_date(tmp_path: Path, here: Run) -> None:
    """Where a merchant moved to, and what it became, is not known before it was told."""
    orders = [["o1", "m1", "b", "2025-01-05 08:00:00", "20"], ["o2", "m1", "b", "2025-04-20 08:00:00", "20"]]
    lake = Lake.open(small_lake(tmp_path, here, orders))
    for day, register in (
        (date(2025, 3, 10), ("999901101102", "person")),
        (date(2025, 3, 11), ("999901105101", "sole_trader")),
    ):
        number = (day - date(1970, 1, 1)).days
        people = pl.DataFrame({"subject": [0], "merchant_id": ["m1"], "as_of_day": [number]})
        people = people.cast({"as_of_day": pl.Int32})
        assert registered(lake, people, ["simulation"]) == {"m1": register}
    assert registered(lake, people, ["own_mall"]) == {"m1": ("", "")}


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2024-11-20", "2025-01-31", [(2024, 12, 1), (2025, 1, 1), (2025, 2, 1)]),
        # the third month lies before any event
        ("2024-12-05", "2025-01-30", [(2025, 1, 1)]),
        # so do all of them
        ("2025-01-05", "2025-01-20", [(2025, 1, 21)]),
    ],
)
def test_the_dates_of_a_quarter(
    first: str, last: str, days: list[tuple[int, int, int]], tmp_path: Path, here: Run
) -> None:
    """The first of each month up to the day after the last event, none before the first event."""
    orders = [["o1", "m1", "b", f"{first} 08:00:00", "20"], ["o2", "m1", "b", f"{last} 08:00:00", "20"]]
    assert last_quarter(Lake.open(small_lake(tmp_path, here, orders))) == [date(*day) for day in days]
