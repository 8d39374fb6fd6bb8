"""Every address asked what its document allows and what it forbids: no error of the server, no answer against its shape."""

import shutil
import warnings

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from journeys import APPROVED, Desk, county
from programs import OPEN, Program
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from suixin.server import tenancy
from suixin.server.origination.models import Desk as DeskRow

EXAMPLES = 12
FEWER = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


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
    header = {"Authorization": program.headers()["HTTP_AUTHORIZATION"]}
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", WSGIHandler(), headers={"Host": "localhost"}
    )
    real = {"loans": "L1", "applications": case.number}
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        kind = operation.path.removeprefix("/api/v1/").partition("/")[0]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @FEWER
            @given(one=operation.as_strategy(generation_mode=mode))
            def ask(one, kind=kind):
                nonlocal asked
                asked += 1
                if kind in real and "number" in (one.path_parameters or {}) and asked % 2:
                    one.path_parameters["number"] = real[kind]
                sent = {} if (one.method.lower(), one.path) in OPEN else header
                one.call_and_validate(headers={**sent, "Host": "localhost"})

            ask()
    print("asked", asked)
