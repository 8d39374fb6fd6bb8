"""Who is meant by an identifier, and by which words a person may be found in a lake."""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson
import polars as pl

from suixin.lake.manifest import Manifest
from suixin.lake.store import Lake, reading
from suixin.lake.tables import IDENTITIES

DIRECT = tuple(
    name for name in ("name", "id_number", "phone", "address", "account") if name in IDENTITIES.stored
)
_BREAKS = r"[\s\-]"
_EDGE = "[^0-9A-Za-z_-]"


@dataclass(frozen=True, slots=False)
class Person:
    """A person to be forgotten.

    Attributes:
        parties: the pseudonym, empty if the party stays because it runs another merchant.
        merchants: the merchants whose rows go.
        words: the direct identifiers, as they were recorded.
    """

    parties: frozenset[str]
    merchants: frozenset[str]
    words: frozenset[str]

    @property
    def ids(self) -> list[str]:
        """Pseudonym and merchant identifiers."""
        return sorted(self.parties | self.merchants)

    @cached_property
    def _long(self) -> list[str]:
        """Words found wherever they stand, as people write them: with blanks or hyphens, full-width or not."""
        return sorted({_plain(form) for word in self.words if _telling(word) for form in _forms(word)})

    @cached_property
    def _exact(self) -> str:
        """Identifiers and short words, found only where they stand on their own."""
        short = {word for word in self.words if not _telling(word)}
        held = "|".join(
            re.escape(form) for word in [*self.ids, *sorted(short)] for form in sorted(_forms(word))
        )
        return f"(^|{_EDGE})({held})({_EDGE}|$)"

    def named_in(self, text: pl.Expr) -> pl.Expr:
        """Whether a text names the person."""
        plain = text.str.normalize("NFKC").str.to_lowercase().str.replace_all(_BREAKS, "")
        named = text.str.contains(self._exact)
        return (named | plain.str.contains_any(self._long) if self._long else named).fill_null(value=False)

    def is_named_in(self, text: str) -> bool:
        """Whether a text names the person."""
        return bool(pl.select(self.named_in(pl.lit(text))).item())


def _plain(text: str) -> str:
    return re.sub(_BREAKS, "", unicodedata.normalize("NFKC", text).lower())


def _telling(word: str) -> bool:
    """Whether a word is long enough not to be met by chance inside another."""
    plain = _plain(word)
    return len(plain) >= (4 if plain.isascii() else 2)


def _forms(word: str) -> set[str]:
    """A word as it stands in plain text and in JSON."""
    return {word, orjson.dumps(word).decode()[1:-1], json.dumps(word)[1:-1]}


def find(root: Path, manifest: Manifest, identifier: str) -> Person:
    """The person of a party's or a merchant's identifier.

    A merchant's party goes with it, unless it runs another merchant in the lake; a party's merchants all go.
    """
    lake = Lake(root, manifest)
    run = _versions(lake, "merchants", ["merchant_id", "party_id"])
    mine = run.filter(merchant_id=identifier)["party_id"].drop_nulls()
    elsewhere = run.filter(pl.col("merchant_id") != identifier)["party_id"].drop_nulls()
    if identifier in run["merchant_id"]:
        parties = frozenset(mine.to_list()) - frozenset(elsewhere.to_list())
        merchants = frozenset({identifier})
    else:
        parties = frozenset({identifier})
        merchants = frozenset(run.filter(party_id=identifier)["merchant_id"].to_list())
    known = _versions(lake, "identities", ["party_id", *DIRECT])
    direct = known.filter(pl.col("party_id").is_in(sorted(parties))).select(DIRECT)
    words = {value for row in direct.iter_rows() for value in row if value}
    return Person(parties, merchants, frozenset(words))


def _versions(lake: Lake, name: str, columns: list[str]) -> pl.DataFrame:
    parts = [lake.versions(name, bucket).select(columns) for bucket in lake.buckets(name)]
    with reading(lake.root):
        return (
            pl.concat(parts).unique().collect()
            if parts
            else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        )
