"""What every command shares: JSON for machines, tables for people, progress on long work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from suixin.cli import end_quietly, printable
from suixin.errors import UsageError
from suixin.reporting.terminal import Figures, whole

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Lang = Annotated[str, typer.Option(help="zh or en.")]
Processes = Annotated[
    int | None, typer.Option(help="How many processes compute features; one a core unless told.", min=1)
]


class _People(Console):
    """Standard output for people; a reader that goes away (`| head`) is no error."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        end_quietly()


people = _People(soft_wrap=True, emoji=False, highlight=False)


def say(text: str) -> None:
    """A line for people; text from data is never read as markup and never steers the terminal."""
    people.print(printable(text), markup=False)


def show(renderable: RenderableType) -> None:
    """A table, a tree or a card for people; no figure is cut, however narrow the terminal."""
    people.print(whole(renderable, people), soft_wrap=False, crop=False)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str).decode())


def print_table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people; numbers to the right, text from data never read as markup."""
    held = [list(row) for row in rows]
    if title:
        people.print(_plain(title, "table.title"))
    table = Figures()
    for number, name in enumerate(header):
        numeric = bool(held) and all(isinstance(row[number], int | float) for row in held)
        table.add_column(_plain(name), right=numeric)
    for row in held:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else _plain(str(cell)) for cell in row))
    show(table)


def _plain(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error while the block runs; silent when nobody watches."""
    console = Console(stderr=True, emoji=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=escape(printable(what)), completed=done, total=max(total, 1))

        yield tell


def refuse_overwriting(out: Path, files: Iterable[Path], folders: Iterable[Path]) -> None:
    """Refuse a file to write that is a folder, one of the files read, or inside one of the folders read."""
    if out.is_dir():
        raise UsageError(f"{out}: is a folder; name a file")
    place = out.resolve()
    for file in files:
        if file.resolve() == place:
            raise UsageError(f"{out}: is read by this command; name another file to write")
    for folder in folders:
        if folder.is_dir() and place.is_relative_to(folder.resolve()):
            raise UsageError(f"{out}: lies inside {folder}, which is read; name a file outside it")


def read_date(text: str | None) -> date | None:
    """A date from the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date; write it as 2026-01-31") from error
