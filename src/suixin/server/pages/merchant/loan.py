"""Drawing, looking at a loan, paying it."""

import secrets

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.errors import SuixinError, UsageError
from suixin.lending.prepay import Way
from suixin.server.identity.roles import Role
from suixin.server.origination import queries
from suixin.server.origination.actions.draw import SETTLEMENTS_A_MONTH, draw, drawn_terms
from suixin.server.origination.actions.give_up_draw import give_up_draw
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
    context: dict[str, object] = {
        "case": case,
        "line": line,
        "key": secrets.token_hex(8),
        "today": queries.drawn_today(line) if line else [],
    }
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
                "keep_minor": terms.sweep.working_cash_fen // SETTLEMENTS_A_MONTH if terms.sweep else 0,
                "can_sweep": terms.sweep is not None and bool(mine.merchant(visit).shop),
            }
    return render(visit, "merchant/draw.html", context)


def _draw(visit: Visit, number: str) -> HttpResponse:
    made: list[Loan] = []

    def do() -> None:
        case = mine.application(visit, number)
        if not forms.ticked(visit.POST, "costs_read"):
            raise UsageError("Read the costs first, and tick that you did", zh="请先看完费用并勾选")
        amount, key = forms.amount_of(visit.POST), forms.words_of(visit.POST, "key", 40)
        swept = forms.ticked(visit.POST, "from_sales")
        drawn = draw(case.number, amount, key=key, by=visit.actor, at=now(), from_sales=swept)
        made.append(Loan.objects.get(number=drawn))

    answer = act(visit, do, done="/", back=reverse("merchant-draw", args=[number]))
    if not made:
        return answer
    (loan,) = made
    if loan.state in queries.WAITS:
        messages.success(
            visit,
            pair("已提交，等银行核对后放款", "Asked for; the bank pays it out once it has looked at it"),
        )
    else:
        messages.success(visit, pair("已放款", "Paid out"))
    return redirect("merchant-loan", loan.number)


@require_GET
@for_roles(Role.OWNER)
def show(visit: Visit, number: str) -> HttpResponse:
    """A loan: what is owed, the next date, the rest of the schedule, what was booked, what of the sales is kept."""
    return _shown(visit, number, QueryDict())


def _shown(visit: Visit, number: str, typed: QueryDict) -> HttpResponse:
    """The page; its form filled as it was sent where that was refused."""
    row = mine.loan(visit, number)
    drawn = row.state not in {Loan.State.OFFERED, Loan.State.ACCEPTED, Loan.State.WITHDRAWN}
    sweep = SweepAuthorisation.objects.filter(loan_id=row.pk, ended_on=None).first()
    context = {
        "row": row,
        "look": looks.look(row) if drawn else None,
        "waiting_minor": looks.to_pay_out(row) if row.state in queries.WAITS else 0,
        "lines": list(reversed(statement(row.book, number)))[:_SHOWN] if drawn else [],
        "sweep": sweep,
        "keep_month_minor": sweep.keep_minor * SETTLEMENTS_A_MONTH if sweep else 0,
        "waiting": Settlement.objects.filter(authorisation__loan_id=row.pk, state="waiting").count(),
        "key": secrets.token_hex(8),
        "can_pay": desk().demo,
        "typed": typed,
    }
    return render(visit, "merchant/loan.html", context)


@require_POST
@for_roles(Role.OWNER)
def give_up_now(visit: Visit, number: str) -> HttpResponse:
    """Give up a drawdown that waits to be paid out."""

    def do() -> None:
        give_up_draw(mine.loan(visit, number).number, "客户本人撤回", by=visit.actor, at=now())

    said = pair("已撤回，额度已恢复", "Given up; your line is free again")
    return act(
        visit, do, done=reverse("merchant-home"), back=reverse("merchant-loan", args=[number]), said=said
    )


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
    said = pair("已收到还款", "Your payment has come in")
    return act(visit, do, done=where, back=lambda: _shown(visit, number, visit.POST), said=said)
