"""The rows that an ingest set aside, and what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from django.db.models import QuerySet

from suixin.identifiers import mask, mask_row
from suixin.lake import quarantine
from suixin.lake.contract import Kind, Table
from suixin.lake.store import Lake
from suixin.lake.tables import IDENTITIES, TABLES
from suixin.server.intake.models import MendedFile, RowOutcome
from suixin.server.origination.models import Desk

OPEN, BEGUN = "open", "begun"
STATES = (OPEN, BEGUN, *RowOutcome.Kind.values)
_PLACE = 32
_SHOWN = 60
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that was set aside.

    Attributes:
        file, row: where it stands in its source.
        column, rule: what is wrong; column is '' if the whole row is.
        raw: the row as it came, JSON or the line itself; '' if it names somebody whom the lake has forgotten.
        outcome: what became of it; None while it is open.
        begun: the mended file that has begun to bring it in; None if none has.
    """

    table: str
    file: str
    row: int
    column: str
    rule: str
    raw: str
    outcome: RowOutcome | None = None
    begun: MendedFile | None = None

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.outcome is not None:
            return self.outcome.kind
        return BEGUN if self.begun else OPEN

    @property
    def place(self) -> str:
        """What stands for file and row where neither may be kept."""
        return place_of(self.file, self.row)

    @property
    def is_about_nobody(self) -> bool:
        """Whether the lake has forgotten whom it names, and its content with them."""
        return self.rule == "forgotten"

    @property
    def value(self) -> str:
        """The value at fault, masked."""
        return shown(self.table, self.column, self.values.get(self.column, ""))

    @property
    def masked(self) -> str:
        """The whole row, masked."""
        if self.table != IDENTITIES.name:
            return quarantine.masked(self.raw)[:_LONGEST]
        return orjson.dumps(
            {name: shown(self.table, name, text) for name, text in self.values.items()}
        ).decode()

    @property
    def values(self) -> dict[str, str]:
        """Column -> text, by the names that a file has; empty if the line could not be read as a row."""
        found = quarantine.parsed(self.raw) if self.raw else None
        if not isinstance(found, dict):
            return {}
        held = as_in_a_file(TABLES[self.table], found) if self.rule == "conflict" else found
        return {str(name): _text(value) for name, value in held.items()}


def place_of(file: str, row: int) -> str:
    """A digest of a row's place in its source."""
    return sha256(orjson.dumps([file, row])).hexdigest()[:_PLACE]


def shown(table: str, column: str, text: str) -> str:
    """A value as it may be shown; of direct identifiers nothing is readable, since a name cannot be told from a word."""
    if table == IDENTITIES.name and column not in {"party_id", "recorded_on", "known_at"} and text:
        return mask(text)
    return str(mask_row({column: text})[column])[:_SHOWN]


def as_in_a_file(contract: Table, stored: dict[str, Any]) -> dict[str, Any]:
    """A row as it is stored (a conflict is kept so) with the columns and units of a file."""
    held = dict(stored)
    for column in contract.columns:
        if column.kind is Kind.MONEY and f"{column.name}_fen" in held:
            minor = int(held.pop(f"{column.name}_fen"))
            held[column.name] = f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"
    return held


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def rows_of(desk: Desk, lake: Lake, number: int, table: str) -> list[Aside]:
    """Every row of a table that an ingest set aside and the lake still has, by file and row."""
    found = quarantine.of_ingest(lake, table, number)
    outcomes = {
        one.place: one
        for one in RowOutcome.objects.filter(desk_id=desk.pk, ingest=number, table=table).select_related(
            "file"
        )
    }
    begun = begun_with(desk, number, table)
    rows = found.select(*quarantine.SCHEMA).iter_rows(named=True)
    placed = ((place_of(row["file"], row["row"]), row) for row in rows)
    return [Aside(table, **row, outcome=outcomes.get(at), begun=begun.get(at)) for at, row in placed]


def begun_with(desk: Desk, number: int, table: str) -> dict[str, MendedFile]:
    """Place -> the mended file that has begun to bring the row in."""
    found = MendedFile.objects.filter(
        desk_id=desk.pk, ingest=number, table=table, begun_at__isnull=False, done_at=None
    )
    return {place: file for file in found for place in file.places}


def waiting_of(desk: Desk, number: int, table: str) -> QuerySet[MendedFile]:
    """Mended files of these rows that can be put in and were not, and whose rows are still kept, the latest first."""
    found = MendedFile.objects.filter(desk_id=desk.pk, ingest=number, table=table, good__gt=0)
    return found.filter(done_at=None, let_go_at=None).order_by("-id")


def open_of(rows: Iterable[Aside]) -> list[Aside]:
    """Those that wait for somebody and can be mended."""
    return [one for one in rows if one.state == OPEN and not one.is_about_nobody]
