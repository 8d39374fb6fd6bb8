"""Ask a merchant for a consent."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.sharing import drafting, keeping
from suixin.server.sharing.drafting import Less, Parties
from suixin.server.sharing.models import KEY, Consent
from suixin.sharing import notices
from suixin.sharing.artefact import Event, Kind, Party, Principal, Terms, read_terms, write_terms
from suixin.sharing.consent import ask

ACTION = "sharing.consent.request"


def request_consent(
    merchant_id: str,
    purpose: str,
    *,
    handle: str,
    provider: Party,
    contact: str,
    by: Actor,
    at: datetime,
    lang: str = "zh",
    kind: str = "sole_trader",
    less: Less | None = None,
) -> Consent:
    """Ask for one consent for one purpose; the same handle and terms return the same request. It lapses in 60 minutes.

    Args:
        merchant_id: her key in the lake.
        purpose: a code of `suixin.sharing.purposes`.
        handle: the caller's key, used once in the organisation; after a lapse or a refusal ask under another one.
        provider: who holds the data.
        contact: where the organisation is reached about it.
        by: the merchant herself, one who assists her, or the program.
        at: when.
        lang: of the notice, 'zh' or 'en'.
        kind: natural_person, sole_trader, enterprise or coop.
        less: than the purpose allows.

    Raises:
        ConsentError: more than the purpose allows.
        ConflictError: the handle was used before for something else.
        UsageError: an unknown purpose or language, or no contact.
        AccessError: the actor may not ask, or is another merchant.
    """
    keeping.fits("handle", handle, KEY)
    keeping.fits("merchant_id", merchant_id, KEY)
    with tenancy.within(by.organisation_id):
        by.require(ACTION, Consent(organisation_id=by.organisation_id, merchant_id=merchant_id))
        parties = Parties(Principal(kind, merchant_id), provider, contact)
        draft = drafting.draft(purpose, handle, parties, at, less)
        request = Event(Kind.REQUESTED, at, by.name)
        ask(draft, request)
        shown = drafting.notice(draft, at, lang)
        return _once(replace(draft, notice=notices.named(shown, lang)), shown, request, by)


def _once(terms: Terms, shown: str, request: Event, by: Actor) -> Consent:
    if (earlier := _earlier(terms)) is not None:
        return earlier
    held = ask(terms, request)
    row = Consent(
        consent_id=terms.consent_id,
        handle=terms.handle,
        merchant_id=terms.principal.pseudonym,
        purpose=terms.purpose,
        terms=write_terms(terms),
        notice=shown,
    )
    try:
        with transaction.atomic():
            keeping.begun(row, held)
    except IntegrityError:  # another call came first
        if (earlier := _earlier(terms)) is None:
            raise
        return earlier
    record(by, ACTION, row, after=keeping.state(held), at=request.at)
    return row


def _earlier(terms: Terms) -> Consent | None:
    found = Consent.objects.filter(handle=terms.handle).first()
    if found is not None and replace(read_terms(found.terms), consent_id=terms.consent_id) != terms:
        raise ConflictError(
            f"handle {terms.handle!r} was used before for other terms; use another one",
            zh="这份征求已用于其他条款，请刷新页面再试",
        )
    return found
