"""A small source that is easy to damage."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samples import MERCHANTS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.lake.ingest import IngestReport, ingest

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two merchants and three orders as CSV."""
    folder = tmp_path / "source"
    write_csv(folder / "merchants.csv", MERCHANTS)
    write_csv(folder / "orders.csv", ORDERS)
    return folder


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def load(lake: Path) -> Callable[..., IngestReport]:
    """Ingest a folder of standard files into the test's lake."""

    def run(
        folder: Path, *, dry_run: bool = False, into: Path = lake, adapter: str = "standard"
    ) -> IngestReport:
        return ingest(open_source(adapter, folder), into, now=NOW, dry_run=dry_run, wait_seconds=5)

    return run
