"""Set up an organisation's lending desk: the book it lends from, the lake it reads."""

from datetime import datetime
from pathlib import Path

from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.origination.models import Desk


def set_up_desk(book: Book, lake: Path, *, by: Actor, at: datetime, demo: bool = False) -> Desk:
    """Set the desk up; done again, it moves to this book and lake.

    Raises:
        LakeError: there is no lake in that folder.
    """
    Lake.open(lake)
    with tenancy.within(book.organisation_id):
        by.require("origination.desk.set_up", book)
        held = Desk.objects.first() or Desk()
        held.book, held.lake, held.demo = book, str(lake.resolve()), demo
        held.save()
        record(by, "origination.desk.set_up", held, after={"book": book.code, "lake": held.lake}, at=at)
        return held
