"""A borrower pays by hand: once, her own loan, through whoever collects."""

import pytest
from house import AT
from journeys import APPROVED, DECLINED, Desk

from suixin.errors import AccessError, ConflictError, LendingError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.pay import pay
from suixin.server.servicing.models import Loan, LoanEvent
from suixin.server.servicing.payments import DemoCollector

DEMO = DemoCollector(demo=True)


@pytest.fixture
def lent(sqlite):
    desk = Desk()
    case = desk.signed(APPROVED, amount=500_000)
    return desk, draw(case.number, 300_000, key="k", by=desk.owner(APPROVED), at=AT)


def left(desk):
    with tenancy.within(desk.organisation.pk):
        return Loan.objects.get().principal_minor, LoanEvent.objects.filter(kind="received").count()


def test_a_second_tap_pays_nothing_more(lent):
    """The same key returns what was done; with another sum it is refused."""
    desk, loan = lent
    owner = desk.owner(APPROVED)
    first = pay(loan, 100_000, DEMO, key="tap", by=owner, at=AT)
    assert pay(loan, 100_000, DEMO, key="tap", by=owner, at=AT) == first
    assert left(desk) == (200_000, 1)
    with pytest.raises(ConflictError):
        pay(loan, 50_000, DEMO, key="tap", by=owner, at=AT)
    with tenancy.within(desk.organisation.pk):
        assert Record.objects.filter(action="lending.loan.pay", actor=owner.name).count() >= 1


def test_what_is_refused_moves_nothing(lent):
    """Another's loan, none at all, nothing, a fen more than closes it, and where nobody collects."""
    desk, loan = lent
    desk.enrolled(DECLINED)
    owner, stranger = desk.owner(APPROVED), desk.owner(DECLINED)
    for refused, number, amount, collector, by in (
        (AccessError, loan, 100, DEMO, stranger),
        (LendingError, "nothing", 100, DEMO, owner),
        (LendingError, loan, 0, DEMO, owner),
        (LendingError, loan, 300_001, DEMO, owner),
        (AccessError, loan, 100, DemoCollector(demo=False), owner),
    ):
        with pytest.raises(refused):
            pay(number, amount, collector, key="k", by=by, at=AT)
    assert left(desk) == (300_000, 0)
