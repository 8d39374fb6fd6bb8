"""Questions to the audit log."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.apps import apps
from django.db.models import Q, QuerySet

from suixin.errors import UsageError
from suixin.identifiers import mask_row
from suixin.ledger import chain
from suixin.server import guards
from suixin.server.audit import content
from suixin.server.audit.models import Record, Seal
from suixin.server.days import between


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
    found = found.filter(between("at", asked.from_on, asked.to_on))
    if before is not None:
        found = found.filter(id__lt=before)
    return [Written(row, content.digest(row).hex(), _place(row)) for row in found[:size]]


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


class Line(NamedTuple):
    """One record as it is shown: whatever in its reason looks like a person's number is masked.

    Attributes:
        number: of the record.
        sequence: its place in the chain, or None while it is not sealed.
        at: when, UTC.
        actor: 'user:17' or 'system:end-of-day'.
        action: the registered name.
        object_kind: such as 'servicing.loan'.
        object_id: its id.
        before: the digest of its state before, or ''.
        after: the digest of its state after, or ''.
        reason: in words.
    """

    number: int
    sequence: int | None
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    before: str
    after: str
    reason: str


def about(things: Mapping[str, Iterable[int]], most: int) -> list[Line]:
    """The last records about some objects, kind -> ids, the latest first."""
    asked = Q(pk__in=[])
    for kind, ids in things.items():
        asked |= Q(object_kind=kind, object_id__in=[str(one) for one in ids])
    return _shown(Record.objects.filter(asked).order_by("-id"), most)


def last_lines(*, thing: str = "", since: datetime | None = None, most: int = 100) -> list[Line]:
    """The last records of the current organisation, oldest first.

    Args:
        thing: 'loan', 'servicing.loan', 'loan:17' by its id, or 'loan:L1' by its number or code; '' for all.
        since: only those of this instant and later.
        most: so many at most.

    Raises:
        UsageError: there is no such kind of object.
    """
    found = Record.objects.order_by("-id")
    if thing:
        found = found.filter(_of(thing))
    if since is not None:
        found = found.filter(at__gte=since)
    return _shown(found, most)[::-1]


def _shown(found: QuerySet[Record], most: int) -> list[Line]:
    rows = found.values_list(
        "id",
        "seal__sequence",
        "at",
        "actor",
        "action",
        "object_kind",
        "object_id",
        "before",
        "after",
        "reason",
    )[:most]
    return [Line(*row[:-1], mask_row({"reason": row[-1]})["reason"]) for row in rows]


def _of(thing: str) -> Q:
    """The condition for an object's records."""
    kind, colon, name = thing.partition(":")
    wanted = kind.lower()
    models = [one for one in apps.get_models() if wanted in {one._meta.label_lower, one._meta.model_name}]
    if not models:
        raise UsageError(
            f"object {thing!r}: there is no kind {kind!r}; give one such as loan, book or loan:L1"
        )
    found = Q(object_kind__in=[one._meta.label_lower for one in models])
    if not colon:
        return found
    ids = {name}
    for model in (one for one in guards.tenant_models() if one in models):
        for field in {"number", "code"} & {one.name for one in model._meta.get_fields()}:
            ids |= {str(one.pk) for one in model.objects.filter(**{field: name})}
    return found & Q(object_id__in=ids)


class Report(NamedTuple):
    """What was looked at: records, those that are sealed, the last link, and the first break, if there is one."""

    records: int
    sealed: int
    link: str
    broken: chain.Break | None


def verified() -> Report:
    """Look at the current organisation's log and its chain."""
    last = Seal.objects.order_by("-sequence").first()
    return Report(
        Record.objects.count(),
        0 if last is None else last.sequence,
        (chain.GENESIS if last is None else bytes(last.link)).hex(),
        first_break(),
    )
