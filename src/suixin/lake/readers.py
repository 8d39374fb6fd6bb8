"""Source files as batches of raw rows, each row with its number; whatever cannot be read is kept, not lost.

A CSV is read by the standard library's parser, so that a damaged line is one rejected row with its raw
text, and never shifts its neighbours (docs/decisions/0002).
"""

import codecs
import csv
import io
import json
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import polars as pl
from python_calamine import CalamineWorkbook

from suixin.errors import SourceError
from suixin.lake.csv_records import Line, printable, records, take_record

ROW = "_row"
FORMATS = (".csv", ".parquet", ".xlsx", ".ndjson", ".jsonl")
LINE_FORMATS = (".ndjson", ".jsonl")  # every row names its own columns
TEXT_BATCH = 100_000
PARQUET_BATCH = 500_000
SNIFF_BYTES = 4 << 20
LONGEST_FIELD = 1 << 24
EXACT = 2**53  # from here on a float no longer tells whole numbers apart
_MANY_DIGITS = re.compile(rb"\d{16}")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read as a row of its file.

    Attributes:
        row: its number in the file, counting data rows from 1 (0: the file as a whole).
        rule: the rule it broke.
        raw: the row as it stands in the file.
        column: the column at fault, if one is.
    """

    row: int
    rule: str
    raw: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a file.

    Attributes:
        frame: the file's columns and `_row`.
        rejects: the unreadable rows.
        share: how much of the file is read by now, 0 to 1.
    """

    frame: pl.DataFrame
    rejects: list[Reject]
    share: float = 1.0

    @property
    def rows(self) -> int:
        """Rows read: good and rejected."""
        return self.frame.height + len(self.rejects)


def read(path: Path, encoding: str | None = None) -> Iterator[Batch]:
    """Yield the file's rows in batches; SourceError if it is not what its name says."""
    readers = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx, ".ndjson": _ndjson, ".jsonl": _ndjson}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise SourceError(f"{path}: the ending {path.suffix!r} is not one of {', '.join(FORMATS)}")
    try:
        yield from reader(path, encoding)
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeError as error:
        raise SourceError(f"{path}: is not text in the encoding {encoding or 'found'}: {error}") from error
    except Exception as error:
        if isinstance(error, pl.exceptions.PolarsError) or type(error).__module__.startswith(
            "python_calamine"
        ):
            raise SourceError(f"{path}: is not a readable {path.suffix} file: {first_line(error)}") from error
        raise


def first_line(error: Exception) -> str:
    """The first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def sniff_encoding(path: Path) -> str:
    """'utf-8', 'gb18030' or 'utf-16', judged on the first 4 MiB.

    UTF-16 if its byte order mark says so, else UTF-8 unless most lines with bytes above 127 are broken as UTF-8 and whole as GB18030: one damaged line
    in a UTF-8 file must not turn the other lines into rubbish.
    """
    with path.open("rb") as handle:
        start = handle.read(SNIFF_BYTES)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    held = [line for line in start.split(b"\n") if not line.isascii()]
    lines = held[:-1] or held  # the last may be cut off
    broken = [line for line in lines if not _decodes(line, "utf-8")]
    chinese = [line for line in broken if _reads_as_chinese(line)]
    return (
        "gb18030" if broken and 2 * len(broken) > len(lines) and 2 * len(chinese) > len(broken) else "utf-8"
    )


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _reads_as_chinese(line: bytes) -> bool:
    """Whether the line is GB18030 whose non-ASCII characters are mostly everyday Chinese."""
    if not _decodes(line, "gb18030"):
        return False
    high = [c for c in line.decode("gb18030") if ord(c) > 127]
    common = [
        c for c in high if "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef"
    ]
    return 10 * len(common) >= 9 * len(high)


def _csv(path: Path, encoding: str | None) -> Iterator[Batch]:
    encoding = encoding or sniff_encoding(path)
    csv.field_size_limit(min(sys.maxsize, LONGEST_FIELD))
    python_name = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    wide = encoding.lower().replace("_", "-").startswith("utf-16")
    errors = "replace" if wide else "surrogateescape"
    try:
        handle = io.TextIOWrapper(path.open("rb"), encoding=python_name, errors=errors, newline="")
    except LookupError as error:
        raise SourceError(f"{path}: the encoding {encoding!r} is unknown; try utf-8 or gb18030") from error
    with handle:
        first = next(handle, None)
        if first is None:
            return
        delimiter = max(",;\t|", key=first.count)  # the sign that splits the header into most names
        ahead = deque([first])
        header = take_record(ahead, handle, delimiter)
        if header.row is None or header.is_open:
            raise SourceError(f"{path}: a quotation mark in the header is not closed")
        names = [name.strip() for name in header.row]
        _refuse_double_names(path, names)
        size = path.stat().st_size
        found = records(ahead, handle, delimiter, len(names))
        for batch in _text_batches(names, enumerate(found, start=1)):
            yield replace(batch, share=min(1.0, handle.buffer.tell() / size))


def _refuse_double_names(path: Path, names: list[str]) -> None:
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise SourceError(f"{path}: the header names {', '.join(map(repr, double))} more than once")


def _text_batches(names: list[str], rows: Iterator[tuple[int, list[str] | Line]]) -> Iterator[Batch]:
    """Batches of text; one without rows if there are none, so that the header is seen."""
    good: list[list[str]] = []
    numbers: list[int] = []
    rejects: list[Reject] = []
    number = 0
    for number, row in rows:
        if isinstance(row, Line):
            rejects.append(Reject(number, row.rule, row.raw))
        elif rule := _broken(row, len(names)):
            rejects.append(Reject(number, rule, printable(orjson_list(row))))
        else:
            good.append(row)
            numbers.append(number)
        if len(good) + len(rejects) >= TEXT_BATCH:
            yield _text_batch(names, good, numbers, rejects)
            good, numbers, rejects = [], [], []
    if good or rejects or not number:
        yield _text_batch(names, good, numbers, rejects)


def _broken(row: list[str], width: int) -> str:
    if not any(row):
        return "empty_line"
    if len(row) != width:
        return "extra_column" if len(row) > width else "missing_column"
    text = "".join(row)
    if not text.isascii() and any("\udc80" <= c <= "\udcff" or c == "\ufffd" for c in text):
        return "bad_encoding"
    return ""


def _text_batch(names: list[str], good: list[list[str]], numbers: list[int], rejects: list[Reject]) -> Batch:
    columns = dict(zip(names, zip(*good, strict=True), strict=True)) if good else dict.fromkeys(names, ())
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    return Batch(frame.with_columns(pl.Series(ROW, numbers, pl.Int64)), rejects)


def orjson_list(row: list[str]) -> str:
    """A raw row as JSON text; a byte that is no text is shown as its hexadecimal escape."""
    return orjson.dumps([printable(cell) for cell in row]).decode()


def _parquet(path: Path, _: str | None) -> Iterator[Batch]:
    scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    rows = scan.select(pl.len()).collect().item()
    for offset in range(0, max(rows, 1), PARQUET_BATCH):
        frame = scan.slice(offset, PARQUET_BATCH).collect()
        categorical = [
            name for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical | pl.Enum)
        ]
        frame = frame.with_columns(
            pl.col(categorical).cast(pl.String),
            pl.int_range(offset + 1, offset + 1 + frame.height).alias(ROW),
        )
        yield Batch(frame, [], (offset + frame.height) / max(rows, 1))


def _xlsx(path: Path, _: str | None) -> Iterator[Batch]:
    rows = iter(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False))
    header = next(rows, None)
    if header is None:
        return
    names = [str(name).strip() for name in header]
    while names and not names[-1]:
        names.pop()
    _refuse_double_names(path, names)
    numbered = ((n, [cell_text(value) for value in row]) for n, row in enumerate(rows, start=1))
    yield from _text_batches(names, ((n, _trim(row, len(names))) for n, row in numbered))


def _trim(row: list[str], width: int) -> list[str]:
    """A sheet pads every row to the widest: blank cells beyond the header are not an extra column."""
    return row[:width] if not any(row[width:]) else row


def cell_text(value: object) -> str:
    """A cell of a sheet as text: a whole number without a point, an empty cell as an empty text."""
    if isinstance(value, float):
        return _float_text(value)
    return "" if value is None else str(value)


def _float_text(value: float) -> str:
    """17.0 as 17; a number whose digits are no longer exact with an exponent, so that no identifier looks whole."""
    if abs(value) >= EXACT:
        return f"{value:.15e}"
    return str(int(value)) if value.is_integer() else repr(value)


def _ndjson(path: Path, _: str | None) -> Iterator[Batch]:
    with path.open("rb") as handle:
        objects: list[dict[str, object]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, line in enumerate(handle, start=1):
            parsed = _json_row(line)
            if isinstance(parsed, str):
                rejects.append(
                    Reject(number, parsed, line.rstrip(b"\r\n").decode("utf-8", "backslashreplace"))
                )
            else:
                objects.append(parsed)
                numbers.append(number)
            if len(objects) + len(rejects) >= TEXT_BATCH:
                yield _json_batch(objects, numbers, rejects)
                objects, numbers, rejects = [], [], []
        if objects or rejects:
            yield _json_batch(objects, numbers, rejects)


def _json_row(line: bytes) -> dict[str, object] | str:
    if not line.strip():
        return "empty_line"
    if not _decodes(line, "utf-8"):
        return "bad_encoding"
    try:
        parsed = orjson.loads(line)
        if _MANY_DIGITS.search(line):  # more than a float holds: keep the digits as they are written
            parsed = json.loads(line, parse_int=str, parse_float=_decimal_text)
    except (ValueError, RecursionError):
        return "wrong_type"
    return parsed if isinstance(parsed, dict) else "wrong_type"


def _decimal_text(text: str) -> str:
    whole, _, decimals = text.partition(".")
    return whole if decimals and not decimals.strip("0") else text


def _json_batch(objects: list[dict[str, object]], numbers: list[int], rejects: list[Reject]) -> Batch:
    """Every value as text: the checks read text, and a column of mixed types must not fail the batch."""
    names = list(dict.fromkeys(name for row in objects for name in row))
    columns = {name: [_json_text(row.get(name)) for row in objects] for name in names}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    return Batch(frame.with_columns(pl.Series(ROW, numbers, pl.Int64)), rejects)


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    return repr(value) if isinstance(value, int) else orjson.dumps(value).decode()
