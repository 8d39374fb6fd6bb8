"""The tables of a month as JSON, and what everybody knows of their columns."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from suixin.regions.table import BEFORE, Figure, Relation, Table

LENDING, DEMAND, SALES = "lending", "demand", "sales"
COLUMNS = {
    LENDING: ("borrowers", "new", "late", "late90"),
    DEMAND: ("decided", "unmet", "granted", "refused"),
    SALES: ("sales",),
}
"""Table -> its columns, the wide ones first."""

RELATIONS = {
    LENDING: (
        Relation({"late": 1, "current": 1, "borrowers": -1}, equal=True),
        Relation({"late90": 1, "early": 1, "late": -1}, equal=True),
        Relation({f"{BEFORE}borrowers": 1, "borrowers": -1, "left": -1}, amounts=False),
        Relation({"left": 1, f"{BEFORE}borrowers": -1, "new": -1, "borrowers": 1}, amounts=False),
        Relation({"borrowers": 1, f"{BEFORE}borrowers": -1, "new": -1}, counts=False),
    ),
    DEMAND: (
        Relation({"granted": 1, "refused": 1, "decided": -1}, equal=True, amounts=False),
        Relation({"granted": 1, "unmet": 1, "decided": -1}, equal=True, counts=False),
        Relation({"unmet": 1, "met": 1, "decided": -1}, equal=True, amounts=False),
        Relation({"refused": 1, "less": 1, "unmet": -1}, equal=True),
    ),
    SALES: (),
}
"""`current`, `early` (1 to 90 days late), `left`, `met` and `less` (granted less than was asked) are nobody's columns.

Sales are tied to nothing: who agrees need not borrow, and a month's sales bound no other month's.
"""


def document(
    tables: Mapping[str, Table], names: Mapping[str, str], absent: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The tables, what the places are called, and why a table is not there, as JSON."""
    return {
        "names": dict(names),
        "absent": dict(absent or {}),
        "tables": {
            name: {
                "parents": dict(table.parents),
                "columns": {
                    column: {area: None if one is None else list(one) for area, one in held.items()}
                    for column, held in table.columns.items()
                },
            }
            for name, table in tables.items()
        },
    }


def read(held: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of a document."""
    return {
        name: Table(
            one["parents"],
            {
                column: {area: None if pair is None else Figure(*pair) for area, pair in figures.items()}
                for column, figures in one["columns"].items()
            },
        )
        for name, one in held["tables"].items()
    }


def digest(held: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a document."""
    return sha256(orjson.dumps(held, option=orjson.OPT_SORT_KEYS)).hexdigest()
