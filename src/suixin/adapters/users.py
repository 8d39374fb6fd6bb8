"""An adapter that a user wrote: a Python file with NAME, ABOUT and open_source, run only when its path is given."""

import importlib.util
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import polars as pl

from suixin.errors import SourceError, SuixinError, UsageError
from suixin.lake.readers import Batch, first_line
from suixin.lake.source import Reader, Shape, Source, Stream

OFFERS = ("NAME", "ABOUT", "open_source")


@dataclass(frozen=True, slots=True)
class UserAdapter:
    """A user's adapter whose faults are told in one line.

    Attributes:
        file: the Python file.
        NAME, ABOUT: as the file says.
        call: its `open_source`.
    """

    file: Path
    NAME: str
    ABOUT: str
    call: Callable[[Path], object]

    def open_source(self, path: Path) -> Source:
        """Understand the source at `path`.

        Raises:
            SourceError: the source is not what the adapter expects, or the adapter is at fault; with its line.
        """
        try:
            found = self.call(path)
        except SuixinError:
            raise
        except Exception as error:
            raise _fault(self.file, error) from error
        if not isinstance(found, Source):
            raise SourceError(
                f"{self.file}: open_source returned {type(found).__name__}; it must return a suixin.lake.source.Source"
            )
        return replace(found, streams=tuple(_guarded(self.file, stream) for stream in found.streams))


def load(file: Path) -> UserAdapter:
    """Run the user's Python file.

    Raises:
        UsageError: there is no such file, it does not run, or it lacks one of `OFFERS`.
    """
    if not file.is_file():
        raise UsageError(f"{file}: no such adapter file")
    spec = importlib.util.spec_from_file_location(f"suixin_user_adapter_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file}: an adapter is a Python file; its name ends in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SuixinError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{file}: {_where(file, error)}") from error
    return _offered(file, module)


def _offered(file: Path, module: ModuleType) -> UserAdapter:
    lacking = [name for name in OFFERS if not hasattr(module, name)]
    if lacking:
        raise UsageError(f"{file}: lacks {', '.join(lacking)}; an adapter offers {', '.join(OFFERS)}")
    if not callable(module.open_source):
        raise UsageError(f"{file}: open_source must be a function of a path")
    return UserAdapter(file, str(module.NAME), str(module.ABOUT), module.open_source)


def _guarded(file: Path, stream: Stream) -> Stream:
    return replace(stream, shape=_shape(file, stream.shape), reader=_reader(file, stream.reader))


def _shape(file: Path, shape: Shape) -> Shape:
    def guarded(frame: pl.DataFrame) -> pl.DataFrame:
        try:
            shaped = shape(frame)
        except (SuixinError, pl.exceptions.PolarsError):
            raise  # the ingest names the file and the column
        except Exception as error:
            raise _fault(file, error) from error
        if not isinstance(shaped, pl.DataFrame) or "_row" not in shaped.columns:
            raise SourceError(f"{file}: a shape must return a frame with the column _row")
        return shaped

    return guarded


def _reader(file: Path, reader: Reader) -> Reader:
    def guarded(path: Path, encoding: str | None) -> Iterator[Batch]:
        try:
            yield from reader(path, encoding)
        except SuixinError:
            raise
        except Exception as error:
            raise _fault(file, error) from error

    return guarded


def _fault(file: Path, error: Exception) -> SourceError:
    return SourceError(f"{file}: {_where(file, error)}")


def _where(file: Path, error: BaseException) -> str:
    """The last line of the user's file that was running, and what went wrong there."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    place = f"line {lines[-1]}: " if lines else ""
    return f"{place}{type(error).__name__}: {first_line(Exception(str(error)))}"
