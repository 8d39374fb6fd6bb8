"""Put a mended file that was read into the lake: all good rows, once."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from suixin.errors import LakeBusyError, LakeError, LendingError
from suixin.lake import mending
from suixin.lake.ingests import Ingested, numbered
from suixin.lake.store import Lake
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.intake import lakes, mended
from suixin.server.intake.actions.let_go_mended import ACTION as LET_GO
from suixin.server.intake.actions.read_mended import ACTION
from suixin.server.intake.aside import begun_with, rows_of
from suixin.server.intake.mended import Fault, Mended, as_kept, fault_of
from suixin.server.intake.models import MendedFile, RowOutcome
from suixin.server.intake.putting import WAIT_SECONDS, made_by, put, set_aside_by
from suixin.server.intake.rules import SETTLED
from suixin.server.origination.models import Desk

BEGUN = "data.quarantine.begin"
LOOKS, PUTS, WRITES = "looks", "puts", "writes"
"""The phases of a put: the rows are looked at once more, put into the lake, and told to the database."""
_GONE = "the mended file is not there any more; upload it again"


def put_mended(
    file_id: int, *, by: Actor, at: datetime, told: Callable[[str], None] = lambda _: None
) -> MendedFile:
    """Put in what the lake takes now; what it does not stays set aside, and open. A second time changes nothing.

    The lake is no part of the database. So which rows are put in is written, and committed, before the lake is touched; from
    then on nobody dismisses them or brings them by another file, and there is one way on: this same put, asked for again by
    whoever may. The lake knows it by its key, and a put that is in the lake is not made twice. Only where the lake says that
    it is not there, and nothing of it can come in any more, are its rows let go of.

    Args:
        file_id: the file.
        by: who puts it in.
        at: when.
        told: which phase begins, outside of any transaction.

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
        return _put(file_id, by, at, told)


def to_put(file: MendedFile) -> bool:
    """Whether a file is still to be put in.

    Raises:
        LakeError: its rows are not kept any more, and none is begun.
    """
    if file.done_at is None and not file.is_begun and not mending.is_kept(Path(file.desk.lake), file.digest):
        raise LakeError(_GONE, zh="修正文件已经不在，请重新上传")
    return file.done_at is None


def _file(file_id: int) -> MendedFile:
    found = locks.rows(MendedFile.objects.filter(pk=file_id))
    if not found:
        raise LendingError(f"there is no mended file {file_id}", zh="没有这个修正文件")
    return found[0]


def _put(file_id: int, by: Actor, at: datetime, told: Callable[[str], None]) -> MendedFile:
    with tenancy.within(by.organisation_id):
        file = _file(file_id)
        if file.done_at is not None:
            return file
        held = lakes.held()
        if held is None or held[0].pk != file.desk_id:
            raise LendingError(
                "the lake that this file is for is not there any more", zh="这个文件对应的数据湖已经不在"
            )
        desk, lake = held
        of = lakes.to_mend(lake, file.ingest, file.table)
    told(LOOKS)
    made = _made(lake, file) if file.is_begun else 0
    if made:
        late, there = _became(lake, file, made)
    else:
        file, rows = _begin(file, desk, lake, of, by, at)
        told(PUTS)
        report, late = put(lake, of, file.table, file.digest, rows, at=at, dry_run=False)
        made = report.sequence or _made(Lake.open(lake.root), file)
        there = report.tables[file.table].already_there
    told(WRITES)
    bad = {one.line for one in late}
    file.claimed = [one for one in file.claimed if one[0] not in bad]
    file.made, file.there, file.good = made, there, len(file.claimed)
    file.faults = as_kept([*(Fault(**one) for one in file.faults), *late])
    with tenancy.within(by.organisation_id):
        _told(desk, file, by, at)
    mending.drop(lake.root, file.digest)
    return file


def _made(lake: Lake, file: MendedFile) -> int:
    return made_by(lake, file.ingest, file.table, file.digest)


def _became(lake: Lake, file: MendedFile, made: int) -> tuple[list[Fault], int]:
    """What the ingest did that the file has become: the rows that it set aside, and how many were there already."""
    aside = set_aside_by(lake, made, file.table)
    rows = enumerate(file.claimed, start=1)
    late = [Fault(line, f"{row}", *aside[number]) for number, (line, row, _) in rows if number in aside]
    done = numbered(lake.root, lake.manifest, made)
    return late, 0 if done is None else (done.tables or {})[file.table].already_there


def _begin(
    file: MendedFile, desk: Desk, lake: Lake, of: Ingested, by: Actor, at: datetime
) -> tuple[MendedFile, list[Mended]]:
    """Look once more which rows come in, and write them down as the file's own; of one that was begun no others.

    Raises:
        LendingError: none comes in.
        LakeError: they are not kept any more.
    """
    kept, gone = mending.is_kept(lake.root, file.digest), LakeError(_GONE)
    if not kept and not file.is_begun:
        raise gone
    with tenancy.within(by.organisation_id):
        content = mending.read(lake.root, file.digest) if kept else b"[]"
        rows, settled = mended.unpacked(content, rows_of(desk, lake, file.ingest, file.table), file.pk)
    found = put(lake, of, file.table, file.digest, rows, at=at, dry_run=True)[1] if rows else []
    with tenancy.within(by.organisation_id):
        good = _claimed(file, desk, rows, [*settled, *found], by, at)
    if not kept:
        raise gone
    if not good:
        raise LendingError(
            f"no row of {file.name} can come in; mend the faults and upload it again",
            zh=f"{file.name} 没有可以入库的行；请改正后重新上传",
        )
    return file, good


def _claimed(
    file: MendedFile, desk: Desk, rows: list[Mended], faults: list[Fault], by: Actor, at: datetime
) -> list[Mended]:
    """The rows that come in, the file's own from now on; none if it has lost them."""
    locks.rows(Desk.objects.filter(pk=desk.pk))  # who dismisses at once is seen, or sees this
    taken = _taken(file, desk)
    late = [fault_of(one, "", SETTLED) for one in rows if one.of.place in taken]
    bad = {one.line for one in (*faults, *late)}
    good = [one for one in rows if one.line not in bad and (not file.is_begun or one.of.place in file.places)]
    file.faults = as_kept([*_of_other_lines(file, [*rows, *faults]), *faults, *late])
    file.good, file.claimed = len(good), [[one.line, one.of.row, one.of.place] for one in good]
    if good or file.is_begun:
        after = {"digest": file.digest, "rows": sorted(file.places)}
        record(by, BEGUN if good else LET_GO, file, after=after, at=at)
    file.begun_at = (file.begun_at or at) if good else None
    file.save()
    return good


def _taken(file: MendedFile, desk: Desk) -> set[str]:
    """Places of rows that were dismissed, mended, or begun with by another file."""
    others = begun_with(desk, file.ingest, file.table)
    done = RowOutcome.objects.filter(desk_id=desk.pk, ingest=file.ingest, table=file.table)
    return {place for place, one in others.items() if one.pk != file.pk} | set(
        done.values_list("place", flat=True)
    )


def _of_other_lines(file: MendedFile, looked_at: list[Mended | Fault]) -> list[Fault]:
    """What was found when the file was read, of lines that went no further."""
    lines = {one.line for one in looked_at}
    return [found for one in file.faults if (found := Fault(**one)).line not in lines]


def _told(desk: Desk, file: MendedFile, by: Actor, at: datetime) -> None:
    """Every row that came in is mended by this file; no other has touched it since it was begun."""
    locks.rows(Desk.objects.filter(pk=desk.pk))
    file.mended, file.done_by, file.done_at = len(file.places), by.name, at
    file.save()
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
        for place in file.places
    )
    after = {"digest": file.digest, "made": file.made, "rows": sorted(file.places)}
    reason = f"ingest {file.ingest}, {file.table}: {file.mended} rows"
    record(by, ACTION, file, after=after, reason=reason, at=at)
