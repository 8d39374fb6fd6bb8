"""The lint of the feature definitions: every construct that engines read differently is caught, and none is there."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = ROOT / "checks" / "portable_features.py"
CHECK = runpy.run_path(str(LINT))

BAD = {
    "import polars as pl": "import polars",
    "from pyspark.sql import functions": "import pyspark.sql",
    "import pandas": "import pandas",
    "rows.to_native()": ".to_native",
    "rows.collect()": ".collect",
    "rows.map_batches(f)": ".map_batches",
    "nw.col('x').round(2)": ".round",
    "nw.col('x').mode()": ".mode",
    "nw.col('x').hash()": ".hash",
    "rows.sample(3)": ".sample",
    "rows.join_asof(other, on='day')": ".join_asof",
    "nw.col('x').ewm_mean(alpha=0.5)": ".ewm_mean",
    "nw.col('x').first()": ".first",
    "nw.col('x').last()": ".last",
    "nw.col('x').median()": ".median",
    "nw.col('x').quantile(0.5, 'linear')": ".quantile",
    "nw.col('x').n_unique()": ".n_unique",
    "nw.col('x').map_elements(f)": ".map_elements",
    "nw.col('x').rolling_sum(7)": ".rolling_sum",
    "nw.col('x').dt.weekday()": ".dt",
    "nw.col('x').str.to_date()": ".str",
    "nw.col('x').max().over('s', order_by='d', descending=True)": ".over(descending=)",
    "nw.col('x').shift(1)": ".shift",
    "nw.col('x').diff().over('s')": ".diff",
    "nw.col('x').cum_sum()": ".cum_sum",
    "nw.col('x').rank()": ".rank",
    "rows.unique('x', keep='first')": ".unique(keep=)",
    "rows.group_by('s').agg(a=nw.col('x').filter(nw.col('y')).sum())": ".filter in agg",
    "(nw.col('x') > 1).sum()": ".sum() of a comparison",
    "(~nw.col('x')).mean()": ".mean() of a comparison",
    "(a & b).sum()": ".sum() of a comparison",
    "nw.col('x').is_null().sum()": ".sum() of a comparison",
}

GOOD = [
    "import narwhals.stable.v2 as nw",
    "nw.col('x').shift(1).over('s', order_by='d')",
    "nw.col('x').fill_null(0).cum_sum().over('s', order_by='d').cast(nw.Int64)",
    "rows.filter(nw.col('x') > 1).group_by('s').agg(a=nw.col('x').sum())",
    "(nw.col('x') > 1).cast(nw.Int64).sum()",
    "rows.unique(['s'], keep='any')",
    "rows.select(first=nw.col('x').min(), last=nw.col('x').max())",
]


@pytest.mark.parametrize("snippet", BAD)
def test_each_construct_is_caught_with_its_reason(snippet: str) -> None:
    """One finding, on its line, that says why the engines differ and what to write."""
    found = CHECK["findings"](f"x = 1\n{snippet}\n")
    assert [(finding.line, finding.construct) for finding in found] == [(2, BAD[snippet])]
    assert found[0].why
    assert found[0].instead


@pytest.mark.parametrize("snippet", GOOD)
def test_what_is_portable_passes(snippet: str) -> None:
    """No false alarm on the forms that the definitions use."""
    assert CHECK["findings"](snippet) == []


def test_every_forbidden_method_is_tried() -> None:
    """A construct that is added to the lint is added to the snippets."""
    tried = set(BAD.values())
    assert {f".{name}" for name in (*CHECK["METHODS"], *CHECK["NAMESPACES"])} <= tried


def test_the_definitions_are_clean() -> None:
    """Every module of features but the engines' own is looked at, and has no forbidden construct."""
    names = {path.name for path in CHECK["definitions"]()}
    there = {path.name for path in (ROOT / "src" / "suixin" / "features").glob("*.py")}
    assert there - names == {
        "__init__.py",
        "build.py",
        "coverage.py",
        "spark.py",
        "subjects.py",
        "traits.py",
        "workers.py",
    }
    run = subprocess.run([sys.executable, str(LINT)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_finding_names_the_file_and_the_line(tmp_path: Path) -> None:
    """The command says where, what, why and what instead, and fails."""
    (tmp_path / "bad.py").write_text("import narwhals as nw\nx = nw.col('a').median()\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(LINT), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stdout == (
        f"{tmp_path}/bad.py:2: .median: engines place it differently between two values, or approximate it; "
        "use instead: a mean, or shares above and below a bound\n"
    )
