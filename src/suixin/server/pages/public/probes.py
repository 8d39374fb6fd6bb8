"""What machines ask: whether the server is ready, and its figures."""

import hmac
import ipaddress
import os

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from suixin.errors import ServerError
from suixin.server import storage
from suixin.server.pages.door import now, open_to_all
from suixin.server.telemetry import metrics

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@open_to_all
@require_GET
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether requests may be sent here: the database answers, is migrated and guarded. 200, or 503; no details."""
    del request
    try:
        storage.require_ready()
    except (ServerError, DatabaseError):
        return JsonResponse({"ready": False}, status=503)
    return JsonResponse({"ready": True})


@open_to_all
@require_GET
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """The figures, to who shows the token of SUIXIN_METRICS_TOKEN; without one set, to this machine alone."""
    if not _may_see(request):
        raise Http404
    return HttpResponse(metrics.exposed(now()), content_type=_TEXT)


def _may_see(request: HttpRequest) -> bool:
    token = os.environ.get("SUIXIN_METRICS_TOKEN", "")
    if token:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    passed_on = {"X-Forwarded-For", "Forwarded"} & set(request.headers)  # a stranger's request by the proxy
    return not passed_on and _is_here(request.META.get("REMOTE_ADDR", ""))


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
