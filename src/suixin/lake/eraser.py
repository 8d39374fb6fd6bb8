"""A person taken out of the files of a lake: each file that names them is written again without them."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from suixin.lake.contract import Table
from suixin.lake.erasing import ERASED, free_text, naming_columns
from suixin.lake.manifest import DataFile, IngestRecord, TableState
from suixin.lake.person import Person
from suixin.lake.quarantine import STORED
from suixin.lake.rewrite import bucket_folder, dated, put
from suixin.lake.store import reading, scan_each, scan_files
from suixin.lake.tables import TABLES

_OWN = {"parties": "party_id", "identities": "party_id"}


@dataclass(slots=True)
class Eraser:
    """Takes one person out of tables; a file that several snapshots share is read and written once.

    Attributes:
        root: the lake.
        person: who.
        stones: identifier -> the tombstone that stands for it in the facts of others.
        write: False to count only.
        removed: file -> how many rows of it went.
    """

    root: Path
    person: Person
    stones: dict[str, str]
    write: bool = True
    removed: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    _done: dict[str, DataFile | None] = field(default_factory=dict)

    def table(self, name: str, state: TableState) -> TableState:
        """The table without the person; the same state if it does not name them."""
        contract = TABLES[name]
        buckets = {
            bucket: tuple(new for file in files if (new := self._data(contract, bucket, file)) is not None)
            for bucket, files in state.buckets.items()
        }
        buckets = {bucket: files for bucket, files in buckets.items() if files}
        aside = tuple(new for file in state.quarantine if (new := self._aside(name, file)) is not None)
        if (buckets, aside) == (state.buckets, state.quarantine):
            return state
        marked = tuple(bucket for bucket in state.superseded if bucket in buckets)
        after = replace(state, buckets=buckets, superseded=marked, quarantine=aside)
        return dated(self.root, replace(after, quarantined=sum(file.rows for file in aside)), contract)

    def record(self, record: IngestRecord) -> IngestRecord:
        """What an ingest declared, without the person's name."""
        said = {n: getattr(record, n) for n in ("source", "authorisation", "purpose")}
        clean: dict[str, Any] = {
            n: ERASED if self.person.is_named_in(text) else text for n, text in said.items()
        }
        assumed = tuple(ERASED if self.person.is_named_in(text) else text for text in record.assumptions)
        return replace(record, assumptions=assumed, **clean)

    def _data(self, contract: Table, bucket: int, file: DataFile) -> DataFile | None:
        if file.path not in self._done:
            own, named = self._own(contract), self._named(contract)
            with reading(self.root):
                rows = scan_files(self.root, [file], contract)
                if not rows.select((own | named).any()).collect().item():
                    self._done[file.path] = file
                else:
                    self.replaced[contract.name] += int(rows.select((named & ~own).sum()).collect().item())
                    left = rows.filter(~own).with_columns(self._hidden(contract)).collect()
                    folder = bucket_folder(contract, bucket)
                    self._done[file.path] = self._put(file, left, folder)
        return self._done[file.path]

    def _aside(self, name: str, file: DataFile) -> DataFile | None:
        if file.path not in self._done:
            named = self.person.named_in(pl.col("raw")) | self.person.named_in(pl.col("file"))
            with reading(self.root):
                rows = next(scan_each(self.root, [file], STORED)).collect()
            left = rows.filter(~named)
            same = left.height == rows.height
            self._done[file.path] = file if same else self._put(file, left, Path("quarantine") / name)
        return self._done[file.path]

    def _put(self, file: DataFile, left: pl.DataFrame, folder: Path) -> DataFile | None:
        self.removed[file.path] = file.rows - left.height
        if left.height == 0 or not self.write:
            return None
        return put(left, self.root, folder, file.routes, private=folder.parts[0] == "quarantine")

    def _own(self, contract: Table) -> pl.Expr:
        """The person's own rows."""
        if contract.per_merchant:
            return pl.col("merchant_id").is_in(sorted(self.person.merchants))
        column = _OWN.get(contract.name)
        return pl.col(column).is_in(sorted(self.person.parties)) if column else pl.lit(value=False)

    def _named(self, contract: Table) -> pl.Expr:
        """Rows that name the person."""
        ids = [pl.col(n).is_in(self.person.ids).fill_null(value=False) for n in naming_columns(contract)]
        texts = [self.person.named_in(pl.col(n)) for n in free_text(contract)]
        return pl.any_horizontal(pl.lit(value=False), *ids, *texts)

    def _hidden(self, contract: Table) -> list[pl.Expr]:
        names = [pl.col(n).replace(self.stones) for n in naming_columns(contract)]
        text = [
            pl.when(self.person.named_in(pl.col(n))).then(pl.lit(ERASED)).otherwise(n).alias(n)
            for n in free_text(contract)
        ]
        return [*names, *text]
