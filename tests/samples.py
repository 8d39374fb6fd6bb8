"""What several tests share: a small source that is easy to damage, and the type of a command's run."""

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

MERCHANTS = [["merchant_id", "opened_on", "crop"], ["m1", "2024-01-01", "茶叶"], ["m2", "2024-02-01", "柑橘"]]
ORDER_COLUMNS = ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount", "delivered_at"]
ORDERS = [
    ORDER_COLUMNS,
    ["o1", "m1", "b1", "2025-03-01 08:00:00", "19.90", "2025-03-04 10:00:00"],
    ["o2", "m1", "b2", "2025-03-02 23:30:00", "5", ""],
    ["o3", "m2", "b1", "2025-03-03 09:00:00", "1200.00", "2025-03-05 09:30:00"],
]


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    """Write rows as a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle).writerows(rows)
    return path
