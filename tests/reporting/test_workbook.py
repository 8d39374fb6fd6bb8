"""book.xlsx holds the decisions exactly, as text, numbers and dates, and never as a formula or a link."""

from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from suixin.errors import BookError
from suixin.features.registry import FEATURES
from suixin.money import CNY, to_major
from suixin.reporting.book import Book
from suixin.reporting.columns import COLUMNS
from suixin.reporting.wording import both, words
from suixin.reporting.workbook import write_workbook
from suixin.underwriting.decision import Outcome

SIZE = 250


@pytest.fixture(scope="module")
def sheets(county, hostile, tmp_path_factory):
    """The sheets of a written and re-read workbook."""
    path = tmp_path_factory.mktemp("workbook") / "book.xlsx"
    write_workbook(county(SIZE, hostile), path)
    return openpyxl.load_workbook(path)


def rows(sheet) -> list[dict[str, object]]:
    """Rows by the English half of the header."""
    head = [cell.value.split("\n")[-1] for cell in sheet[1]]
    return [dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]


def exact(value) -> Decimal | None:
    """A number as it is written in the file."""
    return None if value is None else Decimal(str(value))


def sheet_float(value: float | None) -> float | None:
    """A worksheet keeps 16 significant digits: every decimal figure, not the last bit of a ratio."""
    return None if value is None else float(f"{value:.16G}")


def label(name: str) -> str:
    return COLUMNS[name].label


def test_the_five_sheets(sheets) -> None:
    """A committee finds the summary first."""
    assert sheets.sheetnames == ["summary", "decisions", "reasons", "costs", "dictionary"]
    for name in sheets.sheetnames[1:]:
        sheet = sheets[name]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.print_area


def test_no_cell_is_a_formula_or_a_link(sheets, hostile) -> None:
    """A merchant called '=HYPERLINK(…)' runs nothing on the banker's machine."""
    kinds = {cell.data_type for sheet in sheets for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d", "inlineStr"}
    assert [sheet.title for sheet in sheets if sheet._hyperlinks] == []  # noqa: SLF001  openpyxl has no public list
    ids = [row["merchant"] for row in rows(sheets["decisions"])]
    assert ids[-len(hostile) :] == [name.replace("\x1b", "_x001B_") for name in hostile]  # as XML spells it


def test_the_decisions_are_exact(sheets, county, hostile) -> None:
    """Every figure of every decision comes back as it was decided: fen, ppm, score, date."""
    book = county(SIZE, hostile)
    read = rows(sheets["decisions"])
    assert len(read) == len(book.decisions)
    for row, d in zip(read, book.decisions, strict=True):
        terms = d.terms
        assert row["as of"] == datetime.combine(d.as_of, datetime.min.time())
        assert row["decision"].endswith(f" {d.outcome.value}")
        assert (row["score"], row["grade"]) == (d.score, d.grade)
        assert row["probability of default"] == sheet_float(d.pd)
        assert exact(row[label("limit")]) == to_major(d.limit_fen, CNY)
        assert exact(row[label("annual_rate")]) == (Decimal(terms.annual_rate_ppm) / 10**6 if terms else None)
        assert exact(row[label("all_in_rate")]) == (Decimal(terms.all_in_rate_ppm) / 10**6 if terms else None)
        extra = terms and terms.schedule.total_interest_fen - terms.comparator.total_interest_fen
        assert exact(row[label("season_extra")]) == (to_major(extra, CNY) if terms else None)
        assert exact(row[label("sales_p10")]) == to_major(sum(d.forecast.p10), CNY)
        for part in d.limit_components[:-1]:
            assert exact(row[words("en").limit_component(part.name)]) == to_major(part.amount_fen, CNY)
        for part in d.price_components:
            assert exact(row[words("en").price_component(part.name)]) == Decimal(part.rate_ppm) / 10**6
        assert row[label("decision_id")] == d.decision_id


def test_the_cost_table_of_every_offer(sheets, county, hostile) -> None:
    """Each line as it was decided: amount, rate, payee, and whether only a default brings it; nothing for a decline."""
    read = iter(rows(sheets["costs"]))
    for d in county(SIZE, hostile).decisions:
        for item in d.terms.costs if d.terms else ():
            row = next(read)
            assert row["merchant"] == d.merchant_id.replace("\x1b", "_x001B_")
            assert row[label("cost")].endswith(f" {words('en').cost(item.code)}")
            assert row[label("due_when")].endswith("only on default" if item.on_default else "as agreed")
            amount, share = item.amount_fen, item.rate_ppm
            assert exact(row[label("cost_amount")]) == (None if amount is None else to_major(amount, CNY))
            assert exact(row[label("cost_rate")]) == (None if share is None else Decimal(share) / 10**6)
            assert (row[label("payee")] or "") == item.payee
    assert next(read, None) is None
    kinds = {(row[label("cost")], row[label("due_when")]) for row in rows(sheets["costs"])}
    assert ("逾期利息 interest on what is overdue", "仅在违约时 only on default") in kinds


def test_money_rates_and_dates_look_like_it(sheets) -> None:
    """A committee reads 4.35% and 2026-01-01, not 0.0435 and 46023."""
    sheet = sheets["decisions"]
    head = [cell.value.split("\n")[-1] for cell in sheet[1]]
    formats = {name: sheet.cell(2, index + 1).number_format for index, name in enumerate(head)}
    assert formats[label("limit")] == "#,##0.00;[Red]-#,##0.00"
    assert formats[label("annual_rate")] == "0.00%"
    assert formats[label("as_of")] == "yyyy-mm-dd"
    assert sheet["A1"].value == "商户\nmerchant"


def test_the_reasons_are_exact_and_in_words(sheets, county, hostile) -> None:
    """Points are not rounded: a merchant's add up to the distance from the accept line."""
    book = county(SIZE, hostile)
    read = iter(rows(sheets["reasons"]))
    for d in book.decisions:
        points = []
        for reason in d.reasons:
            row = next(read)
            assert row["code"] == reason.code
            assert (row["value"], row["threshold"]) == (
                sheet_float(reason.value),
                sheet_float(reason.threshold),
            )
            assert row["reason in words"] == words("zh").reason(reason, "CNY")
            assert row["reason in words (English)"] == words("en").reason(reason, "CNY")
            points.append(row["points"] or 0.0)
        assert sum(points) == pytest.approx(d.score - 620, abs=1e-9)
    assert next(read, None) is None


def test_the_summary_equals_the_decisions(sheets, county, hostile) -> None:
    """The first sheet is the sum of the second."""
    book = county(SIZE, hostile)
    found: dict[str, list] = {}
    for row in sheets["summary"].iter_rows(values_only=True):
        found.setdefault(row[0], list(row[1:]))
    for outcome in Outcome:
        mine = [d for d in book.decisions if d.outcome is outcome]
        count, limit, *_ = found[both(outcome.value)]
        assert (count, exact(limit)) == (len(mine), to_major(sum(d.limit_fen for d in mine), CNY))
    assert found[both("merchants")][0] == len(book.decisions)
    approved = sum(d.limit_fen for d in book.decisions if d.outcome is Outcome.APPROVE)
    assert exact(found[both("limits approved")][0]) == to_major(approved, CNY)
    text = [
        cell for row in sheets["summary"].iter_rows(values_only=True) for cell in row if isinstance(cell, str)
    ]
    assert any("a row without known_at was known when it happened" in cell for cell in text)
    assert "county <b>north</b>" in text


def test_the_dictionary_explains_every_column_and_feature(sheets) -> None:
    """Nobody has to ask what a column means."""
    read = {row["name"]: row for row in rows(sheets["dictionary"])}
    assert set(read) == set(COLUMNS) | set(FEATURES)
    assert all(row["meaning (zh)"] and row["meaning (en)"] for row in read.values())


@pytest.mark.full
def test_a_large_book_keeps_the_reasons_that_count(county, tmp_path) -> None:
    """Over 5,000 merchants every decision stays; of the card the three items that cost most, and the sheet says so."""
    book = county(5001)
    path = tmp_path / "book.xlsx"
    write_workbook(book, path)
    read = openpyxl.load_workbook(path, read_only=True)
    assert sum(1 for _ in read["decisions"].iter_rows(max_col=1)) == 5002
    kept = sum(
        sum(bool(r.outcome) for r in d.reasons)
        + min(3, sum(not r.outcome and r.points < 0 for r in d.reasons))
        for d in book.decisions
    )
    assert sum(1 for _ in read["reasons"].iter_rows(max_col=1)) == kept + 1
    text = [
        cell for row in read["summary"].iter_rows(values_only=True) for cell in row if isinstance(cell, str)
    ]
    assert any("three card items that cost most" in cell for cell in text)
    read.close()


def test_an_empty_book_and_a_bad_path(county, tmp_path) -> None:
    """No decision is no crash, and a folder that is not there is one clear line."""
    empty = Book([], county(20).policy, {})
    write_workbook(empty, tmp_path / "empty.xlsx")
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").sheetnames[0] == "summary"
    with pytest.raises(BookError, match=r"nowhere.*cannot be written"):
        write_workbook(empty, tmp_path / "nowhere" / "book.xlsx")
