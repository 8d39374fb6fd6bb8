"""Say what is known of a loan beside its days past due: misuse, evasion, bankruptcy, a technical delay."""

from collections.abc import Iterable
from datetime import datetime

from suixin.errors import LendingError
from suixin.ledger import relief
from suixin.lending.class_facts import Flag
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, hands, keeping
from suixin.server.servicing.models import Loan


def flag(book: Book, number: str, flags: Iterable[Flag], *, reason: str, by: Actor, at: datetime) -> Loan:
    """Set all the flags of a loan; tonight's class follows them. The same again changes nothing.

    Raises:
        LendingError: no reason, or nothing is paid out.
    """
    if not reason:
        raise LendingError(f"loan {number} is flagged without a reason; give one", zh="请写明理由")
    wanted = frozenset(Flag(one) for one in flags)
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.watch", book, hands.of_loan(book, number))
        day = amending.open_day(book)
        (row,) = amending.locked(book, number)
        held = keeping.read(row, with_events=True)
        if not held.account.drawn:
            raise LendingError(
                f"loan {number} is {row.state}; there is nothing to class",
                zh=f"贷款 {number} 还没有放款，不用分类",
            )
        if held.flags != wanted:
            done = relief.flagged(held, wanted, day)
            keeping.write(row, done.loan).save(update_fields=keeping.KEPT)
            if done.booked:
                post(book, done.booked, by=amending.poster(by), at=at)
            before, after = sorted(held.flags), sorted(wanted)
            record(
                by,
                "lending.loan.watch",
                row,
                before={"flags": before},
                after={"flags": after},
                reason=reason,
                at=at,
            )
        return row
