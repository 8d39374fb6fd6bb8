"""Says which constructs of the feature definitions do not mean the same on every engine; ./dev check runs it.

One definition runs on Polars and on Spark. What is forbidden here is read differently by the two, or exists on one of
them only: docs/explanation/engines.md has the measured differences. Standard library only.
"""  # noqa: INP001

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

FEATURES = Path(__file__).resolve().parent.parent / "src" / "suixin" / "features"
NOT_DEFINITIONS = (
    "__init__.py",
    "build.py",
    "coverage.py",
    "spark.py",
    "subjects.py",
    "traits.py",
    "workers.py",
)
"""Modules that speak to one engine, or to none."""


class Finding(NamedTuple):
    """A forbidden construct: where, which, why it differs, and what to write."""

    line: int
    construct: str
    why: str
    instead: str


ENGINES = ("polars", "pandas", "pyspark", "duckdb", "numpy", "pyarrow")

METHODS: dict[str, tuple[str, str]] = {
    "to_native": ("it hands the rows to one engine's own language", "stay with narwhals; engines differ in build.py and spark.py"),
    "collect": ("it computes the rows where the definition stands", "return lazy rows; Engine.keep computes what is read often"),
    "map_batches": ("it calls Python on batches that each engine cuts in its own way", "write it as an expression"),
    "round": ("a half goes to the even neighbour here and away from zero there", "keep the value, or cast(nw.Int64) to cut it off"),
    "mode": ("which of several most frequent values it gives is open", "count by group and take the smallest of the largest"),
    "hash": ("every engine has its own hash", "bucket by suixin.identifiers.bucket_of at ingest"),
    "sample": ("every engine has its own random numbers", "choose by a hash that ingest has stored"),
    "join_asof": ("SQL has none", "join on equality, filter by day, and keep the newest with max().over()"),
    "ewm_mean": ("SQL has none", "sum over windows of days"),
    "first": ("rows have no order on a cluster", "min() or max() of the column that orders them"),
    "last": ("rows have no order on a cluster", "min() or max() of the column that orders them"),
    "median": ("engines place it differently between two values, or approximate it", "a mean, or shares above and below a bound"),
    "quantile": ("engines interpolate differently, or approximate it", "shares above and below a bound"),
    "n_unique": ("null is one more value here and none there", "select, unique, and count the rows of each group"),
    "map_elements": ("it calls Python row by row, on one engine only", "write it as an expression"),
}  # fmt: skip

NAMESPACES: dict[str, tuple[str, str]] = {
    "dt": ("weekdays, truncation and differences of dates are not the same", "the stored day numbers: `ordered_day`, `age`"),
    "str": ("patterns, case and parsing are not the same", "read text at ingest, and compare codes with == or is_in()"),
}  # fmt: skip

ORDERED = ("shift", "diff", "cum_sum", "cum_count", "cum_min", "cum_max", "cum_prod", "rank")

ROLLING = (
    "rows are counted, not days, and SQL has no window over a range of days",
    "sum by period, then by subject",
)
UNORDERED = ("rows have no order on a cluster", ".over(..., order_by=...)")
DESCENDING = ("narwhals drops or refuses it on lazy engines", "order by the negated column")
IN_AGG = (
    "a filter inside agg is not there on SQL engines",
    "nw.when(...).then(...) inside the sum, or filter the rows before",
)
OF_TRUTH = (
    "a truth value cannot be summed on every engine",
    "count(...) of suixin.features.expressions, or cast(nw.Int64)",
)
KEEP_ONE = ("rows have no order on a cluster", 'keep="any" of equal rows, or the newest by max().over()')
FOREIGN = ("the definition would run on that engine only", "narwhals.stable.v2")


def findings(text: str) -> list[Finding]:
    """Every forbidden construct in the text of one module, in the order of its lines."""
    tree = ast.parse(text)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = [finding for node in ast.walk(tree) for rule in RULES for finding in rule(node, parents)]
    return sorted(set(found))


_Parents = dict[ast.AST, ast.AST]


def _imports(node: ast.AST, _: _Parents) -> Iterator[Finding]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    for name in names:
        if name.split(".")[0] in ENGINES and isinstance(node, ast.stmt):
            yield Finding(node.lineno, f"import {name}", *FOREIGN)


def _methods(node: ast.AST, _: _Parents) -> Iterator[Finding]:
    if not isinstance(node, ast.Attribute):
        return
    if node.attr in METHODS:
        yield Finding(node.lineno, f".{node.attr}", *METHODS[node.attr])
    elif node.attr in NAMESPACES:
        yield Finding(node.lineno, f".{node.attr}", *NAMESPACES[node.attr])
    elif node.attr.startswith("rolling"):
        yield Finding(node.lineno, f".{node.attr}", *ROLLING)


def _windows(node: ast.AST, parents: _Parents) -> Iterator[Finding]:
    name = _method(node)
    if not isinstance(node, ast.Call) or name is None:
        return
    words = {keyword.arg for keyword in node.keywords}
    if name == "over" and "descending" in words:
        yield Finding(node.lineno, ".over(descending=)", *DESCENDING)
    if name in ORDERED and not _ordered_later(node, parents):
        yield Finding(node.lineno, f".{name}", *UNORDERED)
    if name == "unique" and any(
        keyword.arg == "keep" and getattr(keyword.value, "value", "") in ("first", "last")
        for keyword in node.keywords
    ):
        yield Finding(node.lineno, ".unique(keep=)", *KEEP_ONE)


def _ordered_later(node: ast.AST, parents: _Parents) -> bool:
    """Whether the chain of methods that begins here reaches an `over` with an order."""
    while isinstance(above := parents.get(node), ast.Attribute) and isinstance(
        call := parents.get(above), ast.Call
    ):
        if above.attr == "over" and any(keyword.arg == "order_by" for keyword in call.keywords):
            return True
        node = call
    return False


def _sums(node: ast.AST, _: _Parents) -> Iterator[Finding]:
    name = _method(node)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if name == "agg":
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        for inner in (inner for part in parts for inner in ast.walk(part)):
            if isinstance(inner, ast.Call) and _method(inner) == "filter":
                yield Finding(inner.lineno, ".filter in agg", *IN_AGG)
    if name in ("sum", "mean") and _is_truth(node.func.value):
        yield Finding(node.lineno, f".{name}() of a comparison", *OF_TRUTH)


def _is_truth(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Invert)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitAnd | ast.BitOr)
    return isinstance(node, ast.Compare) or _method(node) in (
        "is_null",
        "is_in",
        "is_between",
        "is_nan",
        "is_finite",
    )


def _method(node: ast.AST) -> str | None:
    """The name of the method that is called, if one is."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None


RULES: tuple[Callable[[ast.AST, _Parents], Iterator[Finding]], ...] = (_imports, _methods, _windows, _sums)


def definitions(folder: Path = FEATURES) -> list[Path]:
    """The modules that hold definitions."""
    return [path for path in sorted(folder.rglob("*.py")) if path.name not in NOT_DEFINITIONS]


def main(arguments: list[str]) -> int:
    """Print every finding in a folder (the feature definitions if none is named); 1 if there is one."""
    count = 0
    for path in definitions(Path(arguments[0]) if arguments else FEATURES):
        for line, construct, why, instead in findings(path.read_text(encoding="utf-8")):
            sys.stdout.write(f"{path}:{line}: {construct}: {why}; use instead: {instead}\n")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
