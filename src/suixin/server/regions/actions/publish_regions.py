"""Publish a month's figures by township: once, by a person, as they were shown."""

from datetime import datetime

from suixin.errors import ConflictError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.regions import documents
from suixin.server.regions.models import Publication
from suixin.server.regions.queries import draft


def publish_regions(book: Book, *, shown: str, by: Actor, at: datetime) -> Publication:
    """Publish the month that is due; what is kept is the suppressed table, and nothing of what it hides.

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
        tables = made.document
        digest = documents.digest(tables)
        if digest != shown:
            raise ConflictError(
                "the figures have changed since they were shown; look at them again",
                zh="数字在显示之后有变化，请重新查看后再发布",
            )
        month = made.month
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
