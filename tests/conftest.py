"""What every test may ask for, and the seconds each group of tests took."""

import gc
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# Two shared cores say nothing about one example's time; CI draws the same examples for the same code.
hypothesis.settings.register_profile("suixin", deadline=None, derandomize=CI)
hypothesis.settings.load_profile("suixin")


def _missing(what: str) -> None:
    """On a workbench a missing need is a skip; in CI it would hide a hole, so there it fails."""
    if CI:
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets: SUIXIN_DATA, else ../shared/data beside the repo."""
    folder = Path(os.environ.get("SUIXIN_DATA") or ROOT.parent / "shared" / "data").resolve()
    if not folder.is_dir():
        _missing(f"no public data sets at {folder}; name their folder in SUIXIN_DATA")
    return folder


@pytest.fixture(scope="session")
def data_set(shared_data: Path) -> Callable[[str], Path]:
    """`data_set("cumcm2020c")`: the folder of one public data set."""

    def find(name: str) -> Path:
        folder = shared_data / name
        if not folder.is_dir():
            _missing(f"the data set {name!r} is missing in {shared_data}")
        return folder

    return find


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium for tests that look at a page; SUIXIN_CHROMIUM names another."""
    program = Path(os.environ.get("SUIXIN_CHROMIUM") or "/usr/bin/chromium")
    if not program.exists():
        _missing(f"no browser at {program}; install Debian's chromium or name one in SUIXIN_CHROMIUM")
    return str(program)


FOLDERS = {"monitor", "reporting", "simulation"}
"""Folders under tests/ whose files share what takes long to make."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the groups of `--dist loadgroup`: tests that share what takes long to make stay on one worker."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in FOLDERS:
            item.add_marker(pytest.mark.xdist_group(folder))
        elif _makes_for_its_file(item):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


def pytest_collection_finish() -> None:
    """Nothing that was imported goes away again: the collector need not look it through, nor for every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _makes_for_its_file(item: pytest.Item) -> bool:
    """Whether the test asks for something that is made once for its file."""
    found = getattr(item, "_fixtureinfo", None)
    made = [one[-1] for one in found.name2fixturedefs.values()] if found else []
    return any(one.scope == "module" for one in made)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seconds of each group: the folder under tests/, or the file beside it."""
    seconds: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                parts = report.nodeid.partition("::")[0].removeprefix("tests/").split("/")
                group = parts[0].removeprefix("test_").removesuffix(".py")
                seconds[group] += report.duration
                tests[group] += report.when == "call"
    if seconds:
        terminalreporter.section("seconds a group")
        for group, spent in sorted(seconds.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"{spent:8.1f} s  {group} ({tests[group]} tests)")
