"""The OpenAPI document: what django-ninja makes of the addresses, with the scope that each of them needs."""

from typing import Any

import orjson
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from suixin.server.api.calls import ByToken
from suixin.server.api.problems import MEDIA_TYPE
from suixin.server.identity.scopes import WORDS

PREFIX = "api/v1/"
_SCHEME = "client_credentials"


class Document(OpenAPISchema):
    """See the module."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self._refusals: dict[str, Any] = {}
        super().__init__(api, path_prefix)

    def operation_security(self, operation: Operation) -> list[dict[str, Any]]:
        """The scope that opens an address; none for what is open to all."""
        scopes = scopes_of(operation)
        if scopes:
            flow = {
                "tokenUrl": f"/{PREFIX}token",
                "scopes": {str(scope): said for scope, said in WORDS.items()},
            }
            self.securitySchemes[_SCHEME] = {"type": "oauth2", "flows": {"clientCredentials": flow}}
        return [{_SCHEME: scopes}] if scopes else []

    def responses(self, operation: Operation) -> dict[int, dict[str, Any]]:
        """Answers by status; refusals are problem details, written down once."""
        found = super().responses(operation)
        for status in [status for status in found if status >= 400]:
            refusal = found.pop(status)
            refusal["content"] = {MEDIA_TYPE: refusal["content"]["application/json"]}
            self._refusals[str(status)] = refusal
            found[status] = {"$ref": f"#/components/responses/{status}"}
        return found

    def get_components(self) -> dict[str, Any]:
        """What addresses share."""
        return {**super().get_components(), "responses": dict(sorted(self._refusals.items()))}

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Shapes by name; two of one name would overwrite each other in silence."""
        for name, shape in definitions.items():
            if self.schemas.setdefault(name, shape) != shape:
                raise TypeError(f"two shapes of the API are called {name}; rename one")


def scopes_of(operation: Operation) -> list[str]:
    """The scopes that open an address."""
    return [str(one.scope) for one in operation.auth_callbacks if isinstance(one, ByToken)]


def document(api: NinjaAPI) -> dict[str, Any]:
    """The document as plain values, JSON's and no others."""
    found: dict[str, Any] = orjson.loads(
        orjson.dumps(dict(Document(api, PREFIX)), option=orjson.OPT_NON_STR_KEYS)
    )
    return found
