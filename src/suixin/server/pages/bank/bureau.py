"""The credit bureau: every query with its purpose, who asked and how old the answer was; the list that goes out, reports in."""

from collections.abc import Mapping
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import SuixinError
from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.origination.sheet import MOST_BYTES
from suixin.server.pages import asking, forms, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.bank.imported import Kind, answer
from suixin.server.pages.door import Visit, act_each, for_roles, now
from suixin.server.pages.identitywords import ANSWERS
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import ZONE, pair, worded
from suixin.server.servicing.days import business_days
from suixin.server.verification.actions.ask_bureau import Asked, ask_bureau, to_query
from suixin.server.verification.actions.correct_reports import MOST, correct_reports
from suixin.server.verification.actions.give_up_query import give_up_query
from suixin.server.verification.actions.import_reports import import_reports
from suixin.server.verification.imported import Imported
from suixin.server.verification.log import (
    Wanted,
    answer_of,
    correction_of,
    found,
    of_application,
    standing_of,
    unanswered,
)
from suixin.server.verification.models import REASON, BureauQuery, GivenUp
from suixin.server.verification.reports import COLUMNS
from suixin.sharing.purposes import Purpose, civil_date, purpose_on

SIZE = 50
READERS = (Role.CUSTOMER_MANAGER, Role.AUDITOR)


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """The queries that are asked for, the latest first."""
    return _listed(visit)


def _listed(visit: Visit, of_file: Mapping[str, object] | None = None) -> HttpResponse:
    wanted = _wanted(visit)
    page = asking.page(found(wanted), visit.GET, SIZE)
    may = Role.CUSTOMER_MANAGER in visit.roles
    context = {
        "wanted": wanted,
        "narrowed": wanted != Wanted(),
        "page": page,
        "rows": told(list(page)),
        "answers": ANSWERS.items(),
        "may": may,
        "waiting": len(to_query(visit.actor, now())) if may else 0,
        "unanswered": unanswered().count(),
        "longest": REASON,
        "most": MOST,
        **(of_file or {}),
    }
    return render(visit, "bank/bureau.html", context)


def _wanted(visit: Visit) -> Wanted:
    return Wanted(
        text=asking.words(visit.GET, "text"),
        answer=asking.one_of(visit.GET, "answer", ANSWERS),
        from_on=asking.day(visit.GET, "from_on"),
        to_on=asking.day(visit.GET, "to_on"),
    )


def told(queries: list[BureauQuery]) -> list[dict[str, object]]:
    """Queries as a page shows them: of whom, who asked, and how old the report was when it came."""
    people, days = house.called(one.by for one in queries), _days(queries)
    names = names_of(one.merchant_id for one in queries)
    return [
        {
            "one": one,
            "who": people[one.by],
            "purpose": purpose_of(one),
            "name": names.get(one.merchant_id, ""),
            "waits": one.by_file and standing_of(one) is None and given_up_of(one) is None,
            "report": standing_of(one),
            "correction": correction_of(one),
            "age": age_of(one, days),
            "given_up": given_up_of(one),
        }
        for one in queries
    ]


def purpose_of(query: BureauQuery) -> Purpose:
    """What it was asked for, as it was worded on its day."""
    return purpose_on(query.purpose, civil_date(query.at))


def of_case(number: str) -> list[dict[str, object]]:
    """The queries of an application, the latest first."""
    return told(of_application(number))


def given_up_of(query: BureauQuery) -> GivenUp | None:
    """Why its answer is waited for no longer, None while it is."""
    found: GivenUp | None = getattr(query, "given_up", None)
    return found


def _days(queries: list[BureauQuery]) -> dict[datetime, date]:
    """The instants at which answers came -> the business date of each, from which an assessment counts, too."""
    book = house.any_book()
    came = [report.at for one in queries if (report := standing_of(one)) is not None]
    return business_days(book, came) if book is not None else {}


def age_of(query: BureauQuery, days: Mapping[datetime, date]) -> int | None:
    """How many days old what holds of the answer was when it came, on its business date of `days`."""
    report = standing_of(query)
    if report is None or report.reported_on is None:
        return None
    return (days[report.at] - report.reported_on).days if report.at in days else None


@require_GET
@for_roles(*READERS)
def workbook(visit: Visit) -> HttpResponse:
    """The queries that are asked for, as a workbook."""
    rows = list(found(_wanted(visit))[: sheets.MOST_ROWS])
    people, days = house.called(one.by for one in rows), _days(rows)
    fields: list[Field[BureauQuery]] = [
        Field(pair("查询编号", "reference"), "text", 20, lambda one: one.reference),
        Field(pair("查询日", "asked on"), "date", 12, lambda one: one.at.astimezone(ZONE).date()),
        Field(pair("经办", "who asked"), "text", 16, lambda one: people[one.by]),
        Field(pair("商户编号", "merchant"), "text", 16, lambda one: one.merchant_id),
        Field(pair("申请", "application"), "text", 16, lambda one: one.application),
        Field(pair("目的", "purpose"), "text", 24, lambda one: worded(purpose_of(one))),
        Field(pair("机构", "bureau"), "text", 22, lambda one: one.provider),
        Field(pair("凭条", "receipt"), "text", 34, lambda one: one.receipt_id),
        Field(pair("结果", "answer"), "text", 12, lambda one: worded(ANSWERS[answer_of(one)])),
        Field(
            pair("报告日期", "report of"),
            "date",
            12,
            lambda one: getattr(standing_of(one), "reported_on", None),
        ),
        Field(pair("报告天数", "days old"), "count", 10, lambda one: age_of(one, days)),
        Field(pair("报告摘要", "digest"), "text", 66, lambda one: getattr(standing_of(one), "digest", "")),
        Field(pair("更正日", "corrected on"), "date", 12, _corrected_on),
        Field(
            pair("更正原因", "why corrected"),
            "text",
            30,
            lambda one: getattr(correction_of(one), "reason", ""),
        ),
    ]
    return sheets.workbook("bureau-queries", fields, rows)


def _corrected_on(query: BureauQuery) -> date | None:
    made = correction_of(query)
    return made.at.astimezone(ZONE).date() if made else None


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def ask_now(visit: Visit) -> HttpResponse:
    """The list of queries as a workbook; each uses its customer's consent up."""
    try:
        lines = ask_bureau(forms.words_of(visit.POST, "bureau", 100), by=visit.actor, at=now())
    except SuixinError as error:
        messages.error(visit, refusal(error))
        return redirect("bank-bureau")
    fields: list[Field[Asked]] = [
        Field(pair("查询编号", "reference"), "text", 20, lambda one: one.query.reference),
        Field(pair("姓名", "name"), "text", 16, lambda one: one.person.name),
        Field(pair("证件号", "identity_number"), "text", 22, lambda one: one.person.identity_number),
        Field(
            pair("目的", "purpose"),
            "text",
            24,
            lambda _: pair("贷款申请（已授权）", "loan application, authorised"),
        ),
    ]
    return sheets.workbook("bureau-list", fields, lines)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def give_up_chosen(visit: Visit) -> HttpResponse:
    """Wait no longer for the answers that were ticked, for one reason."""
    reason = visit.POST.get("reason", "")
    return act_each(
        visit,
        visit.POST.getlist("query"),
        lambda reference: give_up_query(reference, reason, by=visit.actor, at=now()),
        back=forms.back_to("bank-bureau", visit.POST),
        said=lambda n: pair(
            f"已放弃 {n} 次；客户重新授权后可再次查询",
            f"{n} given up; asked anew once the customer consents again",
        ),
    )


_REPORTS = Kind(
    "bank-bureau",
    COLUMNS,
    lambda kept, there, faults: pair(
        f"导入 {kept} 份报告，{there} 份此前已有，{faults} 处错误",
        f"Reports kept: {kept}; there already: {there}; faults: {faults}",
    ),
    lambda kept, there, faults: pair(
        f"试读：可导入 {kept} 份报告，{there} 份此前已有，{faults} 处错误",
        f"Read only. Reports that would be kept: {kept}; there already: {there}; faults: {faults}",
    ),
)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def import_now(visit: Visit) -> HttpResponse:
    """Keep the reports of a file, or only read it; what is wrong with its rows stands on the page that comes back."""

    def act(dry_run: bool) -> Imported:
        name, content = forms.upload_of(visit.FILES, MOST_BYTES)
        return import_reports(name, content, by=visit.actor, at=now(), dry_run=dry_run)

    return answer(visit, _REPORTS, act, lambda told: _listed(visit, told))


_CORRECTIONS = Kind(
    "bank-bureau",
    COLUMNS,
    lambda kept, there, faults: pair(
        f"更正 {kept} 份报告，{there} 份与现有的相同，{faults} 处错误",
        f"Reports corrected: {kept}; the same as there: {there}; faults: {faults}",
    ),
    lambda kept, there, faults: pair(
        f"试读：可更正 {kept} 份报告，{there} 份与现有的相同，{faults} 处错误",
        f"Read only. Reports that would be corrected: {kept}; the same as there: {there}; faults: {faults}",
    ),
)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def correct_now(visit: Visit) -> HttpResponse:
    """Put the reports of a file in the place of those that were kept, or only read it."""
    reason = visit.POST.get("reason", "")

    def act(dry_run: bool) -> Imported:
        name, content = forms.upload_of(visit.FILES, MOST_BYTES)
        return correct_reports(name, content, reason, by=visit.actor, at=now(), dry_run=dry_run)

    return answer(
        visit,
        _CORRECTIONS,
        act,
        lambda told: _listed(visit, told | {"correcting": True, "reason": reason}),
    )
