"""The JSON schema of a decision, made from the table it is stored in: `suixin explain --json` writes this."""

from typing import Any

import polars as pl

from suixin.reporting.tables import SCHEMA
from suixin.underwriting.decision import SCHEMA_VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPTIONAL = (
    "annual_rate",
    "all_in_rate",
    "fee",
    "term_months",
    "method",
    "schedule",
    "comparator",
    "alternatives",
    "costs",
    "sweep",
    "season_input",
    "standing",
)
LATER = ("sweep", "season_input", "standing", "usual_year")
"""What documents of this version did not have from the start: a reader may not rely on it."""
UNKNOWN = ("rate", "amount")
"""Parts of a cost that do not apply to it, or depend on what happens."""
DECIMAL = r"^-?\d+(\.\d+)?$"
PLAIN: dict[type[pl.DataType], dict[str, Any]] = {
    pl.String: {"type": "string"},
    pl.Boolean: {"type": "boolean"},
    pl.Int32: {"type": "integer"},
    pl.Float64: {"type": ["number", "null"]},
    pl.Date: {"type": "string", "format": "date"},
    pl.Decimal: {"type": "string", "pattern": DECIMAL},
}


def json_schema() -> dict[str, Any]:
    """Draft 2020-12: every column of `decisions.parquet`, and `features`; decimals and dates are strings."""
    properties: dict[str, Any] = {}
    for name, kind in SCHEMA.items():
        described = _of(kind)
        properties[name] = {"anyOf": [described, {"type": "null"}]} if name in OPTIONAL else described
    properties["schema_version"] = {"const": SCHEMA_VERSION}
    properties["features"] = {"type": "object", "additionalProperties": {"type": ["number", "null"]}}
    sign = {
        name: {"type": "integer" if name == "points" else "string"}
        for name in ("order_id", "sign", "points", "zh", "en")
    }
    properties["self_dealing"] = {
        "type": "array",
        "description": "Orders left out of genuine sales, a row a sign.",
        "items": {
            "type": "object",
            "properties": sign,
            "required": list(sign),
            "additionalProperties": False,
        },
    }
    both = {"type": "object", "properties": {lang: {"type": "string"} for lang in ("zh", "en")}}
    sentence = {"code": {"type": "string"}, "officer": both, "merchant": both}
    properties["sentences"] = {
        "type": "array",
        "description": "Each reason in one sentence for the officer and one for the merchant.",
        "items": {
            "type": "object",
            "properties": sentence,
            "required": list(sentence),
            "additionalProperties": False,
        },
    }
    return {
        "$schema": DIALECT,
        "title": f"Suixin decision, version {SCHEMA_VERSION}",
        "description": "Terms are null where nothing is offered. Money in major units, rates as annual fractions.",
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in LATER],
        "additionalProperties": False,
    }


def _of(kind: pl.DataType) -> dict[str, Any]:
    if isinstance(kind, pl.List):
        return {"type": "array", "items": _of(_instance(kind.inner))}
    if isinstance(kind, pl.Struct):
        parts = {field.name: _of(_instance(field.dtype)) for field in kind.fields}
        if "on_default" in parts:
            parts |= {name: {"anyOf": [parts[name], {"type": "null"}]} for name in UNKNOWN}
        required = [name for name in parts if name not in LATER]
        return {"type": "object", "properties": parts, "required": required, "additionalProperties": False}
    return PLAIN[type(kind)]


def _instance(kind: Any) -> pl.DataType:
    """Polars names a type by its class or by an instance of it."""
    made: pl.DataType = kind() if isinstance(kind, type) else kind
    return made
