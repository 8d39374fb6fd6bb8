"""The lake of the current organisation, for whoever looks after what is delivered to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suixin.errors import LakeError, LendingError
from suixin.lake import manifest
from suixin.lake.ingests import Ingested, numbered
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.server import tenancy
from suixin.server.origination.models import Desk

BY_OUR_OWN_COLUMNS = frozenset({"api", "standard", "mended"})
"""Adapters whose rows have the columns of the data standard, so that a mended row needs no adapter."""


def held() -> tuple[Desk, Lake] | None:
    """The desk and the newest snapshot of its lake; None before there is a desk, or while its lake is empty.

    LakeError if the lake is damaged.
    """
    desk = Desk.objects.first()
    if desk is None or not Path(desk.lake).is_dir():
        return None
    found = manifest.load(Path(desk.lake))
    return None if found is None else (desk, Lake(Path(desk.lake), found))


@contextmanager
def without_place(organisation_id: int) -> Iterator[None]:
    """What the lake says is wrong is said on without where on the server it lies."""
    try:
        yield
    except LakeError as error:
        with tenancy.within(organisation_id):
            root = Desk.objects.values_list("lake", flat=True).first()
        said = str(error).replace(root, "the lake") if root else str(error)
        zh = error.zh.replace(root, "数据湖") if root else error.zh
        raise type(error)(said, zh=zh) from error


def ingest_of(lake: Lake, number: int, table: str) -> Ingested:
    """An ingest by its number, if it set rows of the table aside.

    Raises:
        LendingError: there is none, or it set none aside.
        LakeError: what it did cannot be read.
    """
    found = numbered(lake.root, lake.manifest, number)
    counts = (found.tables or {}).get(table) if found else None
    if found is None or table not in TABLES or counts is None or not counts.quarantined:
        raise LendingError(
            f"no ingest {number} has set rows of {table!r} aside",
            zh=f"第 {number} 次入库没有隔离“{table}”的行",
        )
    return found


def may_be_mended_here(ingest: Ingested) -> bool:
    """Whether rows of this ingest have our own columns; those of another adapter are mended where they come from."""
    return ingest.record.adapter in BY_OUR_OWN_COLUMNS


def to_mend(lake: Lake, number: int, table: str) -> Ingested:
    """An ingest whose rows of a table are mended here.

    Raises:
        LendingError: as `ingest_of`, or its rows have another adapter's columns.
        LakeError: what it did cannot be read.
    """
    found = ingest_of(lake, number, table)
    if not may_be_mended_here(found):
        raise LendingError(
            f"ingest {number} came by the adapter {found.record.adapter}; mend its source and ingest it again",
            zh=f"第 {number} 次入库用的是适配器 {found.record.adapter}，请改正来源后重新入库",
        )
    return found
