"""Views of lists: kept under a name, and forgotten."""

from django.http import Http404, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

from suixin.server.identity.roles import Role
from suixin.server.pages import forms
from suixin.server.pages.door import STAFF, Visit, act, for_roles, now
from suixin.server.pages.menus import HOUSE
from suixin.server.pages.templatetags.words import pair
from suixin.server.savedviews.actions.drop_view import drop_view
from suixin.server.savedviews.actions.save_view import save_view
from suixin.server.savedviews.queries import views_of

LISTS = (
    "bank-home",
    "bank-identities",
    "bank-bureau",
    "bank-imports",
    "bank-payouts",
    "bank-loans",
    "bank-alerts",
    "bank-complaints",
    "bank-people",
    "bank-deliveries",
    "bank-log",
    "platform-ingests",
    "platform-rows",
    "platform-jobs",
)
"""The lists that have views."""
READERS = STAFF | HOUSE | {Role.ADMINISTRATOR, Role.OPERATOR}


@require_POST
@for_roles(*READERS)
def save_now(visit: Visit) -> HttpResponse:
    """Keep a list as it was asked."""
    page, where = _list(visit)

    def do() -> None:
        name, question = visit.POST.get("name", ""), visit.POST.get("question", "")
        save_view(visit.person, page, name, question, by=visit.actor, at=now())

    return act(visit, do, done=where, back=where, said=pair("视图已保存", "The view is kept"))


@require_POST
@for_roles(*READERS)
def drop_now(visit: Visit, number: int) -> HttpResponse:
    """Forget a view; one that is forgotten already, or another person's, is nobody's."""
    page, where = _list(visit)

    def do() -> None:
        held = views_of(visit.person, page)
        chosen = next((one for one in held if one.pk == number), None)
        if chosen is None:
            raise Http404
        drop_view(chosen, by=visit.actor, at=now())

    return act(visit, do, done=where, back=where, said=pair("视图已删除", "The view is forgotten"))


def _list(visit: Visit) -> tuple[str, str]:
    """The list that a form came from, and the address to go back to."""
    try:
        found = resolve(visit.POST.get("path", ""))
    except Resolver404 as error:
        raise Http404 from error
    if found.url_name not in LISTS:
        raise Http404
    return found.url_name, forms.back_to(found.url_name, visit.POST, **found.kwargs)
