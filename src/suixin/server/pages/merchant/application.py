"""Applying: what for, how much, the consents one by one, the answer with its why, the agreement."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.errors import SuixinError, UsageError
from suixin.reporting.letter import against, hints_to_merchant
from suixin.server.identity import access
from suixin.server.identity.roles import Role
from suixin.server.origination import agreement as agreements
from suixin.server.origination import policies, queries
from suixin.server.origination.actions.appeal import appeal
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.sign import sign, to_sign
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.actions.withdraw_application import withdraw_application
from suixin.server.origination.consents import READS, missing
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Application, Opinion
from suixin.server.origination.signing import TypedName, one_time_code
from suixin.server.origination.uses import USES
from suixin.server.pages import forms
from suixin.server.pages.agreements import read
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.merchant import mine
from suixin.server.pages.merchant.happened import steps
from suixin.server.pages.paper.download import download
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import lang, pair, spoken
from suixin.server.verification.queries import held_of
from suixin.sharing.purposes import civil_date, purpose_on
from suixin.underwriting.decision import Decision, Outcome


@require_http_methods(["GET", "POST"])
@for_roles(Role.OWNER)
def apply(visit: Visit) -> HttpResponse:
    """Ask for a loan: one page, the consents separate, and only those ticked that are needed to judge."""
    if visit.method == "POST":
        return _apply(visit)
    return _form(visit, QueryDict())


def _form(visit: Visit, typed: QueryDict) -> HttpResponse:
    """The form, filled as it was sent where that was refused; whoever has an open application is led there."""
    merchant = mine.merchant(visit)
    held = next((case for case in queries.applications_of(merchant.merchant_id) if case.is_open), None)
    if held is not None:
        return redirect("merchant-application", held.number)
    today = civil_date(now())
    context = {
        "uses": USES,
        "most_minor": policies.most_minor(),
        "consents": [purpose_on(code, today) for code in ASKED],
        "typed": typed,
        "ticked": [name for name in (*ASKED, "by_people") if forms.ticked(typed, name)],
    }
    return render(visit, "merchant/apply.html", context)


def _apply(visit: Visit) -> HttpResponse:
    filed: list[str] = []

    def do() -> None:
        merchant, at = mine.merchant(visit), now()
        case = file_application(
            merchant,
            forms.amount_of(visit.POST),
            forms.use_of(visit.POST),
            by=visit.actor,
            at=at,
            by_people=forms.ticked(visit.POST, "by_people"),
        )
        answers = {code: forms.ticked(visit.POST, code) for code in ASKED}
        take_consents(case, merchant, answers, by=visit.actor, at=at, lang=lang())
        filed.append(case.number)

    answer = act(visit, do, done="/", back=lambda: _form(visit, visit.POST))
    return _assessed(visit, filed[0]) if filed else answer


@require_POST
@for_roles(Role.OWNER)
def assess_now(visit: Visit, number: str) -> HttpResponse:
    """Give the consents that were missing, and be assessed."""
    taken: list[object] = []

    def do() -> None:
        case = mine.application(visit, number)
        answers = {code: True for code in ASKED if forms.ticked(visit.POST, code)}
        taken.append(
            take_consents(case, mine.merchant(visit), answers, by=visit.actor, at=now(), lang=lang())
        )

    back = reverse("merchant-application", args=[number])
    answer = act(visit, do, done=back, back=back)
    return _assessed(visit, number) if taken else answer


def _assessed(visit: Visit, number: str) -> HttpResponse:
    """Let the policy decide at once; without the consents the page says what is missing."""
    machine = access.policy(visit.actor.organisation_id)
    where = reverse("merchant-application", args=[number])
    return act(visit, lambda: assess(number, by=machine, at=now()), done=where, back=where)


@require_GET
@for_roles(Role.OWNER)
def show(visit: Visit, number: str) -> HttpResponse:
    """Where an application stands, why, and what can be done next."""
    case = mine.application(visit, number)
    held = queries.decided(case)
    said = list(Opinion.objects.filter(application_id=case.pk).order_by("id"))
    context: dict[str, object] = {
        "case": case,
        "held": held,
        "said": list(steps(said)),
        "identified": held_of(mine.merchant(visit), civil_date(now())).is_verified,
        "appealed": any(one.stage == Opinion.Stage.APPEAL for one in said),
    }
    if case.state == Application.State.FILED:
        context |= _consents(case)
    if case.state == Application.State.DECLINED:
        context["by_people"] = _declined_by_people(said)
    if held is not None:
        context |= _why(held.decision)
    return render(visit, "merchant/application.html", context)


def _declined_by_people(said: list[Opinion]) -> str:
    """What the person wrote who declined it; '' where the policy did, or a committee, whose votes stay in the house."""
    last = said[-1]
    declined = (last.stage, last.verdict) == (Opinion.Stage.APPROVAL, Opinion.Verdict.DECLINE)
    return last.reason if declined else ""


def _consents(case: Application) -> dict[str, object]:
    """Those without which it cannot be assessed, whether each is given, and how many lack."""
    at = now()
    lacking, day = missing(case, at), civil_date(at)
    told = [{"purpose": purpose_on(code, day), "given": code not in lacking} for code in READS]
    return {"consents": told, "lacking": len(lacking)}


def _why(decision: Decision) -> dict[str, object]:
    say = spoken()
    return {
        "decision": decision,
        "declined": decision.outcome is Outcome.DECLINE,
        "reasons": against(decision, say),
        "hints": hints_to_merchant(decision, say),
        "rung": decision.rung.next if decision.rung else None,
    }


@require_POST
@for_roles(Role.OWNER)
def withdraw(visit: Visit, number: str) -> HttpResponse:
    """Withdraw an application."""

    def do() -> None:
        case = mine.application(visit, number)
        withdraw_application(
            case.number, by=visit.actor, at=now(), reason=forms.words_of(visit.POST, "reason")
        )

    said = pair("申请已撤回", "The application is withdrawn")
    back = reverse("merchant-application", args=[number])
    return act(visit, do, done=reverse("merchant-home"), back=back, said=said)


@require_POST
@for_roles(Role.OWNER)
def appeal_now(visit: Visit, number: str) -> HttpResponse:
    """Appeal a refusal."""

    def do() -> None:
        case = mine.application(visit, number)
        appeal(case.number, forms.words_of(visit.POST, "reason"), by=visit.actor, at=now())

    back = reverse("merchant-application", args=[number])
    said = pair("申诉已提交，由人工重新审查", "Your appeal is filed; people will look at the case again")
    return act(visit, do, done=back, back=back, said=said)


@require_http_methods(["GET", "POST"])
@for_roles(Role.OWNER)
def agreement(visit: Visit, number: str) -> HttpResponse:
    """Read the agreement, its costs first, and sign it; or read what was signed."""
    if visit.method == "POST":
        return _sign(visit, number)
    case = mine.application(visit, number)
    if case.state == Application.State.SIGNED:
        return render(
            visit,
            "merchant/agreement.html",
            {"case": case, "agreement": read(case.agreement), "signed": True},
        )
    try:
        _, text = to_sign(number)
    except SuixinError:
        return redirect("merchant-application", number)
    digest, held = agreements.digest_of(text), desk()
    context = {"case": case, "agreement": read(text), "digest": digest, "demo": held.demo}
    if held.demo:
        context |= {"code": one_time_code(digest), "holder": mine.merchant(visit).holder.name}
    return render(visit, "merchant/agreement.html", context)


@require_GET
@for_roles(Role.OWNER)
def agreement_pdf(visit: Visit, number: str) -> HttpResponse:
    """The same as a PDF."""
    case = mine.application(visit, number)
    try:
        return download(case)
    except SuixinError as error:
        messages.error(visit, refusal(error))
        return redirect("merchant-application", number)


def _sign(visit: Visit, number: str) -> HttpResponse:
    def do() -> None:
        case = mine.application(visit, number)
        if not forms.ticked(visit.POST, "costs_read"):
            raise UsageError(
                "Read the table of costs first, and tick that you did", zh="请先看完费用表并勾选"
            )
        signer = TypedName(
            demo=desk().demo,
            holder=mine.merchant(visit).holder.name,
            name=visit.POST.get("name", ""),
            code=visit.POST.get("code", ""),
            signer=visit.actor.name,
        )
        sign(case.number, signer, shown=visit.POST.get("digest", ""), by=visit.actor, at=now())

    said = pair("已签约，可以用款了", "Signed; you can draw now")
    back = reverse("merchant-agreement", args=[number])
    return act(visit, do, done=reverse("merchant-draw", args=[number]), back=back, said=said)
