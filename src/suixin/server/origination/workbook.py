"""What an uploaded workbook may be, looked at before a reader opens it.

A workbook is a zip of XML, and a small one can ask for more memory than there is: by what it unpacks to, by a single cell
a million rows down (a reader lays out everything up to it), or by a long text that many cells share. Each is bounded here
by reading the parts as a stream; what they say of their own size is not believed.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from suixin.errors import SourceError

MOST_UNPACKED = 20_000_000
MOST_PARTS = 200
MOST_CELLS = 50_000
LAST_ROW, LAST_COLUMN = 10_000, 256
LONGEST_TEXT = 4_000  # bytes of a text that cells share, with its markup
_PIECE = 1 << 16
_PLACED = re.compile(rb"""<(?:\w+:)?(?:c|row)\b[^<>]*?\sr\s*=\s*["']([A-Za-z]{0,8})([0-9]{1,18})["']""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_SHARED = re.compile(rb"<(?:\w+:)?si[\s/>]")


def judge(name: str, content: bytes) -> None:
    """Go on only with a workbook that can be read in little memory.

    Raises:
        SourceError: no zip, too many or too large parts, cells too far down or without a place, too long texts.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in _unpacked(name, archive):
                _judge_part(name, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise SourceError(
            f"{name} is no workbook, whatever it is called; save it as .xlsx",
            zh=f"{name} 不是 Excel 工作簿，请另存为 .xlsx",
        ) from error


def _unpacked(name: str, archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The parts, unpacked a piece at a time."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise SourceError(
            f"{name} has {len(parts):,} parts; a workbook of rows has at most {MOST_PARTS}",
            zh=f"{name} 内含 {len(parts):,} 个部分，最多 {MOST_PARTS} 个；请只留数据表，另存为 .xlsx",
        )
    total = 0
    for one in parts:
        held = bytearray()
        with archive.open(one) as stream:
            while piece := stream.read(_PIECE):
                total += len(piece)
                if total > MOST_UNPACKED:
                    raise SourceError(
                        f"{name} unpacks to more than {MOST_UNPACKED:,} bytes; split it",
                        zh=f"{name} 解压后超过 {MOST_UNPACKED:,} 字节，请拆成几个文件",
                    )
                held += piece
        yield bytes(held)


def _judge_part(name: str, part: bytes) -> None:
    if part[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"<\0" in part[:4] or b"\0<" in part[:4]:
        raise SourceError(
            f"{name} holds text that is not UTF-8; save it anew by a spreadsheet program",
            zh=f"{name} 内的文字不是 UTF-8 编码；请用表格软件重新另存",
        )
    cells = len(_CELL.findall(part))
    if cells > MOST_CELLS:
        raise SourceError(
            f"{name} has {cells:,} cells on a sheet; give at most {MOST_CELLS:,}",
            zh=f"{name} 的一张表有 {cells:,} 个单元格，最多 {MOST_CELLS:,} 个",
        )
    places = _PLACED.findall(part)
    if cells + len(_ROW.findall(part)) > len(places):
        raise SourceError(
            f"{name} has cells without a place; save it anew by a spreadsheet program",
            zh=f"{name} 有单元格没有标明位置；请用表格软件重新另存",
        )
    if any(int(row) > LAST_ROW or _column(letters) > LAST_COLUMN for letters, row in places):
        raise SourceError(
            f"{name} has cells below row {LAST_ROW:,} or right of column {LAST_COLUMN}; delete what stands there",
            zh=f"{name} 在第 {LAST_ROW:,} 行以下或第 {LAST_COLUMN} 列以右有单元格，请删除",
        )
    if any(len(text) > LONGEST_TEXT for text in _SHARED.split(part)[1:]):
        raise SourceError(
            f"{name} has a text of more than {LONGEST_TEXT:,} bytes in a cell; shorten it",
            zh=f"{name} 有一格的文字超过 {LONGEST_TEXT:,} 字节，请缩短",
        )


def _column(letters: bytes) -> int:
    number = 0
    for one in letters.upper():
        number = number * 26 + one - 64
    return number
