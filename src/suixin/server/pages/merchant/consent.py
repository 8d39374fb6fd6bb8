"""Consents: who may read what for which purpose, each use with its receipt, and withdrawal by one tap."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.pages.consentwords import STATES
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.merchant import mine
from suixin.server.pages.templatetags.words import lang, pair
from suixin.server.regions.actions.answer_sales import answer_sales
from suixin.server.regions.queries import agrees, sales_notice
from suixin.server.regions.sales import PURPOSE
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent
from suixin.server.sharing.queries import consents_of, receipts_of
from suixin.sharing.artefact import State
from suixin.sharing.purposes import civil_date, purpose_on

_SHOWN = 50
_LIVE = frozenset({State.ACTIVE, State.PAUSED})


@require_GET
@for_roles(Role.OWNER)
def listed(visit: Visit) -> HttpResponse:
    """Every consent, the receipts, and what may be agreed to beside any loan."""
    merchant, at = mine.merchant(visit), now()
    today = civil_date(at)
    receipts = [
        {"receipt": one, "purpose": purpose_on(one.purpose, today)}
        for one in receipts_of(merchant.merchant_id)[:_SHOWN]
    ]
    purposes = _by_purpose(merchant, at)
    context: dict[str, Any] = {"answered": bool(purposes), "receipts": receipts, "purposes": purposes}
    if not agrees(merchant, at):
        _offer(purposes, sales_notice(merchant, at, lang()), today)
    return render(visit, "merchant/consents.html", context)


def _offer(purposes: list[dict[str, Any]], notice: str, today: date) -> None:
    """Ask for the county's sales where that purpose stands, with its earlier answers; last, if it was never answered."""
    held = next((one for one in purposes if not one["lends"]), None)
    if held is None:
        held = {"purpose": purpose_on(PURPOSE, today), "lends": False, "live": None, "earlier": []}
        purposes.append(held)
    held["offered"] = notice


def _by_purpose(merchant: Merchant, at: datetime) -> list[dict[str, Any]]:
    """Each purpose with the consent that is in force, if one is, and the earlier ones, the latest first."""
    held: dict[str, list[dict[str, Any]]] = {}
    for one in consents_of(merchant.merchant_id, at):
        told = {
            "consent": one.consent,
            "notice": one.notice,
            "said": STATES[one.consent.state],
            "active": one.consent.state is State.ACTIVE,
        }
        held.setdefault(one.consent.terms.purpose, []).append(told)
    found = []
    for code, rows in held.items():
        live = next((row for row in rows if row["consent"].state in _LIVE), None)
        found.append(
            {
                "purpose": purpose_on(code, civil_date(at)),
                "lends": code != PURPOSE,
                "live": live,
                "earlier": [row for row in rows if row is not live],
            }
        )
    return found


@require_POST
@for_roles(Role.OWNER)
def agree_to_sales(visit: Visit) -> HttpResponse:
    """Let the shop's sales be added up with those of others; nothing else hangs on it."""
    where = reverse("merchant-consents")
    return act(
        visit,
        lambda: answer_sales(mine.merchant(visit), agrees=True, by=visit.actor, at=now(), lang=lang()),
        done=where,
        back=where,
        said=pair("已同意，随时可以撤回", "Agreed; you may withdraw at any time"),
    )


@require_POST
@for_roles(Role.OWNER)
def withdraw_now(visit: Visit, consent_id: str) -> HttpResponse:
    """Withdraw a consent: from the next request on nothing is read under it."""

    def do() -> None:
        if not Consent.objects.filter(
            consent_id=consent_id, merchant_id__in=visit.actor.bound_to or ()
        ).exists():
            raise Http404
        withdraw(consent_id, by=visit.actor, at=now(), reason=pair("本人撤回", "withdrawn by the merchant"))

    where = reverse("merchant-consents")
    said = pair("已撤回，今后不再读取", "Withdrawn; nothing is read under it from now on")
    return act(visit, do, done=where, back=where, said=said)
