"""Tables for the terminal and for a file whose figures are whole at any width.

A terminal that is too narrow folds words, then leaves out the columns that only compare; what still does not fit is
printed as wide as it is, and the terminal wraps it. A file is as wide as its tables need.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_FIGURE = 24  # cells; a longer word with digits is a hash or a path, which may be folded
_WORD = 16  # cells; a longer word may be folded
_PROSE = 120  # cells of a line of prose in a file
_BOUNDLESS = 100_000


class Figures:
    """A table that never cuts a figure."""

    def __init__(self, *, note: str = "", **look: Any) -> None:
        """Start a table.

        Args:
            note: said below the table where spare columns are left out.
            look: as `rich.table.Table` takes it.
        """
        self._note = note
        self._look = look
        self._heads: list[tuple[Text, bool, bool]] = []
        self._rows: list[tuple[Text, ...]] = []

    def add_column(self, head: str | Text = "", *, right: bool = False, spare: bool = False) -> None:
        """A column; a spare one may be left out where there is no room, the last one first."""
        self._heads.append((_text(head), right, spare))

    def add_row(self, *cells: str | Text) -> None:
        """A row, a cell a column; what is not given is empty."""
        empty = [""] * (len(self._heads) - len(cells))
        self._rows.append(tuple(_text(cell) for cell in (*cells, *empty)))

    def least(self, console: Console) -> int:
        """The width below which a figure would be cut."""
        shown = [number for number, (_, _, spare) in enumerate(self._heads) if not spare]
        return self._width(console, shown, 0)

    def most(self, console: Console) -> int:
        """The width at which nothing wraps."""
        return self._width(console, range(len(self._heads)), 1)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.least(console), self.most(console)).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        shown = list(range(len(self._heads)))
        for number in reversed(range(len(self._heads))):
            if self._heads[number][2] and self._width(console, shown, 0) > options.max_width:
                shown.remove(number)
        table = self._table(shown)
        bounds = [self._bounds(number) for number in shown]
        room = options.max_width - self._extra(console, shown)
        for column, width in zip(table.columns, _shared(bounds, room), strict=True):
            column.width = width
        yield table
        if self._note and len(shown) < len(self._heads):
            yield Text(self._note, "dim")

    def _table(self, shown: Sequence[int]) -> Table:
        table = Table(**self._look)
        for number in shown:
            head, right, _ = self._heads[number]
            table.add_column(head, justify="right" if right else "left", overflow="fold")
        for row in self._rows:
            table.add_row(*(row[number] for number in shown))
        return table

    def _bounds(self, number: int) -> tuple[int, int]:
        """The least and the most cells of a column."""
        cells = [row[number] for row in self._rows]
        if self._look.get("show_header", True):
            cells.append(self._heads[number][0])
        return max(map(_least, cells), default=1), max(map(_most, cells), default=1)

    def _width(self, console: Console, shown: Sequence[int], side: int) -> int:
        return sum(self._bounds(number)[side] for number in shown) + self._extra(console, shown)

    def _extra(self, console: Console, shown: Sequence[int]) -> int:
        """Cells of borders and padding."""
        empty = Table(**{**self._look, "title": None})
        for _ in shown:
            empty.add_column("", width=1)
        return Measurement.get(console, console.options.update_width(_BOUNDLESS), empty).maximum - len(shown)


class Sized:
    """Something at a width of its own, whatever the console's."""

    def __init__(self, inner: RenderableType, width: int) -> None:
        """What to print, and how wide."""
        self._inner, self._width = inner, width

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        yield from console.render(self._inner, options.update(width=self._width))


def whole(renderable: RenderableType, console: Console) -> Sized:
    """The same at a width that cuts no figure; print it with `crop=False`."""
    least, most = _bounds(renderable, console)
    return Sized(renderable, max(console.width, least) if console.is_terminal else most)


def _bounds(part: Any, console: Console) -> tuple[int, int]:
    """From which width on the figures are whole, and at which width nothing wraps but prose."""
    if isinstance(part, Figures):
        return part.least(console), part.most(console)
    if isinstance(part, Text):
        return _least(part), min(_most(part), _PROSE)
    if isinstance(part, Group):
        bounds = [_bounds(one, console) for one in part.renderables]
        return max(least for least, _ in bounds), max(most for _, most in bounds)
    if isinstance(part, Padding):
        least, most = _bounds(part.renderable, console)
        return least + part.left + part.right, most + part.left + part.right
    if isinstance(part, Panel):
        least, most = _bounds(part.renderable, console)
        _, right, _, left = Padding.unpack(part.padding)
        return least + left + right + 2, most + left + right + 2
    return 0, Measurement.get(console, console.options.update_width(_BOUNDLESS), part).maximum


def _text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _least(text: Text) -> int:
    return max(map(_least_of_word, text.plain.split()), default=1)


def _least_of_word(word: str) -> int:
    size = cell_len(word)
    return size if size <= _FIGURE and any(map(str.isdigit, word)) else min(size, _WORD)


def _most(text: Text) -> int:
    return max(map(cell_len, text.plain.splitlines()), default=1) or 1


def _shared(bounds: Sequence[tuple[int, int]], room: int) -> list[int]:
    """The widths of columns in a room: the widest are cut back first, none below its least."""
    level = max((most for _, most in bounds), default=1)
    widths = [most for _, most in bounds]
    while sum(widths) > room and level > 1:
        level -= 1
        widths = [max(least, min(most, level)) for least, most in bounds]
    for number, (_, most) in enumerate(bounds):
        widths[number] += max(0, min(most - widths[number], room - sum(widths)))
    return widths
