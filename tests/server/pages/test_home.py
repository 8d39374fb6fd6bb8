"""A merchant's first page: what it offers next."""

from datetime import timedelta

from django.test import Client
from house import AT
from journeys import APPROVED, DAY, Desk

from suixin.server import tenancy
from suixin.server.identity.models import User
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.pay import pay
from suixin.server.servicing.models import Facility
from suixin.server.servicing.payments import DemoCollector


def test_who_has_repaid_or_whose_line_has_run_out_may_apply_again(sqlite):
    """While something is drawn she looks after that; then the way up the ladder is open."""
    desk = Desk()
    case = desk.signed(APPROVED, amount=500_000)
    owner = desk.owner(APPROVED)
    loan = draw(case.number, 300_000, key="k", by=owner, at=AT)
    with tenancy.within(desk.organisation.pk):
        user = User.objects.get(username=f"rural-m{APPROVED}")
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend="suixin.server.identity.backend.Backend")

    def offered():
        page = client.get("/me/").content.decode()
        return [one for one in ("/me/apply", "/me/draw/", f"/me/loans/{loan}") if f'href="{one}' in page]

    assert offered() == ["/me/draw/", f"/me/loans/{loan}"]
    pay(loan, 300_000, DemoCollector(demo=True), key="all", by=owner, at=AT)
    assert offered() == ["/me/apply", "/me/draw/"]
    with tenancy.within(desk.organisation.pk):
        Facility.objects.update(opened_on=DAY - timedelta(days=2), expires_on=DAY)
    assert offered() == ["/me/apply"]
