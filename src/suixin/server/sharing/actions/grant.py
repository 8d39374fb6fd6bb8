"""Give a consent."""

from datetime import datetime

from suixin.server.identity.access import Actor
from suixin.server.sharing.actions.answer import answer
from suixin.server.sharing.models import Consent
from suixin.sharing.artefact import Kind


def grant(
    consent_id: str,
    *,
    by: Actor,
    at: datetime,
    signed_paper: str = "",
    witness: Actor | None = None,
    reason: str = "",
) -> Consent:
    """Give a consent, which then takes the place of an earlier one for the same purpose; a second time changes nothing.

    Args:
        consent_id: its number.
        by: the merchant herself, or one who assists her and has her signature on paper.
        at: when.
        signed_paper: what her signature is filed under; not needed from herself.
        witness: another person who saw her sign; needed beside paper.
        reason: hers, if she gives one.

    Raises:
        ConsentError: no paper, no request that waits for an answer, or it lapsed.
        AccessError: the actor may not, or paper without a witness.
    """
    return answer(
        Kind.GRANTED,
        "sharing.consent.grant",
        consent_id,
        by=by,
        at=at,
        signed_paper=signed_paper,
        witness=witness,
        reason=reason,
    )
