"""Which rows of the Berka set belong to an account with a loan, and whose the account is."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import polars as pl

from suixin.adapters.frames import text, understanding, whole
from suixin.lake.readers import Batch

ACCOUNT_COLUMNS = ("account_id", "district_id", "date")
CLIENT_COLUMNS = ("client_id", "district_id")
DISP_COLUMNS = ("client_id", "account_id", "type")
OWNER = "OWNER"


class Accounts:
    """The small tables of the set, and what has to be looked up in one to understand another."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    @cached_property
    def _loaned(self) -> pl.DataFrame:
        """account_id of the accounts with a loan."""
        return self._read("loan", "account_id").unique("account_id").drop_nulls()

    @cached_property
    def _opened(self) -> pl.DataFrame:
        """account_id and the day of opening, of the accounts with a loan."""
        accounts = self._read("account", "account_id", "date").rename({"date": "opened"})
        return accounts.unique("account_id", keep="first").join(self._loaned, on="account_id", how="semi")

    @cached_property
    def _held(self) -> pl.DataFrame:
        """client_id, account_id, type and day of opening, of everyone who may use an account with a loan."""
        if "disp" not in self._files:
            return pl.DataFrame(
                schema=dict.fromkeys(("client_id", "account_id", "type", "opened"), pl.String)
            )
        return self._read("disp", *DISP_COLUMNS).join(self._opened, on="account_id")

    @cached_property
    def _owners(self) -> pl.DataFrame:
        """account_id and its owner."""
        owners = self._held.filter(pl.col("type") == OWNER)
        return owners.select("account_id", owner="client_id").unique("account_id", keep="first")

    def with_loan(self, path: Path, encoding: str | None) -> Iterator[Batch]:
        """The accounts with a loan, each with its owner."""
        raw = whole(path, ACCOUNT_COLUMNS, encoding)
        with understanding(path):
            accounts = raw.frame.with_columns(text("account_id"))
            mine = accounts.join(self._loaned, on="account_id", how="semi", maintain_order="left")
            owned = mine.join(self._owners, on="account_id", how="left", maintain_order="left")
        yield Batch(owned, raw.rejects)

    def people(self, path: Path, encoding: str | None) -> Iterator[Batch]:
        """The clients who may use an account with a loan, with the day from which they are known."""
        raw = whole(path, CLIENT_COLUMNS, encoding)
        with understanding(path):
            since = self._held.group_by("client_id").agg(pl.col("opened").min())
            clients = raw.frame.with_columns(text("client_id"))
            known = clients.join(since, on="client_id", how="inner", maintain_order="left")
        yield Batch(known, raw.rejects)

    def disponents(self, path: Path, encoding: str | None) -> Iterator[Batch]:
        """Who may use an account with a loan without owning it, each with the owner."""
        raw = whole(path, DISP_COLUMNS, encoding)
        with understanding(path):
            users = raw.frame.with_columns(text(name) for name in DISP_COLUMNS)
            others = users.filter(pl.col("type").ne_missing(OWNER))
            mine = others.join(self._opened, on="account_id", how="inner", maintain_order="left")
            tied = mine.join(self._owners, on="account_id", how="left", maintain_order="left")
        yield Batch(tied, raw.rejects)

    def _read(self, name: str, *columns: str) -> pl.DataFrame:
        """Columns of one of the files, as text."""
        path = self._files[name]
        frame = whole(path, columns).frame
        with understanding(path):
            return frame.select(text(column) for column in columns)
