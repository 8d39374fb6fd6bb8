"""What a lender's own loans tell, as a folder of standard files: the way back from the ledger into the lake."""

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import yaml

from suixin.adapters import standard
from suixin.errors import SourceError, UsageError
from suixin.ledger.outcomes import LoanRow, OutcomeRow, Told
from suixin.money import Currency, currency_of, to_major, to_minor

LOANS = (
    "loan_id", "merchant_id", "granted_on", "principal", "annual_rate", "term_months", "method", "closed_on", "known_at",
)  # fmt: skip
OUTCOMES = ("merchant_id", "as_of_on", "horizon_days", "definition", "defaulted", "known_at")


def write_source(
    folder: Path, told: Told, *, name: str, route: str, authorisation: str, purpose: str
) -> Path:
    """Write `loans.csv`, `outcomes.csv` and `source.yaml`, for `suixin ingest` to take into the lender's lake.

    Args:
        folder: does not exist, or is empty.
        told: what the loans tell on a day.
        name: of the source.
        route: how the data came, one of `lake.source.ROUTES`.
        authorisation: what allows its use.
        purpose: what it may be used for.

    Raises:
        UsageError: the folder holds something.
        SourceError: the route is unknown.
    """
    said = {"name": name, "currency": told.currency, "route": route}
    said |= {"authorisation": authorisation, "purpose": purpose}
    standard.terms(folder / standard.DECLARATION, said)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is taken; name a folder that does not exist yet")
    folder.mkdir(parents=True, exist_ok=True)
    currency = currency_of(told.currency)
    loans = ((*row[:3], to_major(row.principal_fen, currency), *row[4:]) for row in told.loans)
    _write(folder / "loans.csv", LOANS, loans)
    _write(folder / "outcomes.csv", OUTCOMES, told.outcomes)
    text = yaml.safe_dump({"adapter": standard.NAME, **said}, allow_unicode=True, sort_keys=False)
    (folder / standard.DECLARATION).write_text(text, encoding="utf-8")
    return folder


def read_source(folder: Path) -> Told:
    """Return what was told before, from the folder that `write_source` has made: as of the last day that it names.

    Raises:
        SourceError: it is no such folder.
    """
    try:
        said = yaml.safe_load((folder / standard.DECLARATION).read_text(encoding="utf-8"))
        currency = currency_of(str(said["currency"]))
        loans = tuple(_loan(row, currency) for row in _rows(folder / "loans.csv"))
        outcomes = tuple(_outcome(row) for row in _rows(folder / "outcomes.csv"))
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError, csv.Error) as error:
        raise SourceError(f"{folder}: no folder of a lender's own loans ({error})") from error
    days = [row.known_on for row in loans] + [row.known_on for row in outcomes]
    days += [row.closed_on for row in loans if row.closed_on]
    return Told(max(days, default=date.min), currency.code, loans, outcomes, {}, 0)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _loan(row: dict[str, str], currency: Currency) -> LoanRow:
    return LoanRow(
        row["loan_id"],
        row["merchant_id"],
        date.fromisoformat(row["granted_on"]),
        to_minor(row["principal"], currency),
        Decimal(row["annual_rate"]),
        int(row["term_months"]),
        row["method"],
        date.fromisoformat(row["closed_on"]) if row["closed_on"] else None,
        date.fromisoformat(row["known_at"]),
    )


def _outcome(row: dict[str, str]) -> OutcomeRow:
    return OutcomeRow(
        row["merchant_id"],
        date.fromisoformat(row["as_of_on"]),
        int(row["horizon_days"]),
        row["definition"],
        row["defaulted"] == "True",
        date.fromisoformat(row["known_at"]),
    )


def _write(path: Path, names: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
