"""What an earlier book would say today, for people and for machines."""

from collections import Counter
from pathlib import Path
from typing import Any

from suixin.assess import Assessed
from suixin.cli.output import print_json, print_table, say
from suixin.replay import differences

SHOWN = 50


def show_differences(book: Path, made: Assessed, erased: tuple[str, ...], *, json: bool) -> None:
    """Print the decisions of `book` that differ from those just made."""
    folder = book if book.is_dir() else book.parent
    found = differences(folder, made.decisions, erased)
    if json:
        listed = [
            {"merchant_id": d.merchant_id, "before": d.before, "after": d.after, "features": list(d.features)}
            for d in found
        ]
        snapshot = made.run["lake_snapshot"]
        print_json(
            {"book": str(folder), "snapshot": snapshot, "decided": len(made.decisions), "differ": listed}
        )
        return
    rows = [
        (
            d.merchant_id,
            _words(d.before),
            _words(d.after),
            ", ".join(d.features[:3]) + _more(len(d.features) - 3),
        )
        for d in found[:SHOWN]
    ]
    header = ("merchant", "before", "now", "features that moved")
    print_table(f"{len(found):,} of {len(made.decisions):,} decisions differ", header, rows)
    if len(found) > SHOWN:
        say(f"{len(found) - SHOWN:,} more; --json lists all")
    changes = Counter((d.before["decision"], d.after["decision"]) for d in found)
    for (before, after), count in sorted(changes.items(), key=str):
        say(
            f"{count:,}: {before} -> {after}"
            if before != after
            else f"{count:,}: still {before}, on other terms"
        )


def _words(side: dict[str, Any]) -> str:
    limit, score = side.get("limit"), side.get("score")
    return " ".join(
        [str(side["decision"]), *([f"{limit:,}"] if limit else []), *([f"({score:.1f})"] if score else [])]
    )


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
