"""Seal the audit log: give what was recorded since its place in the chain."""

from suixin.ledger import chain
from suixin.server import locks, tenancy
from suixin.server.audit import content
from suixin.server.audit.models import Record, Seal
from suixin.server.identity.access import Actor
from suixin.server.identity.models import Organisation


def seal(by: Actor) -> int:
    """Return how many records were sealed. What commits later gets a later place, whatever its number.

    Raises:
        AccessError: only the program seals.
    """
    by.require("audit.log.seal")
    with tenancy.within(by.organisation_id):
        locks.rows(Organisation.objects.filter(pk=by.organisation_id))  # one sealer at a time
        last = Seal.objects.order_by("-sequence").first()
        head = chain.Head(last.sequence, bytes(last.link)) if last else chain.Head(0, chain.GENESIS)
        waiting = list(Record.objects.filter(seal=None).order_by("pk"))
        links = chain.sealed(head, [content.digest(row) for row in waiting])
        rows = zip(waiting, links, strict=True)
        Seal.objects.bulk_create(
            Seal(
                organisation_id=by.organisation_id,
                sequence=link.sequence,
                record=row,
                digest=link.digest,
                link=link.link,
            )
            for row, link in rows
        )
        return len(waiting)
