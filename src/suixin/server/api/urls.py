"""The API as a whole: its addresses, each behind a door that lets no browser's session in."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.operation import PathView
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.utils import replace_path_param_notation

from suixin.server.api import applications, data, decisions, loans, payments, portfolio, problems, tokens
from suixin.server.api.document import document, scopes_of
from suixin.server.pages.door import open_to_all

DESCRIPTION = (
    "Programs ask and write here what people do on Suixin's pages, by the same rules. Money is a decimal in text beside "
    "its currency, rates are annual fractions, dates are ISO 8601. Every write takes an Idempotency-Key; every refusal "
    "is a problem document (RFC 9457)."
)


class Reader(Parser):
    """JSON in which no object names a part twice: of two sums nobody could say which was meant."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """As plain values."""
        found: dict[str, Any] = json.loads(request.body, object_pairs_hook=_once)
        return found


def _once(parts: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(parts)
    if len(made) < len(parts):
        raise ValueError("an object names a part twice")
    return made


class Renderer(BaseRenderer):
    """JSON by orjson."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """As bytes."""
        del request, response_status
        return orjson.dumps(data)


def made() -> NinjaAPI:
    """The API with all its addresses."""
    found = NinjaAPI(
        title="Suixin 穗信",
        version="1",
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        renderer=Renderer(),
        parser=Reader(),
        urls_namespace="api",
    )
    problems.handle(found)
    for part in (tokens, data, applications, decisions, loans, payments, portfolio):
        found.add_router("", part.router)
    return found


api = made()


@open_to_all
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    del request
    return HttpResponse(orjson.dumps(document(api)), content_type="application/json")


@open_to_all
@csrf_exempt
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """There is nothing at this address."""
    del request, rest
    return problems.not_found()


def _doors() -> list[URLPattern]:
    """The API's addresses; those of an operation say of no role that it gets in, for a token does or nothing."""
    return [
        path(replace_path_param_notation(route).lstrip("/"), _door(view))
        for bound in api._get_bound_routers()  # noqa: SLF001  the one list of what belongs to which address
        for route, view in bound.path_operations.items()
    ]


def _door(view: PathView) -> Callable[..., HttpResponse]:
    callback: Callable[..., HttpResponse] = view.get_view()

    @wraps(callback)
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = callback(request, *args, **kwargs)
        return problems.not_allowed(answer["Allow"]) if answer.status_code == 405 else answer

    by_token = any(scopes_of(operation) for operation in view.operations)
    behind.allows = frozenset[str]() if by_token else None  # type: ignore[attr-defined]
    behind.by_token = by_token  # type: ignore[attr-defined]
    return behind


urlpatterns = [
    *_doors(),
    path("openapi.json", openapi, name="api-openapi"),
    path("", nothing),
    path("<path:rest>", nothing),
]
