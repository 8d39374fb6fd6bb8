"""A user's own adapter: the one on the how-to page works as printed, and its faults are told in one line."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samples import write_csv
from suixin.adapters import open_source
from suixin.errors import SourceError, SuixinError, UsageError
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-an-adapter.md"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHOPS = [["shop", "registered", "category"], ["m1", "2024-01-05", "茶叶"]]
SALES = [
    ["number", "shop", "customer", "time", "signed", "goods", "postage"],
    ["o1", "m1", "b1", "2025-03-01 08:00:00", "2025-03-04 10:00:00", "¥19.90", "6"],
    ["o2", "m9", "b1", "2025-03-01 09:00:00", "", "¥5.00", "6"],
]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    write_csv(tmp_path / "exports" / "shops.csv", SHOPS)
    write_csv(tmp_path / "exports" / "sales.csv", SALES)
    return tmp_path / "exports"


def _page_code() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_page_s_adapter_has_thirty_lines() -> None:
    """The page promises an adapter in thirty lines, blank ones and the docstring included."""
    assert len(_page_code().splitlines()) <= 30


def test_the_page_s_adapter_works_as_printed(exports: Path, tmp_path: Path) -> None:
    """The code of the page ingests a made export: one good order, one of an unknown merchant set aside."""
    adapter = tmp_path / "my_platform.py"
    adapter.write_text(_page_code(), encoding="utf-8")
    report = ingest(open_source(str(adapter), exports), tmp_path / "lake", now=NOW)
    counted = {name: (t.read, t.accepted, dict(t.rules)) for name, t in report.tables.items()}
    assert counted == {"merchants": (1, 1, {}), "orders": (2, 1, {"unknown_merchant": 1})}
    row = (
        Lake.open(tmp_path / "lake").whole("orders").select("amount_fen", "freight_fen", "paid_day").collect()
    )
    assert row.rows() == [(1_990, 600, 20_148)]


BROKEN = {
    "NAME = 'x'\nABOUT = 'y'\n": "lacks open_source",
    "NAME = \n": r"line 1: SyntaxError",
    "import nowhere_to_be_found\n": r"line 1: ModuleNotFoundError: No module named",
    "raise SystemExit(3)\n": r"line 1: SystemExit: 3",
    "NAME = ABOUT = 'x'\nopen_source = 3\n": "open_source must be a function",
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_file_is_one_line(code: str, exports: Path, tmp_path: Path) -> None:
    """What is wrong with the file is said with its line; there is no traceback."""
    adapter = tmp_path / "broken.py"
    adapter.write_text(code, encoding="utf-8")
    with pytest.raises(UsageError, match=BROKEN[code]) as caught:
        open_source(str(adapter), exports)
    assert "\n" not in str(caught.value)


FAULTY = {
    "def open_source(path):\n    return 3\n": "open_source returned int",
    "def open_source(path):\n    return 1 / 0\n": r"line \d+: ZeroDivisionError",
    "def open_source(path):\n    return source(path, lambda rows: {}['x'])\n": r"line \d+: KeyError: 'x'",
    "def open_source(path):\n    return source(path, lambda rows: rows.select('shop'))\n": "with the column _row",
    "def open_source(path):\n    return source(path, lambda rows: rows.select('nope'))\n": "lacks a column",
}
HEAD = """from suixin.lake.source import Source, Stream
NAME = ABOUT = "faulty"
def source(path, shape):
    return Source(NAME, "s", path, (Stream("merchants", path / "shops.csv", shape),))
"""


@pytest.mark.parametrize("code", FAULTY)
def test_a_fault_while_reading_is_one_line(code: str, exports: Path, tmp_path: Path) -> None:
    """A fault in the user's own functions is a source error that names the line, never a traceback."""
    adapter = tmp_path / "faulty.py"
    adapter.write_text(HEAD + code, encoding="utf-8")
    with pytest.raises(SourceError, match=FAULTY[code]) as caught:
        ingest(open_source(str(adapter), exports), tmp_path / "lake", now=NOW)
    assert "\n" not in str(caught.value)


def test_a_name_never_runs_a_file(exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a path loads a file: a bare name that happens to lie in the folder does not."""
    (tmp_path / "mine").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no adapter is called 'mine'"):
        open_source("mine", exports)
    with pytest.raises(SuixinError, match="no such adapter file"):
        open_source("other.py", exports)


def test_the_frame_reaches_the_user_as_text(exports: Path, tmp_path: Path) -> None:
    """The page says that a CSV's columns are text: nothing is guessed before the contract reads it."""
    adapter = tmp_path / "typed.py"
    adapter.write_text(HEAD + "def open_source(path):\n    return source(path, kinds)\n"
                       "def kinds(rows):\n    raise ValueError(str(rows.schema['registered']))\n", encoding="utf-8")  # fmt: skip
    with pytest.raises(SourceError, match="ValueError: String"):
        ingest(open_source(str(adapter), exports), tmp_path / "lake", now=NOW)
