"""Questions to the audit log."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from suixin.ledger import chain
from suixin.server.audit import content
from suixin.server.audit.models import Record, Seal

_ZONE = ZoneInfo("Asia/Shanghai")


class Asked(NamedTuple):
    """What is asked of the log; what is '' or None is not asked. Days are Chinese civil days, both included."""

    actor: str = ""
    action: str = ""
    object_kind: str = ""
    object_id: str = ""
    from_on: date | None = None
    to_on: date | None = None


class Written(NamedTuple):
    """A record, the digest of all that it says, and its place in the chain, None while it waits for the next seal."""

    record: Record
    digest: str
    sequence: int | None


def written(asked: Asked, *, before: int | None = None, size: int = 50) -> list[Written]:
    """Records that are asked for, the latest first, those before a number alone; no count, for the log only grows."""
    found = Record.objects.select_related("seal").order_by("-id")
    plain = {name: value for name, value in asked._asdict().items() if value and not name.endswith("_on")}
    found = found.filter(**plain)
    if asked.from_on is not None:
        found = found.filter(at__gte=_begins(asked.from_on))
    if asked.to_on is not None:
        found = found.filter(at__lt=_begins(asked.to_on + timedelta(days=1)))
    if before is not None:
        found = found.filter(id__lt=before)
    return [Written(row, content.digest(row).hex(), _place(row)) for row in found[:size]]


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), _ZONE)


def _place(row: Record) -> int | None:
    held = getattr(row, "seal", None)
    return None if held is None else held.sequence


def first_break() -> chain.Break | None:
    """Where the current organisation's sealed log first differs from its chain, or None."""
    links = [
        chain.Link(one.sequence, bytes(one.digest), bytes(one.link))
        for one in Seal.objects.order_by("sequence")
    ]
    sealed = Record.objects.filter(seal__isnull=False).select_related("seal").order_by("seal__sequence")
    return chain.first_break(links, [(row.seal.sequence, content.digest(row)) for row in sealed])
