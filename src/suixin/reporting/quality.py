"""The quality report of a lake as a folder: quality.html for people and quality.json for machines."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from suixin.lake.manifest import IngestRecord
from suixin.lake.quality import QUALITY_VERSION, Quality
from suixin.lake.quality_drift import month_text
from suixin.reporting.quality_page import render_page
from suixin.reporting.report_files import write_files

FILES = ("quality.json", "quality.html")


def document(quality: Quality, ingests: tuple[IngestRecord, ...]) -> dict[str, Any]:
    """The report as JSON; its layout is kept under `quality_version`.

    Shares are fractions, months are written 2025-03, medians are in minor units of the currency or in the
    column's own unit.
    """
    tables = []
    for table in quality.tables:
        held = asdict(table)
        held["months"] = [
            {"month": month_text(m.month), "rows": m.rows, "median": m.median} for m in table.months
        ]
        tables.append(held)
    return {
        "quality_version": QUALITY_VERSION,
        "snapshot": quality.snapshot,
        "currency": quality.currency,
        "zone": quality.zone,
        "last_on": quality.last_on,
        "merchants": quality.merchants,
        "compared_with_earlier_ingests": quality.compared,
        "grade": quality.grade,
        "ingests": [
            {"source": r.source, "adapter": r.adapter, "route": r.route, "ingested_at": r.ingested_at}
            for r in ingests
        ],
        "tables": tables,
    }


def write_report(
    out: Path, quality: Quality, ingests: tuple[IngestRecord, ...], lake: Path
) -> dict[str, Any]:
    """Write both files into the folder `out` and return the document.

    Raises:
        UsageError: `out` is a file, lies inside the lake, or holds something that is no quality report.
        OSError: the disk does not take it.
    """
    made = document(quality, ingests)
    texts = (orjson.dumps(made, option=orjson.OPT_INDENT_2), render_page(quality, ingests).encode())
    write_files(out, dict(zip(FILES, texts, strict=True)), lake, "a quality report")
    return made
