"""Lists a page at a time: a cursor says behind which row to go on, so that rows that come meanwhile move none."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Query, Schema
from pydantic import StringConstraints

from suixin.server.api.problems import Refused

M = TypeVar("M", bound=Model)
_PLACE = re.compile(r"([a-z]+):([0-9]{1,18})")
MOST = 200


class Page(Schema):
    """Which rows of a list."""

    cursor: (
        Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_=-]+$")] | None
    ) = Field(None, description="`next` of the page before; nothing for the first page")
    limit: int = Field(50, ge=1, le=MOST, description="so many rows at most")


Paging = Annotated[Page, Query(...)]


def part(rows: QuerySet[M], page: Page, name: str) -> tuple[list[M], str | None]:
    """The rows of a page, the oldest first, and the cursor of the next page, None on the last.

    Args:
        rows: in any order.
        page: which.
        name: of the list; a cursor of another list is refused.
    """
    behind = _place(page.cursor, name)
    found: list[Any] = list(rows.filter(pk__gt=behind).order_by("pk")[: page.limit + 1])
    shown = found[: page.limit]
    return shown, _cursor(name, shown[-1].pk) if len(found) > page.limit else None


def _cursor(name: str, pk: int) -> str:
    return urlsafe_b64encode(f"{name}:{pk}".encode()).decode()


def _place(cursor: str | None, name: str) -> int:
    if cursor is None:
        return 0
    try:
        found = _PLACE.fullmatch(urlsafe_b64decode(cursor).decode("ascii"))
    except (Error, ValueError):
        found = None
    if found is None or found[1] != name:
        raise Refused(422, "cursor", "the cursor is none of this list; begin without one")
    return int(found[2])
