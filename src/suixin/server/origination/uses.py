"""What a loan is for: the uses that are offered, each in both languages, and whatever else somebody writes.

An application keeps one text, in Chinese for a use that is offered, whatever language it was chosen in; another text stays as
it was written. Lists, pages and agreements show the reader's words.
"""

from typing import NamedTuple


class Use(NamedTuple):
    """A use in both languages; the Chinese words are what an application keeps."""

    zh: str
    en: str


USES = (
    Use("种苗农资", "seedlings and supplies"),
    Use("包装物流", "packing and freight"),
    Use("收购备货", "buying stock"),
    Use("设备冷库", "equipment or cold storage"),
    Use("其他经营", "other business"),
)
"""What is offered, in the order in which it is shown."""
_KNOWN = {words.casefold(): use for use in USES for words in use}


def use_of(text: str) -> Use:
    """A text with its words in both languages; one that is not offered reads the same in both."""
    return _KNOWN.get(text.strip().casefold(), Use(text, text))


def kept(text: str) -> str:
    """What an application keeps of a use that was chosen or typed, in whichever language."""
    return use_of(text).zh


def speaking_of(text: str) -> list[str]:
    """What applications keep of the uses whose words, in either language, hold a text."""
    typed = text.casefold()
    return [words for use in USES if any(typed in said.casefold() for said in use) for words in use]
