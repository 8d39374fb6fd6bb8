"""One decision again with something changed: the book's own answer first, and nothing is ever written."""

import hashlib
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from samples import Run
from suixin.underwriting.policy import shipped_policy

TEXT = shipped_policy("CNY").text


@pytest.fixture
def book(county: Path, tmp_path: Path) -> Path:
    """The county's book, to be changed."""
    return Path(shutil.copytree(county / "book", tmp_path / "book"))


@pytest.fixture
def merchant(county: Path) -> str:
    """The approved merchant of the largest limit."""
    table = pl.read_parquet(county / "book" / "decisions.parquet").filter(pl.col("decision") == "approve")
    return str(table.sort("limit", "merchant_id")["merchant_id"][-1])


def asked(done: Any) -> Any:
    """The document that a command printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_unchanged_case_gives_the_decision_of_the_book(county: Path, tmp_path: Path, here: Run) -> None:
    """With the policy that the book was made with, before and after are the book's own row, for every outcome."""
    (tmp_path / "same.yaml").write_text(TEXT)
    table = pl.read_parquet(county / "book" / "decisions.parquet")
    for outcome in ("approve", "refer", "decline"):
        row = table.filter(pl.col("decision") == outcome).row(0, named=True)
        said = asked(
            here("whatif", county / "book", row["merchant_id"], "--policy", tmp_path / "same.yaml", "--json")
        )
        assert said["changed"] == []
        assert said["before"] == said["after"]
        kept = {name: row[name] for name in said["before"] if name != "binding"}
        assert {n: v for n, v in said["before"].items() if n != "binding"} == json.loads(
            orjson.dumps(kept, default=str)
        )
        assert said["as_of"] == "2026-01-01"


def test_for_people_in_chinese(county: Path, merchant: str, here: Run) -> None:
    """The frame, the labels, the outcomes and the reasons are in Chinese; another language is refused."""
    common = ("whatif", county / "book", merchant, "--set", "lenders=4", "--lang")
    said = here(*common, "zh").stdout
    for words in (
        f"商户{merchant}，观察日2026-01-01",
        "决策书",
        "假如",
        "有变化",
        "首要理由（假如）：",
        "(起约束)",
    ):
        assert words in said
    assert re.findall(r"[a-z]{4,}", said) == ["lenders"]
    assert here(*common, "fr").stderr == "suixin: language 'fr' is unknown; use zh or en\n"


def test_money_is_exact_in_both_languages(county: Path, merchant: str, here: Run) -> None:
    """Chinese shows the same fen as English: in what was set, in the table and in the reasons."""
    common = ("whatif", county / "book", merchant, "--set", "household_debt=33123.45", "--lang")
    english, chinese = (here(*common, lang).stdout for lang in ("en", "zh"))
    assert "33,123.45元" in chinese
    assert not re.search(r"\d[万亿]", chinese)
    amounts = set(re.findall(r"¥([\d,.]+\d)", english))
    assert len(amounts) > 4
    assert amounts == set(re.findall(r"([\d,.]+\d)元", chinese))


def test_debt_is_deducted_from_the_limit(county: Path, merchant: str, here: Run) -> None:
    """The ceilings stay but for what the household can carry in all; the limit is the binding one less the debt."""
    said = asked(here("whatif", county / "book", merchant, "--set", "household_debt=1234.5", "--json"))
    before, after = ({p["name"]: p for p in said[side]["limit_components"]} for side in ("before", "after"))
    ceiling = Decimal(after[said["after"]["binding"]]["amount"])
    assert said["before"]["binding"] == said["after"]["binding"]
    assert said["set"] == {"household_debt": 1234.5}
    assert Decimal(said["after"]["limit"]) == (ceiling - Decimal("1234.5")) // 100 * 100
    for name in ("product_cap", "sales_multiple", "group_cap"):
        assert before[name] == after[name]
    carried = [Decimal(part["repayment_capacity"]["amount"]) for part in (before, after)]
    owed = [-Decimal(part["existing_debt"]["amount"]) for part in (before, after)]
    assert owed[1] == Decimal("1234.5")
    assert carried[1] - carried[0] == owed[1] - owed[0]
    assert "limit_components" in said["changed"]
    assert "currency" not in said["changed"]


def test_a_rule_that_would_be_broken(county: Path, merchant: str, here: Run) -> None:
    """Four lenders refer, whatever else speaks for the merchant; a percentage and several features go together."""
    said = asked(
        here(
            "whatif",
            county / "book",
            merchant,
            "--set",
            "lenders=4",
            "--set",
            "top_buyer_share=12%",
            "--json",
        )
    )
    assert said["set"] == {"lenders": 4.0, "top_buyer_share": 0.12}
    assert (said["before"]["decision"], said["after"]["decision"]) == ("approve", "refer")
    assert "rule.too_many_lenders" in [reason["code"] for reason in said["after"]["reasons"]]


def test_what_is_not_known(county: Path, merchant: str, here: Run) -> None:
    """A bureau report that is not there refers."""
    said = asked(here("whatif", county / "book", merchant, "--set", "bureau_age_days=unknown", "--json"))
    assert said["set"] == {"bureau_age_days": None}
    assert (said["after"]["decision"], said["after"]["reasons"][0]["code"]) == (
        "refer",
        "check.bureau_missing",
    )


def test_another_policy(county: Path, merchant: str, tmp_path: Path, here: Run) -> None:
    """A product cap of 1,000 above what is owed binds, and 1,000 is left to lend."""
    row = pl.read_parquet(county / "book" / "decisions.parquet").row(
        by_predicate=pl.col("merchant_id") == merchant, named=True
    )
    owed = -next(p["amount"] for p in row["limit_components"] if p["name"] == "existing_debt")
    (tmp_path / "ours.yaml").write_text(TEXT.replace("cap: {value: 1000000", f"cap: {{value: {owed + 1000}"))
    said = asked(here("whatif", county / "book", merchant, "--policy", tmp_path / "ours.yaml", "--json"))
    assert (said["after"]["binding"], said["after"]["limit"]) == ("product_cap", "1000.00")
    assert {"binding", "limit", "limit_components", "policy_hash"} <= set(said["changed"])


def test_in_words(county: Path, merchant: str, here: Run) -> None:
    """People see what was set, both sides, what changed and the first reasons of each."""
    done = here("whatif", county / "book", merchant, "--set", "lenders=4")
    assert done.returncode == 0, done.stderr
    assert "set lenders (lenders): " in done.stdout
    assert "-> 4 lenders" in done.stdout
    assert f"Merchant {merchant}, as of 2026-01-01" in done.stdout
    assert "  - loans from 4 lenders; the policy allows 3 -> refer" in done.stdout
    assert "(binding)" in done.stdout
    assert "nothing changes" not in done.stdout
    idle = here("whatif", county / "book", merchant, "--set", "ticket_365d=17")
    assert "nothing changes: no band, rule or figure of the policy hangs on it" in idle.stdout


def test_nothing_is_written(book: Path, merchant: str, here: Run) -> None:
    """The book is the same to the byte afterwards."""

    def digests() -> dict[str, str]:
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(book.iterdir())}

    held = digests()
    assert here("whatif", book, merchant, "--set", "lenders=4").returncode == 0
    assert digests() == held


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing is changed; add --set feature=value or --policy FILE"),
        (("--set", "lender=4"), "no feature is called 'lender'; the closest are lenders"),
        (("--set", "top_buyer_share=35"), "a share is a fraction; write 35%"),
        (("--set", "top_buyer_share=135%"), "top_buyer_share=135%: is above 100%; give 0% to 100%"),
        (("--set", "orders_90d=-3"), "orders_90d=-3: is below 0; give 0 or more"),
        (("--set", "lenders=2.5"), "lenders=2.5: is no whole number; give 2 or 3"),
        (("--policy", "nowhere.yaml"), "nowhere.yaml: no such policy file"),
        (("--policy", "BRL"), "is in BRL, the book in CNY; use a policy in CNY"),
    ],
)
def test_what_cannot_be_asked(
    arguments: tuple[str, ...], message: str, county: Path, merchant: str, tmp_path: Path, here: Run
) -> None:
    """Each is one line with the mend."""
    (tmp_path / "brl.yaml").write_text(shipped_policy("BRL").text)
    given = [str(tmp_path / "brl.yaml") if argument == "BRL" else argument for argument in arguments]
    done = here("whatif", county / "book", merchant, *given)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")
    assert message in done.stderr


def test_a_book_of_another_machine(book: Path, merchant: str, here: Run) -> None:
    """A logarithm that differs in the last digit is no other decision."""
    table = pl.read_parquet(book / "decisions.parquet")
    table.with_columns(pd=pl.col("pd") * (1 + 3e-16)).write_parquet(book / "decisions.parquet")
    assert not pl.read_parquet(book / "decisions.parquet")["pd"].equals(table["pd"])
    assert here("whatif", book, merchant, "--set", "lenders=4").returncode == 0


def test_a_book_that_does_not_fit(book: Path, merchant: str, here: Run) -> None:
    """A book decided otherwise, without cases, or with another run.json is no starting point."""
    table = pl.read_parquet(book / "decisions.parquet")
    table.with_columns(pl.col("score") + 1).write_parquet(book / "decisions.parquet")
    done = here("whatif", book, merchant, "--set", "lenders=4")
    assert done.returncode == 2
    assert (
        f"this release decides merchant '{merchant}' differently (score); make the book again" in done.stderr
    )
    table.write_parquet(book / "decisions.parquet")
    run = orjson.loads((book / "run.json").read_bytes())
    (book / "run.json").write_bytes(orjson.dumps({**run, "policy": "name: lax"}))
    done = here("whatif", book, merchant, "--set", "lenders=4")
    assert "run.json was changed: its policy has the hash" in done.stderr
    (book / "cases.parquet").unlink()
    done = here("whatif", book, merchant, "--set", "lenders=4")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has no cases.parquet" in done.stderr
    assert (
        "has no decision on merchant 'nobody'" in here("whatif", book, "nobody", "--set", "lenders=4").stderr
    )
