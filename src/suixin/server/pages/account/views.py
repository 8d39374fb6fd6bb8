"""One's own way in: change the password, set a second factor up, sign out everywhere."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.errors import UsageError
from suixin.server.identity import factor, factors
from suixin.server.identity.actions.begin_factor import begin_factor
from suixin.server.identity.actions.change_password import change_password
from suixin.server.identity.actions.confirm_factor import confirm_factor
from suixin.server.identity.actions.end_sessions import end_sessions
from suixin.server.identity.roles import Role
from suixin.server.identity.visitors import keep_in
from suixin.server.pages.door import Visit, act, act_alone, before_factor, for_roles, now
from suixin.server.pages.forms import ticked
from suixin.server.pages.templatetags.words import pair

_STAFF = tuple(role for role in Role if role is not Role.OWNER)


@require_GET
@for_roles(*Role)
@before_factor
def show(visit: Visit) -> HttpResponse:
    """What one may do about one's own way in."""
    context = {
        "is_staff": factors.is_staff(visit.actor),
        "has_factor": factors.is_asked(visit.person),
        "codes_left": factors.codes_left(visit.person),
        "rules": password_validators_help_texts(),
    }
    return render(visit, "account/show.html", context)


@require_POST
@for_roles(*Role)
@before_factor
def password(visit: Visit) -> HttpResponse:
    """Change the password; one's other sessions end, this one goes on."""
    sent = visit.POST

    def do() -> None:
        if sent.get("new", "") != sent.get("again", ""):
            raise UsageError("The new password was not typed twice alike", zh="两次输入的新密码不一致")
        change_password(visit.person, sent.get("old", ""), sent.get("new", ""), by=visit.actor, at=now())
        changed.append(True)

    changed: list[bool] = []
    where = reverse("account")
    answer = act_alone(visit, do, done=where, back=where, said=pair("密码已修改", "The password is changed"))
    if changed:
        keep_in(visit, visit.person)
    return answer


@require_POST
@for_roles(*Role)
@before_factor
def sign_out_everywhere(visit: Visit) -> HttpResponse:
    """End every session, this one too."""
    if not ticked(visit.POST, "sure"):
        return redirect("account")
    end_sessions(visit.person, by=visit.actor, at=now())
    return redirect("sign-in")


@require_http_methods(["GET", "POST"])
@never_cache
@for_roles(*_STAFF)
@before_factor
def second_factor(visit: Visit) -> HttpResponse:
    """See whether there is one; scan the picture; confirm it by its first code, and write the recovery codes down."""
    if visit.method == "POST":
        return _confirm(visit)
    held = factors.factor_of(visit.person)
    context: dict[str, Any] = {"must": factors.must_have(visit.actor), "held": held}
    if held is not None and held.confirmed_at is None:
        secret = factors.secret_of(held)
        context |= {"picture": factor.picture(secret, visit.person.username), "secret": factor.shown(secret)}
    elif held is not None:
        context["codes_left"] = factors.codes_left(visit.person)
    return render(visit, "account/second_factor.html", context)


def _confirm(visit: Visit) -> HttpResponse:
    made: list[str] = []

    def do() -> None:
        made.extend(confirm_factor(visit.person, visit.POST.get("code", ""), by=visit.actor, at=now()))

    where = reverse("account-factor")
    answer = act(visit, do, done=where, back=where)
    if not made:
        return answer
    keep_in(visit, visit.person, by_second=True)
    messages.success(visit, pair("两步验证已启用", "The second factor is set up"))
    return render(visit, "account/recovery_codes.html", {"codes": made})


@require_POST
@for_roles(*_STAFF)
@before_factor
def begin(visit: Visit) -> HttpResponse:
    """Draw a secret."""

    def do() -> None:
        begin_factor(visit.person, by=visit.actor, at=now())

    where = reverse("account-factor")
    return act(visit, do, done=where, back=where)
