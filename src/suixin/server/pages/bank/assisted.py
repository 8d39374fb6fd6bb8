"""For people without a smartphone: staff enrol, file, and record what was signed on paper; they confirm nothing."""

import secrets
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.errors import SuixinError, UsageError
from suixin.reporting.letter import against
from suixin.server.identity.access import Hands
from suixin.server.identity.queries import colleague
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import found, merchant_of
from suixin.server.origination import agreement as agreements
from suixin.server.origination import authority, policies, queries, work
from suixin.server.origination.actions.appeal_on_paper import appeal_on_paper
from suixin.server.origination.actions.draw import drawn_terms
from suixin.server.origination.actions.draw_on_paper import draw_on_paper
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.sign import to_sign
from suixin.server.origination.actions.sign_on_paper import sign_on_paper
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.models import Application
from suixin.server.origination.uses import USES
from suixin.server.pages import forms
from suixin.server.pages.agreements import read
from suixin.server.pages.bank import identity
from suixin.server.pages.bank.application import case_of
from suixin.server.pages.consentwords import STATES
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.menus import HELPERS
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import lang, pair, spoken
from suixin.server.regions.actions.answer_sales import answer_sales
from suixin.server.regions.queries import sales_answer, sales_notice
from suixin.server.regions.sales import PURPOSE
from suixin.server.verification.actions.verify import ACTION as VERIFY
from suixin.sharing.artefact import State
from suixin.sharing.purposes import civil_date, purpose_on
from suixin.simulation.crops import CROPS

_KINDS = (
    ("farmer", "农户", "farming household"),
    ("sole_trader", "个体工商户", "sole trader"),
    ("firm_owner", "小微企业主", "owner of a small firm"),
    ("small_firm", "小微企业", "small firm"),
    ("coop", "合作社", "co-op"),
)
_ENROLLED = ("merchant_id", "kind", "county", "village", "name", "shop_name")
_CODES = {one.zh: one.code for one in CROPS}
_MORE = ("identity_number", "telephone", "crop", "platform", "shop")


@require_http_methods(["GET", "POST"])
@for_roles(*HELPERS)
def start(visit: Visit) -> HttpResponse:
    """Find a merchant, or enrol one."""
    if visit.method == "POST":
        return _enrol(visit)
    text = visit.GET.get("text", "").strip()[:60]
    return _asked(visit, text=text, found=found(text))


def _asked(visit: Visit, **more: Any) -> HttpResponse:
    return render(visit, "bank/assisted.html", {"kinds": _KINDS, "crops": CROPS, **more})


def _enrol(visit: Visit) -> HttpResponse:
    made: list[str] = []

    def do() -> None:
        sent: dict[str, Any] = {name: forms.words_of(visit.POST, name, 60) for name in (*_ENROLLED, *_MORE)}
        sent["crop"] = _CODES.get(sent["crop"], sent["crop"])
        sent["relatives"] = tuple(colleague(name).name for name in forms.listed_of(visit.POST, "relatives"))
        made.append(enrol(Enrolled(**sent), by=visit.actor, at=now()).merchant_id)

    where = reverse("bank-assisted")
    act(visit, do, done=where, back=where, said=pair("已登记", "Enrolled"))
    if made:
        return redirect("bank-assisted-merchant", made[0])
    return _asked(visit, typed=visit.POST)  # fourteen fields are not typed twice


@require_http_methods(["GET", "POST"])
@for_roles(*HELPERS)
def merchant(visit: Visit, merchant_id: str) -> HttpResponse:
    """A merchant: their applications, and a new one filed for them."""
    if visit.method == "POST":
        return _file(visit, merchant_id)
    return _of_merchant(visit, merchant_id, QueryDict())


def _of_merchant(visit: Visit, merchant_id: str, typed: QueryDict) -> HttpResponse:
    """The page; the form that was refused is filled as it was sent."""
    held = _merchant(merchant_id)
    seen = set(work.seen_by(visit.actor).filter(merchant_id=merchant_id).values_list("number", flat=True))
    every = queries.applications_of(merchant_id)
    answer = sales_answer(held, now())
    context = {
        "merchant": held,
        "cases": [case for case in every if case.number in seen],
        "open": next((case for case in every if case.is_open), None),
        "uses": USES,
        "most_minor": policies.most_minor(),
        "typed": typed,
        **identity.told(held),
        "may_verify": _may_verify(visit, held),
        "sales": purpose_on(PURPOSE, civil_date(now())),
        "given": typed.get(PURPOSE),
        "answer": answer,
        "answered": STATES[answer.state] if answer else None,
        "agrees": answer is not None and answer.state is State.ACTIVE,
        "notice": sales_notice(held, now(), lang()),
    }
    return render(visit, "bank/assisted_merchant.html", context)


def _may_verify(visit: Visit, held: Merchant) -> bool:
    return visit.actor.may(VERIFY, held, Hands(barred=frozenset(held.relatives)))


@require_POST
@for_roles(*HELPERS)
def sales(visit: Visit, merchant_id: str) -> HttpResponse:
    """Record on paper whether the merchant lets their sales be added up, or takes that back; no application hangs on it."""

    def do() -> None:
        given = visit.POST.get(PURPOSE, "")
        if given not in {"yes", "no"}:
            raise UsageError("Tick the customer's answer", zh="请勾选客户的答复")
        answer_sales(
            _merchant(merchant_id),
            agrees=given == "yes",
            by=visit.actor,
            at=now(),
            lang=lang(),
            signed_paper=forms.words_of(visit.POST, "paper", 200),
            witness=colleague(forms.words_of(visit.POST, "witness", 60)) if given == "yes" else None,
        )

    where, said = (
        reverse("bank-assisted-merchant", args=[merchant_id]),
        pair("答复已登记", "The answer is recorded"),
    )
    return act(visit, do, done=where, back=lambda: _of_merchant(visit, merchant_id, visit.POST), said=said)


def _merchant(merchant_id: str) -> Merchant:
    try:
        return merchant_of(merchant_id)
    except SuixinError as error:
        raise Http404 from error


def _file(visit: Visit, merchant_id: str) -> HttpResponse:
    filed: list[str] = []

    def do() -> None:
        case = file_application(
            _merchant(merchant_id),
            forms.amount_of(visit.POST),
            forms.use_of(visit.POST),
            by=visit.actor,
            at=now(),
            channel=Application.Channel.ASSISTED,
            by_people=forms.ticked(visit.POST, "by_people"),
        )
        filed.append(case.number)

    where = reverse("bank-assisted-merchant", args=[merchant_id])
    answer = act(visit, do, done=where, back=lambda: _of_merchant(visit, merchant_id, visit.POST))
    return redirect("bank-assisted-case", filed[0]) if filed else answer


@require_GET
@for_roles(*HELPERS)
def case(visit: Visit, number: str) -> HttpResponse:
    """What is done face to face next: consents, the key terms read aloud, the signature, a drawdown."""
    return _case(visit, number, QueryDict())


def _case(visit: Visit, number: str, typed: QueryDict) -> HttpResponse:
    """The page; the form that was refused is filled as it was sent."""
    held = case_of(visit, number)
    person, at = merchant_of(held.merchant_id), now()
    context: dict[str, object] = {
        "case": held,
        "merchant": person,
        "steps": authority.steps(visit.actor, held, person),
        "next": work.rows([held], at)[0].next,
        "consents": [{"one": purpose_on(code, civil_date(at)), "given": typed.get(code)} for code in ASKED],
        "key": secrets.token_hex(8),
        "typed": typed,
        "may_verify": _may_verify(visit, person),
    }
    if held.state == Application.State.OFFERED:
        context |= _to_read(number)
    if held.state == Application.State.SIGNED:
        context |= _to_draw(typed.get("amount") or visit.GET.get("amount", ""), held)
    if held.state == Application.State.DECLINED:
        context |= {"reasons": _to_tell(held), "appealed": authority.appealed(held)}
    return render(visit, "bank/assisted_case.html", context)


def _to_tell(held: Application) -> list[str]:
    """The reasons as a customer is told them: no points, no score."""
    made = queries.decided(held)
    if made is None:
        return []
    return against(made.decision, spoken(), scored=False)


def _to_read(number: str) -> dict[str, object]:
    """The text that would be signed today, with the terms that are read aloud."""
    _, text = to_sign(number)
    told = read(text)
    return {"agreement": told, "held": told.held, "digest": agreements.digest_of(text)}


def _to_draw(asked: str, held: Application) -> dict[str, object]:
    line = queries.line_of(held)
    told: dict[str, object] = {"line": line, "asked": asked}
    if line is None or not asked:
        return told
    try:
        amount = forms.amount(asked)
        terms, _ = drawn_terms(held, amount, line.today)
    except SuixinError as error:
        return {**told, "refused": refusal(error)}
    return {
        **told,
        "terms": terms,
        "amount_minor": amount,
        "method": spoken().method(terms.schedule.method.value),
    }


@require_POST
@for_roles(*HELPERS)
def consents(visit: Visit, number: str) -> HttpResponse:
    """Record the answers that the customer signed on paper, each by itself."""

    def do() -> None:
        held = case_of(visit, number)
        sent = {code: visit.POST.get(code, "") for code in ASKED}
        answers = {code: given == "yes" for code, given in sent.items() if given in {"yes", "no"}}
        if not answers:
            raise UsageError(
                "Tick the customer's answer to each consent, one by one", zh="请逐项勾选客户的答复"
            )
        take_consents(
            held,
            merchant_of(held.merchant_id),
            answers,
            by=visit.actor,
            at=now(),
            lang=lang(),
            signed_paper=forms.words_of(visit.POST, "paper", 200),
            witness=colleague(forms.words_of(visit.POST, "witness", 60)),
        )

    return _done(visit, number, do, pair("授权已登记", "The consents are recorded"))


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def sign_now(visit: Visit, number: str) -> HttpResponse:
    """Record the signature under what was read aloud."""

    def do() -> None:
        held = case_of(visit, number)
        _read_aloud(visit)
        sign_on_paper(
            held.number,
            shown=visit.POST.get("digest", ""),
            paper=forms.words_of(visit.POST, "paper", 200),
            witness=colleague(forms.words_of(visit.POST, "witness", 60)),
            by=visit.actor,
            at=now(),
        )

    return _done(visit, number, do, pair("签约已登记", "The signature is recorded"))


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def draw_now(visit: Visit, number: str) -> HttpResponse:
    """Record a drawdown that the customer signed for."""

    def do() -> None:
        held = case_of(visit, number)
        _read_aloud(visit)
        draw_on_paper(
            held.number,
            forms.amount_of(visit.POST),
            key=f"paper {forms.words_of(visit.POST, 'key', 40)}",
            paper=forms.words_of(visit.POST, "paper", 200),
            witness=colleague(forms.words_of(visit.POST, "witness", 60)),
            by=visit.actor,
            at=now(),
        )

    return _done(visit, number, do, pair("用款已登记", "The drawdown is recorded"))


@require_POST
@for_roles(*HELPERS)
def appeal_now(visit: Visit, number: str) -> HttpResponse:
    """Record what the customer says is wrong with a refusal, and signed."""

    def do() -> None:
        appeal_on_paper(
            case_of(visit, number).number,
            forms.words_of(visit.POST, "reason"),
            paper=forms.words_of(visit.POST, "paper", 200),
            witness=colleague(forms.words_of(visit.POST, "witness", 60)),
            by=visit.actor,
            at=now(),
        )

    return _done(
        visit, number, do, pair("申诉已登记，由人工重新审查", "The appeal is recorded; people look again")
    )


def _read_aloud(visit: Visit) -> None:
    if not forms.ticked(visit.POST, "read_aloud"):
        raise UsageError(
            "Read the costs to the customer first, and tick that you did", zh="请先把费用读给客户听，并勾选"
        )


def _done(visit: Visit, number: str, do: Callable[[], object], said: str) -> HttpResponse:
    where = reverse("bank-assisted-case", args=[number])
    return act(visit, do, done=where, back=lambda: _case(visit, number, visit.POST), said=said)
