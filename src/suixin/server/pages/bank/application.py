"""An application as the bank's people see it: what was decided and why, what comes next, and by whom."""

from collections.abc import Mapping

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from suixin.server.complaints.queries import disputed, of_merchant
from suixin.server.identity.queries import names_of
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, documents, queries, work
from suixin.server.origination.desk import policy_of
from suixin.server.origination.dossier.checks import checks
from suixin.server.origination.dossier.facts import facts_of
from suixin.server.origination.models import Application, DecisionRecord, Opinion
from suixin.server.pages.bank import bureau, identity, told
from suixin.server.pages.bank.complaints import READERS
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.menus import HOUSE, SCORES, sees_scores
from suixin.server.pages.templatetags.words import pair, spoken
from suixin.server.regions.sales import PURPOSE as SALES
from suixin.server.sharing.queries import consents_of, receipts_of
from suixin.sharing.artefact import State as Given
from suixin.sharing.purposes import civil_date, purpose_on

_FEW = 5
_RECEIPTS = 50


def case_of(visit: Visit, number: str) -> Application:
    """The application of a number, if the visitor may look at it; of any other nobody learns that it is there."""
    found = work.seen_by(visit.actor).filter(number=number).select_related("book").first()
    if found is None:
        raise Http404
    return found


def record_of(case: Application) -> DecisionRecord:
    """The decision that holds; 404 before the first."""
    held = queries.decided(case)
    if held is None:
        raise Http404
    return held.record


@require_GET
@for_roles(*HOUSE)
def show(visit: Visit, number: str) -> HttpResponse:
    """The page; who sees no scores is sent to the page of those who help."""
    return shown(visit, number)


def shown(visit: Visit, number: str, typed: Mapping[str, Mapping[str, str]] | None = None) -> HttpResponse:
    """The page, with what was `typed` in the form of a step where that was refused: step -> field -> text."""
    case = case_of(visit, number)
    if not sees_scores(visit.roles):
        return redirect("bank-assisted-case", number)
    merchant = merchant_of(case.merchant_id)
    held = queries.decided(case)
    context: dict[str, object] = {
        "case": case,
        "merchant": merchant,
        "steps": authority.steps(visit.actor, case, merchant),
        "next": work.rows([case], now())[0].next,
        "typed": typed or {},
        **_people(case, merchant),
        **_votes(visit, case),
        **_consents(merchant),
        **identity.told(merchant),
        "bureau": bureau.of_case(case.number),
        "complaints": [one for one in of_merchant(case.merchant_id) if one.is_open],
        "reads_complaints": bool(visit.roles & READERS),
        "disputed": [spoken().feature_label(name) for name in disputed(case.merchant_id) if name],
        "gaps": [one for one in checks(facts_of(case, now())) if one.is_gap],
    }
    if held is not None:
        decision = held.decision
        context |= {"record": held.record, **_told(held), "to_people": _above(case, held)}
        context["recommended_minor"] = min(decision.limit_fen, case.amount_minor)
    return render(visit, "bank/application.html", context)


def _told(held: queries.Decided) -> dict[str, object]:
    decision, say = held.decision, spoken()
    every = told.reasons(decision, say)
    against = told.against(every)
    season = told.season(decision)
    terms = decision.terms
    return {
        "decision": decision,
        "outcome": say.outcome(decision.outcome.value),
        "pd_basis": say.pd_basis(decision.pd_basis),
        "basis": told.basis(decision.forecast.basis, say),
        "standing": say.standing(decision.forecast.standing, decision.currency),
        "binding": told.binding(decision, say),
        "against": against[:_FEW],
        "more_against": against[_FEW:],
        "speaks_for": [one for one in every if one.kind == "for"],
        "limits": told.limits(decision, say),
        "capacities": told.capacities(decision, say),
        "prices": told.prices(decision, say),
        "exposure": told.features(decision, told.EXPOSURE, say),
        "brushing": told.features(decision, told.BRUSHING, say),
        "season": season,
        "shows_over": any(month.is_over for month in season.months),
        "ways": told.ways(terms, say) if terms else [],
        "costs": told.costs(terms, say) if terms else [],
        "sliders": told.sliders(decision, say),
    }


def _above(case: Application, held: queries.Decided) -> bool:
    """Whether the sum lies above an approver's own authority."""
    wanted = min(held.decision.limit_fen, case.amount_minor)
    return authority.above_approver(wanted, policy_of(held.record.policy).policy)


def _votes(visit: Visit, case: Application) -> dict[str, object]:
    """How far the committee has voted, and what the reader said in it."""
    if case.state != Application.State.COMMITTEE:
        return {}
    votes = authority.votes(case)
    own = next((one.verdict for one in votes if one.by == visit.actor.name), "")
    return {"votes": len(votes), "quorum": authority.QUORUM, "own_vote": own}


def _people(case: Application, merchant: Merchant) -> dict[str, object]:
    """What happened, with who said it, and the cases that the merchant had before."""
    said = list(Opinion.objects.filter(application_id=case.pk).order_by("id"))
    names = names_of(one.by for one in said)
    others = [one for one in queries.applications_of(merchant.merchant_id) if one.pk != case.pk]
    return {
        "said": [{"one": one, "who": names.get(one.by) or pair("系统", "the program")} for one in said],
        "others": others,
        "made": DecisionRecord.objects.filter(application_id=case.pk).count(),
    }


def _consents(merchant: Merchant) -> dict[str, object]:
    """Consents and receipts of loans; who decides does not see the answer to the county's figures, on which nothing hangs."""
    at = now()
    today = civil_date(at)
    return {
        "consents": [
            {
                "purpose": purpose_on(one.consent.terms.purpose, today),
                "state": one.consent.state.value,
                "live": one.consent.state in {Given.ACTIVE, Given.PAUSED},
                "at": one.consent.last.at,
            }
            for one in consents_of(merchant.merchant_id, at)
            if one.consent.terms.purpose != SALES
        ],
        "receipts": [
            {"receipt": one, "purpose": purpose_on(one.purpose, today)}
            for one in [one for one in receipts_of(merchant.merchant_id) if one.purpose != SALES][:_RECEIPTS]
        ],
    }


@require_GET
@for_roles(*SCORES)
def document(visit: Visit, number: str) -> HttpResponse:
    """The decision that holds, as it was kept."""
    case = case_of(visit, number)
    record = record_of(case)
    answer = HttpResponse(record.document, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="decision-{case.number}.json"'
    answer["X-Suixin-Digest"] = documents.digest(record.document, record.case)
    return answer
