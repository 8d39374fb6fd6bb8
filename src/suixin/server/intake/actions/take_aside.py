"""Take rows that were set aside away with their real values, to mend them."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.intake import lakes
from suixin.server.intake.aside import Aside, open_of, rows_of
from suixin.server.intake.tomend import fitting

ACTION = "data.quarantine.take"


def take_aside(number: int, table: str, *, by: Actor, at: datetime) -> list[Aside]:
    """The open rows of a table that an ingest set aside, as many as fit into a file; the log says that somebody has them.

    Raises:
        LendingError: no such ingest, none of its rows is open, or they have another adapter's columns.
        AccessError: the actor may not.
        LakeError: the lake cannot be read.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        held = lakes.held()
        if held is None:
            raise LendingError("this house has no lake yet", zh="本机构还没有数据湖")
        desk, lake = held
        lakes.to_mend(lake, number, table)
        rows = list(fitting(table, open_of(rows_of(desk, lake, number, table))))
        if not rows:
            raise LendingError(
                f"no row of {table} that ingest {number} set aside waits for a mend",
                zh=f"第 {number} 次入库的 {table} 没有待改正的行",
            )
        after = {"ingest": number, "table": table, "places": [one.place for one in rows]}
        record(by, ACTION, desk, after=after, reason=f"ingest {number}, {table}: {len(rows)} rows", at=at)
        return rows
