"""One county of 2,000 merchants for all tests that look at a finished county."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from suixin.simulation import SimulationSummary, simulate

END = datetime(2026, 1, 1)  # noqa: DTZ001 - standard files carry naive civil times


@dataclass(frozen=True)
class Made:
    """A simulated county: its source folder, its truth and the summary."""

    folder: Path
    summary: SimulationSummary
    end: datetime = END

    def read(self, table: str) -> pl.DataFrame:
        """One table whole."""
        return read_table(self.folder, table)

    @property
    def truth(self) -> pl.DataFrame:
        """The latent truth."""
        return pl.read_parquet(self.folder.with_name(self.folder.name + "-truth.parquet"))


def read_table(folder: Path, table: str) -> pl.DataFrame:
    """One table of a source folder, all its parts in order."""
    parts = sorted((folder / table).glob("part-*.parquet")) or [folder / f"{table}.parquet"]
    return pl.concat([pl.read_parquet(part) for part in parts])


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The default county: 2,000 merchants, 24 months from 2024-01-01, seed 7."""
    folder = tmp_path_factory.mktemp("simulation") / "county"
    return Made(folder, simulate(folder, processes=2))


@pytest.fixture(scope="session")
def read():
    """`read(folder, table)`."""
    return read_table
