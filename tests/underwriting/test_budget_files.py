"""The files behind a shared budget: read exactly, or refused with the row and the mend."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from suixin.errors import UsageError
from suixin.money import CNY
from suixin.underwriting.budget_files import read_churn, read_labels, read_liquidity
from suixin.underwriting.offers import Churn


def liquidity(path: Path) -> Any:
    return read_liquidity(path, CNY)


def labels(path: Path) -> Any:
    return read_labels(path, ["crop", "soil"])


def test_a_churn_table(tmp_path: Path) -> None:
    """Rates and shares as they stand; other columns are nobody's business."""
    file = tmp_path / "churn.csv"
    file.write_text("annual_rate,churn_A,note\n0.04,0,low\n0.0425,0.0946,\n")
    assert read_churn(file) == Churn((40_000, 42_500), {"A": (0.0, 0.0946)})


def test_the_contest_table(data_set: Callable[[str], Path]) -> None:
    """29 rates from 4 % to 15 % for the grades A, B and C, with the shares of the set's own first and last rows."""
    table = read_churn(data_set("cumcm2020c") / "rate_churn.parquet")
    assert (len(table.rates_ppm), table.rates_ppm[0], table.rates_ppm[-1]) == (29, 40_000, 150_000)
    assert [shares[0] for shares in table.lost.values()] == [0.0, 0.0, 0.0]
    assert table.lost["A"][-1] == pytest.approx(0.922060686952494, abs=1e-12)


def test_labels(tmp_path: Path) -> None:
    """A column an attribute; an empty cell is unknown, and a column that is not there is not made up."""
    file = tmp_path / "by.csv"
    file.write_text("merchant_id,crop\n7,tea\n8,\n")
    assert labels(file) == {"crop": {"7": "tea"}}


def test_liquidity_by_month(tmp_path: Path) -> None:
    """Amounts to the fen, whatever the order of the rows."""
    file = tmp_path / "cash.csv"
    file.write_text("month,available\n" + "".join(f"{month},{month}.25\n" for month in range(12, -1, -1)))
    assert liquidity(file) == tuple(month * 100 + 25 for month in range(13))


def test_a_spreadsheet_writes_whole_months_as_floats(tmp_path: Path) -> None:
    """Month 3.0 is month 3."""
    file = tmp_path / "cash.parquet"
    pl.DataFrame({"month": [float(month) for month in range(13)], "available": [5.0] * 13}).write_parquet(
        file
    )
    assert liquidity(file) == (500,) * 13


MONTHS = "".join(f"{month},1\n" for month in range(12))


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_churn, None, "no such file"),
        (read_churn, "rate,churn_A\n0.04,0\n", "lacks the column annual_rate; it has rate, churn_A"),
        (read_churn, "annual_rate,A\n0.04,0\n", "lacks a column churn_<grade>, such as churn_A"),
        (read_churn, "annual_rate,churn_A\n", "holds no row"),
        (read_churn, "annual_rate,churn_A\n0.04,few\n", "row 1: churn_A is 'few', which is no number"),
        (read_churn, "annual_rate,churn_A\n0.04,inf\n", "row 1: churn_A is 'inf'"),
        (read_churn, "annual_rate,churn_A\n0.04,0\n,0.1\n", "row 2: annual_rate is"),
        (read_churn, "annual_rate,churn_A\n0.05,0\n0.04,0.1\n", "list the rates in ascending order"),
        (read_churn, "annual_rate,churn_A\n0.05,17\n", "churn_A is 17 at the rate 0.05"),
        (labels, "shop,crop\n7,tea\n", "lacks the column merchant_id"),
        (labels, "merchant_id,crop\n7,tea\n7,rice\n", "merchant '7' is listed twice"),
        (liquidity, "month,available\n0,1\n", "give each from 0 to 12 once"),
        (liquidity, "month,available\n0.4,1\n", "row 1: month is '0.4', which is no whole number"),
        (
            liquidity,
            f"month,available\n{MONTHS}12.49,1\n",
            "row 13: month is '12.49', which is no whole number",
        ),
        (liquidity, "month,available\nMay,1\n", "row 1: month is 'May', which is no number"),
        (liquidity, f"month,available\n{MONTHS}12,lots\n", "available: amount 'lots' is not a plain number"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, read: Callable[[Path], Any], text: str | None, message: str
) -> None:
    """One line with the file, the row and what to do."""
    file = tmp_path / "given.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError) as told:
        read(file)
    assert message in str(told.value)
    assert str(file) in str(told.value)


@pytest.mark.parametrize("read", [read_churn, liquidity, labels])
def test_an_empty_file_is_one_line(read: Callable[[Path], Any], tmp_path: Path) -> None:
    """A file of no bytes names what it should hold."""
    file = tmp_path / "空.csv"
    file.write_bytes(b"")
    with pytest.raises(UsageError, match=r"空\.csv: is empty; it needs the columns"):
        read(file)
