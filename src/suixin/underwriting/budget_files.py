"""The files that a budget is shared by: who leaves at which rate, what merchants have in common, liquidity by month."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from suixin.errors import UsageError
from suixin.lake.readers import ROW, read
from suixin.money import Currency, to_minor
from suixin.underwriting.offers import MILLION, MONTHS, Churn

LOST = "churn_"


def read_churn(path: Path) -> Churn:
    """Rates and churn from a file with the columns annual_rate and churn_<grade>, as fractions.

    Raises:
        UsageError: the file, a column or a number is missing, or the figures make no sense; see `Churn`.
        SourceError: the file is not what its ending says.
    """
    table = _table(path, ["annual_rate"])
    grades = [name.removeprefix(LOST) for name in table.columns if name.startswith(LOST)]
    if not grades:
        raise UsageError(f"{path}: lacks a column churn_<grade>, such as churn_A; it has {_names(table)}")
    rates = tuple(round(rate * MILLION) for rate in _numbers(table, "annual_rate", path))
    lost = {grade: tuple(_numbers(table, f"{LOST}{grade}", path)) for grade in grades}
    try:
        return Churn(rates, lost)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def read_labels(path: Path, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Attribute -> merchant -> value from a file with merchant_id and a column an attribute; an empty cell is unknown.

    Only the names that the file has are read.
    """
    table = _table(path, ["merchant_id"])
    twice = table.filter(pl.col("merchant_id").is_duplicated())["merchant_id"].to_list()
    if twice:
        raise UsageError(f"{path}: merchant {twice[0]!r} is listed twice; leave one row")
    found = {}
    for name in names:
        if name in table.columns:
            text = table.select(pl.col("merchant_id", name).cast(pl.String)).rows()
            found[name] = {merchant: value for merchant, value in text if merchant and value}
    return found


def read_liquidity(path: Path, currency: Currency) -> tuple[int, ...]:
    """What may be out at the end of month 0 to 12, fen, from a file with the columns month and available."""
    table = _table(path, ["month", "available"])
    months = _whole_numbers(table, "month", path)
    if sorted(months) != list(range(MONTHS + 1)):
        raise UsageError(f"{path}: gives the months {months}; give each from 0 to {MONTHS} once")
    amounts = table["available"].cast(pl.String).to_list()
    by_month = dict(zip(months, amounts, strict=True))
    try:
        return tuple(to_minor(str(by_month[month]), currency, rounding=True) for month in sorted(months))
    except UsageError as error:
        raise UsageError(f"{path}: available: {error}") from error


def _table(path: Path, needed: Sequence[str]) -> pl.DataFrame:
    """The rows of a small file, with the columns that it must have."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    batches = list(_rows(path))
    if not batches:
        raise UsageError(f"{path}: is empty; it needs the columns {', '.join(needed)}")
    table = pl.concat(batches)
    for name in needed:
        if name not in table.columns:
            raise UsageError(f"{path}: lacks the column {name}; it has {_names(table)}")
    if table.is_empty():
        raise UsageError(f"{path}: holds no row")
    return table


def _rows(path: Path) -> Iterator[pl.DataFrame]:
    for batch in read(path):
        if batch.rejects:
            raise UsageError(f"{path}: row {batch.rejects[0].row}: {batch.rejects[0].rule}")
        yield batch.frame.drop(ROW)


def _numbers(table: pl.DataFrame, name: str, path: Path) -> list[float]:
    numbers: list[float | None] = table[name].cast(pl.Float64, strict=False).to_list()
    for row, number in enumerate(numbers, start=1):
        if number is None or not math.isfinite(number):
            raise UsageError(f"{path}: row {row}: {name} is {table[name][row - 1]!r}, which is no number")
    return [number for number in numbers if number is not None]


def _whole_numbers(table: pl.DataFrame, name: str, path: Path) -> list[int]:
    """Whole numbers alone: a month of 0.4 is not read as month 0."""
    numbers = _numbers(table, name, path)
    for row, number in enumerate(numbers, start=1):
        if not number.is_integer():
            raise UsageError(
                f"{path}: row {row}: {name} is {table[name][row - 1]!r}, which is no whole number"
            )
    return [int(number) for number in numbers]


def _names(table: pl.DataFrame) -> str:
    return ", ".join(table.columns) or "no column"
