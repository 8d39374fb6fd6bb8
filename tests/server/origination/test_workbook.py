"""An uploaded workbook that asks for more than there is, is refused before a reader opens it."""

import csv
import io
import zipfile

import pytest
import xlsxwriter

from suixin.errors import SourceError
from suixin.server.origination import sheet, workbook

HEADS = ("merchant_id", "amount", "purpose")


def made(**parts):
    """A zip of parts, packed as small as it goes; dots in a name are slashes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return held.getvalue()


def good(rows=1):
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEADS)
    for row in range(1, rows + 1):
        page.write_row(row, 0, [f"M{row}", 3_000, "seedlings"])
    book.close()
    return held.getvalue()


def test_a_plain_workbook_of_a_thousand_rows_passes():
    """The largest that the import takes."""
    assert len(sheet.table("a.xlsx", good(1_000)).body) == 1_000


def cells(*places):
    return "<sheetData>" + "".join(f'<c r="{one}"><v>1</v></c>' for one in places) + "</sheetData>"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"a": "<a/>" + " " * 20_000_001}, "unpacks to more than 20,000,000 bytes"),
        ({f"p{number}": "<a/>" for number in range(201)}, "has 201 parts"),
        ({"sheet": cells("A1", "A1048576")}, "cells below row 10,000"),
        ({"sheet": cells("A1", "XFD1")}, "right of column 256"),
        ({"sheet": "<x:row r='99999'><x:c r='A1'/></x:row>"}, "cells below row 10,000"),
        ({"sheet": "<row r='1'>" + "<c/>" * 3 + "</row>"}, "cells without a place"),
        ({"sheet": "<row x='>' r='99999'><c r='A1'/></row>"}, "cells without a place"),
        ({"sheet": cells(*["A1"] * 50_001)}, "has 50,001 cells on a sheet"),
        ({"strings": f"<sst><si><t>{'x' * 4_001}</t></si></sst>"}, "a text of more than 4,000 bytes"),
        ({"sheet": cells("A1", "A1048576").encode("utf-16")}, "not UTF-8"),
        ({"sheet": cells("A1", "A1048576").encode("utf-16-le")}, "not UTF-8"),
    ],
)
def test_a_small_file_that_asks_for_much_is_refused(parts, told):
    """Each would cost gigabytes once opened; none is larger than the import's own limit."""
    content = made(**parts)
    assert len(content) < sheet.MOST_BYTES
    with pytest.raises(SourceError, match=told):
        sheet.table("a.xlsx", content)


def test_what_a_part_says_of_its_size_is_not_believed():
    """The directory's figure is set to ten bytes; the part is as long as ever."""
    content = made(a="<a/>" + " " * 1_000_000)
    size = (1_000_004).to_bytes(4, "little")
    assert content.count(size) == 2
    with pytest.raises(SourceError, match="is no workbook"):
        workbook.judge("a.xlsx", content.replace(size, (10).to_bytes(4, "little")))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04 and no more", "is no workbook"),
        (b"", "is no workbook"),
        (good()[:-40], "is no workbook"),
    ],
    ids=["torn", "empty", "cut short"],  # a workbook holds the moment at which it was made
)
def test_what_is_no_zip_is_refused(content, told):
    """Whatever it is called."""
    with pytest.raises(SourceError, match=told):
        sheet.table("a.xlsx", content)


@pytest.mark.parametrize("limit", [131_072, 10_000_000])
def test_a_csv_with_an_endless_cell_is_refused(limit):
    """Told in a sentence, not by a page of errors; also where somebody has raised the csv module's limit."""
    before = csv.field_size_limit(limit)
    content = b'merchant_id,amount,purpose\nM1,1,"' + b"x" * 200_000
    try:
        with pytest.raises(SourceError, match="is no CSV that can be read"):
            sheet.table("a.csv", content)
    finally:
        csv.field_size_limit(before)
