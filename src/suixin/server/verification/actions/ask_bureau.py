"""Take the list of queries that customers have authorised, for a bureau that answers by a file."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from suixin.errors import ConsentError, UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.assess import UNDECIDED, receipt_words
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Application
from suixin.server.origination.sheet import MOST_ROWS
from suixin.server.sharing.models import Consent
from suixin.server.verification.actions.query_bureau import PURPOSE, query_bureau
from suixin.server.verification.bureaus import ByFile
from suixin.server.verification.log import unanswered
from suixin.server.verification.models import WORDS, BureauQuery
from suixin.server.verification.people import Person, person_of
from suixin.server.verification.queries import verified
from suixin.sharing.artefact import State as Given
from suixin.sharing.purposes import civil_date

ACTION = "verification.bureau.ask"


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the list: the query, and who is asked about."""

    query: BureauQuery
    person: Person


def ask_bureau(bureau: str, *, by: Actor, at: datetime) -> list[Asked]:
    """Make a query for each undecided case whose customer is verified and has consented, and give the list of all unanswered ones.

    A query that this bureau has not answered yet stands on the list again under its number, and uses no other consent.

    Args:
        bureau: who is asked.
        by: who asks.
        at: when.

    Raises:
        UsageError: no bureau is named.
        AccessError: the actor may not.
    """
    if not 0 < len(bureau.strip()) <= WORDS:
        raise UsageError(
            f"name the bureau that is asked, in at most {WORDS} characters",
            zh=f"请填写征信机构名称，最多 {WORDS} 字",
        )
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        for case in to_query(by, at)[:MOST_ROWS]:
            what = receipt_words(case.number)
            with suppress(ConsentError):  # withdrawn or over since: nothing is written, and nothing asked
                query_bureau(case.number, case.merchant_id, ByFile(bureau.strip()), what=what, by=by, at=at)
        waiting = list(unanswered().filter(provider=bureau.strip())[:MOST_ROWS])
        found = Merchant.objects.filter(merchant_id__in=[one.merchant_id for one in waiting])
        people = {one.merchant_id: person_of(one) for one in found.select_related("holder")}
        after = {"references": [one.reference for one in waiting]}
        record(by, ACTION, desk(), after=after, reason=bureau.strip(), at=at)
        return [Asked(one, people[one.merchant_id]) for one in reversed(waiting)]


def to_query(by: Actor, at: datetime) -> list[Application]:
    """The undecided cases whose query can be made now, by merchant: verified, consented, and no relative of who asks."""
    given = Consent.objects.filter(purpose=PURPOSE, status=Given.ACTIVE.value, expires_at__gt=at)
    asked = Application.objects.filter(state__in=UNDECIDED, merchant_id__in=given.values("merchant_id"))
    cases = list(asked.order_by("merchant_id"))
    keys = [case.merchant_id for case in cases]
    known = verified(keys, civil_date(at))
    kin = {
        merchant
        for merchant, relatives in Merchant.objects.filter(merchant_id__in=keys).values_list(
            "merchant_id", "relatives"
        )
        if by.name in relatives
    }
    return [case for case in cases if case.merchant_id in known - kin]
