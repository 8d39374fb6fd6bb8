"""Every address asked what its document allows and what it forbids: no error of the server, no answer against its shape."""

import os
import shutil
from itertools import count

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from journeys import APPROVED, Desk, county
from programs import OPEN, Program
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from suixin.server import tenancy
from suixin.server.origination.models import Desk as DeskRow

EXAMPLES = int(os.environ.get("SUIXIN_EXAMPLES", "5"))
NDJSON = "application/x-ndjson"
PLAIN = {"Host": "localhost", "Accept-Encoding": "identity"}
FEWER = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer(NDJSON)
def lines(_, value):
    """Rows as they are sent."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.mark.full
def test_every_address_keeps_to_its_document(sqlite, tmp_path):
    """With numbers of which nothing is there and with those of a real loan and a real application."""
    desk = Desk()
    case = desk.assessed(APPROVED, amount=500_000)
    desk.lent(months=1)
    shutil.copytree(county(), tmp_path / "lake")
    with tenancy.within(desk.organisation.pk):
        DeskRow.objects.update(lake=str(tmp_path / "lake"))
    program = Program(desk, requests_a_minute=1_000_000)
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", WSGIHandler(), headers={"Host": "localhost"}
    )
    real = {"loans": "L1", "applications": case.number}
    header = {"Authorization": program.headers()["HTTP_AUTHORIZATION"], **PLAIN}
    for result in schema.get_all_operations():
        operation = result.ok()
        number = real.get(operation.path.removeprefix("/api/v1/").partition("/")[0])
        sent = PLAIN if (operation.method.lower(), operation.path) in OPEN else header
        for mode in modes_of(operation):
            ask(operation, mode, number, sent)


def modes_of(operation):
    """What it allows; and what it forbids, if it takes anything of which something could be forbidden."""
    allowed = [GenerationMode.POSITIVE]
    takes = list(operation.iter_parameters()) or list(operation.body)
    return [*allowed, GenerationMode.NEGATIVE] if takes else allowed


def ask(operation, mode, number, headers):
    """So many requests that the document allows, or forbids; every second one about what is really there.

    Two checks are left out: that all is taken that the document allows, for the rules of a house refuse what no document
    knows; and of rows, that text which is none is refused, for it is set aside and told (`test_data`).
    """
    turn = count()
    lines_alone = any(body.media_type == NDJSON for body in operation.body)
    unasked = [positive_data_acceptance, *([negative_data_rejection] if lines_alone else [])]

    @FEWER
    @given(one=operation.as_strategy(generation_mode=mode))
    def asked(one):
        if number and next(turn) % 2:
            one.path_parameters["number"] = number
        one.call_and_validate(headers=headers, excluded_checks=unasked)

    asked()
