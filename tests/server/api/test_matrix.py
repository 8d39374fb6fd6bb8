"""Who gets in where: every address of the OpenAPI document by every scope, in the own house and in another one."""

import pytest
from house import AT
from journeys import APPROVED
from lender import Lender
from programs import OPEN, Program, operations, scope_of, yuan

from suixin.server import tenancy
from suixin.server.api.document import document
from suixin.server.api.urls import api
from suixin.server.identity.scopes import Scope
from suixin.server.origination.models import Application

NUMBERS = {"loans": "L1", "applications": "A2026-000001", "data": "orders"}
BODIES = {
    "/api/v1/applications": {"merchant_id": APPROVED, "amount": yuan("5000.00"), "purpose": "种苗"},
    "/api/v1/applications/{number}/decision": {},
    "/api/v1/loans/{number}/repayments": {"amount": yuan("1.00")},
    "/api/v1/loans/{number}/settlements": {
        "platform": "mall",
        "shop": "s",
        "settlement": "S",
        "sales": yuan("1.00"),
        "settled_on": "2026-01-05",
    },
    "/api/v1/data/{table}": b"{}\n",
}
"""A body for each address that takes one; a new address without one fails."""


def house(code):
    """A lender with one loan and one application of the same numbers as every other house's."""
    lender = Lender(code)
    lender.lent(months=1)
    with tenancy.within(lender.organisation.pk):
        Application(
            book=lender.book,
            number="A2026-000001",
            merchant_id=f"of-{code}",
            amount_minor=1,
            purpose=f"of {code}",
            channel="self",
            filed_by="user:1",
            filed_at=AT,
            filed_on=lender.day,
        ).save()
    return lender


def asked(program, method, path, number):
    """The status, and all that was told."""
    kind = path.removeprefix("/api/v1/").partition("/")[0]
    filled = path.removeprefix("/api/v1").replace("{number}", number or NUMBERS.get(kind, ""))
    filled = filled.replace("{table}", "orders")
    found = (
        program.get(filled) if method == "get" else program.post(filled, BODIES[path], key=f"{kind}{number}")
    )
    return found[0], program.answer.content.decode()


@pytest.mark.full
def test_a_scope_opens_its_own_addresses_of_its_own_house(sqlite):
    """403 without the scope, whatever is there; with it never an error, and never a row of another house."""
    ours, theirs = house("ours"), house("theirs")
    theirs.lent("L-theirs", months=1)
    every = [one for one in operations(document(api)) if one[:2] not in OPEN]
    wrong = []
    for scope in Scope:
        program = Program(ours, scope)
        for method, path, operation in every:
            status, told = asked(program, method, path, "")
            opens = scope_of(operation) == scope
            if status >= 500 or (status == 403) == opens or "theirs" in told:
                wrong.append((str(scope), method, path, status))
            if opens and "{number}" in path:
                status, told = asked(program, method, path, "L-theirs")
                if status != 404:
                    wrong.append((str(scope), method, path, "another house's", status))
    assert wrong == []
    nobody = Program(ours)
    nobody.token = "1.none"  # noqa: S105  none
    assert {asked(nobody, method, path, "")[0] for method, path, _ in every} == {401}
