"""Take back a provider's answer that was imported by mistake: it counts no more, and stays in the log."""

from datetime import datetime

from suixin.errors import LendingError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor, Hands
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.models import Desk
from suixin.server.verification.models import REASON, IdentityCheck, TakenBack
from suixin.server.verification.queries import counting

ACTION = "verification.identity.take_back"


def take_back_check(number: int, reason: str, *, by: Actor, at: datetime) -> TakenBack:
    """Let an answer count no more. The check before it holds again; without one the customer is to be verified anew.

    What rests on the answer stays as it was decided; but nothing more is assessed, approved, signed or drawn before another check.

    Args:
        number: the key of the check.
        reason: why.
        by: who might import it, and is no relative.
        at: when.

    Raises:
        UsageError: no reason, or one that is too long.
        LendingError: no answer of a provider has this number, or it was taken back.
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
        locks.rows(Desk.objects.all())  # two who take the same one back wait for each other
        check = counting().filter(pk=number, how=IdentityCheck.How.PROVIDER).first()
        if check is None:
            raise LendingError(
                f"no answer of a provider counts under the number {number}",
                zh=f"没有编号为 {number} 的有效机构核验结果",
            )
        merchant = merchant_of(check.merchant_id)
        by.require(ACTION, merchant, Hands(barred=frozenset(merchant.relatives)))
        made = TakenBack(check_of=check, reason=said, by=by.name, at=at)
        made.save(force_insert=True)
        after = {"merchant": check.merchant_id, "verdict": check.verdict, "reference": check.reference}
        record(by, ACTION, check, after=after, reason=said, at=at)
        return made
