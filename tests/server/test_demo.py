"""The demonstration: a bank that has lived, made by the actions that people use."""

import shutil

import pytest
from django.test import Client
from journeys import county

from suixin.errors import UsageError
from suixin.lake.ingests import listed
from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.complaints.models import Complaint
from suixin.server.identity.models import Organisation
from suixin.server.ledger.models import Book
from suixin.server.ledger.verify import verify
from suixin.server.origination.models import Application, SiteVisit
from suixin.server.regions.models import Publication
from suixin.server.servicing.models import DayEnd, Loan
from suixin.server.watching.models import Look


@pytest.mark.full
def test_a_bank_lives_for_five_months(sqlite, tmp_path):
    """Every day is ended, loan and ledger agree, cases stand in every state, and everybody can sign in; once only."""
    from suixin.server.demo.seed import seed

    lake = tmp_path / "lake"
    shutil.copytree(county(), lake)
    made = seed(lake, loans=3, months=5)
    with tenancy.directory("suixin.operator", "on"):
        bank = Organisation.objects.get()
    with tenancy.within(bank.pk):
        book = Book.objects.get()
        assert (book.business_on, book.opened_on) == (made.business_on, book.opened_on)
        ended = DayEnd.objects.exclude(finished_at=None).count()
        assert ended == (book.business_on - book.opened_on).days == 153
        assert sum(row.counts["broken"] for row in DayEnd.objects.all()) == 0
        assert Loan.objects.count() == made.counts["loans"] >= 1
        states = set(Application.objects.values_list("state", flat=True))
        looks = list(Look.objects.order_by("day").values_list("day", flat=True))
        report = verify(book)
        complaints = set(Complaint.objects.values_list("state", "kind"))
        months = sorted(str(one) for one in Publication.objects.all())
        kinds = set(SiteVisit.objects.values_list("kind", flat=True))
    assert [day.isoformat() for day in looks[-2:]] == ["2025-12-29", "2026-01-01"]  # Monday, and today
    assert len(looks) == 5
    assert {"filed", "offered", "review", "signed", "declined"} <= states
    assert report.findings == []
    assert "after" in kinds
    assert months == ["2025-10", "2025-11", "2025-12"]
    assert complaints <= {("open", "data"), ("answered", "price")}
    delivered = next(listed(lake, Lake.open(lake).manifest)).total
    assert (delivered.read, delivered.accepted, delivered.quarantined) == (12, 9, 3)
    (agent,) = (one for one in made.logins if one.username == "agent")
    assert "待登记商户" in agent.note
    for login in made.logins[:3] + made.logins[-2:]:
        sent = {"username": login.username, "password": made.password}
        assert Client(HTTP_HOST="localhost").post("/sign-in", sent).status_code == 302, login
    with pytest.raises(UsageError, match="has an organisation already"):
        seed(lake, loans=3, months=5)
