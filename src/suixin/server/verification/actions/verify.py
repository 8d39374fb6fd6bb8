"""Verify a merchant's identity through a provider, and keep the answer."""

from datetime import date, datetime

from suixin.identifiers import check_resident_id
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.access import Actor, Hands
from suixin.server.merchants.models import Holder, Merchant
from suixin.server.origination.models import Desk
from suixin.server.verification.models import IdentityCheck, IdentityRequest
from suixin.server.verification.people import fingerprint, person_of
from suixin.server.verification.providers import Counter, Demo, Provider
from suixin.sharing.purposes import civil_date

ACTION = "verification.identity.check"


def verify(
    merchant: Merchant,
    provider: Provider,
    *,
    by: Actor,
    at: datetime,
    request: IdentityRequest | None = None,
) -> IdentityCheck:
    """Ask a provider about the merchant's holder, and write the answer down; the latest one holds.

    Args:
        merchant: whose holder.
        provider: who answers.
        by: who asks, and is no relative.
        at: when.
        request: the line of a list that is answered.

    Raises:
        AccessError: the actor may not, or is a relative.
        UsageError, LendingError: no number of identity is on file, or the answer is none that can be kept.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION, merchant, Hands(barred=frozenset(merchant.relatives)))
        found = provider.check(person_of(merchant), civil_date(at))
        made = IdentityCheck(
            merchant_id=merchant.merchant_id,
            fingerprint=fingerprint(merchant.holder),
            ending=merchant.holder.identity_number[-2:],
            how=found.how,
            provider=found.provider,
            reference=found.reference,
            request=request,
            verdict=found.verdict,
            checked=list(found.checked),
            expires_on=found.expires_on,
            by=by.name,
            at=at,
        )
        made.save(force_insert=True)
        after = {"merchant": made.merchant_id, "verdict": made.verdict, "reference": made.reference}
        record(by, ACTION, made, after=after, at=at)
        return made


def verify_at_counter(
    merchant: Merchant, number: str, *, kept_at: str, expires_on: date | None, by: Actor, at: datetime
) -> IdentityCheck:
    """Write down that an officer saw the paper; a number that was not on file yet comes on file.

    Args:
        merchant: whose paper.
        number: as it stands on the paper.
        kept_at: where the copy lies.
        expires_on: the paper's last day, None for one without end.
        by: the officer.
        at: when.

    Raises:
        UsageError: the number can be nobody's, or it is not said where the copy lies.
        LendingError: another number is on file, or the paper is no longer good.
        AccessError: the actor may not, or is a relative.
    """
    typed = check_resident_id(number, civil_date(at))
    with tenancy.within(by.organisation_id):
        by.require(ACTION, merchant, Hands(barred=frozenset(merchant.relatives)))
        (holder,) = locks.rows(Holder.objects.filter(merchant_id=merchant.pk))
        merchant.holder = holder
        if not holder.identity_number:
            holder.identity_number = typed
            holder.save()
        return verify(merchant, Counter(typed, kept_at, expires_on), by=by, at=at)


def verify_in_demo(merchant: Merchant, *, at: datetime) -> None:
    """Where the desk is the demonstration's, whoever gave a number is verified as soon as they are enrolled."""
    desk = Desk.objects.first()
    if desk is not None and desk.demo and merchant.holder.identity_number:
        by = access.system(merchant.organisation_id, "verification")
        verify(merchant, Demo(demo=True), by=by, at=at)
