"""Take a merchant's answers to the consents of an application: each asked by itself, each given or refused by itself."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination.models import Application
from suixin.server.sharing.actions.grant import grant
from suixin.server.sharing.actions.reject import reject
from suixin.server.sharing.actions.request_consent import request_consent
from suixin.server.sharing.models import Consent
from suixin.server.sharing.queries import consents_of
from suixin.sharing.artefact import Party, State

ASKED = ("P103", "P103B", "P104")
"""Trading data, credit bureau, post-loan warning: in the order in which they are asked, and nothing that nobody reads."""

CONTACTS = {"zh": "本机构柜台", "en": "the lender's counter"}
"""Where the lender is reached about a consent, in the language of the notice."""
PROVIDERS = {
    "zh": Party("lake", "您经营所在、由您提供数据的平台", CONTACTS["zh"]),
    "en": Party("lake", "the platforms whose data you bring", CONTACTS["en"]),
}
"""Who holds the data, in the language of the notice, which is read aloud."""
_KINDS = {
    Merchant.Kind.FARMER: "natural_person",
    Merchant.Kind.SOLE_TRADER: "sole_trader",
    Merchant.Kind.FIRM_OWNER: "natural_person",
    Merchant.Kind.SMALL_FIRM: "enterprise",
    Merchant.Kind.COOP: "coop",
}


def kind_of(merchant: Merchant) -> str:
    """What a merchant is in a consent."""
    return _KINDS[Merchant.Kind(merchant.kind)]


def take_consents(
    case: Application,
    merchant: Merchant,
    answers: Mapping[str, bool],
    *,
    by: Actor,
    at: datetime,
    lang: str = "zh",
    signed_paper: str = "",
    witness: Actor | None = None,
) -> list[Consent]:
    """Ask for each consent, and take the answer; the same again changes nothing.

    A consent that is in force already stays, whatever is answered here: it is withdrawn where it stands. Who refused may
    be asked anew.

    Args:
        case: the application.
        merchant: who answers.
        answers: purpose -> yes or no; a purpose that is not named is not asked.
        by: the merchant, or who assists with the paper and a witness.
        at: when.
        lang: of the notices, 'zh' or 'en'.
        signed_paper: what the paper is filed under, in assisted mode.
        witness: who stood by.

    Raises:
        AccessError: the actor may not answer for the merchant.
        ConsentError: an answer came too late, or without the paper.
    """
    with tenancy.within(by.organisation_id):
        earlier = [one.consent for one in consents_of(merchant.merchant_id, at)]
        live = {one.terms.purpose for one in earlier if one.state is State.ACTIVE}
        over = Counter(
            one.terms.purpose for one in earlier if one.state not in {State.ACTIVE, State.REQUESTED}
        )
        asked = []
        for purpose, given in answers.items():
            if purpose in live:
                continue
            held = request_consent(
                merchant.merchant_id,
                purpose,
                handle=f"{case.number}/{purpose}/{over[purpose]}",
                provider=PROVIDERS[lang],
                contact=CONTACTS[lang],
                by=by,
                at=at,
                lang=lang,
                kind=kind_of(merchant),
            )
            if given:
                made = grant(held.consent_id, by=by, at=at, signed_paper=signed_paper, witness=witness)
            else:
                made = reject(held.consent_id, by=by, at=at, signed_paper=signed_paper)
            asked.append(made)
        return asked
