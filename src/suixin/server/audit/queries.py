"""Questions to the audit log."""

from suixin.ledger import chain
from suixin.server.audit import content
from suixin.server.audit.models import Record, Seal


def first_break() -> chain.Break | None:
    """Where the current organisation's sealed log first differs from its chain, or None."""
    links = [
        chain.Link(one.sequence, bytes(one.digest), bytes(one.link))
        for one in Seal.objects.order_by("sequence")
    ]
    sealed = Record.objects.filter(seal__isnull=False).select_related("seal").order_by("seal__sequence")
    return chain.first_break(links, [(row.seal.sequence, content.digest(row)) for row in sealed])
