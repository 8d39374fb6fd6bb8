"""The data standard as a data contract: Open Data Contract Standard (ODCS) v3.1.0, made from the tables' contracts.

It describes the standard files, as whoever supplies data has to write them; how a lake stores them is its own
business. ODCS is kept by Bitol, Linux Foundation AI & Data: https://bitol-io.github.io/open-data-contract-standard/
"""

from typing import Any

import yaml

from suixin.lake.contract import Column, Kind, Table
from suixin.lake.tables import TABLES

STANDARD_VERSION = "1.1.0"
"""Of the data standard: the middle number grows with a new table or optional column, the first with anything that
a source written for the version before could trip over."""
ODCS_VERSION = "v3.1.0"
_LOGICAL = {
    Kind.ID: ("string", "string"),
    Kind.CODE: ("string", "string"),
    Kind.TEXT: ("string", "string"),
    Kind.MONEY: ("number", "decimal(18,2)"),
    Kind.COUNT: ("integer", "int64"),
    Kind.NUMBER: ("number", "double"),
    Kind.FLAG: ("boolean", "boolean"),
    Kind.DATE: ("date", "date"),
    Kind.INSTANT: ("timestamp", "timestamp"),
}
_PRIVATE = "identities"


def data_contract() -> dict[str, Any]:
    """The contract as a document: plain values in the order in which ODCS names them."""
    return {
        "apiVersion": ODCS_VERSION,
        "kind": "DataContract",
        "id": "suixin-data-standard",
        "name": "Suixin data standard 穗信数据标准",
        "version": STANDARD_VERSION,
        "status": "active",
        "domain": "rural merchant credit",
        "description": {
            "purpose": "The trading record of rural merchants, from which credit is decided.",
            "usage": "One file or folder a table, named after it: CSV, Parquet, XLSX or NDJSON. Optional columns "
            "may be left out, and tables that a source lacks are absent.",
            "limitations": "Money is a decimal in major units of one currency. Times without an offset are read "
            "in the zone that the source states. Direct identifiers stand in the table identities only.",
        },
        "schema": [_table(table) for table in TABLES.values()],
    }


def contract_text() -> str:
    """The contract as YAML, the content of an `.odcs.yaml` file."""
    return str(yaml.safe_dump(data_contract(), allow_unicode=True, sort_keys=False, width=110))


def _table(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": table.name,
        "name": table.name,
        "physicalName": table.name,
        "logicalType": "object",
        "physicalType": "file",
        "businessName": table.zh,
        "description": table.en,
        "properties": [*(_column(table, column) for column in table.columns), *_common()],
        "quality": [_unique(table), *(_in_order(*pair) for pair in table.in_order)],
        "customProperties": [{"property": "happened", "value": table.happened}],
    }
    if table.known_after:
        found["customProperties"].append({"property": "knownAfterDays", "value": table.known_after})
    return found


def _column(table: Table, column: Column) -> dict[str, Any]:
    logical, physical = _LOGICAL[column.kind]
    found: dict[str, Any] = {
        "id": f"{table.name}-{column.name}",
        "name": column.name,
        "businessName": column.zh,
        "description": column.en,
        "logicalType": logical,
        "physicalType": physical,
        "required": column.required,
    }
    if column.name in table.key:
        found |= {"primaryKey": True, "primaryKeyPosition": table.key.index(column.name) + 1}
    if options := _options(column):
        found["logicalTypeOptions"] = options
    if table.name == _PRIVATE and column.name not in (*table.key, table.happened):
        found["classification"] = "restricted"
    if target := [f"{other}.{name}" for own, other, name in table.refers if own == column.name]:
        found["relationships"] = [{"type": "foreignKey", "to": to} for to in target]
    if column.choices:
        found["quality"] = [_choices(column)]
    custom = {"unit": column.unit, "knownAt": column.known_at}
    if held := [{"property": name, "value": value} for name, value in custom.items() if value]:
        found["customProperties"] = held
    return found


def _options(column: Column) -> dict[str, Any]:
    """Bounds, and for money the two digits after the point."""
    found: dict[str, Any] = {}
    if column.low is not None:
        found["minimum"] = column.low
    if column.high is not None:
        found["maximum"] = column.high
    return found | ({"multipleOf": 0.01} if column.kind is Kind.MONEY else {})


def _choices(column: Column) -> dict[str, Any]:
    return {
        "name": f"{column.name} is of the list",
        "metric": "invalidValues",
        "arguments": {"validValues": list(column.choices)},
        "mustBe": 0,
        "dimension": "conformity",
    }


def _unique(table: Table) -> dict[str, Any]:
    """A fact is stated once at a time; a later known_at corrects it."""
    return {
        "name": "one row a key and time of knowledge",
        "metric": "duplicateValues",
        "arguments": {"properties": [*table.key, "known_at"]},
        "mustBe": 0,
        "dimension": "uniqueness",
    }


def _in_order(earlier: str, later: str) -> dict[str, Any]:
    return {
        "name": f"{later} not before {earlier}",
        "type": "sql",
        "query": f"SELECT COUNT(*) FROM ${{table}} WHERE {later} < {earlier}",  # noqa: S608  our own names
        "mustBe": 0,
        "dimension": "consistency",
    }


def _common() -> list[dict[str, Any]]:
    """The columns that every table may carry."""
    return [
        {
            "name": "known_at",
            "businessName": "获知时间",
            "description": "when the row became known; a later one corrects an earlier row of the same key",
            "logicalType": "timestamp",
            "physicalType": "timestamp",
            "required": False,
        },
        {
            "name": "currency",
            "businessName": "币种",
            "description": "currency of the row's amounts, ISO 4217; it must be the lake's",
            "logicalType": "string",
            "physicalType": "string",
            "required": False,
            "logicalTypeOptions": {"pattern": "^[A-Z]{3}$"},
        },
    ]
