"""A report's folder: its own files and nothing else, each replaced as a whole, never inside the lake."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from suixin.errors import UsageError

DRAFT = ".draft"


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
        with drafted(out / name) as draft:
            draft.write_bytes(content)


@contextmanager
def drafted(out: Path) -> Iterator[Path]:
    """A file beside `out` that takes its place when the block ends, and is gone if it fails; each writer has its own."""
    draft = out.with_name(f".{out.name}.{secrets.token_hex(8)}{DRAFT}")
    try:
        yield draft
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _refuse(out: Path, names: Iterable[str], lake: Path, what: str) -> None:
    if out.resolve().is_relative_to(lake.resolve()):
        raise UsageError(f"{out}: lies inside the lake {lake}; name a folder outside it")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file; name a folder")
    own = (*names, *(f".{name}*{DRAFT}" for name in names))  # a writer that was killed leaves its draft
    held = sorted(out.iterdir()) if out.is_dir() else []
    foreign = [path.name for path in held if not any(path.match(name) for name in own)]
    if foreign:
        raise UsageError(f"{out}: holds {foreign[0]!r}, which is no part of {what}; name another folder")
