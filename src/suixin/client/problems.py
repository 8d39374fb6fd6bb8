"""A refusal of the server, as problem details (RFC 9457) tell it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from suixin.errors import SuixinError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one part of a request."""

    where: str
    what: str


class ApiError(SuixinError):
    """The server refused a request.

    Attributes:
        status: of HTTP.
        code: what went wrong, for programs: `conflict`, `consent`, `refused` ...
        detail: for people, with the mend.
        errors: the parts of the request that are wrong.
        why: of a consent: `revoked`, `paused`, `none` ...; '' for other refusals.
        retry_after: seconds after which to ask again, None if the server does not say.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: tuple[Fault, ...] = (),
        why: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.why, self.retry_after = errors, why, retry_after


def problem_of(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The error of an answer; one that is no problem document (a proxy's) keeps its status."""
    told = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    wait = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
    try:
        held = json.loads(body)
        faults = tuple(Fault(str(one["where"]), str(one["what"])) for one in held.get("errors") or ())
        code, detail, why = str(held["code"]), str(held["detail"]), str(held.get("why") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ApiError(status, "no_problem", "the answer is no problem document", retry_after=wait)
    return ApiError(status, code, detail, faults, why, wait)
