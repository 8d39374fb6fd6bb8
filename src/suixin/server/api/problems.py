"""Every refusal of the API in one shape: problem details (RFC 9457), with a `code` that programs may rely on."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from suixin.errors import (
    AccessError,
    BusinessDateError,
    ConflictError,
    ConsentError,
    LakeBusyError,
    ServerError,
    SuixinError,
)

MEDIA_TYPE = "application/problem+json"
ROOT = "/api/"
_MOST_FAULTS = 20
_SOON = 30  # seconds after which a busy lake or a day that is ending is asked again


class Fault(Schema):
    """What is wrong with one part of a request."""

    where: str = Field(description="the part: body.amount.currency, query.limit ...")
    what: str = Field(description="what is wrong with it, and what would be right")


class Problem(Schema):
    """Why a request was refused."""

    type: str = Field(description="always about:blank; `code` tells problems apart")
    title: str = Field(description="the status in words")
    status: int
    code: str = Field(description="what went wrong, for programs: conflict, consent, refused ...")
    detail: str = Field(description="what went wrong, for people, with the mend")
    errors: list[Fault] | None = Field(None, description="the parts of the request that are wrong")
    why: str | None = Field(None, description="of a consent: revoked, paused, none ...")
    error: str | None = Field(None, description="of /token: the error code of OAuth 2.0 (RFC 6749)")


class Refused(Exception):  # noqa: N818  a refusal is no fault of the program
    """A request is refused with this problem."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.answer = problem(status, code, detail, headers, **more)


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """The answer that tells a problem."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    return HttpResponse(
        orjson.dumps(document), status=status, content_type=MEDIA_TYPE, headers={**_PLAIN, **(headers or {})}
    )


_PLAIN = {"Cache-Control": "no-store"}
_LATER = {"Retry-After": str(_SOON)}
_STATUS: tuple[tuple[type[SuixinError], int, str], ...] = (
    (AccessError, 403, "access"),
    (ConsentError, 403, "consent"),
    (ConflictError, 409, "conflict"),
    (BusinessDateError, 503, "day_is_ending"),
    (LakeBusyError, 503, "lake_is_busy"),
    (ServerError, 503, "not_ready"),
    (SuixinError, 422, "refused"),
)
"""A domain error -> status and code; the first that fits."""


def _domain(_: HttpRequest, error: SuixinError) -> HttpResponse:
    status, code = next((status, code) for kind, status, code in _STATUS if isinstance(error, kind))
    more = {"why": error.why} if isinstance(error, ConsentError) else {}
    return problem(status, code, str(error), _LATER if status == 503 else None, **more)


def _invalid(_: HttpRequest, error: ValidationError) -> HttpResponse:
    """What is wrong with which part; never what stood there, which may be private."""
    faults = [
        {"where": _where(tuple(one["loc"])), "what": str(one["msg"])} for one in error.errors[:_MOST_FAULTS]
    ]
    detail = "the request is not what this address takes; errors says which parts"
    return problem(422, "invalid", detail, errors=faults)


def _where(parts: tuple[str | int, ...]) -> str:
    """The place as who sent the request knows it: without the name that our code has for the whole."""
    return ".".join(str(part) for part in (parts[:1] + parts[2:] if len(parts) > 2 else parts))


def unauthorised() -> HttpResponse:
    """Who asks has not shown who it is."""
    detail = "give a token: Authorization: Bearer ...; POST /api/v1/token issues one"
    return problem(401, "unauthorised", detail, {"WWW-Authenticate": 'Bearer realm="suixin"'})


def not_found() -> HttpResponse:
    """Nothing is there, or it is another house's."""
    return problem(404, "not_found", "there is nothing at this address, or nothing that you may see")


def not_allowed(methods: str) -> HttpResponse:
    """The address takes other methods."""
    return problem(405, "method", f"this address takes {methods}", {"Allow": methods})


def too_large() -> HttpResponse:
    """The body is larger than the server takes."""
    return problem(413, "too_large", "the body is too large; send it in parts, each with a key of its own")


def _unread(_: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "unreadable", "the body cannot be read as JSON, or names a part twice")


def handle(api: NinjaAPI) -> None:
    """Let the API tell every refusal as a problem; whatever else is raised is a fault of ours, and Django notes it."""
    handlers: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
        (Refused, lambda _, error: error.answer),
        (SuixinError, _domain),
        (ValidationError, _invalid),
        (AuthenticationError, lambda *_: unauthorised()),
        (RequestDataTooBig, lambda *_: too_large()),
        (SuspiciousOperation, lambda *_: problem(400, "unreadable", "the request cannot be understood")),
        (HttpError, _unread),
        (Http404, lambda *_: not_found()),
    )
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def or_page(
    status: int, code: str, detail: str, page: Callable[..., HttpResponse]
) -> Callable[..., HttpResponse]:
    """A handler of Django's errors: a problem below /api/, the page elsewhere."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path.startswith(ROOT):
            return problem(status, code, detail)
        return page(request, *args, **kwargs)

    answer.allows = None  # type: ignore[attr-defined]
    return answer
