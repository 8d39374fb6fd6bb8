"""A small simulated county in a lake, made once."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from suixin.adapters import open_source
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.simulation import simulate

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def fill() -> Callable[[Path, Path], Lake]:
    """Ingest a folder of standard files into a new lake."""

    def run(source: Path, root: Path) -> Lake:
        ingest(open_source("standard", source), root, now=NOW)
        return Lake.open(root)

    return run


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory, fill: Callable[[Path, Path], Lake]) -> tuple[Path, Lake]:
    """Source folder and lake of 60 merchants over 24 months."""
    folder = tmp_path_factory.mktemp("county")
    simulate(folder / "source", merchants=60, months=24, seed=5, processes=1)
    return folder / "source", fill(folder / "source", folder / "lake")
