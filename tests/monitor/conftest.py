"""A small lake written by hand: three borrowers, one late, one paid off, one in default."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from samples import write_csv
from suixin.adapters import open_source
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRST = date(2024, 1, 1)


def tables() -> dict[str, list[list[str]]]:
    """The rows of every table of the lake."""
    merchants = [["merchant_id", "party_id", "crop", "region_code", "opened_on"]]
    merchants += [[f"m{n}", f"p{n}", "tea", "999901101001", "2024-01-01"] for n in (1, 2, 3)]
    orders = [["order_id", "merchant_id", "buyer_id", "ordered_at", "amount", "delivered_at"]]
    settlements = [["settlement_id", "merchant_id", "settled_at", "gross", "fees", "refunds", "net"]]
    cashflows = [["cashflow_id", "merchant_id", "occurred_at", "kind", "amount", "balance"]]
    for n in (1, 2, 3):
        for week in range(100):
            day = FIRST + timedelta(days=7 * week)
            name = f"{n}-{week:03d}"
            orders.append(
                [
                    f"o{name}",
                    f"m{n}",
                    f"b{week % 9}",
                    f"{day} 09:00:00",
                    "100.00",
                    f"{day + timedelta(days=2)} 09:00:00",
                ]
            )
            settlements.append(
                [f"s{name}", f"m{n}", f"{day + timedelta(days=5)} 09:00:00", "100", "5", "0", "95"]
            )
            if not (n == 2 and week >= 80):  # m2 is paid out elsewhere from then on
                cashflows.append(
                    [f"c{name}", f"m{n}", f"{day + timedelta(days=6)} 09:00:00", "settlement", "95", "400.00"]
                )
    paid = {"m1": range(2, 9), "m2": range(2, 13)}  # the months of 2025 in which each pays an instalment
    cashflows += [
        [f"pay-{who}-{month}", who, f"2025-{month:02d}-15 16:00:00", "loan_service", "-100.00", "300.00"]
        for who, months in paid.items()
        for month in months
    ]
    return {
        "merchants": merchants,
        "orders": orders,
        "settlements": settlements,
        "cashflows": cashflows,
        "identities": [
            ["party_id", "name", "account", "recorded_on", "known_at"],
            ["p1", "Li", "6222000000000001", "2024-01-01", "2024-01-01 00:00:00"],
            ["p2", "Wang", "6222000000000002", "2024-01-01", "2024-01-01 00:00:00"],
            ["p2", "Wang", "6222999999999999", "2025-09-01", "2025-09-01 00:00:00"],
        ],
        "loans": [
            [
                "loan_id",
                "merchant_id",
                "granted_on",
                "principal",
                "annual_rate",
                "term_months",
                "method",
                "closed_on",
            ],
            ["l1", "m1", "2025-01-10", "1200.00", "0", "12", "equal_instalments", ""],
            ["l2", "m2", "2025-01-10", "1200.00", "0", "12", "equal_instalments", ""],
            ["l3", "m3", "2025-01-10", "1200.00", "0", "12", "by agreement", "2025-10-06"],
            ["l0", "m3", "2024-02-01", "1200.00", "0", "12", "by agreement", ""],
        ],
        "outcomes": [
            ["merchant_id", "as_of_on", "horizon_days", "definition", "defaulted", "known_at"],
            ["m3", "2024-02-01", "365", "dpd90", "true", "2024-08-01 00:00:00"],
            ["m1", "2024-06-03", "365", "dpd90", "false", "2025-06-03 00:00:00"],
            ["m2", "2024-06-03", "365", "dpd90", "false", "2025-06-03 00:00:00"],
        ],
        "exposures": [
            [
                "exposure_id",
                "merchant_id",
                "lender_id",
                "kind",
                "source",
                "reported_on",
                "balance",
                "monthly_service",
            ],
            ["e1", "m1", "bank", "loan", "bureau", "2025-01-05", "500", "50"],
            ["e2", "m1", "bank", "loan", "bureau", "2025-09-05", "400", "50"],
            ["e3", "m1", "shark", "loan", "bureau", "2025-09-05", "900", "90"],
            ["e4", "m1", "own", "loan", "own_book", "2025-09-05", "800", "100"],
        ],
        "inquiries": [
            ["inquiry_id", "merchant_id", "lender_id", "inquired_on", "reason"],
            ["i1", "m1", "shark", "2025-08-20", "loan_approval"],
        ],
    }


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The lake."""
    folder: Path = tmp_path_factory.mktemp("watched")
    for name, rows in tables().items():
        write_csv(folder / "source" / f"{name}.csv", rows)
    ingest(open_source("standard", folder / "source"), folder / "lake", now=NOW)
    return Lake.open(folder / "lake")
