"""What was sent to whom: a log asked by a form whose state stands in the address, and an event sent again."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import UsageError
from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.pages import asking, forms, sheets, webhookwords
from suixin.server.pages.bank.people import READERS
from suixin.server.pages.door import Visit, act, act_each, for_roles, now
from suixin.server.pages.forms import REASON
from suixin.server.pages.templatetags.words import ZONE, pair, worded
from suixin.server.webhooks import queries
from suixin.server.webhooks.actions.send_again import send_again
from suixin.server.webhooks.models import Delivery
from suixin.server.webhooks.queries import Wanted
from suixin.server.webhooks.rules import MOST_TRIES
from suixin.server.webhooks.topics import TOPICS

SIZE = 50


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """The deliveries that are asked for, the latest first."""
    wanted = _wanted(visit)
    page = asking.page(queries.found(wanted), visit.GET, SIZE)
    context = {
        "wanted": wanted,
        "narrowed": wanted != Wanted(),
        "page": page,
        "rows": [(one, webhookwords.topic(one.topic), webhookwords.STATES[one.state]) for one in page],
        "states": webhookwords.STATES.items(),
        "topics": [(name, webhookwords.topic(name)) for name in TOPICS],
        "endpoints": [(one.code, one.name) for one in queries.endpoints()],
        "may": Role.ADMINISTRATOR in visit.roles,
        "most": REASON,
    }
    return render(visit, "bank/webhook_log.html", context)


@require_GET
@for_roles(*READERS)
def workbook(visit: Visit) -> HttpResponse:
    """The same deliveries as a workbook."""
    return sheets.workbook("deliveries", _fields(), list(queries.found(_wanted(visit))[: sheets.MOST_ROWS]))


@require_GET
@for_roles(*READERS)
def show(visit: Visit, number: int) -> HttpResponse:
    """A delivery: what was sent, and what came of each try."""
    one = queries.found(Wanted()).filter(pk=number).first()
    if one is None:
        raise Http404
    context = {
        "one": one,
        "topic": webhookwords.topic(one.topic),
        "state": webhookwords.STATES[one.state],
        "attempts": [
            (row, webhookwords.came_of(row), webhookwords.said_of(row)) for row in queries.attempts(one)
        ],
        "may": Role.ADMINISTRATOR in visit.roles and one.endpoint.off_at is None,
        "most_tries": MOST_TRIES,
        "most": REASON,
    }
    return render(visit, "bank/webhook_delivery.html", context)


@require_POST
@for_roles(Role.ADMINISTRATOR)
def send_now(visit: Visit, number: int) -> HttpResponse:
    """Send it again."""

    def do() -> None:
        if not queries.found(Wanted()).filter(pk=number).exists():
            raise Http404
        send_again(number, by=visit.actor, reason=_reason(visit), at=now())

    where = reverse("bank-delivery", args=[number])
    return act(visit, do, done=where, back=where, said=pair("已重新排队", "It waits to be sent again"))


@require_POST
@for_roles(Role.ADMINISTRATOR)
def send_chosen(visit: Visit) -> HttpResponse:
    """Send what was ticked again, for one reason."""
    return act_each(
        visit,
        visit.POST.getlist("delivery"),
        lambda key: send_again(forms.key_of(key), by=visit.actor, reason=_reason(visit), at=now()),
        back=forms.back_to("bank-deliveries", visit.POST),
        said=lambda n: pair(f"{n} 条已重新排队", f"{n} wait to be sent again"),
    )


def _reason(visit: Visit) -> str:
    reason = forms.words_of(visit.POST, "reason", REASON)
    if not reason:
        raise UsageError("Say why", zh="请填写原因")
    return reason


def _wanted(visit: Visit) -> Wanted:
    return Wanted(
        state=asking.one_of(visit.GET, "state", webhookwords.STATES),
        topic=asking.one_of(visit.GET, "topic", TOPICS),
        endpoint=asking.words(visit.GET, "endpoint"),
        event_id=asking.words(visit.GET, "event"),
        from_on=asking.day(visit.GET, "from_on"),
        to_on=asking.day(visit.GET, "to_on"),
    )


def _fields() -> list[Field[Delivery]]:
    return [
        Field(pair("事件编号", "event"), "text", 38, lambda row: row.event_id),
        Field(pair("主题", "topic"), "text", 22, lambda row: row.topic),
        Field(pair("推送地址", "endpoint"), "text", 20, lambda row: row.endpoint.name),
        Field(pair("发生日", "happened on"), "date", 12, lambda row: row.happened_at.astimezone(ZONE).date()),
        Field(pair("状态", "state"), "text", 12, lambda row: worded(webhookwords.STATES[row.state])),
        Field(pair("尝试次数", "tries"), "count", 10, lambda row: row.tries),
        Field(pair("内容", "body"), "text", 60, lambda row: row.body),
    ]
