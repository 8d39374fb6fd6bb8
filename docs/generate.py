"""Writes the reference pages that are made from the code, or with --check says which of them are stale.

A page whose source is not built yet is skipped, so that the docs never speak of what is not there.
"""

import dataclasses
import importlib
import importlib.resources
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from suixin.lake.quarantine import RULES
from suixin.lake.standard import contract_text
from suixin.lake.tables import TABLES

REFERENCE = Path(__file__).resolve().parent / "reference"
CONTRACT = "suixin.odcs.yaml"
API = (
    REFERENCE.parents[1] / "tests" / "server" / "api" / "openapi.json"
)  # as the server tells it: a test holds it
DATED = ("allocation", "class_rules", "recognition", "stages", "provisions", "renewal", "relief")
NOTE = "<!-- Made by docs/generate.py from {source}: change that, then run `python docs/generate.py`. -->"

os.environ.update(TERMINAL_WIDTH="100", COLUMNS="100", NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8")


def exists(module: str) -> bool:
    """Whether the module can be found, without importing more than its parents."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def cell(text: object) -> str:
    """Text that is safe inside one cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def grid(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A Markdown table."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(cell(value) for value in row)} |"
    yield ""


def data_dictionary() -> Iterator[str]:
    """Every standard table with its columns, and every rule that sends a row to quarantine."""
    yield "# Data dictionary\n"
    yield "The standard tables, in the order in which an ingest reads them. A file carries the columns as they are"
    yield "named here: money is a decimal in major units (`128.50`), a time without an offset is read in the zone"
    yield "that the source states, and an optional column may be left out of the file altogether. Every table may"
    yield "also carry `known_at`, the time at which the row became known, and `currency`, which must then be the"
    yield "lake's. Inside the lake, money is a whole number of minor units (`amount_fen`), an instant is UTC, and"
    yield "each date or instant has its civil day number beside it (`ordered_day`, days since 1970-01-01).\n"
    yield from grid(
        ("table", "表", "a row is"), ((f"[{t.name}](#{t.name})", t.zh, t.en) for t in TABLES.values())
    )
    for table in TABLES.values():
        yield from standard_table(table)
    yield from quarantine_rules()


def standard_table(table: Any) -> Iterator[str]:
    """One standard table."""
    yield f"## {table.name}\n"
    yield f"{table.zh}。 {sentence(table.en)}\n"
    yield f"Key: {names(table.key)}. Happened: `{table.happened}`. Kept: {kept(table)}."
    for earlier, later in table.in_order:
        yield f"`{later}` must not lie before `{earlier}`."
    for column, other, target in table.refers:
        yield f"`{column}` must be a known `{other}.{target}`."
    yield ""
    yield from grid(
        ("column", "type", "needed", "unit and bounds", "known at", "说明", "meaning"),
        (
            (
                f"`{c.name}`",
                c.kind.value,
                "yes" if c.required else "",
                limits(c),
                f"`{c.known_at}`" if c.known_at else "",
                c.zh,
                c.en,
            )
            for c in table.columns
        ),
    )


def kept(table: Any) -> str:
    """Where the rows of a table lie in a lake."""
    return "with its merchant, in the merchant's bucket" if table.per_merchant else "once for the whole lake"


def sentence(text: str) -> str:
    """The text as a sentence."""
    return f"{text[0].upper()}{text[1:]}."


def names(columns: Iterable[str]) -> str:
    """Column names, set as code."""
    return ", ".join(f"`{column}`" for column in columns)


def limits(column: Any) -> str:
    """Unit, bounds and closed list of a column."""
    bounds = {
        (False, False): "",
        (True, False): f"≥ {number(column.low)}",
        (False, True): f"≤ {number(column.high)}",
        (True, True): f"{number(column.low)} to {number(column.high)}",
    }[column.low is not None, column.high is not None]
    unit = column.unit or ("major units" if column.kind.value == "money" else "")
    return "; ".join(part for part in (unit, bounds, names(column.choices)) if part)


def number(value: float | None) -> str:
    """A bound as a person writes it."""
    return "" if value is None else f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def quarantine_rules() -> Iterator[str]:
    """Every rule that sends a row to quarantine."""
    yield "## Why a row goes to quarantine\n"
    yield from grid(("rule", "meaning"), ((f"`{rule}`", meaning) for rule, meaning in RULES.items()))


def features() -> Iterator[str]:
    """Every registered feature, by family."""
    registry = importlib.import_module("suixin.features.registry")
    yield "# Features\n"
    yield f"The registry holds {len(registry.FEATURES)} features in {len(registry.FAMILIES)} families. A family whose"
    yield "first table the lake lacks is absent, not zero. *Direction* says what more of a feature means; *forgeable*"
    yield "how easily a merchant could make it up: no hint to a merchant names a highly forgeable one. The sentence"
    yield "is the one used when the feature is a reason.\n"
    chinese = catalogue()
    for family in registry.FAMILIES:
        yield f"## {family.name}\n"
        yield f"Reads {names(family.tables)}.\n"
        yield from grid(
            ("feature", "名称", "what it is", "unit", "direction", "forgeable", "version", "as a reason"),
            (
                (
                    f"`{f.name}`",
                    chinese(f.label),
                    f.label,
                    f.unit,
                    f.direction,
                    f.forgeable,
                    f.version,
                    f.sentence,
                )
                for f in family.features
            ),
        )


def catalogue() -> Callable[[str], str]:
    """English words to the Chinese ones of the catalogue; to nothing where it has none."""
    if not exists("suixin.reporting.catalogue"):
        return lambda _: ""
    held = importlib.import_module("suixin.reporting.catalogue").read_catalogue()
    return lambda text: str(message.string) if (message := held.get(text)) else ""


def policies() -> Iterator[str]:
    """Every parameter of every policy that ships, with its source and date."""
    folder = importlib.resources.files("suixin.underwriting.policies")
    yield "# Shipped policies\n"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name):
        policy = yaml.safe_load(file.read_text(encoding="utf-8"))
        kind = "Illustrative. " if policy["illustrative"] else ""
        yield f"## {policy['currency']}\n"
        yield f"{kind}`{policy['name']}`, version {policy['version']}. `board` is the lender's own choice; *open* marks"
        yield "domain knowledge that no public source confirms.\n"
        yield from grid(
            ("parameter", "value", "source", "since", "checked"),
            (
                (
                    f"`{path}`",
                    shown(own["value"]),
                    own["source"],
                    own["since"],
                    "yes" if own.get("verified", True) else "open",
                )
                for path, own in parameters(policy)
            ),
        )
        yield from card(policy)


def parameters(part: Any, above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every figure with its origin, depth first, under its dotted name."""
    if isinstance(part, dict) and {"value", "source"} <= part.keys():
        yield above, part
    elif isinstance(part, dict):
        for key, below in part.items():
            yield from parameters(below, f"{above}.{key}".lstrip("."))


def card(policy: dict[str, Any]) -> Iterator[str]:
    """The expert card, the grades and the rules of a policy."""
    own = policy["card"]
    lines = policy["cutoffs"]
    yield f"Approve from {lines['approve_from']} points, refer from {lines['refer_from']} ({lines['source']}, since"
    yield f"{lines['since']}). The card begins at {own['base']}; at {own['odds_score']} points there are {own['odds']}"
    yield f"good borrowers to a bad one, and {own['points_to_double']} points more double the odds ({own['source']}).\n"
    yield from grid(
        ("feature", "evidence of", "points", "source", "since"),
        (
            (f"`{i['feature']}`", i["dimension"], "; ".join(map(band, i["bands"])), i["source"], i["since"])
            for i in own["items"]
        ),
    )
    yield from grid(
        ("grade", "from score", "multiple of monthly net sales"),
        ((grade["grade"], grade["from_score"], grade["multiple"]) for grade in policy["grades"]),
    )
    yield from grid(
        ("rule", "when", "then", "source", "since"),
        ((f"`{r['code']}`", bound(r), r["decision"], r["source"], r["since"]) for r in policy["rules"]),
    )


def lending_figures() -> Iterator[str]:
    """Every dated figure of the lending rules, with its source."""
    yield "# Figures of the lending rules\n"
    yield "What a regulator or the trade sets, as it is in force unless a lender adds a row of its own. *Open* marks"
    yield "knowledge of the trade that no public page was seen to confirm: have it checked before you rely on it.\n"
    yield from grid(
        ("module", "figure", "value", "since", "source", "checked"),
        (
            (
                f"`{module}`",
                f"`{figure.name}`",
                stated(row.value),
                row.from_on,
                row.source,
                "yes" if row.verified else "open",
            )
            for module in DATED
            for figure in dated(importlib.import_module(f"suixin.lending.{module}"))
            for row in figure.rows
        ),
    )


def dated(module: Any) -> Iterator[Any]:
    """The dated figures that a module defines, in its order."""
    kind = importlib.import_module("suixin.lending.parameters").Dated
    for value in vars(module).values():
        if isinstance(value, kind):
            yield value
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = (getattr(value, field.name) for field in dataclasses.fields(value))
            yield from (own for own in fields if isinstance(own, kind))


def stated(value: Any) -> str:
    """A dated figure's value in words."""
    if hasattr(value, "_asdict"):
        return " ".join(f"{name} {part}" for name, part in value._asdict().items())
    if isinstance(value, dict):
        return ", ".join(f"{key.name.lower()} {part}" for key, part in value.items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "; ".join(map(stated, value)) if isinstance(value, tuple) else str(value)


def shown(value: Any) -> str:
    """A parameter's value."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def band(part: dict[str, Any]) -> str:
    """One band of the card with its points."""
    low, high = part.get("from"), part.get("to")
    reach = f"below {high:,}" if low is None else f"from {low:,}" if high is None else f"{low:,} to {high:,}"
    return f"{reach}: {part['points']:+g}"


def bound(rule: dict[str, Any]) -> str:
    """The condition of a hard rule."""
    side = "above" if "above" in rule else "below"
    return f"`{rule['feature']}` {side} {rule[side]:,}"


def commands() -> Iterator[str]:
    """The help page of every command, as the terminal shows it."""
    typer, testing = importlib.import_module("typer"), importlib.import_module("typer.testing")
    cli = importlib.import_module("suixin.cli")
    app = cli.command_tree()
    yield "# Help pages of the commands\n"
    for path in paths(typer.main.get_command(app)):
        shown = testing.CliRunner().invoke(app, [*path, "--help"], prog_name="suixin", color=False)
        yield f"## {' '.join(('suixin', *path))}\n"
        yield "```text"
        yield "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        yield "```\n"


def decision_schema() -> Iterator[str]:
    """The JSON schema of one decision."""
    made = importlib.import_module("suixin.reporting.decision_schema").json_schema()
    yield "# JSON schema of a decision\n"
    yield "What `suixin explain BOOK MERCHANT --json` prints. Decimals are strings, so that no digit is lost.\n"
    yield "```json"
    yield json.dumps(made, indent=2)
    yield "```"


def paths(command: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """A command and, depth first, those below it."""
    yield above
    for name, below in getattr(command, "commands", {}).items():
        yield from paths(below, (*above, name))


def data_standard() -> Iterator[str]:
    """The page that links the data contract."""
    yield "# The data standard as a contract"
    yield ""
    yield "Whoever delivers data can check it before it is sent: the [data dictionary](data-dictionary.md) as an Open Data"
    yield f"Contract (ODCS 3.1), as `suixin standard` prints it: {{download}}`{CONTRACT}`."


def api() -> Iterator[str]:
    """Every address of the API with the scope that opens it, and what each shape holds."""
    held = json.loads(API.read_text(encoding="utf-8"))
    schemas = held["components"]["schemas"]
    flow = held["components"]["securitySchemes"]["client_credentials"]["flows"]["clientCredentials"]
    yield "# The API\n"
    yield "Under `/api/v1`. A server tells the same as a document: `GET /api/v1/openapi.json` (OpenAPI 3.1), which a test"
    yield "holds. How to use it: [Use the API](../how-to/use-the-api.md).\n"
    yield "## Addresses\n"
    yield from grid(("method", "address", "scope", "what", "takes", "answers"), _addresses(held["paths"]))
    yield "Every address may refuse: 400, 401, 403, 404, 422, 429 and 503, and what writes also 409 and 413. A refusal is"
    yield "`application/problem+json` with the fields of `Problem`.\n"
    yield "## Scopes\n"
    yield from grid(("scope", "opens"), flow["scopes"].items())
    yield "## Shapes\n"
    for name, shape in sorted(schemas.items()):
        if "properties" not in shape:
            continue
        yield f"### {name}\n"
        yield f"{' '.join(shape['description'].split())}\n"
        yield from grid(("field", "type", "required", "what"), _fields(shape))


def _addresses(paths: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for path, methods in paths.items():
        for method, one in methods.items():
            scopes = [scope for held in one.get("security", []) for names in held.values() for scope in names]
            answer = next(one["responses"][status] for status in ("200", "201") if status in one["responses"])
            takes = [part["name"] for part in one["parameters"] if part["in"] != "path"]
            body = one.get("requestBody", {}).get("content", {})
            takes += [
                _type(content["schema"]) if "json" in kind and "nd" not in kind else kind
                for kind, content in body.items()
            ]
            shape = _type(answer["content"]["application/json"]["schema"])
            yield method.upper(), f"`{path}`", " ".join(scopes), one["summary"], ", ".join(takes), shape


def _fields(shape: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    required = shape.get("required", [])
    for name, one in shape["properties"].items():
        yield name, _type(one), "yes" if name in required else "", one.get("description", "")


def _type(one: dict[str, Any]) -> str:
    if "$ref" in one:
        return str(one["$ref"]).rpartition("/")[2]
    if "anyOf" in one:
        return " or ".join(_type(part) for part in one["anyOf"])
    if "items" in one:
        return f"list of {_type(one['items'])}"
    if "enum" in one:
        return ", ".join(map(str, one["enum"]))
    if "const" in one:
        return str(one["const"])
    return str(one.get("format") or one.get("type", "any"))


PAGES: tuple[tuple[str, str, Callable[[], Iterator[str]]], ...] = (
    ("data-dictionary.md", "suixin.lake", data_dictionary),
    ("data-standard.md", "suixin.lake.standard", data_standard),
    ("features.md", "suixin.features.registry", features),
    ("lending-figures.md", "suixin.lending.parameters", lending_figures),
    ("policies.md", "suixin.underwriting.policies", policies),
    ("commands.md", "suixin.cli", commands),
    ("api.md", "suixin.server.api", api),
    ("decision-schema.md", "suixin.reporting.decision_schema", decision_schema),
)


def texts() -> Iterator[tuple[str, str]]:
    """The name and the text of each file."""
    for name, source, make in PAGES:
        if not exists(source):
            print(f"{name}: skipped, there is no {source} yet")
            continue
        yield name, f"{NOTE.format(source=source)}\n\n" + "\n".join(make()).rstrip("\n") + "\n"
    yield CONTRACT, contract_text()


def main(arguments: list[str]) -> int:
    """Write the pages; with --check write nothing and return 1 if one is stale."""
    checking = "--check" in arguments
    stale = []
    for name, text in texts():
        path = REFERENCE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not checking:
            path.write_text(text, encoding="utf-8")
            print(f"{name}: written")
    if checking and stale:
        print(f"stale: {', '.join(stale)}; run: .venv/bin/python docs/generate.py")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
