"""The book's folder: whole or not there, and nothing but a book is ever replaced."""

from pathlib import Path

import pytest

from suixin.errors import BookError
from suixin.reporting.folder import BOOK_FILES, book_folder


def make_book(folder: Path, run: str = '{"run_version": 1}') -> Path:
    """A folder with the five files of a book."""
    folder.mkdir(parents=True)
    for name in BOOK_FILES:
        (folder / name).write_text("old")
    (folder / "run.json").write_text(run)
    return folder


def write(out: Path, *, replace: bool, lake: Path | None = None) -> None:
    """Write a book of one new file."""
    with book_folder(out, replace=replace, lake=lake) as draft:
        (draft / "run.json").write_text("new")


def test_an_older_book_is_replaced_whole(tmp_path: Path) -> None:
    """With --replace the new book stands alone: no file of the old one, and no draft beside it."""
    out = make_book(tmp_path / "book")
    write(out, replace=True)
    assert [(p.name, p.read_text()) for p in out.iterdir()] == [("run.json", "new")]
    assert list(tmp_path.iterdir()) == [out]


def test_an_older_book_stays_unless_told(tmp_path: Path) -> None:
    """Without --replace a book is left as it is."""
    out = make_book(tmp_path / "book")
    with pytest.raises(BookError, match="holds a book already; name another folder, or add --replace"):
        write(out, replace=False)
    assert {p.name for p in out.iterdir()} == set(BOOK_FILES)


@pytest.mark.parametrize("foreign", ["thesis.docx", ".git", "book.html.bak", "z/book.html"])
def test_what_is_no_part_of_a_book_is_never_deleted(tmp_path: Path, foreign: str) -> None:
    """A book's folder in which someone keeps other things is refused, and the thing is named."""
    out = make_book(tmp_path / "book")
    (out / foreign).parent.mkdir(exist_ok=True)
    (out / foreign).write_text("precious")
    name = foreign.split("/", maxsplit=1)[0]
    with pytest.raises(BookError, match=f"holds '{name}', which is no part of a book"):
        write(out, replace=True)
    assert (out / foreign).read_text() == "precious"


@pytest.mark.parametrize(
    "run",
    [
        # another program's run.json
        '{"scripts": {}}',
        "[1]",
        # broken off
        '{"run_version": 1',
        # not text at all
        "\x00\x01",
    ],
)
def test_a_foreign_run_json_makes_no_book(tmp_path: Path, run: str) -> None:
    """A folder is a book only if its run.json is one of ours."""
    out = make_book(tmp_path / "work", run)
    with pytest.raises(BookError, match="exists and is no decision book; name another folder"):
        write(out, replace=True)
    assert (out / "run.json").read_text() == run


def test_a_run_without_decisions_is_no_book(tmp_path: Path) -> None:
    """A run.json alone does not make a folder a book."""
    out = make_book(tmp_path / "work")
    (out / "decisions.parquet").unlink()
    with pytest.raises(BookError, match="exists and is no decision book"):
        write(out, replace=True)


@pytest.mark.parametrize("place", ["lake", "lake/book", "lake/data/orders", "other/../lake/book"])
def test_no_book_in_a_lake(tmp_path: Path, place: str) -> None:
    """A lake holds what it was given and nothing else."""
    (tmp_path / "lake" / "data").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    with pytest.raises(BookError, match="lies inside the lake"):
        write(tmp_path / place, replace=True, lake=tmp_path / "lake")
    assert [p.name for p in (tmp_path / "lake").iterdir()] == ["data"]


def test_a_file_that_came_while_the_book_was_made_stays(tmp_path: Path) -> None:
    """What is put into the old book during the run is seen before the old book goes."""
    out = make_book(tmp_path / "book")
    with pytest.raises(BookError, match=r"holds 'late\.txt'"), book_folder(out, replace=True):
        (out / "late.txt").write_text("precious")
    assert (out / "late.txt").read_text() == "precious"
    assert list(tmp_path.iterdir()) == [out]
