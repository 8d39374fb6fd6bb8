"""The floor: the columns that the features need, read three times and added up, by DuckDB.

python bare_scan.py JOB
"""

import json
import sys

import duckdb

TIMES = 3
NUMBERS = {
    "orders": (
        "amount_fen", "ordered_day", "ship_by_day", "promised_day", "handed_day", "delivered_day", "cancelled_day",
        "known_day",
    ),
    "order_items": ("amount_fen", "ordered_day", "known_day"),
    "reviews": ("score", "reviewed_day", "known_day"),
    "refunds": ("amount_fen", "refunded_day", "known_day"),
}  # fmt: skip
TEXTS = {
    "orders": ("merchant_id", "order_id", "buyer_id", "buyer_region"),
    "order_items": ("merchant_id", "sku_id"),
    "reviews": ("merchant_id",),
    "refunds": ("merchant_id", "order_id"),
}


def main() -> None:
    """Read thrice."""
    with open(sys.argv[1]) as handle:  # noqa: PTH123
        job = json.load(handle)
    connection = duckdb.connect()
    for _ in range(TIMES):
        for table, numbers in NUMBERS.items():
            sums = [f"sum({name})" for name in numbers] + [f"sum(strlen({name}))" for name in TEXTS[table]]
            if table in job["superseded"]:
                sums.append("sum(epoch_us(known_at))")
            query = f"select {', '.join(sums)} from read_parquet(?)"  # noqa: S608
            connection.execute(query, [job["files"][table]]).fetchall()


if __name__ == "__main__":
    main()
