"""Give up a query that the bureau has not answered, so that its case is asked about anew, under another consent."""

from datetime import datetime

from suixin.errors import LendingError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor, Hands
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.models import Desk
from suixin.server.verification.log import unanswered
from suixin.server.verification.models import REASON, GivenUp

ACTION = "verification.bureau.give_up"


def give_up_query(reference: str, reason: str, *, by: Actor, at: datetime) -> GivenUp:
    """Wait for this answer no longer. The consent stays used up: the next query needs a new one, which the customer gives.

    Args:
        reference: the number of the query.
        reason: why nothing is expected any more.
        by: who might ask, and is no relative.
        at: when.

    Raises:
        UsageError: no reason, or one that is too long.
        LendingError: no query of that number waits for an answer.
        AccessError: the actor may not, or is a relative.
    """
    said = reason.strip()
    if not said or len(said) > REASON:
        raise UsageError(
            f"the reason has {len(said)} characters; write 1 to {REASON}",
            zh=f"原因有 {len(said)} 个字，请写 1 至 {REASON} 个",
        )
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        locks.rows(Desk.objects.all())  # an answer that comes in at once is seen, or sees this
        query = unanswered().filter(reference=reference).first()
        if query is None:
            raise LendingError(
                f"no query {reference} waits for an answer", zh=f"没有等待答复的查询 {reference}"
            )
        merchant = merchant_of(query.merchant_id)
        by.require(ACTION, merchant, Hands(barred=frozenset(merchant.relatives)))
        made = GivenUp(query=query, reason=said, by=by.name, at=at)
        made.save(force_insert=True)
        after = {"reference": query.reference, "application": query.application}
        record(by, ACTION, query, after=after, reason=said, at=at)
        return made
