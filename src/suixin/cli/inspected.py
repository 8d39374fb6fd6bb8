"""What `suixin adapter check` finds, as a document and as text."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from suixin.adapters import Adapter
from suixin.adapters.inspection import Inspected, inspect, nearest_table
from suixin.adapters.standard import NAME as STANDARD
from suixin.adapters.standard import declared
from suixin.cli.output import print_table, say
from suixin.errors import SourceError
from suixin.features.registry import FAMILIES
from suixin.lake.source import Source
from suixin.lake.tables import TABLES

NOT_EVENTS = ("merchants", "outcomes")
TERMS = ("currency", "zone", "route", "authorisation", "purpose")


def document(adapter: Adapter, path: Path, rows: int, today: Callable[[str], int]) -> dict[str, Any]:
    """Everything that is found about the source at `path`.

    Args:
        adapter: reads it.
        path: a file or a folder.
        rows: how many rows of a file to look at.
        today: zone -> the civil day's number.
    """
    try:
        source = adapter.open_source(path)
    except SourceError as error:
        meant = _meant(adapter, path)
        return {
            "source": str(path),
            "adapter": adapter.NAME,
            "ready": False,
            "lacks": [str(error)],
            "meant": meant,
        }
    found = list(inspect(source, rows=rows, today=today(source.zone)))
    lacks = list(_lacks(found))
    families = _families({one.table for one in found if one.usable})
    return {
        "source": str(path),
        "adapter": adapter.NAME,
        "ready": not lacks,
        "lacks": lacks,
        "terms": _terms(source),
        "files": [_file(one) for one in found],
        "families": families,
        "not_read": list(source.not_read),
        "meant": _meant(adapter, path, source.not_read),
        "assumptions": list(source.assumptions),
    }


def _file(one: Inspected) -> dict[str, Any]:
    return {
        "table": one.table,
        "file": one.file,
        "recognised": one.recognised,
        "missing": one.missing,
        "unknown": one.unknown,
        "rows": one.rows,
        "set_aside": one.set_aside,
        "rules": dict(one.rules.most_common()),
        "problem": one.problem,
    }


def _lacks(found: list[Inspected]) -> Iterator[str]:
    """What stands between the source and a decision."""
    for one in found:
        if one.problem:
            yield f"{one.file}: {one.problem}"
        elif one.missing:
            yield f"{one.file}: lacks the required columns {', '.join(one.missing)} of table {one.table}"
        elif one.rows and not one.usable:
            yield f"{one.file}: every row looked at would go to quarantine"
    usable = {one.table for one in found if one.usable}
    if "merchants" not in usable:
        yield "no merchants: every other table refers to them (unless the lake has them already)"
    if not any(TABLES[name].per_merchant for name in usable - set(NOT_EVENTS)):
        yield "no event of any merchant: add orders, invoices or cashflows"


def _families(usable: set[str]) -> dict[str, list[str]]:
    """Feature family -> the tables that it would lack; none if it is possible."""
    return {family.name: [name for name in family.tables if name not in usable] for family in FAMILIES}


def _terms(source: Source) -> dict[str, dict[str, str]]:
    """What is declared of the source, and what had to be taken for granted."""
    defaults = {name: Source.__dataclass_fields__[name].default for name in TERMS}
    said = set(declared(source.folder)) if source.adapter == STANDARD else set()
    terms = {}
    for name in TERMS:
        value = getattr(source, name)
        stated = name in said or value != defaults[name]
        terms[name] = {"value": value, "basis": "declared" if stated else "assumed"}
    return terms


def _meant(adapter: Adapter, path: Path, names: Sequence[str] = ()) -> dict[str, str]:
    """Files that feed no table -> the table that their name probably means, where files are named after tables."""
    if adapter.NAME != STANDARD:
        return {}
    if not names:
        names = [file.name for file in sorted(path.iterdir())] if path.is_dir() else [path.name]
    guesses = {name: nearest_table(Path(name).stem) for name in names}
    return {name: guess for name, guess in guesses.items() if guess and Path(name).stem.lower() != guess}


def show_findings(findings: dict[str, Any]) -> None:
    """The document for people; the verdict comes last."""
    files = findings.get("files", [])
    if files:
        rows = [(f["table"], f["file"], len(f["recognised"]), f["rows"], f["set_aside"]) for f in files]
        header = ("table", "file", "columns", "rows looked at", "for quarantine")
        print_table(f"{findings['source']} read by {findings['adapter']}", header, rows)
    for file in files:
        for name, guess in file["unknown"].items():
            say(
                f"{file['file']}: the standard has no column {name}"
                + (f"; {guess} is meant?" if guess else "")
            )
        for rule, count in file["rules"].items():
            say(f"{file['file']}: {count:,} × {rule}")
    for name in findings.get("not_read", []):
        say(f"not read: {name}")
    for name, guess in findings["meant"].items():
        say(f"{name}: is it {guess}? then call it {guess}{Path(name).suffix}")
    for name, term in findings.get("terms", {}).items():
        say(f"{name}: {term['value']} ({term['basis']})")
    _show_families(findings.get("families", {}))
    for text in findings["lacks"]:
        say(f"missing: {text}")
    say("ready: it can be ingested and assessed" if findings["ready"] else "not ready: mend what is missing")


def _show_families(families: dict[str, list[str]]) -> None:
    if not families:
        return
    say(f"feature families: {', '.join(name for name, lacks in families.items() if not lacks) or 'none'}")
    for name, lacks in families.items():
        if lacks:
            say(f"no {name}: needs {', '.join(lacks)}")
