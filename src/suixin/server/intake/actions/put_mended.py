"""Put a mended file that was read into the lake: all good rows, once."""

from datetime import datetime

from suixin.errors import LakeBusyError, LendingError
from suixin.lake import mending
from suixin.lake.store import Lake
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.intake import lakes, mended
from suixin.server.intake.actions.read_mended import ACTION
from suixin.server.intake.aside import rows_of
from suixin.server.intake.mended import Fault, Mended, as_kept
from suixin.server.intake.models import MendedFile, RowOutcome
from suixin.server.intake.putting import WAIT_SECONDS, made_by, put
from suixin.server.origination.models import Desk

BEGUN = "data.quarantine.begin"


def put_mended(file_id: int, *, by: Actor, at: datetime) -> MendedFile:
    """Put in what the lake takes now; what it does not stays set aside, and open. A second time changes nothing.

    As with a push, the lake is no part of the database: who puts rows in at once waits for each other, and what is begun stands
    in the log before a row is in the lake. Should the server die between the two, the file is put in again, finds its rows
    there, and is told which ingest they became.

    Raises:
        LendingError: there is no such file, or no row of it can come in.
        LakeError: the file was let go of since, or the lake cannot take it.
        LakeBusyError: others were writing for too long.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        desk_id = _file(file_id).desk_id
    with locks.pushing(desk_id, WAIT_SECONDS) as alone:
        if not alone:
            raise LakeBusyError(
                "another program is writing to the lake; try again in a moment",
                zh="数据湖正在写入，请过一会儿再试",
            )
        return _put(file_id, by, at)


def _file(file_id: int) -> MendedFile:
    found = locks.rows(MendedFile.objects.filter(pk=file_id))
    if not found:
        raise LendingError(f"there is no mended file {file_id}")
    return found[0]


def _put(file_id: int, by: Actor, at: datetime) -> MendedFile:
    with tenancy.within(by.organisation_id):
        file = _file(file_id)
        if file.done_at is not None:
            return file
        held = lakes.held()
        if held is None or held[0].pk != file.desk_id:
            raise LendingError("the lake that this file is for is not there any more")
        desk, lake = held
        of = lakes.to_mend(lake, file.ingest, file.table)
        content = mending.read(lake.root, file.digest)
        rows, settled = mended.unpacked(content, rows_of(desk, lake, file.ingest, file.table))
        faults = _of_lines_not_kept(file, rows, settled)
        record(by, BEGUN, file, after={"digest": file.digest}, at=at)
    good, found = rows, list[Fault]()
    if rows:
        _, found = put(lake, of, file.table, file.digest, rows, at=at, dry_run=True)
        good = _without(rows, found)
    if not good:
        raise LendingError(
            f"no row of {file.name} can come in; mend the faults and upload it again",
            zh=f"{file.name} 没有可以入库的行；请改正后重新上传",
        )
    report, late = put(lake, of, file.table, file.digest, good, at=at, dry_run=False)
    good, faults = _without(good, late), [*faults, *found, *late]
    file.made = report.sequence or made_by(Lake.open(lake.root), file.ingest, file.digest)
    file.good, file.there = len(good), report.tables[file.table].already_there
    file.faults = as_kept(faults)
    with tenancy.within(by.organisation_id):
        _told(desk, file, good, by, at)
    mending.drop(lake.root, file.digest)
    return file


def _of_lines_not_kept(file: MendedFile, rows: list[Mended], settled: list[Fault]) -> list[Fault]:
    """What was found when the file was read, of lines that went no further; then what is settled since."""
    kept = {one.line for one in rows} | {one.line for one in settled}
    found = (Fault(**one) for one in file.faults)
    return [*(one for one in found if one.line not in kept), *settled]


def _without(rows: list[Mended], faults: list[Fault]) -> list[Mended]:
    bad = {one.line for one in faults}
    return [one for one in rows if one.line not in bad]


def _told(desk: Desk, file: MendedFile, good: list[Mended], by: Actor, at: datetime) -> None:
    """Every row that came in is mended by this file."""
    file.mended, file.done_by, file.done_at = len(good), by.name, at
    file.save()
    locks.rows(Desk.objects.filter(pk=desk.pk))
    places = [one.of.place for one in good]
    settled = set(
        RowOutcome.objects.filter(
            desk_id=desk.pk, ingest=file.ingest, table=file.table, place__in=places
        ).values_list("place", flat=True)
    )  # by somebody who dismissed it while the lake was written
    kind = RowOutcome.Kind.MENDED
    RowOutcome.objects.bulk_create(
        RowOutcome(
            desk=desk,
            ingest=file.ingest,
            table=file.table,
            place=place,
            kind=kind,
            file=file,
            by=by.name,
            at=at,
        )
        for place in places
        if place not in settled
    )
    after = {"digest": file.digest, "made": file.made, "rows": sorted(places)}
    record(
        by, ACTION, file, after=after, reason=f"ingest {file.ingest}, {file.table}: {len(places)} rows", at=at
    )
