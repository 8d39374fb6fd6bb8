"""Refuse a consent."""

from datetime import datetime

from suixin.server.identity.access import Actor
from suixin.server.sharing.actions.answer import answer
from suixin.server.sharing.models import Consent
from suixin.sharing.artefact import Kind


def reject(
    consent_id: str,
    *,
    by: Actor,
    at: datetime,
    signed_paper: str = "",
    reason: str = "",
) -> Consent:
    """Refuse what was asked; it stops nothing that does not need it. A second time changes nothing.

    Args:
        consent_id: its number.
        by: the merchant herself, or one who assists her and has her signature on paper.
        at: when.
        signed_paper: what her signature is filed under; not needed from herself.
        reason: hers, if she gives one.

    Raises:
        ConsentError: no paper, or no request that waits for an answer.
        AccessError: the actor may not.
    """
    return answer(
        Kind.REJECTED,
        "sharing.consent.reject",
        consent_id,
        by=by,
        at=at,
        signed_paper=signed_paper,
        reason=reason,
    )
