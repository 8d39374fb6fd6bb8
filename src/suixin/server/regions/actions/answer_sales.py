"""Take a merchant's answer to the county's figures of sales: by itself, beside no loan, taken back as easily as given."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.take_consents import CONTACTS, PROVIDERS, kind_of
from suixin.server.regions.sales import PURPOSE
from suixin.server.sharing import keeping
from suixin.server.sharing.actions.grant import grant
from suixin.server.sharing.actions.reject import reject
from suixin.server.sharing.actions.request_consent import request_consent
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent
from suixin.sharing.artefact import State
from suixin.sharing.consent import settled


def answer_sales(
    merchant: Merchant,
    *,
    agrees: bool,
    by: Actor,
    at: datetime,
    lang: str = "zh",
    signed_paper: str = "",
    witness: Actor | None = None,
) -> Consent:
    """Ask for the consent and take the answer; a no withdraws the one in force. The same again changes nothing.

    Args:
        merchant: who answers.
        agrees: yes or no.
        by: the merchant, or who assists with the paper and, for a yes, a witness.
        at: when.
        lang: of the notice, 'zh' or 'en'.
        signed_paper: what the paper is filed under, in assisted mode.
        witness: who stood by.

    Raises:
        AccessError: the actor may not answer for the merchant.
        ConsentError: without the paper.
    """
    with tenancy.within(by.organisation_id):
        rows = keeping.locked(merchant.merchant_id, PURPOSE)
        held = keeping.chosen(rows)
        state = None if held is None else settled(keeping.read(held), at).state
        if held is not None and not agrees and state in {State.ACTIVE, State.PAUSED}:
            return withdraw(held.consent_id, by=by, at=at, signed_paper=signed_paper)
        if held is not None and state is (State.ACTIVE if agrees else State.REJECTED):
            return held
        asked = request_consent(
            merchant.merchant_id,
            PURPOSE,
            handle=f"{merchant.merchant_id}/{PURPOSE}/{len(rows)}",
            provider=PROVIDERS[lang],
            contact=CONTACTS[lang],
            by=by,
            at=at,
            lang=lang,
            kind=kind_of(merchant),
        )
        if agrees:
            return grant(asked.consent_id, by=by, at=at, signed_paper=signed_paper, witness=witness)
        return reject(asked.consent_id, by=by, at=at, signed_paper=signed_paper)
