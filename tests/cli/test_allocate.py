"""A budget shared over a book that the commands made."""

import csv
import json
from decimal import Decimal
from pathlib import Path

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
        (("--churn", "{tmp}/none.csv"), "none.csv: no such file"),
    ],
)
def test_one_line_and_exit_2(
    arguments: tuple[str, ...], message: str, county: Path, churn: Path, tmp_path: Path, here: Run
) -> None:
    """Each wrong or impossible wish is refused with the value and the mend, and nothing is written."""
    given = [part.format(tmp=tmp_path) for part in arguments]
    rest = [("--budget", "100000"), ("--churn", churn)]
    filled = [part for pair in rest if pair[0] not in given for part in pair]
    done = here("allocate", county / "book", *given, *filled)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, ""), done.stderr
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == [churn]


def test_what_is_no_book(churn: Path, tmp_path: Path, here: Run) -> None:
    """A folder without a book is named."""
    done = here("allocate", tmp_path, "--budget", "100", "--churn", churn)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "run.json" in done.stderr
