"""The demonstration: a bank that has lived, made by the actions that people use."""

import shutil

import pytest
from django.test import Client
from house import DAY
from journeys import APPROVED, SEASONAL, county

from suixin.errors import UsageError
from suixin.lake.ingests import listed
from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.complaints.models import Complaint
from suixin.server.identity.models import Organisation
from suixin.server.ledger.models import Book
from suixin.server.ledger.verify import verify
from suixin.server.origination.models import Application, Opinion, SiteVisit
from suixin.server.regions.models import Publication
from suixin.server.servicing.models import DayEnd, Loan
from suixin.server.sharing.models import Consent, Receipt
from suixin.server.watching.models import Look
from suixin.underwriting.decision import Outcome


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
        sold = {tuple(one.tables["tables"]) for one in Publication.objects.all()}
        read = set(Receipt.objects.filter(purpose="P108").values_list("merchant_id", flat=True))
        agreed = set(Consent.objects.filter(purpose="P108").values_list("merchant_id", flat=True))
        kinds = set(SiteVisit.objects.values_list("kind", flat=True))
    assert [day.isoformat() for day in looks[-2:]] == ["2025-12-29", "2026-01-01"]  # Monday, and today
    assert len(looks) == 5
    assert {"filed", "offered", "review", "signed", "declined"} <= states
    assert report.findings == []
    assert "after" in kinds
    assert months == ["2025-10", "2025-11", "2025-12"]
    assert sold == {("lending", "demand", "sales")}
    assert set() < read <= agreed
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


@pytest.mark.full
def test_the_committee_of_the_demonstration_votes(sqlite):
    """By the members' own action: one dissents with a reason and two decide; of the second case the last vote is still open."""
    from suixin.server.demo import house
    from suixin.server.demo.county import Followed
    from suixin.server.demo.life import Life, moment
    from suixin.server.origination.actions.approve import approve
    from suixin.server.origination.actions.assess import assess
    from suixin.server.origination.actions.release_policy import release_policy
    from suixin.server.origination.actions.review import review

    at = moment(DAY)
    made = house.found(county(), DAY, at)
    text = house.policy_text("CNY").replace("automatic: {value: 20000", "automatic: {value: 500")
    text = text.replace("approver: {value: 60000", "approver: {value: 1000").replace(
        'version: "', 'version: "2.'
    )
    release_policy(text, reason="r", by=made.people["model"], second=made.people["approver"], at=at)
    life = Life(made, {}, DAY)
    first, second = (
        Followed(key, DAY, Outcome.APPROVE, 500_000, "371302001201", "apple", "")
        for key in (APPROVED, SEASONAL)
    )
    done = life.decided(life.applies(first, at)[0], at)
    waiting, _ = life.applies(second, at)
    assess(waiting.number, by=made.machine, at=at)
    review(waiting.number, "approve", reason="r", by=made.people["reviewer"], at=at)
    approve(waiting.number, reason="r", by=made.people["approver"], at=at)
    life.votes(waiting.number, at, absent=1)
    life.votes(done.number, at)  # it is offered already, and nothing is voted on
    assert (done.state, life.case(waiting.number).state) == ("offered", "committee")
    assert life.counts["committee"] == 2
    with tenancy.within(made.organisation.pk):
        said = Opinion.objects.filter(stage="committee").order_by("id")
        found = [(one.application.number, one.by, one.verdict, bool(one.reason)) for one in said]
    members = [made.people[f"committee{number}"].name for number in (1, 2, 3)]
    votes = list(zip(members, ("approve", "decline", "approve"), strict=True))
    assert found == [
        *((done.number, who, verdict, True) for who, verdict in votes),
        *((waiting.number, who, verdict, True) for who, verdict in votes[:2]),
    ]
