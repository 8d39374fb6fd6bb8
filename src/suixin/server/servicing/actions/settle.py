"""Take in what a platform settled."""

from datetime import date, datetime, timedelta

from suixin.errors import ConflictError, LendingError
from suixin.money import check_minor
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.servicing import amending
from suixin.server.servicing.models import Settlement, SweepAuthorisation

_LONGEST = 80  # the key of the payment that it makes must fit as well


def settle(
    authorisation: SweepAuthorisation,
    sales_minor: int,
    *,
    settled_on: date,
    key: str,
    by: Actor,
    at: datetime,
) -> Settlement:
    """Take in a settlement, once for the platform's key, in any order; it is swept when its return window is over.

    Raises:
        LendingError: sales of nothing, a key that is too long or holds a '/', or a day on which the authorisation did not hold.
        ConflictError: the key was used for another settlement.
    """
    if check_minor(sales_minor, "sales") <= 0:
        raise LendingError(
            f"settlement {key} of {sales_minor} is not above 0; net the refunds off first",
            zh="回款金额须大于 0，请先扣除退款",
        )
    ended = authorisation.ended_on
    if settled_on < authorisation.signed_on or (ended is not None and settled_on >= ended):
        raise LendingError(
            f"settlement {key} of {settled_on} lies outside its authorisation",
            zh=f"{settled_on} 的回款不在扣还授权的期间内",
        )
    amending.judged(key, _LONGEST)
    with tenancy.within(authorisation.organisation_id):
        by.require("lending.sweep.settle", authorisation)
        locks.rows(SweepAuthorisation.objects.filter(pk=authorisation.pk))
        held = Settlement.objects.filter(authorisation_id=authorisation.pk, key=key).first()
        if held is not None:
            if (held.sales_minor, held.settled_on) != (sales_minor, settled_on):
                raise ConflictError(
                    f"settlement {key} was taken in before with another sum or day",
                    zh="这笔回款已按其他金额或日期登记过",
                )
            return held
        made = Settlement(
            authorisation=authorisation,
            key=key,
            sales_minor=sales_minor,
            settled_on=settled_on,
            due_on=settled_on + timedelta(days=authorisation.return_days),
        )
        made.save(force_insert=True)
        record(by, "lending.sweep.settle", made, after={"sales_minor": sales_minor}, at=at)
        return made


def payment_key(settlement: Settlement, lessened: int | None = None) -> str:
    """The key of the payment that a settlement makes, as it stands or as it stood before it was made smaller.

    Its authorisation's place among those of the loan, its own key, and how often it was made smaller. No number of the
    database is in it, so that the journal does not depend on what failed before.
    """
    held = settlement.authorisation
    place = SweepAuthorisation.objects.filter(loan_id=held.loan_id, pk__lte=held.pk).count()
    times = settlement.lessened if lessened is None else lessened
    return f"sweep {place} {settlement.key}" + (f" -{times}" if times else "")
