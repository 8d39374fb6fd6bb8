"""Rows on their way to the buckets: gathered, split by merchant, written as parts in a staging folder."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from suixin.identifiers import bucket_of
from suixin.lake.contract import Table
from suixin.lake.store import GLOBAL_BUCKET

ROWS_A_PART = 500_000


class Buckets:
    """Which bucket each row belongs to; remembers each merchant's."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._of: dict[str, int] = {}

    def split(self, rows: pl.DataFrame, contract: Table) -> Iterable[tuple[int, pl.DataFrame]]:
        """The rows of each bucket, in their order."""
        if not contract.per_merchant:
            return [(GLOBAL_BUCKET, rows)]
        merchants = rows["merchant_id"].unique()
        for merchant in merchants.to_list():
            if merchant not in self._of:
                self._of[merchant] = bucket_of(merchant, self._count)
        numbers = pl.Series("_bucket", [self._of[m] for m in merchants.to_list()], pl.Int32)
        placed = rows.join(
            pl.DataFrame([merchants, numbers]), on="merchant_id", how="left", maintain_order="left"
        )
        parts = placed.partition_by("_bucket", as_dict=True, include_key=False)
        return [(int(str(key[0])), part) for key, part in sorted(parts.items())]


class Layout:
    """Gathers the checked rows of one table and writes them out by bucket, many rows at a time.

    Many small files would otherwise become as many parts in every bucket.
    """

    def __init__(self, contract: Table, folder: Path, buckets: Buckets) -> None:
        self._contract = contract
        self._folder = folder / contract.name
        self._buckets = buckets
        self._held: list[pl.DataFrame] = []
        self._rows = 0
        self._parts = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows; write when enough are held."""
        if rows.height:
            self._held.append(rows)
            self._rows += rows.height
        if self._rows >= ROWS_A_PART:
            self.write()

    def write(self) -> None:
        """Write what is held as one more part of each bucket."""
        if not self._held:
            return
        self._parts += 1
        for bucket, part in self._buckets.split(pl.concat(self._held), self._contract):
            target = self._folder / str(bucket) / f"{self._parts:08d}.arrow"
            target.parent.mkdir(parents=True, exist_ok=True)
            part.write_ipc(target)
        self._held, self._rows = [], 0


def parts(folder: Path, table: str, bucket: int) -> list[Path]:
    """The parts of one bucket of a table that a layout wrote below the folder, in order of writing."""
    return sorted((folder / table / str(bucket)).glob("*.arrow"))


def laid_out(folder: Path, table: str) -> list[int]:
    """The buckets of a table that have parts below the folder."""
    below = folder / table
    return sorted(int(p.name) for p in below.iterdir()) if below.exists() else []


def read_part(part: Path) -> pl.DataFrame:
    """The rows of one part."""
    # A path would be taken for a pattern where its folder's name has brackets; a handle is not.
    with part.open("rb") as handle:
        return pl.read_ipc(handle)
