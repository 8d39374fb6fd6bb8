"""POST /data/{table}: rows of a standard table, an object a line, into the lake that the desk reads."""

from typing import Annotated

from django.utils import timezone
from ninja import Field, Path, Router, Schema
from ninja.responses import Status
from pydantic import StringConstraints

from suixin.lake.tables import TABLES
from suixin.server.api.calls import OF_A_WRITE, ByToken, Call, Key, nothing_strange, own_key
from suixin.server.identity.scopes import Scope
from suixin.server.origination.actions.push_table import Declared, push_table

router = Router(tags=["data"])
NDJSON = "application/x-ndjson"
_Table = Annotated[
    str,
    StringConstraints(pattern=f"^({'|'.join(TABLES)})$"),
    Path(description="a table of the data standard"),
]
_BODY = {
    "required": True,
    "description": "an object a line, in UTF-8, with the columns of the data standard; 5 MB at most",
    "content": {
        NDJSON: {"schema": {"type": "string"}, "example": '{"merchant_id": "4", "region": "371302"}\n'}
    },
}


class RowAside(Schema):
    """A row that was set aside."""

    row: int = Field(description="the line, counted from 1")
    column: str | None
    rule: str
    meaning: str = Field(description="the rule in words")
    raw: str = Field(description="the row, what looks like a person's number masked")


class Pushed(Schema):
    """What became of the rows; read = accepted + already there + quarantined."""

    table: str
    snapshot: str | None = Field(description="of the lake after it")
    read: int
    accepted: int
    already_there: int
    quarantined: int
    ignored_columns: list[str] = Field(description="columns that the data standard does not know")
    rows: list[RowAside] = Field(description="the first hundred that were set aside")


@router.post(
    "/data/{str:table}",
    operation_id="push",
    summary="Push rows of a table",
    auth=ByToken(Scope.DATA_WRITE),
    response={200: Pushed, **OF_A_WRITE},
    openapi_extra={"requestBody": _BODY},
)
def push(request: Call, table: _Table, key: Key) -> Status[Pushed]:
    """Check the rows and commit the good ones as one snapshot; the route is the one that the client was added with."""
    nothing_strange(request, push)
    caller, client = request.auth, request.auth.client
    declared = Declared(client.name, client.route, client.authorisation, client.purpose)
    done = push_table(
        table, request.body, declared, key=own_key(caller, key), by=caller.actor, at=timezone.now()
    )
    return Status(200, Pushed.model_validate(done))
