"""What anybody may ask for: the first page, a language, health; and what is said when there is no way."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from suixin.server import tenancy
from suixin.server.identity.access import actor_of
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.pages.door import open_to_all
from suixin.server.pages.menus import HOUSE, OUTSIDE
from suixin.server.pages.onward import onward, ours
from suixin.server.pages.templatetags.words import pair

_YEAR = 365 * 86_400
_HOMES = (
    ("merchant-home", frozenset({Role.OWNER})),
    ("bank-home", HOUSE),
    ("bank-log", frozenset({Role.ADMINISTRATOR})),
    ("government-home", OUTSIDE),
    ("platform-home", frozenset({Role.OPERATOR})),
)


@open_to_all
@require_GET
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Whether the server answers and its database does: 200, or 503."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    return JsonResponse({"ready": True})


@open_to_all
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's own first page."""
    user = request.user
    if not isinstance(user, User):
        return redirect("sign-in")
    with tenancy.within(user.organisation_id):
        roles = actor_of(user).roles
    for name, whose in _HOMES:
        if roles & whose:
            return redirect(name)
    return _said(request, 200, "您的岗位还没有页面", "There is no page for your role yet")


@open_to_all
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose a language; a cookie remembers it for a year."""
    chosen = request.POST.get("language", "")
    answer = redirect(ours(request, request.POST.get("next", "/")))
    if check_for_language(chosen):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return answer


def _said(request: HttpRequest, status: int, zh: str, en: str, **more: str) -> HttpResponse:
    context = {"status": status, "text": pair(zh, en), **more}
    return render(request, "public/said.html", context, status=status)


@open_to_all
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    del exception
    return _said(request, 400, "这个请求无法理解", "This request cannot be understood")


@open_to_all
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    del exception
    return _said(request, 403, "您的岗位不能查看此页", "Your role may not see this page")


@open_to_all
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    del exception
    return _said(request, 404, "没有这个页面", "There is no such page")


@open_to_all
def form_only(request: HttpRequest) -> HttpResponse:
    """405: the address takes a form and shows nothing by itself."""
    zh, en = "这个地址只接收表单，不能直接打开", "This address takes a form; nothing can be opened here"
    return _said(request, 405, zh, en, onward=onward(request))


@open_to_all
def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 where a form's token is not this session's: most often somebody signed in or out in another tab meanwhile."""
    del reason
    return _said(
        request,
        403,
        "页面已过期，刚才提交的内容没有办理",
        "This page was out of date, and what you sent was not done",
        more=pair(
            "您可能在另一个窗口登录或退出过。请打开下面的页面，再提交一次。",
            "You may have signed in or out in another window. Open the page below and send it once more.",
        ),
        onward=_past_sign_in(request),
    )


def _past_sign_in(request: HttpRequest) -> str:
    """Where one goes on; who has signed in meanwhile is not asked to do so again."""
    back = onward(request)
    is_door = back.startswith(reverse("sign-in"))
    return "/" if is_door and isinstance(request.user, User) else back


@open_to_all
def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _said(
        request, 500, "系统出错了，已记录；请稍后再试", "Something went wrong and was noted; try again later"
    )
