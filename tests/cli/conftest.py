"""The command line as a user runs it: a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from samples import Run
from suixin.cli import main


@pytest.fixture(scope="session")
def suixin() -> Run:
    """Run `suixin` with these arguments; never raises."""

    def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "suixin", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)

    return run


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `suixin` in this process: the same entry, without the seconds that a start takes."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["suixin", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out, err)

    return run


@pytest.fixture(scope="session")
def county(suixin: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `source`, `lake` and `book` of 60 merchants, made by the commands themselves."""
    folder = tmp_path_factory.mktemp("县 county")
    for arguments in (
        ("simulate", folder / "source", "--merchants", 60, "--seed", 5),
        ("ingest", folder / "source", "--adapter", "standard", "--lake", folder / "lake"),
        ("assess", folder / "lake", "--as-of", "2026-01-01", "--out", folder / "book"),
    ):
        done = suixin(*arguments)
        assert done.returncode == 0, done.stderr
    return folder
