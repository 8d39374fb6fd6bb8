"""What a request may bring: no more than a file of applications needs, text that a database takes, a form where one is taken."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict

from suixin.server.api import problems
from suixin.server.pages.public.views import bad_request, form_only

_NUL = "\0"
_DIGITS = 18  # of a length that is believed
_FORM = "application/x-www-form-urlencoded"
_PLAIN = "text/plain; charset=utf-8"


class LargestBodyMiddleware:
    """Refuses a body that is too large before a byte of it is kept; Django's own limit leaves files out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the length that is announced; without one nothing is read at all."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        is_count = announced.isascii() and announced.isdigit() and len(announced) <= _DIGITS
        if is_count and int(announced) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return self._next(request)
        if request.path.startswith(problems.ROOT):
            return problems.too_large()
        return HttpResponse("too large", status=413, content_type=_PLAIN)


class FormOnlyMiddleware:
    """Lets who opens an address that takes a form alone read so, with a way on, in place of an empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the answer; programs have one of their own."""
        answer = self._next(request)
        if not isinstance(answer, HttpResponseNotAllowed) or request.path.startswith(problems.ROOT):
            return answer
        page = form_only(request)
        page["Allow"] = answer["Allow"]
        return page


class NoNulMiddleware:
    """Refuses the sign NUL, which nobody can type and PostgreSQL keeps in no text, wherever a request has text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at what is read before the address is known; a cookie names a session."""
        if any(_NUL in text for text in (request.path, *request.COOKIES.values())):
            return _unreadable(request)
        return self._next(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Look at the question and the form; the body of the API is judged by its shapes."""
        del view, args, kwargs
        if not any(_NUL in text for text in _asked(request)):
            return None
        if request.path.startswith(problems.ROOT):
            return _unreadable(request)
        return bad_request(request)  # by now it is known who reads, and in which language


def _asked(request: HttpRequest) -> Iterator[str]:
    """Every name and text of the question and the form; of the API's bodies the one that is a form."""
    yield from _texts(request.GET)
    if request.path.startswith(problems.ROOT) and request.content_type != _FORM:
        return
    yield from _texts(request.POST)
    for name, held in request.FILES.lists():
        yield name
        yield from (one.name or "" for one in held)


def _texts(sent: QueryDict) -> Iterator[str]:
    for name, values in sent.lists():
        yield name
        yield from values


def _unreadable(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(problems.ROOT):
        return problems.problem(400, "unreadable", "the request holds the sign NUL; send text without it")
    return HttpResponse("unreadable", status=400, content_type=_PLAIN)
