"""The product's embedded engine on a job of `benchmarks/features.py`.

    python product.py JOB [all] [processes=N]

With `all` every feature, the check for self-dealing among them; else the families that the peers write by hand.
"""

import json
import sys
from pathlib import Path

from suixin.features.workers import warm_up

if __name__ == "__main__":
    warm_up()  # before the imports below, as the commands do

import polars as pl

from suixin.features.build import build
from suixin.lake.store import Lake

FAMILIES = ("sales", "customers", "products", "fulfilment", "reviews", "refunds")


def main() -> None:
    """Compute and write."""
    job = json.loads(Path(sys.argv[1]).read_text())
    whole = "all" in sys.argv[2:]
    processes = [int(word.split("=")[1]) for word in sys.argv[2:] if word.startswith("processes=")]
    built = build(
        Lake.open(Path(job["lake"])),
        pl.read_parquet(job["subjects"]),
        processes=processes[0] if processes else None,
        only=None if whole else FAMILIES,
        check_self_dealing=whole,
    )
    built.features.drop("merchant_id", "as_of_day").write_parquet(job["out"])


if __name__ == "__main__":
    main()
