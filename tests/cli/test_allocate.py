"""A budget shared over a book that the commands made."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from samples import Run

CHURN = "annual_rate,churn_A,churn_B,churn_C\n0.045,0.05,0.05,0.04\n0.08,0.5,0.45,0.4\n0.12,0.8,0.75,0.7\n"


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    file = tmp_path / "churn.csv"
    file.write_text(CHURN)
    return file


def test_offers_keep_to_limits_and_caps(county: Path, churn: Path, tmp_path: Path, here: Run) -> None:
    """What is printed is what the file holds: within each merchant's limit, the budget and the caps."""
    out = tmp_path / "offers.csv"
    done = here(
        *("allocate", county / "book", "--budget", "120000", "--churn", churn, "--out", out, "--json"),
        *("--cap", "crop=0.4", "--cap", "township=60%", "--cap", "platform=0.6", "--cap", "group=0.1"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["budget"], told["currency"], told["out"]) == ("120000.00", "CNY", str(out))
    offers = pl.read_csv(out, schema_overrides={"merchant_id": pl.String})
    assert offers["amount"].sum() == float(told["offered"]) <= 120_000
    assert offers.height == told["merchants"]
    assert offers["expected_profit"].sum() == pytest.approx(float(told["expected_profit"]), abs=0.5)
    assert 0 <= told["gap"] <= 0.001
    book = pl.read_parquet(county / "book" / "decisions.parquet")
    both = offers.join(book, on="merchant_id", suffix="_book")
    assert (both["amount"] <= both["limit"].cast(pl.Float64)).all()
    assert set(both["grade"]) <= {"A", "B", "C"}
    assert "decline" not in both["decision"].to_list()
    for part in told["by"].values():
        assert part["unknown"] == 0
        assert max(map(Decimal, part["offered"].values())) <= Decimal(part["cap"]) * 120_000
    assert float(told["undiversified"]["expected_profit"]) >= 0.999 * float(told["expected_profit"])
    left = told["left_out"]
    assert told["candidates"] + sum(left.values()) == 60
    assert left["decline"] == (book["decision"] == "decline").sum()


def test_each_profit_is_that_of_the_formula(county: Path, churn: Path, tmp_path: Path, here: Run) -> None:
    """From the book's own schedule, grade and PD, and the policy's 1.8 % funds, 60 % loss and 25 yuan a loan."""
    out = tmp_path / "offers.parquet"
    done = here("allocate", county / "book", "--budget", "100000", "--churn", churn, "--out", out)
    assert done.returncode == 0, done.stderr
    table = {Decimal(row["annual_rate"]): row for row in csv.DictReader(CHURN.splitlines())}
    book = {row["merchant_id"]: row for row in pl.read_parquet(county / "book/decisions.parquet").to_dicts()}
    for offer in pl.read_parquet(out).to_dicts():
        own = book[offer["merchant_id"]]
        stay = 1 - float(table[offer["annual_rate"].normalize()][f"churn_{own['grade']}"])
        left = [float(part["balance"] + part["principal"]) for part in own["schedule"]]
        years = sum(left) / 12 / float(own["limit"])
        margin = (1 - own["pd"]) * float(offer["annual_rate"]) * years - own["pd"] * 0.6 - 0.018 * years
        assert offer["taken"] == pytest.approx(stay)
        expected = stay * (margin * float(offer["amount"]) - 25)
        assert float(offer["expected_profit"]) == pytest.approx(expected, abs=0.006)


def test_a_crop_cap_is_that_of_the_lake(county: Path, churn: Path, tmp_path: Path, here: Run) -> None:
    """Sums by crop, made from the offers and the source's own merchants, are those that the command reports."""
    out = tmp_path / "offers.parquet"
    arguments = ("--budget", "100000", "--churn", churn, "--cap", "crop=0.3", "--out", out, "--json")
    told = json.loads(here("allocate", county / "book", *arguments).stdout)
    crops = pl.read_parquet(county / "source" / "merchants" / "*.parquet").select(
        pl.col("merchant_id").cast(pl.String), "crop"
    )
    sums = pl.read_parquet(out).join(crops, on="merchant_id").group_by("crop").agg(pl.col("amount").sum())
    assert {crop: str(amount) for crop, amount in sums.rows()} == told["by"]["crop"]["offered"]
    assert sums["amount"].max() <= Decimal(30_000)


def test_liquidity_and_attributes_from_files(county: Path, churn: Path, tmp_path: Path, here: Run) -> None:
    """Less cash, less lent; and a file may tell what the lake does not know, for those whom it knows."""
    plain = ("allocate", county / "book", "--budget", "100000", "--churn", churn, "--json")
    free = json.loads(here(*plain).stdout)
    half = int(Decimal(free["expected_lent"]) / 2)
    tight = json.loads(here(*plain, "--liquidity", str(half)).stdout)
    assert Decimal(tight["expected_lent"]) <= half < Decimal(free["expected_lent"])
    assert Decimal(tight["expected_profit"]) < Decimal(free["expected_profit"])
    cash = tmp_path / "cash.csv"
    cash.write_text("month,available\n" + "".join(f"{month},{half}\n" for month in range(13)))
    assert json.loads(here(*plain, "--liquidity", cash).stdout) == tight
    by = tmp_path / "soil.csv"
    ids = pl.read_parquet(county / "book" / "decisions.parquet")["merchant_id"].to_list()
    by.write_text("merchant_id,soil\n" + "".join(f"{one},loam\n" for n, one in enumerate(ids) if n % 3))
    soil = json.loads(here(*plain, "--by", by, "--cap", "soil=0.2").stdout)["by"]["soil"]
    assert 0 < Decimal(soil["offered"]["loam"]) <= 20_000
    assert soil["unknown"] > 0
    unused = here(*plain, "--by", by, "--cap", "crop=0.3")
    assert (unused.returncode, "no --cap names a column of it" in unused.stderr) == (2, True)


@pytest.fixture(scope="module")
def fee_book(county: Path, suixin: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county assessed by a policy that takes 4 % up front and whose cap is 15 %."""
    folder = tmp_path_factory.mktemp("fee")
    shipped = suixin("policy", "shipped", "CNY").stdout
    text = shipped.replace("upfront_fee: {value: 0.0,", "upfront_fee: {value: 0.04,")
    assert text != shipped
    (folder / "policy.yaml").write_text(text)
    done = suixin(
        *("assess", county / "lake", "--as-of", "2026-01-01"),
        *("--policy", folder / "policy.yaml", "--out", folder / "book"),
    )
    assert done.returncode == 0, done.stderr
    return folder / "book"


def nominal(row: dict[str, Any], rate: float, fee: float) -> float:
    """Nominal cost a year of the book's schedule at another rate, by bisection on the present value."""
    lent, own = float(row["limit"]), float(row["annual_rate"])
    back = [(float(p["principal"]) + float(p["interest"]) * rate / own) / lent for p in row["schedule"]]
    low, high = 0.0, 10.0
    for _ in range(100):
        middle = (low + high) / 2
        worth = sum(part / (1 + middle / 12) ** month for month, part in enumerate(back, start=1))
        low, high = (middle, high) if worth > 1 - fee else (low, middle)
    return low


def test_no_offer_costs_more_than_the_cap_with_what_is_paid_up_front(
    fee_book: Path, churn: Path, tmp_path: Path, here: Run
) -> None:
    """14 % with 4 % up front is above 15 %: such offers are left out and counted, and the others keep to the cap."""
    churn.write_text("annual_rate,churn_A,churn_B,churn_C\n0.02,0,0,0\n0.07,0.1,0.1,0.1\n0.14,0.2,0.2,0.2\n")
    out = tmp_path / "offers.parquet"
    plain = ("allocate", fee_book, "--budget", "100000", "--churn", churn, "--candidates", "not-declined")
    done = here(*plain, "--funding", "0.5%", "--loan-cost", "0", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    book = {row["merchant_id"]: row for row in pl.read_parquet(fee_book / "decisions.parquet").to_dicts()}
    people = [row for row in book.values() if row["decision"] != "decline" and row["grade"] in "ABC"]
    dear = [[nominal(row, rate, 0.04) > 0.15 for rate in (0.02, 0.07, 0.14)] for row in people]
    nobody = sum(all(each) for each in dear)
    assert told["offers_left_out"] == {"cost above the policy's cap": sum(map(sum, dear))}
    assert told["left_out"].get("no rate within the policy's caps", 0) == nobody
    assert told["candidates"] == len(people) - nobody
    offers = pl.read_parquet(out).to_dicts()
    assert offers
    for offer in offers:
        assert nominal(book[offer["merchant_id"]], float(offer["annual_rate"]), 0.04) <= 0.15 + 1e-5
    said = here(*plain, "--funding", "0.5%", "--loan-cost", "0").stdout
    assert f"left out: {sum(map(sum, dear)):,} offers of a rate to a merchant, cost above the policy" in said


def test_one_rate_above_the_cap_with_the_fee_leaves_nobody(fee_book: Path, churn: Path, here: Run) -> None:
    """A table with 14 % alone is refused in one line, and not lent at 21.86 %."""
    churn.write_text("annual_rate,churn_A,churn_B,churn_C\n0.14,0.2,0.2,0.2\n")
    done = here("allocate", fee_book, "--budget", "100000", "--churn", churn)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")
    assert (
        "keeps any loan to the policy's cap of 0.15 a year with 0.04 of the loan paid up front" in done.stderr
    )


def test_rates_above_the_cap_are_told(county: Path, churn: Path, here: Run) -> None:
    """A rate of the table above the cap alone is an offer to nobody, and is said; the plan is the same without it."""
    plain = ("allocate", county / "book", "--budget", "100000", "--churn", churn, "--json")
    before = json.loads(here(*plain).stdout)
    churn.write_text(CHURN + "0.2,0.9,0.9,0.9\n")
    after = json.loads(here(*plain).stdout)
    assert after.pop("offers_left_out") == {"cost above the policy's cap": before["candidates"]}
    assert before.pop("offers_left_out") == {}
    assert after == before
    assert json.loads(here(*plain, "--highest-rate", "15%").stdout)["offers_left_out"] == {}


def test_a_cap_by_what_is_known_of_nobody_is_said(
    county: Path, churn: Path, tmp_path: Path, here: Run
) -> None:
    """A cap that has nobody to bind does nothing, and says so; one that has, does not."""
    by = tmp_path / "by.csv"
    by.write_text("merchant_id,soil\nnobody,loam\n")
    plain = ("allocate", county / "book", "--budget", "100000", "--churn", churn)
    capped = (*plain, "--by", by, "--cap", "soil=0.2", "--cap", "crop=0.4")
    told = json.loads(here(*capped, "--json").stdout)
    assert (told["by"]["soil"]["binds_nobody"], told["by"]["crop"]["binds_nobody"]) == (True, False)
    assert told["by"]["soil"]["unknown"] == told["candidates"]
    said = here(*capped).stdout
    assert "the cap soil=20.00% binds nobody: no candidate has a known soil" in said
    assert "the cap crop" not in said


@pytest.mark.parametrize("who", ["approve", "not-declined", "all"])
def test_what_the_book_decided_stands_beside_each_offer(
    who: str, county: Path, churn: Path, tmp_path: Path, here: Run
) -> None:
    """Decision, limit and rate of the book, empty where it has none; and how many a person has still to look at."""
    out = tmp_path / "offers.csv"
    plain = ("allocate", county / "book", "--budget", "300000", "--churn", churn, "--candidates", who)
    plain = (*plain, "--largest", "10000", "--repayment", "bullet", "--out", out)
    told = json.loads(here(*plain, "--json").stdout)
    offers = pl.read_csv(out, schema_overrides={"merchant_id": pl.String})
    assert offers.columns[-4:] == ["currency", "decision", "book_limit", "book_rate"]
    book = pl.read_parquet(county / "book" / "decisions.parquet")
    for offer in offers.join(book, on="merchant_id", suffix="_own").to_dicts():
        assert offer["decision"] == offer["decision_own"]
        declined = offer["decision"] == "decline"
        assert (offer["book_limit"] is None, offer["book_rate"] is None) == (declined, declined)
        if not declined:
            assert offer["book_limit"] == float(offer["limit"])
            assert offer["book_rate"] == float(offer["annual_rate_own"])
    counted = {name: (offers["decision"] == name).sum() for name in ("approve", "refer", "decline")}
    assert told["by_decision"] == counted
    assert (counted["decline"] > 0, counted["refer"] > 0) == (who == "all", who != "approve")
    assert (
        f"of {told['merchants']} merchants with an offer a person still has to look at {counted['refer']}, "
        f"and the book declines {counted['decline']}"
    ) in here(*plain).stdout


def test_for_people(county: Path, churn: Path, here: Run) -> None:
    """The table sets the plan beside equal shares and beside no caps, and says that the PDs are assumed."""
    done = here("allocate", county / "book", "--budget", "100000", "--churn", churn, "--cap", "crop=0.3")
    assert done.returncode == 0, done.stderr
    for words in ("shared", "equal", "without", "crop", "left out: ", "are assumed by the expert card"):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--budget", "50"), "a budget of 50.00 is below the smallest loan of 500.00"),
        (("--budget", "0"), "a budget of 0.00 is not above 0"),
        (("--budget", "-4"), "--budget -4 is negative; give 0 or more"),
        (("--budget", "5e5"), "--budget: amount '5e5' is not a plain number"),
        (("--cap", "crop=0.0001"), "the cap crop=0.0001 leaves 0.00 for each crop"),
        (("--cap", "crop=40"), "--cap crop=40: rate '40' is 1 or more without a percent sign"),
        (("--cap", "crop"), "--cap 'crop' is no cap; write it as crop=0.4"),
        (("--cap", "crop=0.4", "--cap", "crop=0.5"), "--cap crop is given twice"),
        (("--cap", "soil=0.4"), "--cap soil: a lake tells crop, township, platform, group"),
        (("--cap", "crop=0.4", "--lake", "{tmp}/none"), "no such lake"),
        (("--by", "{tmp}/churn.csv"), "lacks the column merchant_id"),
        (("--lowest-rate", "20%"), "--lowest-rate 0.20 lies above the highest, 0.15"),
        (("--highest-rate", "20%"), "--highest-rate 0.20 lies above the policy's cap of 0.15"),
        (("--highest-rate", "4%"), "no rate of the churn table lies from 0 to 0.04; it has 0.045 to 0.12"),
        (("--liquidity", "0"), "the limits leave no loan that is expected to earn anything"),
        (("--liquidity", "{tmp}/none.csv"), "none.csv: no such file"),
        (("--largest", "400"), "nobody is left to lend to"),
        (("--candidates", "good"), "--candidates 'good' is not one of approve, not-declined, all"),
        (("--repayment", "never"), "--repayment 'never' is not one of book, bullet"),
        (("--lgd", "120%"), "--lgd 120% lies above 100%"),
        (("--funding", "15%"), "is expected to earn anything at 0.045 to 0.12 a year"),
        (("--gap", "2"), "--gap: rate '2' is 1 or more"),
        (("--seconds", "0"), "0 seconds is not above 0"),
        (("--out", "{tmp}/offers.docx"), "'.docx' is not one of .csv, .parquet"),
        (("--out", "{tmp}/no/offers.csv"), "there is no folder"),
        (("--out", "{tmp}/churn.csv"), "churn.csv: is read by this command; name another file to write"),
        (("--out", "{book}/decisions.parquet"), "which is read; name a file outside it"),
        (("--out", "{book}/offers.csv"), "lies inside {book}, which is read"),
        (("--out", "{book}/../lake/x.csv", "--lake", "{book}/../lake"), "/lake, which is read"),
        (("--churn", "{tmp}/none.csv"), "none.csv: no such file"),
    ],
)
def test_one_line_and_exit_2(
    arguments: tuple[str, ...], message: str, county: Path, churn: Path, tmp_path: Path, here: Run
) -> None:
    """Each wrong or impossible wish is refused with the value and the mend, and nothing is written."""
    given = [part.format(tmp=tmp_path, book=county / "book") for part in arguments]
    rest = [("--budget", "100000"), ("--churn", churn)]
    filled = [part for pair in rest if pair[0] not in given for part in pair]
    done = here("allocate", county / "book", *given, *filled)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, ""), done.stderr
    assert message.format(book=county / "book") in done.stderr
    assert list(tmp_path.iterdir()) == [churn]


def test_what_is_no_book(churn: Path, tmp_path: Path, here: Run) -> None:
    """A folder without a book is named."""
    done = here("allocate", tmp_path, "--budget", "100", "--churn", churn)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "run.json" in done.stderr
