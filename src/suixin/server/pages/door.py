"""The door of every page: who may come in, whose rows are seen there, and one way to do something and go on.

A view says who may see it by `open_to_all` or `for_roles`; one that says nothing is refused, so that a new page without
a rule shows itself at once. Behind the door a request has an `actor` and sees the rows of one organisation.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from suixin.errors import SuixinError
from suixin.server import tenancy
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.actions.give_word import give_word
from suixin.server.identity.factors import must_have
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.identity.visitors import came_by_second
from suixin.server.pages.onward import onward
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair

P = ParamSpec("P")
STAFF = frozenset(
    {
        Role.CUSTOMER_MANAGER,
        Role.REVIEWER,
        Role.APPROVER,
        Role.COMMITTEE,
        Role.DISBURSEMENT,
        Role.POST_LOAN,
        Role.COLLECTION,
        Role.AUDITOR,
    }
)
"""Who works in a bank's house and sees its cases."""


class Visit(HttpRequest):
    """A request behind the door."""

    actor: Actor
    person: User
    roles: frozenset[Role]


View = Callable[Concatenate[Visit, P], HttpResponse]


def open_to_all(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Anybody may see this."""
    view.allows = None  # type: ignore[attr-defined]
    return view


def before_factor(view: View[P]) -> View[P]:
    """Staff who still owe a second factor may see this, too: it is where they set one up."""
    view.before_factor = True  # type: ignore[attr-defined]
    return view


def for_roles(*roles: Role) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Only people who have one of these roles; they see the rows of their organisation.

    A page is shown within one database transaction, which reads alone. A form's work is done by `act`, which opens its own.
    """

    def guarded(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        may_wait = getattr(view, "before_factor", False)

        @wraps(view)
        def behind(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            visit, user = request, request.user
            if not isinstance(user, User):
                return _to_sign_in(request)
            with tenancy.reading(user.organisation_id):
                actor = actor_of(user)
                visit.actor = actor  # type: ignore[attr-defined]
                held = actor.roles & frozenset(roles)
                if not held:
                    raise PermissionDenied
                if not may_wait and must_have(actor) and not came_by_second(request):
                    return redirect("account-factor")
                visit.person, visit.roles = user, actor.roles  # type: ignore[attr-defined]
                if request.method in {"GET", "HEAD"}:
                    return view(visit, *args, **kwargs)  # type: ignore[arg-type]
            return view(visit, *args, **kwargs)  # type: ignore[arg-type]

        behind.allows = frozenset(roles)  # type: ignore[attr-defined]
        return behind  # type: ignore[return-value]

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To sign in and come back; a form that was sent is told to have done nothing, and is never sent again by itself."""
    if request.method not in {"GET", "HEAD"}:
        messages.error(
            request,
            pair(
                "登录已失效，刚才提交的内容没有办理，也没有保存；请重新登录，回到该页后再提交一次",
                "Your session had ended: what you just sent was not done and not kept. Sign in, and send it again from its page",
            ),
        )
    return redirect(f"{reverse('sign-in')}?{urlencode({'next': onward(request)})}")


def act(
    visit: Visit, do: Callable[[], Any], *, done: str, back: str | Callable[[], HttpResponse], said: str = ""
) -> HttpResponse:
    """Do what a form asks in one transaction, and go on; what was refused is told on the page that one came from.

    Args:
        visit: the request.
        do: calls an action.
        done: the address to go to.
        back: the address to go to if it is refused; or the form itself, filled as it was sent.
        said: what the next page says.
    """

    def whole() -> None:
        with tenancy.within(visit.actor.organisation_id):
            do()

    return act_alone(visit, whole, done=done, back=back, said=said)


def act_by_two(
    visit: Visit,
    do: Callable[[Actor], Any],
    *,
    done: str,
    back: str | Callable[[], HttpResponse],
    said: str = "",
) -> HttpResponse:
    """As `act`, with the word of a second person, which `parts/second.html` asks for and `do` is given.

    It is judged and counted before the work's transaction opens; a code is used up even if the work is refused. `back` may
    be the form itself, filled as it was sent: what somebody typed of a person stands in no address.
    """

    def whole() -> None:
        sent, house = visit.POST, visit.actor.organisation_id
        words = (sent.get(name, "") for name in ("second", "password", "code"))
        second = give_word(*words, house=house, at=now())
        with tenancy.within(house):
            do(second)

    return act_alone(visit, whole, done=done, back=back, said=said)


def act_alone(
    visit: Visit, do: Callable[[], Any], *, done: str, back: str | Callable[[], HttpResponse], said: str = ""
) -> HttpResponse:
    """As `act`, for an action that opens its own transactions: a try that it counts stays counted if it is refused."""
    try:
        do()
    except SuixinError as error:
        messages.error(visit, refusal(error))
        if isinstance(back, str):
            return redirect(back)
        with tenancy.within(visit.actor.organisation_id):
            return back()
    if said:
        messages.success(visit, said)
    return redirect(done)


def act_each(
    visit: Visit, chosen: Sequence[str], do: Callable[[str], Any], *, back: str, said: Callable[[int], str]
) -> HttpResponse:
    """Do the same to each of what was chosen in a list, each in a transaction of its own, and go back to the list.

    What is refused stops none of the others; it is told with its reason, once a reason.

    Args:
        visit: the request.
        chosen: what each is called, by the form.
        do: calls an action for one.
        back: the list.
        said: what the list says of so many that were done.
    """
    refused: Counter[str] = Counter()
    for one in chosen:
        try:
            with tenancy.within(visit.actor.organisation_id):
                do(one)
        except SuixinError as error:
            refused[refusal(error)] += 1
    if done := len(chosen) - refused.total():
        messages.success(visit, said(done))
    for why, many in refused.items():
        messages.error(visit, pair(f"{many} 项没有办理：{why}", f"{many} not done: {why}"))
    if not chosen:
        messages.error(visit, pair("请先勾选要办理的项目", "Tick what is to be done first"))
    return redirect(back)


def now() -> datetime:
    """The instant of a request; the one place where pages look at a clock."""
    return timezone.now()


class DoorMiddleware:
    """Refuses every view that does not say who may see it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self._next(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> None:
        """A view without a rule is nobody's."""
        del request, args, kwargs
        if not hasattr(view, "allows"):
            raise PermissionDenied(f"{view.__module__} says of no one that they may see it")
