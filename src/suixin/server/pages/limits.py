"""How much a request may bring: no more than a file of applications needs."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class LargestBodyMiddleware:
    """Refuses a body that is too large before a byte of it is kept; Django's own limit leaves files out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the length that is announced; without one nothing is read at all."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if not announced.isdigit() or int(announced) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return HttpResponse("too large", status=413, content_type="text/plain; charset=utf-8")
        return self._next(request)
