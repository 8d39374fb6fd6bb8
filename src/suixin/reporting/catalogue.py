"""The catalogue of Chinese words: read, and compiled again after a change with `python -m suixin.reporting.catalogue`."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale" / "zh" / "LC_MESSAGES"


def read_catalogue() -> Catalog:
    """The catalogue as its source file has it."""
    with (FOLDER / "suixin.po").open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compiled() -> bytes:
    """The content that suixin.mo should have."""
    buffer = io.BytesIO()
    write_mo(buffer, read_catalogue())
    return buffer.getvalue()


def chinese() -> dict[str, str]:
    """English words -> Chinese words; a plural stands under its singular."""
    found: dict[str, str] = {}
    for message in read_catalogue():
        if message.id:
            one, words = message.id, message.string or ""
            found[one if isinstance(one, str) else one[0]] = words if isinstance(words, str) else words[0]
    return found


def compile_catalogue() -> None:
    """Write suixin.mo from suixin.po."""
    (FOLDER / "suixin.mo").write_bytes(compiled())


if __name__ == "__main__":
    compile_catalogue()
