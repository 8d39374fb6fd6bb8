"""Dismiss rows that were set aside: nobody will mend them, and why. The lake keeps them."""

from collections.abc import Collection
from datetime import datetime

from suixin.errors import LendingError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.intake import lakes
from suixin.server.intake.aside import BEGUN, rows_of
from suixin.server.intake.models import REASON, RowOutcome
from suixin.server.origination.models import Desk

ACTION = "data.quarantine.dismiss"


def dismiss_rows(
    number: int, table: str, places: Collection[str], reason: str, *, by: Actor, at: datetime
) -> int:
    """Dismiss the named rows that are open; how many. Rows that were dismissed or mended before are left as they are.

    Raises:
        UsageError: no reason, or no row is named.
        LendingError: no such ingest, none of the rows is one that it set aside, or a mended file is bringing one in.
        AccessError: the actor may not.
        LakeError: the lake cannot be read.
    """
    said = reason.strip()
    if not said or len(said) > REASON:
        raise UsageError(
            f"the reason has {len(said)} characters; write 1 to {REASON}",
            zh=f"原因有 {len(said)} 个字，请写 1 至 {REASON} 个",
        )
    if not places:
        raise UsageError("choose the rows that are dismissed", zh="请勾选要搁置的行")
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        held = lakes.held()
        if held is None:
            raise LendingError("this house has no lake yet", zh="本机构还没有数据湖")
        desk, lake = held
        lakes.ingest_of(lake, number, table)
        locks.rows(
            Desk.objects.filter(pk=desk.pk)
        )  # of two at once the second sees what the first has settled
        chosen = set(places)
        known = [one for one in rows_of(desk, lake, number, table) if one.place in chosen]
        if not known:
            raise LendingError(
                f"ingest {number} has set none of these rows of {table} aside",
                zh=f"第 {number} 次入库没有隔离这些行",
            )
        if begun := {one.begun.name for one in known if one.state == BEGUN and one.begun}:
            name = min(begun)
            raise LendingError(
                f"{name} has begun to bring some of these rows in; go on with it first",
                zh=f"{name} 正在提交其中的行；请先继续提交该文件",
            )
        rows = [one for one in known if one.outcome is None]
        kind = RowOutcome.Kind.DISMISSED
        RowOutcome.objects.bulk_create(
            RowOutcome(
                desk=desk,
                ingest=number,
                table=table,
                place=one.place,
                kind=kind,
                reason=said,
                by=by.name,
                at=at,
            )
            for one in rows
        )
        if rows:
            after = {"ingest": number, "table": table, "places": sorted(one.place for one in rows)}
            record(by, ACTION, desk, after=after, reason=said, at=at)
        return len(rows)
