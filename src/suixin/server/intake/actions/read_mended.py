"""Read a mended file without putting anything into the lake: what would come in, and what is wrong with the rest."""

from datetime import datetime
from hashlib import sha256

from suixin.errors import LakeBusyError, LendingError
from suixin.lake import manifest, mending
from suixin.lake.ingests import Ingested
from suixin.lake.store import Lake
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.intake import lakes, mended
from suixin.server.intake.aside import Aside, rows_of
from suixin.server.intake.mended import Mended, as_kept, packed
from suixin.server.intake.models import NAME, MendedFile
from suixin.server.intake.putting import put
from suixin.server.origination.models import Desk

ACTION = "data.quarantine.mend"
TRIED = "data.quarantine.try"
_FORGOTTEN = "forgotten"


def read_mended(number: int, table: str, name: str, content: bytes, *, by: Actor, at: datetime) -> MendedFile:
    """Read a file of rows that an ingest set aside; the same bytes are the same file, read anew until it is begun to put them in.

    Args:
        number: the ingest.
        table: whose rows they are.
        name: the file's, which says by its ending what it is.
        content: its bytes.
        by: who mended.
        at: when.

    Raises:
        SourceError: the file cannot be read as one of these rows.
        LendingError: no such ingest, or its rows have another adapter's columns.
        AccessError: the actor may not.
        LakeError: the lake cannot be read.
        LakeBusyError: somebody was forgotten meanwhile.
    """
    digest = sha256(content).hexdigest()
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        held = lakes.held()
        if held is None:
            raise LendingError("this house has no lake yet", zh="本机构还没有数据湖")
        desk, lake = held
        of = lakes.to_mend(lake, number, table)
        done = MendedFile.objects.filter(desk_id=desk.pk, ingest=number, table=table, digest=digest).first()
        if done is not None and (done.done_at or done.begun_at):
            return done
        aside = rows_of(desk, lake, number, table)
    found, rows = _looked_at(lake, of, table, digest, name, content, aside, at)
    _keep(lake, digest, rows)
    with tenancy.within(by.organisation_id):
        file = _kept(desk, found, by, at)
    if file.done_at is not None:  # put in while this was read
        mending.drop(lake.root, digest)
    return file


def _keep(lake: Lake, digest: str, rows: list[Mended]) -> None:
    """Keep rows in the lake; none about somebody who is forgotten while they are looked at."""
    if not rows:
        mending.drop(lake.root, digest)
        return
    mending.keep(lake.root, digest, packed(rows))
    now = manifest.load(lake.root)  # who forgets commits first and clears these files afterwards
    if now is None or now.forgotten != lake.manifest.forgotten:
        mending.drop(lake.root, digest)
        raise LakeBusyError(
            "somebody was forgotten meanwhile; upload the file again",
            zh="其间有人的数据已被删除；请重新上传文件",
        )


def _looked_at(
    lake: Lake,
    of: Ingested,
    table: str,
    digest: str,
    name: str,
    content: bytes,
    aside: list[Aside],
    at: datetime,
) -> tuple[MendedFile, list[Mended]]:
    """The file as it was found, and the rows that may be kept until they are put in."""
    rows, faults = mended.read(name, content, table, aside)
    there = bad = 0
    if rows:
        report, found = put(lake, of, table, digest, rows, at=at, dry_run=True)
        there, bad = report.tables[table].already_there, len(found)
        faults = [*faults, *found]
    gone = {one.line for one in faults if one.rule == _FORGOTTEN}
    file = MendedFile(
        ingest=of.number,
        table=table,
        digest=digest,
        name=name[:NAME],
        good=len(rows) - bad,
        there=there,
        faults=as_kept(faults),
    )
    return file, [one for one in rows if one.line not in gone]


def _kept(desk: Desk, found: MendedFile, by: Actor, at: datetime) -> MendedFile:
    """The file as it was found now; unless somebody has begun to put it in meanwhile."""
    locks.rows(
        Desk.objects.filter(pk=desk.pk)
    )  # of two who upload the same file the second finds the first one's
    where = {"desk_id": desk.pk, "ingest": found.ingest, "table": found.table, "digest": found.digest}
    held = MendedFile.objects.filter(**where).first()
    if held is not None and (held.done_at or held.begun_at):
        return held
    found.desk, found.pk = desk, None if held is None else held.pk
    found.read_by, found.read_at = by.name, at
    found.save()
    after = {"digest": found.digest, "good": found.good, "faults": len(found.faults)}
    record(by, TRIED, found, after=after, at=at)
    return found
