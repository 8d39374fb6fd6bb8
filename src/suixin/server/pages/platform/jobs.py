"""What runs by itself: the end of each book's day, looks for early warnings, messages that wait, published months."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.reporting.sheet import Field
from suixin.server import jobs
from suixin.server.identity.roles import Role
from suixin.server.jobs import Wanted
from suixin.server.outbox.models import Message
from suixin.server.pages import asking, sheets
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.platform import words
from suixin.server.pages.templatetags.words import pair
from suixin.server.regions.models import Publication
from suixin.server.servicing.models import DayEnd
from suixin.server.watching.models import Look
from suixin.server.webhooks.queries import any_on

SIZE = 25
_LATEST = 12
WATCHERS = (Role.ADMINISTRATOR, Role.AUDITOR)


@require_GET
@for_roles(*WATCHERS)
def show(visit: Visit) -> HttpResponse:
    """How it stands, and the latest runs of each kind; what is late stands first, as an alarm."""
    books = [(one, words.BOOKS[one.state]) for one in jobs.standings(now())]
    wanted = _wanted(visit)
    page = asking.page(jobs.ends_of_days(wanted), visit.GET, SIZE)
    waiting = Message.objects.filter(sent_at=None).order_by("id")
    looks = list(Look.objects.select_related("book").order_by("-day", "-id")[:_LATEST])
    months = list(Publication.objects.select_related("book").order_by("-month", "-id")[:_LATEST])
    context = {
        "books": books,
        "alarms": [one for one, _ in books if one.state in {jobs.LATE, jobs.STOPPED}],
        "own_date": any(one.own_date for one, _ in books),
        "page": page,
        "ends": [(one, seconds(one)) for one in page],
        "wanted": wanted,
        "narrowed": wanted != Wanted(),
        "codes": [(one.book.code, one.book.code) for one, _ in books],
        "states": words.ENDS.items(),
        "waiting": waiting.count(),
        "oldest": waiting.values_list("written_at", flat=True).first(),
        "listened": any_on(),
        "looks": looks,
        "months": months,
    }
    return render(visit, "platform/jobs.html", context)


def _wanted(visit: Visit) -> Wanted:
    return Wanted(
        book=asking.words(visit.GET, "book"),
        state=asking.one_of(visit.GET, "state", words.ENDS),
        from_on=asking.day(visit.GET, "from_on"),
        to_on=asking.day(visit.GET, "to_on"),
    )


def seconds(one: DayEnd) -> float | None:
    """How long an end of day took; None while it runs."""
    took = jobs.took(one)
    return None if took is None else round(took.total_seconds(), 1)


@require_GET
@for_roles(*WATCHERS)
def workbook(visit: Visit) -> HttpResponse:
    """The ends of days that are asked for, as a workbook."""
    columns: list[Field[DayEnd]] = [
        Field(pair("账簿", "book"), "text", 14, lambda one: one.book.code),
        Field(pair("日期", "day"), "date", 12, lambda one: one.day),
        Field(pair("开始", "began"), "text", 26, lambda one: one.began_at.isoformat(timespec="seconds")),
        Field(pair("用时（秒）", "seconds"), "number", 12, seconds),
        Field(pair("处理贷款", "loans"), "count", 12, lambda one: one.counts.get("closed", 0)),
        Field(pair("记账笔数", "transactions"), "count", 12, lambda one: one.counts.get("transactions", 0)),
        Field(pair("差异", "differences"), "count", 10, lambda one: one.counts.get("broken", 0)),
    ]
    return sheets.workbook(
        "ends-of-days", columns, list(jobs.ends_of_days(_wanted(visit))[: sheets.MOST_ROWS])
    )
