"""Drawing, looking at a loan, paying it."""

import secrets

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.errors import SuixinError, UsageError
from suixin.lending.prepay import Way
from suixin.server.identity.roles import Role
from suixin.server.origination import queries
from suixin.server.origination.actions.draw import draw, drawn_terms
from suixin.server.origination.actions.pay import pay
from suixin.server.origination.desk import desk
from suixin.server.pages import forms
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.merchant import mine
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair, spoken
from suixin.server.servicing import looks
from suixin.server.servicing.models import Loan, Settlement, SweepAuthorisation
from suixin.server.servicing.payments import DemoCollector
from suixin.server.servicing.queries import statement

_SHOWN = 60


@require_http_methods(["GET", "POST"])
@for_roles(Role.OWNER)
def draw_now(visit: Visit, number: str) -> HttpResponse:
    """Choose an amount, see what it costs and when it comes back, and draw."""
    if visit.method == "POST":
        return _draw(visit, number)
    case = mine.application(visit, number)
    line = queries.line_of(case)
    context: dict[str, object] = {"case": case, "line": line, "key": secrets.token_hex(8)}
    if line is not None and line.available_minor and "amount" in visit.GET:
        try:
            amount = forms.amount_of(visit.GET)
            terms, _ = drawn_terms(case, amount, line.today)
        except SuixinError as error:
            context["refused"] = refusal(error)
        else:
            interest = terms.schedule.total_interest_fen
            context |= {
                "amount_minor": amount,
                "terms": terms,
                "method": spoken().method(terms.schedule.method.value),
                "per_thousand": interest * 100_000 // amount,
                "can_sweep": terms.sweep is not None and bool(mine.merchant(visit).shop),
            }
    return render(visit, "merchant/draw.html", context)


def _draw(visit: Visit, number: str) -> HttpResponse:
    made: list[str] = []

    def do() -> None:
        case = mine.application(visit, number)
        if not forms.ticked(visit.POST, "costs_read"):
            raise UsageError("Read the costs first, and tick that you did", zh="请先看完费用并勾选")
        amount, key = forms.amount_of(visit.POST), forms.words_of(visit.POST, "key", 40)
        swept = forms.ticked(visit.POST, "from_sales")
        made.append(draw(case.number, amount, key=key, by=visit.actor, at=now(), from_sales=swept))

    said = pair("用款已办理", "Drawn")
    answer = act(visit, do, done="/", back=reverse("merchant-draw", args=[number]), said=said)
    return redirect("merchant-loan", made[0]) if made else answer


@require_GET
@for_roles(Role.OWNER)
def show(visit: Visit, number: str) -> HttpResponse:
    """A loan: what is owed, the next date, the rest of the schedule, what was booked, what of the sales is kept."""
    row = mine.loan(visit, number)
    drawn = row.state not in {Loan.State.OFFERED, Loan.State.ACCEPTED, Loan.State.WITHDRAWN}
    sweep = SweepAuthorisation.objects.filter(loan_id=row.pk, ended_on=None).first()
    context = {
        "row": row,
        "look": looks.look(row) if drawn else None,
        "lines": list(reversed(statement(row.book, number)))[:_SHOWN] if drawn else [],
        "sweep": sweep,
        "waiting": Settlement.objects.filter(authorisation__loan_id=row.pk, state="waiting").count(),
        "key": secrets.token_hex(8),
        "can_pay": desk().demo,
    }
    return render(visit, "merchant/loan.html", context)


@require_POST
@for_roles(Role.OWNER)
def pay_now(visit: Visit, number: str) -> HttpResponse:
    """Pay what is due, or more of it early."""

    def do() -> None:
        row = mine.loan(visit, number)
        amount, key = forms.amount_of(visit.POST), forms.words_of(visit.POST, "key", 40)
        way = forms.way_of(visit.POST) or Way.KEEP
        pay(
            row.number,
            amount,
            DemoCollector(desk().demo),
            key=f"own {key}",
            by=visit.actor,
            at=now(),
            ahead=way,
        )

    where = reverse("merchant-loan", args=[number])
    return act(visit, do, done=where, back=where, said=pair("已收到还款", "Your payment has come in"))
