"""The invoices of 425 real firms: all of them in, every one decided with a reason, and a budget shared over 302."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from suixin.adapters import open_source
from suixin.assess import Assessed, assess
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.store import Lake
from suixin.reporting.candidates import Wanted, candidates
from suixin.underwriting.budget import share
from suixin.underwriting.budget_files import read_churn
from suixin.underwriting.budget_task import Terms
from suixin.underwriting.offers import Churn, Costs
from suixin.underwriting.policy import shipped_policy

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def firms(
    data_set: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[IngestReport, Lake, Assessed]:
    folder = tmp_path_factory.mktemp("firms")
    report = ingest(open_source("vat-invoices", data_set("cumcm2020c")), folder / "lake", now=NOW)
    lake = Lake.open(folder / "lake")
    return report, lake, assess(lake, shipped_policy("CNY"), folder / "book", now=NOW)


def test_every_row_is_accounted_for(firms: tuple[IngestReport, Lake, Assessed]) -> None:
    """1,099,441 invoices, 425 firms, 123 outcomes: read = accepted + already there, none set aside."""
    tables = firms[0].tables
    counted = {name: (t.read, t.quarantined) for name, t in tables.items()}
    assert counted == {"merchants": (425, 0), "invoices": (1_099_441, 0), "outcomes": (123, 0)}
    assert tables["invoices"].accepted + tables["invoices"].already_there == 1_099_441
    assert firms[1].whole("outcomes").select(pl.col("defaulted").sum()).collect().item() == 27


def test_every_firm_is_decided(firms: tuple[IngestReport, Lake, Assessed]) -> None:
    """425 decisions; what is not approved names at least one reason that demands it."""
    decisions = firms[2].decisions
    assert len({decision.merchant_id for decision in decisions}) == 425
    for decision in decisions:
        demands = {reason.outcome for reason in decision.reasons} - {""}
        assert (decision.outcome.value == "approve") == (not demands)


def test_the_rating_never_enters(firms: tuple[IngestReport, Lake, Assessed]) -> None:
    """The bank's rating is the label in disguise: no column of the lake or the features holds it."""
    lake = firms[1]
    names = {name for table in lake.manifest.tables for name in lake.whole(table).collect_schema()}
    names |= set(firms[2].decisions[0].features)
    assert "rating" not in names
    assert not any("rating" in name for name in names)


def test_a_void_invoice_counts_until_the_end_of_its_month(firms: tuple[IngestReport, Lake, Assessed]) -> None:
    """The assumption about voids is carried by the lake and told in the book."""
    void = firms[1].whole("invoices").filter(pl.col("voided_on").is_not_null()).collect()
    assert void.height > 60_000
    assert (void["voided_on"] == void["issued_on"].dt.month_end()).all()
    assert any("void" in text for text in firms[2].run["ingests"][0]["assumptions"])


def test_the_card_ranks_the_firms_that_defaulted_lower(firms: tuple[IngestReport, Lake, Assessed]) -> None:
    """Nobody fitted the card to these firms; it still puts a defaulted one below a sound one in 4 of 5 pairs."""
    outcomes = firms[1].whole("outcomes").select("merchant_id", "defaulted").collect()
    scores = pl.DataFrame(
        {
            "merchant_id": [d.merchant_id for d in firms[2].decisions],
            "score": [d.score for d in firms[2].decisions],
        }
    )
    both = outcomes.join(scores, on="merchant_id")
    bad, good = both.filter("defaulted")["score"], both.filter(~pl.col("defaulted"))["score"]
    pairs = [1.0 if g > b else 0.5 if g == b else 0.0 for b in bad for g in good]
    assert sum(pairs) / len(pairs) > 0.8


def test_dates_of_the_set(firms: tuple[IngestReport, Lake, Assessed]) -> None:
    """Labelled firms are assessed on the day after the set's last invoice, and the others too."""
    assert {decision.as_of for decision in firms[2].decisions} == {date(2020, 2, 22)}


def test_the_contest_second_problem(
    firms: tuple[IngestReport, Lake, Assessed], data_set: Callable[[str], Path]
) -> None:
    """100 million yuan over the firms without a record, 100,000 to 1,000,000 each at 4 to 15 %, to a gap of 0.1 %.

    The oracle needs no solver: where only the budget binds and all bounds are equal, the best plan gives the largest
    loan at its best rate to the 100 firms who earn most on it.
    """
    churn = read_churn(data_set("cumcm2020c") / "rate_churn.parquet")
    wanted = Wanted("all", churn.lost, 10_000_000, 100_000_000, 10_000, bullet=True)
    labelled = set(firms[1].whole("outcomes").select("merchant_id").collect()["merchant_id"])
    everyone = candidates(firms[2].book, wanted).candidates
    people = [one for one in everyone if one.merchant_id not in labelled]
    price = shipped_policy("CNY").policy.price
    costs = Costs(price.lgd.value, price.funding.value, 0.0, price.cost_a_loan.value * 100)
    shared = share(people, churn, costs, Terms(10_000_000_000))
    assert len(people) == 209
    assert shared.plan.gap <= 0.001
    best = sorted((max(_yuan(one.pd, churn, one.grade)) for one in people), reverse=True)
    assert shared.plan.profit_fen / 100 == pytest.approx(sum(best[:100]), rel=1e-9)
    assert shared.plan.offered_fen == 10_000_000_000
    assert shared.equal_breaks == ""
    assert (round(shared.plan.profit_fen), round(shared.equal.profit_fen)) == (239_121_686, 228_090_435)


def _yuan(pd: float, churn: Churn, grade: str) -> list[float]:
    """Expected yuan of a million for a year at each rate: funds at 1.8 %, 60 % of a default lost, 25 yuan a loan."""
    return [
        (1 - lost) * (((1 - pd) * rate / 1e6 - pd * 0.6 - 0.018) * 1_000_000 - 25)
        for rate, lost in zip(churn.rates_ppm, churn.lost[grade], strict=True)
    ]
