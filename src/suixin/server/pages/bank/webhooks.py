"""Systems of the house that are told what happens: a list, and what administrators do about one."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.audit.queries import about
from suixin.server.audit.registry import ACTIONS
from suixin.server.identity.access import Actor
from suixin.server.identity.roles import Role
from suixin.server.pages import forms, webhookwords
from suixin.server.pages.bank import house
from suixin.server.pages.bank.people import READERS
from suixin.server.pages.door import Visit, act, act_by_two, for_roles, now
from suixin.server.pages.forms import REASON
from suixin.server.pages.templatetags.words import pair
from suixin.server.webhooks import queries
from suixin.server.webhooks.actions.add_endpoint import NewEndpoint, add_endpoint
from suixin.server.webhooks.actions.rotate_secret import rotate_secret
from suixin.server.webhooks.actions.switch_off import switch_off
from suixin.server.webhooks.actions.switch_on import switch_on
from suixin.server.webhooks.addresses import LONGEST
from suixin.server.webhooks.models import Endpoint
from suixin.server.webhooks.topics import TOPICS

LOG_SIZE = 50


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """Every endpoint, with how much waits for it and how much was given up."""
    rows = [(one, _topics(one)) for one in queries.endpoints()]
    context = {"rows": rows, "may": Role.ADMINISTRATOR in visit.roles}
    return render(visit, "bank/webhooks.html", context)


@require_GET
@for_roles(*READERS)
def show(visit: Visit, number: int) -> HttpResponse:
    """An endpoint: what it hears, how it stands, what was done about it."""
    one = _endpoint(number)
    lines = about({"webhooks.endpoint": [one.pk]}, LOG_SIZE)
    called = house.called(line.actor for line in lines)
    context: dict[str, Any] = {
        "one": one,
        "off_because": webhookwords.why(one.off_because),
        "topics": _topics(one),
        "lines": [(line, ACTIONS[line.action], called[line.actor]) for line in lines],
        "may": Role.ADMINISTRATOR in visit.roles,
        "two_secrets": one.old_until is not None and now() < one.old_until,
        "most": REASON,
    }
    return render(visit, "bank/webhook.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@for_roles(Role.ADMINISTRATOR)
def add(visit: Visit) -> HttpResponse:
    """Add an endpoint; its secret is drawn, and shown to the two administrators this once."""
    if visit.method == "POST":
        return _add(visit)
    return _form(visit)


def _form(visit: Visit) -> HttpResponse:
    """The form as it was sent, if it was: an address may hold a key, so it stands in no other address."""
    sent = visit.POST
    chosen = sent.getlist("topic")
    context = {
        "asked": {name: sent.get(name, "")[:LONGEST] for name in ("name", "url")},
        "topics": [(name, webhookwords.topic(name), name in chosen) for name in TOPICS],
        "longest": LONGEST,
    }
    return render(visit, "bank/webhook_new.html", context, status=400 if visit.method == "POST" else 200)


def _add(visit: Visit) -> HttpResponse:
    sent, made = visit.POST, list[tuple[Endpoint, str]]()
    topics = sent.getlist("topic")[: len(TOPICS)]

    def do(second: Actor) -> None:
        new = NewEndpoint(forms.words_of(sent, "name", 60), sent.get("url", "").strip(), topics)
        made.append(add_endpoint(new, by=visit.actor, second=second, at=now()))

    answer = act_by_two(visit, do, done=reverse("bank-webhook-add"), back=lambda: _form(visit))
    return _secret(visit, *made[0]) if made else answer


@require_POST
@never_cache
@for_roles(Role.ADMINISTRATOR)
def rotate_now(visit: Visit, number: int) -> HttpResponse:
    """Replace the secret; the new one is shown this once."""
    one, made = _found(visit, number), list[tuple[Endpoint, str]]()

    def do() -> None:
        made.append(rotate_secret(one.code, by=visit.actor, reason=_reason(visit), at=now()))

    answer = act(visit, do, done=_where(one), back=_where(one))
    return _secret(visit, *made[0]) if made else answer


@require_POST
@for_roles(Role.ADMINISTRATOR)
def off_now(visit: Visit, number: int) -> HttpResponse:
    """Switch it off."""
    one = _found(visit, number)

    def do() -> None:
        switch_off(one.code, by=visit.actor, reason=_reason(visit), at=now())

    return act(visit, do, done=_where(one), back=_where(one), said=pair("已停用", "Switched off"))


@require_POST
@for_roles(Role.ADMINISTRATOR)
def on_now(visit: Visit, number: int) -> HttpResponse:
    """Switch it on again."""
    one = _found(visit, number)

    def do(second: Actor) -> None:
        switch_on(one.code, by=visit.actor, second=second, reason=_reason(visit), at=now())

    return act_by_two(visit, do, done=_where(one), back=_where(one), said=pair("已启用", "Switched on"))


def _secret(visit: Visit, one: Endpoint, secret: str) -> HttpResponse:
    context = {"one": one, "secret": secret, "onward": _where(one)}
    return render(visit, "bank/webhook_secret.html", context)


def _topics(one: Endpoint) -> list[str]:
    return [webhookwords.topic(name) for name in one.topics]


def _reason(visit: Visit) -> str:
    reason = forms.words_of(visit.POST, "reason", REASON)
    if not reason:
        raise UsageError("Say why", zh="请填写原因")
    return reason


def _found(visit: Visit, number: int) -> Endpoint:
    with tenancy.within(visit.actor.organisation_id):
        return _endpoint(number)


def _endpoint(number: int) -> Endpoint:
    """An endpoint of the house; of another's nobody learns that it is there."""
    found = Endpoint.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _where(one: Endpoint) -> str:
    return reverse("bank-webhook", args=[one.pk])
