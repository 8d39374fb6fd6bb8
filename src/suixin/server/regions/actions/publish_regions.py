"""Publish a month's figures by township: once, by a person, as they were shown."""

from datetime import datetime
from typing import Any

from suixin.errors import ConflictError
from suixin.regions.suppress import suppress
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.regions import documents
from suixin.server.regions.actions.read_sales import read_sales
from suixin.server.regions.documents import LENDING, RELATIONS, SALES
from suixin.server.regions.models import Publication
from suixin.server.regions.queries import Draft, draft
from suixin.server.regions.sales import Absent


def publish_regions(book: Book, *, shown: str, by: Actor, at: datetime) -> Publication:
    """Publish the month that is due; what is kept is the suppressed table, and nothing of what it hides.

    Sales are read now and not before: each reading uses up one of the three a month that the merchants allow, and a page that
    somebody looks at reads nobody's. A month of which the lake does not tell is published without them.

    Args:
        book: whose figures.
        shown: the digest of the draft that the person saw.
        by: who publishes.
        at: when.

    Raises:
        LendingError: the month is published already.
        ConflictError: the figures have changed since they were shown.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require("regions.month.publish", book)
        locks.rows(Book.objects.filter(pk=book.pk))  # one of two who publish at once comes second
        made = draft(book)
        if documents.digest(made.document) != shown:
            raise ConflictError(
                "the figures have changed since they were shown; look at them again",
                zh="数字在显示之后有变化，请重新查看后再发布",
            )
        month, tables = made.month, _with_sales(made, by, at)
        digest = documents.digest(tables)
        kept = Publication(
            book=book,
            month=month.first_on,
            from_on=month.from_on,
            as_of=month.as_of,
            tables=tables,
            digest=digest,
            made_by=by.name,
            made_at=at,
        )
        kept.save(force_insert=True)
        after = {"month": month.first_on.isoformat(), "digest": digest}
        record(by, "regions.month.publish", kept, after=after, at=at)
        return kept


def _with_sales(made: Draft, by: Actor, at: datetime) -> dict[str, Any]:
    """What is published: the draft, and the sales as they may be shown."""
    found = read_sales(made.month, made.tables[LENDING].parents, by=by, at=at)
    if isinstance(found, Absent):
        return documents.document(made.tables, made.names, {SALES: found.value})
    return documents.document({**made.tables, SALES: suppress(found, RELATIONS[SALES])}, made.names)
