"""The product's cluster engine, the same families, on PySpark with two local cores; needs `./dev setup spark` and Java 17.

python on_spark.py JOB
"""

import json
import sys
from pathlib import Path

import polars as pl
from product import FAMILIES
from pyspark.sql import SparkSession

from suixin.features.spark import build_on_spark
from suixin.lake.store import Lake


def main() -> None:
    """Compute and write."""
    job = json.loads(Path(sys.argv[1]).read_text())
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.memory", "8g")
        .config("spark.driver.maxResultSize", "2g")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    built = build_on_spark(
        session,
        Lake.open(Path(job["lake"])),
        pl.read_parquet(job["subjects"]),
        only=FAMILIES,
        check_self_dealing=False,
    )
    session.stop()
    built.features.drop("merchant_id", "as_of_day").write_parquet(job["out"])


if __name__ == "__main__":
    main()
