"""A report's folder: its own files and nothing else, each replaced as a whole, never inside the lake."""

from collections.abc import Container, Mapping
from pathlib import Path

from suixin.errors import UsageError


def write_files(out: Path, files: Mapping[str, bytes], lake: Path, what: str) -> None:
    """Write a report's files into the folder `out`; those of an earlier one are replaced.

    Args:
        out: the folder.
        files: name -> content.
        lake: folder of the lake that the report is about.
        what: the kind of report, as in 'is no part of a quality report'.

    Raises:
        UsageError: `out` is a file, lies inside the lake, or holds something that is no such report.
        OSError: the disk does not take it.
    """
    _refuse(out, files, lake, what)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        draft = out / f".{name}.draft"
        try:
            draft.write_bytes(content)
            draft.replace(out / name)
        finally:
            draft.unlink(missing_ok=True)


def _refuse(out: Path, names: Container[str], lake: Path, what: str) -> None:
    if out.resolve().is_relative_to(lake.resolve()):
        raise UsageError(f"{out}: lies inside the lake {lake}; name a folder outside it")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file; name a folder")
    foreign = sorted(path.name for path in out.iterdir() if path.name not in names) if out.is_dir() else []
    if foreign:
        raise UsageError(f"{out}: holds {foreign[0]!r}, which is no part of {what}; name another folder")
