"""Take the list of those whose identity is to be verified, for a licensed provider who answers by a file."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination.desk import desk
from suixin.server.origination.models import OPEN, Application
from suixin.server.origination.sheet import MOST_ROWS
from suixin.server.verification.models import IdentityRequest
from suixin.server.verification.people import Person, fingerprint, is_of, person_of
from suixin.server.verification.queries import verified
from suixin.sharing.purposes import civil_date

ACTION = "verification.identity.ask"
_LIVE = (*OPEN, Application.State.SIGNED)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: the number under which it is answered, and who is asked about."""

    reference: str
    person: Person


def ask_provider(*, by: Actor, at: datetime) -> list[Line]:
    """The list; who stands on it and was not answered yet keeps the number, so that asking twice asks once.

    On it stand merchants with an application that is open or signed, a number of identity, and no verified identity
    today; at most 1,000 at a time, those who wait longest. The lender has to know its customer by law
    (反洗钱法 article 29; PIPL article 13, item 3), so no consent is asked; that the list was taken stands in the audit log.

    Raises:
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        waiting = to_ask(at)[:MOST_ROWS]
        held: dict[str, list[IdentityRequest]] = {}
        keys = [one.merchant_id for one in waiting]
        for request in IdentityRequest.objects.filter(merchant_id__in=keys, answer=None).order_by("-id"):
            held.setdefault(request.merchant_id, []).append(request)
        lines = [
            Line(_reference(one, held.get(one.merchant_id, []), by, at), person_of(one)) for one in waiting
        ]
        record(by, ACTION, desk(), after={"references": [one.reference for one in lines]}, at=at)
        return lines


def without_number() -> int:
    """How many have an application that is open or signed and no number of identity: no list can hold them."""
    return _asking().filter(holder__identity_number="").count()


def _asking() -> QuerySet[Merchant]:
    live = Application.objects.filter(state__in=_LIVE).values("merchant_id")
    return Merchant.objects.filter(merchant_id__in=live)


def to_ask(at: datetime) -> list[Merchant]:
    """Whom a list would hold, all of them, in the order in which they were enrolled."""
    found = list(_asking().exclude(holder__identity_number="").select_related("holder").order_by("id"))
    good = verified((one.merchant_id for one in found), civil_date(at))
    return [one for one in found if one.merchant_id not in good]


def _reference(merchant: Merchant, held: list[IdentityRequest], by: Actor, at: datetime) -> str:
    for request in held:
        if is_of(merchant.holder, request.fingerprint):
            return request.reference
    made = IdentityRequest(
        reference=f"V{secrets.token_hex(8)}",
        merchant_id=merchant.merchant_id,
        fingerprint=fingerprint(merchant.holder),
        by=by.name,
        at=at,
    )
    made.save(force_insert=True)
    return made.reference
