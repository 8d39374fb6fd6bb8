"""The peers of `benchmarks/features.py` compute what the product computes: else the benchmark would compare unequals."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from suixin.features.build import build
from suixin.lake.store import Lake

PEERS = Path(__file__).parents[2] / "benchmarks" / "feature_peers"
FAMILIES = ("sales", "customers", "products", "fulfilment", "reviews", "refunds")


@pytest.fixture(scope="module")
def running() -> ModuleType:
    """What the benchmark makes lakes, jobs and comparisons with."""
    spec = importlib.util.spec_from_file_location("running", PEERS / "running.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["running"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.full
@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("peer", ["by_hand_polars", "by_hand_pandas"])
def test_peers_equal_the_product(
    peer: str,
    corrected: bool,
    running: ModuleType,
    county: tuple[Path, Lake],
    fill: Callable[[Path, Path], Lake],
    tmp_path: Path,
) -> None:
    """All 35 features of 60 merchants, with and without corrections, to 1e-9; the genuine forms equal the gross ones."""
    if peer == "by_hand_pandas" and not all(map(importlib.util.find_spec, ("pandas", "pyarrow"))):
        pytest.skip("pandas and pyarrow are not among the dependencies")
    source, _ = county
    lake = fill(source, tmp_path / "lake")
    if corrected:
        running.correct(source, lake.root, tmp_path)
        lake = Lake.open(lake.root)
        assert any(lake.superseded("orders", bucket) for bucket in lake.buckets("orders"))
    job = running.write_job(lake.root, tmp_path)
    subprocess.run([sys.executable, PEERS / f"{peer}.py", job.file], check=True)
    subjects = pl.read_parquet(tmp_path / "subjects.parquet")
    ours = build(lake, subjects, only=FAMILIES, check_self_dealing=False, processes=0).features
    theirs = pl.read_parquet(job.out)
    assert len(theirs.columns) == 36
    assert running.differing(ours, theirs) == []
    genuine = [name for name in ours.columns if name.startswith("genuine_")]
    assert len(genuine) == 17
    for name in genuine:
        assert ours[name].equals(ours[name.removeprefix("genuine_")].alias(name), null_equal=True)
