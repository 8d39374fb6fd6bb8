"""End the pause of a consent."""

from datetime import datetime

from suixin.server.identity.access import Actor
from suixin.server.sharing.actions.answer import answer
from suixin.server.sharing.models import Consent
from suixin.sharing.artefact import Kind


def resume(
    consent_id: str,
    *,
    by: Actor,
    at: datetime,
    signed_paper: str = "",
    witness: Actor | None = None,
    reason: str = "",
) -> Consent:
    """Let data be read again under a paused consent; a second time changes nothing.

    Args:
        consent_id: its number.
        by: the merchant herself, or one who assists her and has her signature on paper.
        at: when.
        signed_paper: what her signature is filed under; not needed from herself.
        witness: another person who saw her sign; needed beside paper.
        reason: hers, if she gives one.

    Raises:
        ConsentError: no paper, or the consent is not paused.
        AccessError: the actor may not, or paper without a witness.
    """
    return answer(
        Kind.RESUMED,
        "sharing.consent.resume",
        consent_id,
        by=by,
        at=at,
        signed_paper=signed_paper,
        witness=witness,
        reason=reason,
    )
