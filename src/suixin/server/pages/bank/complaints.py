"""The complaint desk: what waits for an answer and by when, who took it on, what it was."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.features.registry import FEATURES
from suixin.reporting.sheet import Field
from suixin.server.complaints import queries
from suixin.server.complaints.actions.answer_complaint import Answer, answer_complaint
from suixin.server.complaints.actions.file_complaint import Said, file_complaint
from suixin.server.complaints.actions.take_complaint import take_complaint
from suixin.server.complaints.hands import hands_in
from suixin.server.complaints.models import WORDS, Complaint
from suixin.server.complaints.queries import Wanted
from suixin.server.identity.queries import names_of
from suixin.server.identity.roles import Role
from suixin.server.ledger import queries as ledger
from suixin.server.merchants.queries import merchant_of
from suixin.server.merchants.queries import names_of as shops_of
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Application
from suixin.server.pages import asking, forms, sheets
from suixin.server.pages.complaintwords import CAUSES, CHANNELS, KINDS, LATE, OUTCOMES, STATES
from suixin.server.pages.door import STAFF, Visit, act, act_each, for_roles, now
from suixin.server.pages.menus import HELPERS
from suixin.server.pages.templatetags.words import pair, spoken, worded

SIZE = 25
FILERS = (*HELPERS, Role.POST_LOAN)
ANSWERERS = (Role.REVIEWER, Role.POST_LOAN)
READERS = STAFF | {Role.VILLAGE_AGENT}
_ASKED = {**STATES, "late": LATE}


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """The list, what is due first on top; who files for others sees what they filed."""
    wanted, today = _wanted(visit), ledger.day_of(desk().book).business_on
    found = _seen_by(visit, queries.listed(wanted, today))
    page = asking.page(found, visit.GET, SIZE)
    shops = shops_of(one.merchant_id for one in page)
    context = {
        "page": page,
        "rows": [
            {
                "one": one,
                "who": shops.get(one.merchant_id, one.merchant_id),
                "kind": KINDS[one.kind],
                "state": STATES[one.state],
                "late": one.is_open and one.due_on is not None and one.due_on < today,
            }
            for one in page
        ],
        "wanted": wanted,
        "kinds": KINDS.items(),
        "states": _ASKED.items(),
        "narrowed": wanted != Wanted(),
        "may_export": bool(visit.roles & STAFF),
        "late": queries.late(today).count(),
        "may_file": visit.actor.may("service.complaint.file"),
        "may_take": visit.actor.may("service.complaint.take"),
        "channels": [one for one in CHANNELS.items() if one[0] != Complaint.Channel.SELF],
    }
    return render(visit, "bank/complaints.html", context)


def _wanted(visit: Visit) -> Wanted:
    return Wanted(
        asking.one_of(visit.GET, "state", _ASKED),
        asking.one_of(visit.GET, "kind", KINDS),
        asking.words(visit.GET, "text"),
    )


@require_GET
@for_roles(*STAFF)
def export(visit: Visit) -> HttpResponse:
    """The list as narrowed, as a workbook."""
    today = ledger.day_of(desk().book).business_on
    return sheets.workbook(
        "complaints", fields(), list(queries.listed(_wanted(visit), today)[: sheets.MOST_ROWS])
    )


def fields() -> list[Field[Complaint]]:
    """The columns of the list."""
    return [
        Field(pair("编号", "number"), "text", 16, lambda one: one.number),
        Field(pair("商户编号", "merchant"), "text", 16, lambda one: one.merchant_id),
        Field(pair("涉及", "about"), "text", 20, lambda one: one.about),
        Field(pair("类别", "kind"), "text", 16, lambda one: worded(KINDS[one.kind])),
        Field(pair("渠道", "channel"), "text", 12, lambda one: worded(CHANNELS[one.channel])),
        Field(pair("内容", "words"), "text", 60, lambda one: one.words),
        Field(pair("提交日", "filed on"), "date", 12, lambda one: one.filed_on),
        Field(pair("应答复日", "due on"), "date", 12, lambda one: one.due_on),
        Field(pair("答复日", "answered on"), "date", 12, lambda one: one.answered_on),
        Field(
            pair("结论", "outcome"),
            "text",
            12,
            lambda one: worded(OUTCOMES[one.outcome]) if one.outcome else "",
        ),
        Field(pair("原因", "cause"), "text", 12, lambda one: worded(CAUSES[one.cause]) if one.cause else ""),
        Field(pair("答复", "answer"), "text", 60, lambda one: one.answer),
    ]


@require_GET
@for_roles(*READERS)
def show(visit: Visit, number: str) -> HttpResponse:
    """A complaint; whoever may answer it finds the form."""
    one = _complaint(visit, number)
    merchant, hands = merchant_of(one.merchant_id), hands_in(one)
    names = names_of([one.filed_by, one.owner, one.answered_by])
    case = Application.objects.filter(number=one.about).first() if one.about else None
    may = {step: visit.actor.may(f"service.complaint.{step}", one, hands) for step in ("take", "answer")}
    context = {
        "one": one,
        "merchant": merchant,
        "kind": KINDS[one.kind],
        "state": STATES[one.state],
        "channel": CHANNELS[one.channel],
        "outcome": OUTCOMES.get(one.outcome),
        "cause": CAUSES.get(one.cause),
        "outcomes": OUTCOMES.items(),
        "causes": CAUSES.items(),
        "figure": spoken().feature_label(one.feature) if one.feature in FEATURES else "",
        "filed_by": names.get(one.filed_by, one.filed_by),
        "owner": names.get(one.owner, ""),
        "answered_by": names.get(one.answered_by, ""),
        "case": case,
        "may_take": may["take"] and one.is_open and one.owner != visit.actor.name,
        "may_answer": may["answer"] and one.is_open,
    }
    return render(visit, "bank/complaint.html", context)


def _seen_by(visit: Visit, found: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Of the whole house; who sees no book sees what they filed themselves."""
    return found if visit.actor.may("ledger.book.read") else found.filter(filed_by=visit.actor.name)


def _complaint(visit: Visit, number: str) -> Complaint:
    found = _seen_by(visit, Complaint.objects.filter(number=number)).first()
    if found is None:
        raise Http404
    return found


@require_POST
@for_roles(*FILERS)
def file_now(visit: Visit) -> HttpResponse:
    """Write down what somebody said at the counter, on the telephone or in a letter."""

    def do() -> None:
        said = Said(
            kind=visit.POST.get("kind", ""),
            words=forms.words_of(visit.POST, "words", WORDS),
            about=visit.POST.get("about", "").strip()[:40],
            channel=visit.POST.get("channel", ""),
        )
        merchant = merchant_of(forms.words_of(visit.POST, "merchant", 100))
        file_complaint(merchant, said, by=visit.actor, at=now())

    where = reverse("bank-complaints")
    return act(visit, do, done=where, back=where, said=pair("投诉已登记", "The complaint is on file"))


@require_POST
@for_roles(*ANSWERERS)
def take_now(visit: Visit, number: str) -> HttpResponse:
    """Take it on."""
    where = reverse("bank-complaint", args=[number])
    return act(
        visit,
        lambda: take_complaint(_complaint(visit, number).number, by=visit.actor, at=now()),
        done=where,
        back=where,
        said=pair("已受理", "It is yours now"),
    )


@require_POST
@for_roles(*ANSWERERS)
def take_chosen(visit: Visit) -> HttpResponse:
    """Take on what was ticked in the list."""
    return act_each(
        visit,
        visit.POST.getlist("complaint"),
        lambda number: take_complaint(number, by=visit.actor, at=now()),
        back=forms.back_to("bank-complaints", visit.POST),
        said=lambda n: pair(f"已受理 {n} 件", f"{n} are yours now"),
    )


@require_POST
@for_roles(*ANSWERERS)
def answer_now(visit: Visit, number: str) -> HttpResponse:
    """Answer it."""
    where = reverse("bank-complaint", args=[number])

    def do() -> None:
        words = forms.words_of(visit.POST, "words", WORDS)
        answer = Answer(visit.POST.get("outcome", ""), visit.POST.get("cause", ""), words)
        answer_complaint(_complaint(visit, number).number, answer, by=visit.actor, at=now())

    return act(
        visit,
        do,
        done=where,
        back=where,
        said=pair("已答复，客户可以看到", "Answered; the customer reads it"),
    )
