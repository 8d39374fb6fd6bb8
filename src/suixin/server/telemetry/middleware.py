"""Each request gets an id, is counted, and leaves a line in the log."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from suixin.server.telemetry import logs, metrics


class TelemetryMiddleware:
    """The outermost layer: what is answered below it, an error too, is counted and noted by the view's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and note what came of it; the answer bears the request's id."""
        number = logs.id_of(request.headers.get("X-Request-ID", ""))
        token, began = logs.request_id.set(number), time.perf_counter()
        try:
            response = self._next(request)
            seconds, view = time.perf_counter() - began, _view(request)
            metrics.answered(view, request.method or "", response.status_code, seconds)
            if view != "static":
                _note(request, response, view, seconds)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = number
        return response


def _note(request: HttpRequest, response: HttpResponse, view: str, seconds: float) -> None:
    actor = getattr(request, "actor", None)
    logs.note(
        "request",
        view=view,
        method=request.method if request.method in {"GET", "HEAD", "POST"} else "other",
        status=response.status_code,
        ms=round(seconds * 1_000, 1),
        actor=actor.name if actor else "",
        organisation=actor.organisation_id if actor else None,
    )


def _view(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
