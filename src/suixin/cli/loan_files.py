"""Files that the loan commands read."""

import csv
from datetime import date
from pathlib import Path

from suixin.cli import loan_options as options
from suixin.errors import SourceError
from suixin.lending.sweep import Settled


def records(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8, at least one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: not a CSV file in UTF-8 ({error})") from error
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    if not found:
        raise SourceError(f"{path}: holds no row; give a header and a line for each")
    return found


def read_sales(path: Path) -> list[Settled]:
    """Settled sales from a CSV file with `settled_on` and `amount`, yuan; several of a day are summed."""
    found: dict[date, int] = {}
    for number, row in enumerate(records(path), start=2):
        if not (row.get("settled_on") and row.get("amount")):
            raise SourceError(f"{path}: line {number} has no settled_on or no amount; give both columns")
        name = f"{path} line {number}"
        on = options.day(row["settled_on"], name)
        found[on] = found.get(on, 0) + options.amount(row["amount"], name)
    return [Settled(on, fen) for on, fen in sorted(found.items())]
