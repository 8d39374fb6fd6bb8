"""POST /token: client credentials for a short-lived token (OAuth 2.0, RFC 6749 section 4.4)."""

from base64 import b64decode
from binascii import Error
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Form, Router, Schema
from pydantic import StringConstraints

from suixin.server.api.calls import REFUSALS, not_too_often
from suixin.server.api.problems import Refused
from suixin.server.identity.actions.issue_token import LIFE, issue_token
from suixin.server.identity.clients import Caller, client_of
from suixin.server.identity.scopes import Scope

router = Router(tags=["token"])
_Text = Annotated[str, StringConstraints(max_length=200)]


class Credentials(Schema):
    """What a client sends; its id and secret may stand here or in the header `Authorization: Basic`."""

    grant_type: Literal["client_credentials"]
    scope: _Text | None = Field(
        None, description="scopes with blanks between them; all that it holds unless told"
    )
    client_id: _Text | None = None
    client_secret: _Text | None = None


class Issued(Schema):
    """A token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="seconds")
    scope: str


@router.post(
    "/token", operation_id="token", summary="Issue a token", auth=None, response={200: Issued, **REFUSALS}
)
def token(request: HttpRequest, response: HttpResponse, sent: Form[Credentials]) -> Issued:
    """Give a token to a client that shows its id and secret."""
    at = timezone.now()
    shown = _from_header(request) or (sent.client_id or "", sent.client_secret or "")
    caller = client_of(*shown, at)
    if caller is None:
        challenge = {"WWW-Authenticate": 'Basic realm="suixin"'}
        detail = "the client's id or secret is not right, or it was revoked"
        raise Refused(401, "unauthorised", detail, challenge, error="invalid_client")
    not_too_often(caller)
    text, made = issue_token(caller, _wanted(sent.scope, caller), at=at)
    response["Cache-Control"] = "no-store"
    return Issued(
        access_token=text,
        token_type="Bearer",  # noqa: S106  no secret
        expires_in=int(LIFE.total_seconds()),
        scope=" ".join(made.scopes),
    )


def _from_header(request: HttpRequest) -> tuple[str, str] | None:
    kind, _, held = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = b64decode(held, validate=True).decode().partition(":")
    except (Error, ValueError):
        return None
    return unquote_plus(client_id), unquote_plus(secret)


def _wanted(text: str | None, caller: Caller) -> frozenset[Scope] | None:
    names = (text or "").split()
    if not names:
        return None
    if beyond := sorted(set(names) - caller.scopes):
        detail = f"the client does not hold {', '.join(beyond)}; it holds {' '.join(sorted(caller.scopes))}"
        raise Refused(400, "scope", detail, error="invalid_scope")
    return frozenset(Scope(name) for name in names)
