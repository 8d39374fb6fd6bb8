"""A merchant's first page: what may be drawn, what falls due, and the season."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.reporting.summary import month_labels
from suixin.server.identity.roles import Role
from suixin.server.origination import queries
from suixin.server.origination.models import Application
from suixin.server.pages import charts
from suixin.server.pages.door import Visit, for_roles
from suixin.server.pages.merchant import mine
from suixin.server.servicing import looks


@require_GET
@for_roles(Role.OWNER)
def show(visit: Visit) -> HttpResponse:
    """The first page."""
    merchant = mine.merchant(visit)
    cases = queries.applications_of(merchant.merchant_id)
    signed = next((case for case in cases if case.state == Application.State.SIGNED), None)
    loans = looks.loans_of(merchant.merchant_id)
    next_on = min((one.next.due_on for one in loans if one.next), default=None)
    due = [one.next for one in loans if one.next and one.next.due_on == next_on]
    late = [one for one in loans if one.due_minor]
    line = queries.line_of(signed) if signed else None
    return render(
        visit,
        "merchant/home.html",
        {
            "merchant": merchant,
            "line": line,
            "may_apply": line is None or line.is_over or not (loans or line.waiting_minor),
            "case": next((case for case in cases if case.is_open), None),
            "latest": cases[0] if cases else None,
            "loans": loans,
            "waiting": looks.waiting_of(merchant.merchant_id),
            "next_on": next_on,
            "next_minor": sum(one.total_fen for one in due),
            "next_loans": len(due),
            "in_days": (next_on - loans[0].day).days if next_on else None,
            "late_minor": sum(one.due_minor for one in late),
        },
    )


@require_GET
@for_roles(Role.OWNER)
def season(visit: Visit) -> HttpResponse:
    """My season: sales, what they leave, repayments, and the bad year."""
    merchant = mine.merchant(visit)
    cases = queries.applications_of(merchant.merchant_id)
    held = next((found for case in cases if (found := queries.decided(case))), None)
    if held is None:
        return render(visit, "merchant/season.html", {"held": None})
    decision = held.decision
    labels = month_labels(decision, len(decision.forecast.p50))
    due = [0] * len(labels)
    for one in looks.loans_of(merchant.merchant_id):
        for row in one.ahead:
            month = f"{row.due_on:%Y-%m}"
            if month in labels:
                due[labels.index(month)] += row.total_fen
    drawn = charts.season(
        [label[5:] for label in labels],
        good=decision.left_p90,
        usual=decision.left_p50,
        bad=decision.left_p10,
        due=due,
    )
    sales = list(zip(labels, decision.forecast.usual, decision.forecast.bad_year, strict=True))
    return render(
        visit,
        "merchant/season.html",
        {
            "held": held,
            "decision": decision,
            "season": drawn,
            "shows_over": any(one.is_over for one in drawn.months),
            "sales": sales,
        },
    )
