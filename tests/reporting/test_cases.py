"""What a decision rests on is kept, so that it can be made again without the lake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import polars as pl
import pytest

from suixin.errors import BookError
from suixin.reporting.cases import CASES_FILE, cases_schema, cases_table, read_case, restored
from suixin.reporting.tables import decisions_table, features_table, read_decision
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.policy import shipped_policy

LOADED = shipped_policy("CNY")


def write(book: Path, asked: list[Case]) -> Path:
    """The three tables of a book that a case is read from."""
    decisions = [decide(case, LOADED) for case in asked]
    book.mkdir()
    names = list(dict.fromkeys(name for case in asked for name in case.features))
    decisions_table(decisions).write_parquet(book / "decisions.parquet")
    features_table(decisions, names).write_parquet(book / "features.parquet")
    cases_table(asked).write_parquet(book / CASES_FILE)
    return book


@pytest.fixture(scope="module")
def asked(case_of: Callable[..., Case], hostile: tuple[str, ...]) -> list[Case]:
    """A hundred merchants of the seeded county, thin files and empty histories among them, and hostile names."""
    found = [case_of(number) for number in range(100)]
    return found + [case_of(1000 + n, name) for n, name in enumerate(hostile)]


def test_a_case_comes_back_as_it_was(asked: list[Case], tmp_path: Path) -> None:
    """Every field of every case survives the book to the last digit, whatever the merchant is called."""
    book = write(tmp_path / "book", asked)
    for case in asked:
        assert read_case(book, case.merchant_id) == case


def test_a_case_decides_as_the_book_did(asked: list[Case], tmp_path: Path) -> None:
    """The case that is read back gives the decision that lies beside it, document for document."""
    book = write(tmp_path / "book", asked[:20])
    for case in asked[:20]:
        again = decide(read_case(book, case.merchant_id), LOADED)
        held = read_decision(book, case.merchant_id)
        assert decisions_table([again]).to_dicts() == decisions_table([held]).to_dicts()


def test_every_field_has_a_column() -> None:
    """A field that a case gains is kept too; only the features lie elsewhere."""
    assert list(cases_schema()) == [field.name for field in fields(Case) if field.name != "features"]
    assert cases_schema()["history"] == pl.List(pl.Int64())


@dataclass
class Wider:
    """A case as a later release may have it."""

    features: dict[str, float]
    rate: float | None
    codes: tuple[str, ...] | None


@dataclass
class Strange:
    """A case with a field that no column can hold yet."""

    margins: dict[str, float]


def test_fields_that_a_case_may_gain() -> None:
    """What may be missing is a null; a tuple is a list in the table and a tuple again; a new type is refused by name."""
    assert cases_schema(Wider) == {"rate": pl.Float64(), "codes": pl.List(pl.String())}
    assert restored(tuple[str, ...] | None, ["a"]) == ("a",)
    assert restored(Sequence[int], [1]) == [1]
    with pytest.raises(
        TypeError, match=r"Case\.margins is a dict\[str, float\], for which suixin\.reporting\.cases has"
    ):
        cases_schema(Strange)


def test_a_book_of_an_older_release(asked: list[Case], tmp_path: Path) -> None:
    """Without cases, or without a column that is needed now, the answer is to make the book again."""
    book = write(tmp_path / "book", asked[:2])
    pl.read_parquet(book / CASES_FILE).drop("history").write_parquet(book / CASES_FILE)
    with pytest.raises(
        BookError, match=r"lacks history, .*: suixin assess LAKE --replay .*run\.json --out BOOK"
    ):
        read_case(book, asked[0].merchant_id)
    (book / CASES_FILE).unlink()
    with pytest.raises(BookError, match=r"has no cases\.parquet, .* make the book again with: suixin assess"):
        read_case(book, asked[0].merchant_id)


def test_who_is_not_there(asked: list[Case], tmp_path: Path) -> None:
    """No book, no such merchant, a damaged file, a merchant twice: each is said in one line."""
    with pytest.raises(BookError, match="no decision book"):
        read_case(tmp_path, "m1")
    book = write(tmp_path / "book", asked[:2])
    with pytest.raises(BookError, match="has no decision on merchant 'nobody'"):
        read_case(book, "nobody")
    cases_table([asked[0], replace(asked[0])]).write_parquet(book / CASES_FILE)
    with pytest.raises(BookError, match=f"has 2 rows of merchant '{asked[0].merchant_id}'"):
        read_case(book, asked[0].merchant_id)
    (book / CASES_FILE).write_text("gone")
    with pytest.raises(BookError, match=r"cases\.parquet: cannot be read"):
        read_case(book, asked[0].merchant_id)
