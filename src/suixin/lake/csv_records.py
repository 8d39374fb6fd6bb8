"""The records of a CSV file, line by line: one stray quotation mark costs one line, never the rest of the file.

The standard library's parser alone would take everything after an unclosed mark for one field.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

LINES_AT_ONCE = 4_096
LINES_A_RECORD, SIGNS_A_RECORD = 100, 1 << 20  # a quoted text that runs on longer was never closed


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is no record, and the rule it broke."""

    rule: str
    raw: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a CSV file.

    Attributes:
        row: its fields, None if the csv module refuses it.
        lines: the lines it takes up.
        is_open: whether it ends inside a quotation.
    """

    row: list[str] | None
    lines: list[str]
    is_open: bool


def records(
    ahead: deque[str], lines: Iterator[str], delimiter: str, width: int
) -> Iterator[list[str] | Line]:
    """The records of a CSV file: many lines at once as long as each is a record, else one by one."""
    while True:
        ahead.extend(islice(lines, LINES_AT_ONCE))
        if not ahead:
            return
        rows = _one_a_line(list(ahead), delimiter)
        if rows is not None:
            yield from rows
            ahead.clear()
        while ahead:
            yield _careful(ahead, lines, delimiter, width)


def _one_a_line(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """The lines as records; None if any of them is not one whole record."""
    text = "".join(lines)
    if "\0" in text:
        lines = [_without_nul(line) for line in lines]
    try:
        rows = list(csv.reader([*lines, "\n"], delimiter=delimiter))
    except csv.Error:
        return None
    return rows[:-1] if len(rows) == len(lines) + 1 else None


def _careful(ahead: deque[str], lines: Iterator[str], delimiter: str, width: int) -> list[str] | Line:
    """The next record; where a quotation runs on without reason, only its first line is given up."""
    record = take_record(ahead, lines, delimiter)
    several = len(record.lines) > 1
    closed = record.row is not None and not record.is_open
    if record.row is not None and closed and (not several or _well_formed(record, delimiter, width)):
        return record.row
    ahead.extendleft(reversed(record.lines[1:]))
    rule = "open_quote" if several or record.is_open else "too_long"
    return Line(rule, printable(record.lines[0].rstrip("\r\n")))


def _well_formed(record: Record, delimiter: str, width: int) -> bool:
    """Whether a record over several lines is meant: as wide as the header, every quotation ends its field.

    A second stray mark would otherwise seem to close the first.
    """
    try:
        rows = list(csv.reader(map(_without_nul, record.lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == width


def take_record(ahead: deque[str], lines: Iterator[str], delimiter: str) -> Record:
    """Take one record off the lines: more than one line only while a quotation is open."""
    taken: list[str] = []
    ends: list[bool] = []

    def take() -> Iterator[str]:
        while len(taken) < LINES_A_RECORD and sum(map(len, taken)) < SIGNS_A_RECORD:
            if not ahead:
                ahead.extend(islice(lines, 1))
            if not ahead:
                break
            taken.append(ahead.popleft())
            yield _without_nul(taken[-1])
        ends.append(True)

    try:
        row = next(csv.reader(take(), delimiter=delimiter))
    except csv.Error:
        row = None
    return Record(row, taken, bool(ends))


def _without_nul(line: str) -> str:
    """The csv module may stop at a NUL; a stand-in lets the row reach quarantine."""
    return line.replace("\0", "\ufffd")


def printable(text: str) -> str:
    """Text in which a byte that is no text is shown as its hexadecimal escape."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
