"""What a standard table is: typed columns with units, keys and checks, in one place.

A contract describes the table twice: as it stands in a *file* (money is a decimal in major units, times
are written as the source writes them) and as it is *stored* (money in integer minor units, instants in
UTC beside their civil day number). `Column.stored` gives the second from the first.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl


class Kind(StrEnum):
    """The type of a column, and with it how its text is read and how it is stored."""

    ID = "id"  #            identifier, text without blanks                    -> String
    CODE = "code"  #        one of a closed list, or an official code          -> String
    TEXT = "text"  #        free text                                          -> String
    MONEY = (
        "money"  #      decimal in major units                             -> Int64 minor units, `<name>_fen`
    )
    COUNT = "count"  #      whole number                                       -> Int64
    NUMBER = "number"  #    decimal number (a measure, a rate)                 -> Float64
    FLAG = "flag"  #        true or false                                      -> Boolean
    DATE = "date"  #        civil date, name ends in `_on`                     -> Date and Int32 `<stem>_day`
    INSTANT = "instant"  #  point in time, name ends in `_at`                  -> Datetime[us, UTC] and Int32 `<stem>_day`


STORED_TYPE: dict[Kind, pl.DataType] = {
    Kind.ID: pl.String(),
    Kind.CODE: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.MONEY: pl.Int64(),
    Kind.COUNT: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.FLAG: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a standard table.

    Attributes:
        name: the column's name in a standard file.
        kind: its type.
        zh, en: what it holds, in one line.
        required: a row without it goes to quarantine.
        unit: the unit of a count or number ("day", "g", "mm"); money is always in the lake's currency.
        low, high: inclusive bounds in file units; None for no bound.
        choices: the closed list of a code.
        known_at: the column that says when this one became known, if later than the row itself.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = True
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    known_at: str | None = None

    @property
    def stored(self) -> dict[str, pl.DataType]:
        """The stored columns that this one becomes, name to Polars type."""
        if self.kind is Kind.MONEY:
            return {f"{self.name}_fen": STORED_TYPE[self.kind]}
        own: dict[str, pl.DataType] = {self.name: STORED_TYPE[self.kind]}
        if self.kind in (Kind.DATE, Kind.INSTANT):
            own[day_name(self.name)] = pl.Int32()
        return own


def day_name(name: str) -> str:
    """The stored civil-day column of a date or instant column: `ordered_at` -> `ordered_day`."""
    return f"{name[:-3]}_day"


@dataclass(frozen=True, slots=True)
class Table:
    """One standard table.

    Attributes:
        name: its name, also the stem of its standard file.
        zh, en: what a row is.
        columns: its columns in file order.
        key: columns that identify the fact a row states; identity in the lake is key + known_at.
        happened: the date or instant column at which the fact took place.
        per_merchant: bucketed by merchant (has `merchant_id`), else kept in one global bucket.
        known_after: the column of days after which the fact is known, where the source is silent; None for at once.
        in_order: pairs (earlier, later) of date or instant columns; a row against the order is refused.
        refers: (column, table, column) that must exist in the lake or in the same ingest.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    happened: str
    per_merchant: bool = True
    known_after: str | None = None
    in_order: tuple[tuple[str, str], ...] = ()
    refers: tuple[tuple[str, str, str], ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({c.name: c for c in self.columns})

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError if there is none."""
        return self._by_name[name]

    @property
    def stored(self) -> dict[str, pl.DataType]:
        """The stored schema, in order: the columns, then `known_at`, `known_day` and `route`."""
        schema: dict[str, pl.DataType] = {}
        for column in self.columns:
            schema |= column.stored
        return schema | {"known_at": STORED_TYPE[Kind.INSTANT], "known_day": pl.Int32(), "route": pl.String()}

    @property
    def stored_key(self) -> list[str]:
        """The stored names of the identity: key, then known_at."""
        return [*self.key, "known_at"]

    @property
    def late(self) -> dict[str, str]:
        """Stored columns that become known later than their row -> the day column that says when."""
        masks: dict[str, str] = {}
        for column in self.columns:
            if column.known_at is not None:
                masks |= {name: day_name(column.known_at) for name in column.stored}
        return masks

    @property
    def sort_by(self) -> list[str]:
        """The order of rows inside a file: merchant, day, key, known_at."""
        first = ["merchant_id", day_name(self.happened)] if self.per_merchant else [day_name(self.happened)]
        return list(dict.fromkeys([*first, *self.key, "known_at"]))
