"""The data standard as an ODCS contract, against the rules of the published standard.

The lists below are those of Bitol's schema/odcs-json-schema-v3.1.0.json, with which the contract was validated
when this was written; the schema itself is not kept here.
"""

import re
import string

import pytest
import yaml
from typer.testing import CliRunner

from suixin.cli import command_tree
from suixin.lake.standard import contract_text, data_contract
from suixin.lake.tables import TABLES

REQUIRED = {"version", "apiVersion", "kind", "id", "status"}
OBJECT = {"id", "name", "physicalName", "logicalType", "physicalType", "businessName", "description", "properties",
          "quality", "customProperties", "relationships"}  # fmt: skip
PROPERTY = {"id", "name", "businessName", "description", "logicalType", "physicalType", "required", "primaryKey",
            "primaryKeyPosition", "logicalTypeOptions", "classification", "relationships", "quality",
            "customProperties"}  # fmt: skip
OPTIONS = {"string": {"minLength", "maxLength", "pattern", "format"}, "boolean": set(),
           "date": {"format", "minimum", "maximum"}, "timestamp": {"format", "timezone", "defaultTimezone"},
           "integer": {"multipleOf", "minimum", "maximum", "format"},
           "number": {"multipleOf", "minimum", "maximum", "format"}}  # fmt: skip
METRICS = {"nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"}
DIMENSIONS = {"accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"}
STABLE_ID, SHORTHAND = re.compile(r"[A-Za-z0-9_-]+"), re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*", re.ASCII)


@pytest.fixture(scope="module")
def contract():
    return data_contract()


def columns(contract):
    return [(table, column) for table in contract["schema"] for column in table["properties"]]


def test_the_contract_says_what_it_is(contract):
    """Protects catalogues: version, kind and status as ODCS v3.1.0 demands them."""
    assert set(contract) >= REQUIRED
    assert (contract["apiVersion"], contract["kind"], contract["status"]) == (
        "v3.1.0",
        "DataContract",
        "active",
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+", contract["version"])
    assert set(contract["description"]) == {"purpose", "usage", "limitations"}


def test_every_table_and_column_is_there(contract):
    """Protects suppliers: the contract has the tables of the standard and no others, each with its columns."""
    held = {t["name"]: [c["name"] for c in t["properties"]] for t in contract["schema"]}
    assert held == {n: [*(c.name for c in t.columns), "known_at", "currency"] for n, t in TABLES.items()}


def test_only_names_that_odcs_knows(contract):
    """Protects validation: no key, type, option, metric or dimension outside the published schema."""
    for table in contract["schema"]:
        assert set(table) <= OBJECT
        assert table["logicalType"] == "object"
    for _, column in columns(contract):
        assert set(column) <= PROPERTY
        assert set(column.get("logicalTypeOptions", ())) <= OPTIONS[column["logicalType"]]
        assert {c["property"] for c in column.get("customProperties", ())} <= {"unit", "knownAt"}
        for relation in column.get("relationships", ()):
            assert SHORTHAND.fullmatch(relation["to"])
    checks = [c for table in contract["schema"] for c in table["quality"]]
    checks += [c for _, column in columns(contract) for c in column.get("quality", ())]
    for check in checks:
        assert check["dimension"] in DIMENSIONS
        assert check["mustBe"] == 0
        assert check.get("metric") in METRICS or check["type"] == "sql"


def test_ids_are_stable_and_unique(contract):
    """Protects references: ids hold letters, digits, hyphen and underscore, and name one element each."""
    ids = [table["id"] for table in contract["schema"]]
    ids += [column["id"] for _, column in columns(contract) if "id" in column]
    assert len(ids) == len(set(ids))
    assert all(STABLE_ID.fullmatch(text) for text in ids)


def test_an_order_in_full(contract):
    """Protects the meaning: key, type, bounds, reference and knowledge time of the orders' columns."""
    (orders,) = (t for t in contract["schema"] if t["name"] == "orders")
    by_name = {c["name"]: c for c in orders["properties"]}
    assert (by_name["merchant_id"]["primaryKeyPosition"], by_name["order_id"]["primaryKeyPosition"]) == (1, 2)
    assert by_name["merchant_id"]["relationships"] == [{"type": "foreignKey", "to": "merchants.merchant_id"}]
    assert by_name["amount"] == {
        "id": "orders-amount",
        "name": "amount",
        "businessName": "商品金额",
        "description": "goods, without freight",
        "logicalType": "number",
        "physicalType": "decimal(18,2)",
        "required": True,
        "logicalTypeOptions": {"minimum": 0, "maximum": 1_000_000_000, "multipleOf": 0.01},
    }
    assert by_name["paid_at"]["customProperties"] == [{"property": "knownAt", "value": "paid_at"}]
    queries = [check["query"] for check in orders["quality"] if "query" in check]
    assert queries[0] == "SELECT COUNT(*) FROM ${table} WHERE paid_at < ordered_at"
    assert {string.Template(q).substitute(table="orders").split()[3] for q in queries} == {"orders"}


def test_direct_identifiers_are_restricted(contract):
    """Protects people: what names a person is marked, in the one table that may hold it."""
    marked = [(t["name"], c["name"]) for t, c in columns(contract) if c.get("classification") == "restricted"]
    assert marked == [("identities", n) for n in ("name", "id_number", "phone", "address", "account")]


def test_the_command_prints_and_writes_the_same_yaml(tmp_path, contract):
    """Protects the command: YAML that reads back as the contract, on standard output or in a file."""
    program = command_tree(["standard"])
    printed = CliRunner().invoke(program, ["standard"])
    assert yaml.safe_load(printed.stdout) == contract
    written = CliRunner().invoke(program, ["standard", "--out", str(tmp_path / "s.odcs.yaml")])
    assert (tmp_path / "s.odcs.yaml").read_text(encoding="utf-8") == contract_text() == printed.stdout
    assert f"{len(TABLES)} tables of the data standard" in written.stdout
