"""What the command line asks of early warning, as plain data. Importing this module starts Django."""

from typing import Any

from django.utils import timezone

from suixin.server.start import start

start()

from suixin.server import storage, tenancy  # noqa: E402  models are there once Django is
from suixin.server.identity import access  # noqa: E402
from suixin.server.identity.queries import organisation_of  # noqa: E402
from suixin.server.ledger import queries  # noqa: E402
from suixin.server.watching.actions.watch import watch as look  # noqa: E402
from suixin.sharing.check import WORDS, Why  # noqa: E402


def watch(organisation: str, book: str) -> dict[str, Any]:
    """Look at a book's live loans as of its business date; what the look did, and who was not read.

    Args:
        organisation: its code.
        book: its code.
    """
    storage.require_ready()
    with tenancy.within(organisation_of(organisation).pk):
        held = queries.book_of(book)
    made = look(held, by=access.system(held.organisation_id, "watch"), at=timezone.now())
    unread = [{"borrower": borrower, "why": WORDS[Why(why)].en} for borrower, why in made.unread]
    return {"day": made.day, **made.counts, "unread": unread}
