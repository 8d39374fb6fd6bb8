"""Bring the county's own map, or go back to squares."""

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from suixin.errors import UsageError
from suixin.regions.outline import outline
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.regions.models import Ground

_LEAST, _MOST = 4, 120


def set_ground(book: Book, content: bytes | None, approval: str, *, by: Actor, at: datetime) -> Ground:
    """Keep a map; months that are published already are drawn on it too.

    Args:
        book: whose figures are drawn on it.
        content: GeoJSON, see `regions.outline`; None for squares in place of a map. An empty file is no map, and no wish for squares.
        approval: the map's approval number and whose it is, shown below it; '' with squares.
        by: who brings it.
        at: when.

    Raises:
        SourceError: the file is no such map.
        UsageError: nothing says who approved it.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require("regions.ground.set", book)
        said = approval.strip()
        if content is not None and not _LEAST <= len(said) <= _MOST:
            raise UsageError(
                f"the map's approval has {len(said)} characters; give its number and whose it is, in 4 to 120",
                zh="请填写审图号和地图来源，4 到 120 字",
            )
        kept = Ground(
            book=book,
            approval="" if content is None else said,
            outline={} if content is None else asdict(outline(content)),
            digest=sha256(content or b"").hexdigest(),
            made_by=by.name,
            made_at=at,
        )
        kept.save(force_insert=True)
        after = {"approval": kept.approval, "townships": len(kept.shapes), "digest": kept.digest}
        record(by, "regions.ground.set", kept, after=after, at=at)
        return kept
