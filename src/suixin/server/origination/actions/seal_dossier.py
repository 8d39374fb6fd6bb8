"""Seal the due-diligence file of a case: all of it as it is, with what is missing."""

from datetime import datetime
from hashlib import sha256

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.dossier.archive import archive
from suixin.server.origination.dossier.checks import checks, gaps
from suixin.server.origination.dossier.facts import facts_of
from suixin.server.origination.models import Dossier


def seal_dossier(number: str, *, by: Actor, at: datetime) -> Dossier:
    """Make the file, keep it, and write its digest into the audit log; with gaps it is sealed too, and names them.

    Raises:
        LendingError: there is no such application.
        AccessError: the actor may not, or is a relative.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number)
        action = "lending.case.seal"
        by.require(action, case, authority.hands_of(case, merchant_of(case.merchant_id)))
        facts = facts_of(case, at)
        found = checks(facts)
        held = archive(facts, found)
        made = Dossier(
            application=case,
            digest=sha256(held).hexdigest(),
            gaps=gaps(found),
            content=held,
            made_by=by.name,
            made_at=at,
        )
        made.save(force_insert=True)
        record(by, action, case, after={"digest": made.digest, "gaps": made.gaps}, reason=made.digest, at=at)
        return made
