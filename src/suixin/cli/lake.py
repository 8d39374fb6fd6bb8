"""suixin lake: look into a lake, and keep it in order."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.cli import lake_sql, lake_upkeep
from suixin.cli.output import Json, print_json, print_table, say
from suixin.lake import ingests as kept
from suixin.lake import quarantine
from suixin.lake.rebucket import ORDERS_A_BUCKET, proposed
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES, table

app = typer.Typer(help="Look into a lake, and keep it in order.", no_args_is_help=True)


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    lake_upkeep.add_to(app)
    app.command()(lake_sql.sql)
    program.add_typer(app, name="lake")


Root = Annotated[Path, typer.Argument(metavar="LAKE", help="The lake's folder.")]
FAULTY = 2


@app.command()
def status(root: Root, *, json: Json = False) -> None:
    """Print the snapshot and what each table holds.

    For example:

        suixin lake status lake --json
    """
    lake = Lake.open(root)
    tables = {
        name: {
            "rows": lake.facts(name),
            "versions": state.rows,
            "quarantined": state.quarantined,
            "from": state.first_on or None,
            "to": state.last_on or None,
        }
        for name, state in lake.manifest.tables.items()
    }
    if json:
        ingests = [
            {"source": r.source, "adapter": r.adapter, "route": r.route} for r in lake.manifest.ingests
        ]
        held = lake.manifest
        print_json(
            {
                "snapshot": lake.snapshot,
                "currency": held.currency,
                "zone": held.zone,
                "buckets": held.bucket_count,
                "proposed_buckets": proposed(held),
                "forgotten": len(held.forgotten),
                "tables": tables,
                "ingests": ingests,
            }
        )
        return
    rows = [
        (n, t["rows"], t["versions"], t["quarantined"], t["from"] or "", t["to"] or "")
        for n, t in tables.items()
    ]
    print_table(f"Snapshot {lake.snapshot}", ("table", "rows", "versions", "quarantined", "from", "to"), rows)
    for record in lake.manifest.ingests:
        say(f"{record.ingested_at} {record.adapter}: {record.source} by route {record.route}")
    if (buckets := proposed(lake.manifest)) is not None:
        say(
            f"a bucket holds more than {ORDERS_A_BUCKET:,} orders; run: suixin lake rebucket {root} {buckets}"
        )


@app.command()
def tables(
    root: Root, name: Annotated[str | None, typer.Argument(help="One table.")] = None, *, json: Json = False
) -> None:
    """Print the tables of the data standard and the columns of one.

    For example:

        suixin lake tables lake orders
    """
    lake = Lake.open(root)
    if name is None:
        held = {
            n: {"en": t.en, "zh": t.zh, "key": list(t.key), "held": lake.holds(n)} for n, t in TABLES.items()
        }
        if json:
            print_json(held)
        else:
            rows = [(n, t["zh"], t["en"], "yes" if t["held"] else "") for n, t in held.items()]
            print_table("The data standard", ("table", "zh", "en", "held"), rows)
        return
    columns: list[dict[str, Any]] = [
        {
            "name": column.name,
            "type": column.kind.value,
            "required": column.required,
            "unit": column.unit,
            "zh": column.zh,
            "en": column.en,
        }
        for column in table(name).columns
    ]
    if json:
        print_json(columns)
    else:
        shown = [(c["name"], c["type"], "yes" if c["required"] else "", c["zh"], c["en"]) for c in columns]
        print_table(name, ("column", "type", "required", "zh", "en"), shown)


@app.command("quarantine")
def show_quarantine(
    root: Root,
    name: Annotated[str | None, typer.Argument(help="One table; all unless told.")] = None,
    limit: Annotated[int, typer.Option(help="How many rows to print.", min=1)] = 50,
    *,
    json: Json = False,
) -> None:
    """Print the rows that were set aside, each with its reason; private data is masked.

    For example:

        suixin lake quarantine lake orders --limit 10
    """
    lake = Lake.open(root)
    names = [table(name).name] if name else list(lake.manifest.tables)
    total = sum(lake.manifest.tables[n].quarantined for n in names if n in lake.manifest.tables)
    rows = [row for row, _ in zip(quarantine.shown(lake, names), range(limit), strict=False)]
    if json:
        print_json({"quarantined": total, "rows": rows})
        return
    header = ("table", "file", "row", "column", "rule", "meaning", "raw")
    print_table(f"{total:,} rows set aside", header, [[str(row[key]) for key in header] for row in rows])
    if total > len(rows):
        say(f"{total - len(rows):,} more; add --limit {total}")


@app.command()
def ingests(
    root: Root,
    limit: Annotated[int, typer.Option(help="How many to print, the latest first.", min=1)] = 20,
    *,
    json: Json = False,
) -> None:
    """Print what each ingest declared, and what became of its rows.

    The number of an ingest is that of the snapshot it made; one that brought nothing new made none.

    For example:

        suixin lake ingests lake --json
    """
    lake = Lake.open(root)
    found = [one for one, _ in zip(kept.listed(root, lake.manifest), range(limit), strict=False)]
    if json:
        print_json([_ingested(one) for one in found])
        return
    header = (
        "ingest",
        "when",
        "source",
        "route",
        "read",
        "accepted",
        "already there",
        "completed",
        "quarantined",
    )
    print_table(
        f"{len(lake.manifest.ingests):,} ingests", header, [row for one in found for row in _ingest_rows(one)]
    )


def _ingested(one: kept.Ingested) -> dict[str, Any]:
    said = asdict(one.record)
    told = None if one.tables is None else {name: asdict(counts) for name, counts in one.tables.items()}
    return {"ingest": said.pop("sequence") or None, **said, "tables": told}


def _ingest_rows(one: kept.Ingested) -> Iterator[tuple[object, ...]]:
    """A line a table; one of a release before has no counts."""
    said = (one.number or "", one.record.ingested_at, one.record.source, one.record.route)
    if one.tables is None:
        yield (*said, "", "", "", "", "")
    for name, held in (one.tables or {}).items():
        counts = (held.read, held.accepted, held.already_there, held.completed, held.quarantined)
        yield (*said[:2], f"{said[2]}: {name}", said[3], *counts)


@app.command()
def verify(root: Root, *, json: Json = False) -> None:
    """Check every file of the snapshot against its hash.

    For example:

        suixin lake verify lake
    """
    lake = Lake.open(root)
    faults = lake.verify()
    if json:
        print_json({"snapshot": lake.snapshot, "files": len(lake.manifest.files), "faults": faults})
    else:
        for fault in faults:
            say(fault)
        files = len(lake.manifest.files)
        say(f"snapshot {lake.snapshot}: {files:,} files, {len(faults) or 'no'} faults")
    if faults:
        raise typer.Exit(FAULTY)
