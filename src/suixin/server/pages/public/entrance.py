"""The way in and out: a password, a code for who has a second factor, and signing out."""

from django.contrib.messages import error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from suixin.server import tenancy
from suixin.server.identity import factors
from suixin.server.identity import visitors as sessions
from suixin.server.identity.access import actor_of
from suixin.server.identity.actions import sign_in as signing
from suixin.server.identity.models import User
from suixin.server.pages.door import now, open_to_all
from suixin.server.pages.onward import ours
from suixin.server.pages.templatetags.words import pair


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password; who is refused is told one thing, whatever the cause."""
    onward = ours(request, request.POST.get("next") or request.GET.get("next") or "/")
    username = request.POST.get("username", "")
    if request.method == "POST":
        password, place = request.POST.get("password", ""), sessions.address_of(request)
        user = signing.sign_in(username, password, address=place, at=now())
        if user is not None and signing.is_asked_for_code(user):
            sessions.wait_for_code(request, user, onward)
            return redirect("sign-in-code")
        if user is not None:
            _let_in(request, user)
            return redirect(onward)
        error(
            request,
            pair(
                "用户名或密码不正确，或尝试次数过多；请稍后再试",
                "The name or the password is not right, or too many tries failed; try again later",
            ),
        )
    held = {"next": onward, "username": username, "opens": True}
    return render(request, "public/sign_in.html", held, status=400 if request.method == "POST" else 200)


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app, or a recovery code."""
    waiting = sessions.who_waits(request)
    if waiting is None:
        return redirect("sign-in")
    user, onward = waiting
    if request.method == "POST":
        if signing.second_step(user, request.POST.get("code", ""), at=now()):
            _let_in(request, user, by_second=True)
            return redirect(ours(request, onward))
        error(
            request,
            pair(
                "验证码不正确或已用过，或尝试次数过多；请等下一个验证码再试",
                "The code is not right or was used, or too many tries failed; wait for the next one",
            ),
        )
    return render(
        request, "public/sign_in_code.html", {"opens": True}, status=400 if request.method == "POST" else 200
    )


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    sessions.see_off(request)
    answer = redirect("sign-in")
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _let_in(request: HttpRequest, user: User, *, by_second: bool = False) -> None:
    with tenancy.within(user.organisation_id):
        is_staff = factors.is_staff(actor_of(user))
    sessions.let_in(request, user, is_staff=is_staff, by_second=by_second)
