"""How an address of the API is made: by which scope it opens, in whose rows it works, and that a write is done once."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema
from ninja.responses import Status
from ninja.security import HttpBearer
from pydantic import BaseModel, StringConstraints

from suixin.server import tenancy
from suixin.server.api.problems import Problem, Refused
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.clients import Caller, bearer_of
from suixin.server.identity.scopes import Scope

V = TypeVar("V", bound=Callable[..., Any])
REFUSALS = dict.fromkeys((400, 401, 403, 404, 422, 429, 503), Problem)
"""What every address may answer beside what it is asked for."""
OF_A_WRITE = REFUSALS | dict.fromkeys((409, 413), Problem)
"""What one that writes may answer."""

Key = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=r"^[!-.0-~]+$"),
    Header(
        ...,
        alias="Idempotency-Key",
        description="your own name for this write: sent again, it is answered again and not done again",
    ),
]


class Call(HttpRequest):
    """A request whose token was looked at."""

    auth: Caller


class ByToken(HttpBearer):
    """Opens to a live token that holds a scope; a browser's session opens nothing."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The caller; None for no live token."""
        del request
        caller = bearer_of(token, timezone.now())
        if caller is None:
            return None
        not_too_often(caller)
        if self.scope not in caller.scopes:
            challenge = f'Bearer realm="suixin", error="insufficient_scope", scope="{self.scope}"'
            detail = f"the token lacks the scope {self.scope}"
            raise Refused(403, "scope", detail, {"WWW-Authenticate": challenge})
        return caller


def not_too_often(caller: Caller) -> None:
    """Refuse a caller that has asked more often than it may."""
    if caller.wait_seconds:
        headers = {"Retry-After": str(caller.wait_seconds)}
        raise Refused(429, "too_often", f"ask again in {caller.wait_seconds} s", headers)


def reads(router: Router, path: str, scope: Scope, answer: Any, summary: str) -> Callable[[V], V]:
    """GET: seen within one transaction, in which the rows of the caller's organisation are there and no others."""

    def made(view: V) -> V:
        @wraps(view)
        def within(request: Call, *args: Any, **kwargs: Any) -> Any:
            nothing_strange(request, within)
            with tenancy.reading(request.auth.client.organisation_id):
                return view(request, *args, **kwargs)

        options = _options(view, scope, {200: answer, **REFUSALS}, summary)
        router.get(path, **options)(within)
        return view

    return made


def writes(
    router: Router, path: str, scope: Scope, action: str, answer: type[Schema], summary: str
) -> Callable[[V], V]:
    """POST: done once for the caller's key, in one transaction with what it answers; the view takes `key`."""

    def made(view: V) -> V:
        @wraps(view)
        def within(request: Call, *args: Any, key: str, **kwargs: Any) -> Any:
            nothing_strange(request, within)
            caller = request.auth

            def do() -> Any:
                return view(request, *args, key=key, **kwargs).model_dump(mode="json")

            with tenancy.within(caller.client.organisation_id):
                asked = {name: _plain(value) for name, value in kwargs.items()}
                done = once(action, own_key(caller, key), asked, do, at=timezone.now())
            return Status(201, done)

        options = _options(view, scope, {201: answer, **OF_A_WRITE}, summary)
        router.post(path, **options)(within)
        return view

    return made


def nothing_strange(request: HttpRequest, view: Any) -> None:
    """Refuse a question that the address does not know: a slip of the pen would narrow a list to nothing or to all."""
    models = view._ninja_operation.models  # noqa: SLF001  what django-ninja made of the view
    known = {
        name for one in models if one.__ninja_param_source__ == "query" for name in one.__ninja_flatten_map__
    }
    if strange := sorted(set(request.GET) - known):
        faults = [{"where": f"query.{name}"[:100], "what": "is not asked here"} for name in strange[:5]]
        detail = f"this address can be asked {', '.join(sorted(known)) or 'nothing'} after the question mark"
        raise Refused(422, "invalid", detail, errors=faults)


def own_key(caller: Caller, key: str) -> str:
    """A client's key, beside which another client's same key is another one."""
    return f"{caller.actor.name}/{key}"


def _options(view: Any, scope: Scope, answers: dict[int, Any], summary: str) -> dict[str, Any]:
    return {
        "auth": ByToken(scope),
        "response": answers,
        "operation_id": view.__name__,
        "summary": summary,
    }


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
