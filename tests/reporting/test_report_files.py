"""A file that is written appears whole or not at all, whoever else writes it and whoever was killed before."""

from pathlib import Path

import pytest

from suixin.errors import UsageError
from suixin.reporting.report_files import drafted, write_files


def test_two_writers_of_one_file_each_finish_their_own(tmp_path: Path) -> None:
    """The later one's content stands, whole, and neither takes the other's draft away."""
    out = tmp_path / "报 告.csv"
    with drafted(out) as first, drafted(out) as second:
        first.write_text("first, and longer")
        second.write_text("second")
        assert not out.exists()
    assert out.read_text() == "first, and longer"
    assert list(tmp_path.iterdir()) == [out]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """Protects the older file, and leaves no draft."""
    out = tmp_path / "out.csv"
    out.write_text("older")
    with pytest.raises(ZeroDivisionError), drafted(out) as draft:
        draft.write_text(str(1 // 0))
    assert (out.read_text(), list(tmp_path.iterdir())) == ("older", [out])


def test_the_draft_of_a_killed_writer_stops_no_later_one(tmp_path: Path) -> None:
    """A report's own drafts are no foreign files, of this release and of the one before; a letter is."""
    out = tmp_path / "report"
    out.mkdir()
    for left in (".page.html.0123456789abcdef.draft", ".page.html.draft"):
        (out / left).write_bytes(b"<ht")
    write_files(out, {"page.html": b"<html>"}, tmp_path / "lake", "a report")
    assert (out / "page.html").read_bytes() == b"<html>"
    (out / "letter.txt").touch()
    with pytest.raises(UsageError, match=r"holds 'letter.txt', which is no part of a report"):
        write_files(out, {"page.html": b""}, tmp_path / "lake", "a report")
