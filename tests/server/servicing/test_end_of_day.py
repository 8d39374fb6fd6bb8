"""Property 8: the end of a day is idempotent, resumable and order-independent, and is what the library says."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from house import AT
from lender import CARRIED, Lender

from suixin.errors import BusinessDateError
from suixin.ledger.servicing import journal_order
from suixin.lending.contract import Contract
from suixin.lending.documents import write_event
from suixin.lending.events import Drawn
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.ledger import queries
from suixin.server.servicing import amending
from suixin.server.servicing.actions import end_day as end_of_day
from suixin.server.servicing.actions.accept import accept
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.actions.offer import offer
from suixin.server.servicing.actions.renew import renew
from suixin.server.servicing.actions.take_back import take_back
from suixin.server.servicing.models import DayEnd
from suixin.simulation.lives import APPLICANT, Lives

BEGIN = date(2024, 10, 1)
RATE = Decimal("0.0435")
DAY = timedelta(days=1)
ACTIONS = {
    "drawn": "lending.loan.disburse",
    "received": "lending.payment.receive",
    "charged": "lending.fee.charge",
    "repriced": "lending.loan.reprice",
    "refunded": "lending.payment.refund",
    "replanned": "lending.loan.relieve",
    "written off": "lending.loan.write_off",
}


def everyone(lender):
    """An actor who may do all that a life needs; who may do what is tested elsewhere."""
    return replace(
        lender.program, granted=lender.program.granted | set(ACTIONS.values()) | {"lending.loan.renew"}
    )


def stored(lender):
    with tenancy.within(lender.organisation.pk):
        return journal_order(made for _, made in queries.journal(lender.book))


def begin(lender, loan):
    by = lender.as_(Role.APPROVER)
    offer(lender.book, loan.contract, "P1", CARRIED, by=by, at=AT, risk=loan.risk)
    by = lender.as_(Role.CUSTOMER_MANAGER)
    accept(lender.book, loan.contract.loan, signature="0" * 64, by=by, at=AT)


class Mirror:
    """Does on the server what lives in the library have done."""

    def __init__(self, lender, lives):
        self.lender, self.lives, self.by = lender, lives, everyone(lender)
        self.seen: dict[str, dict] = {}

    def morning(self):
        """Every event that the day brought, in the order in which the library took it."""
        for loan in self.lives.loans:
            number = loan.contract.loan
            now = {event.key: event for event in loan.events}
            before = self.seen.setdefault(number, {})
            for key in [key for key in before if key not in now]:
                take_back(
                    self.lender.book, number, key, key=f"{key} back", reason=RETURNED, by=self.by, at=AT
                )
            for key, event in now.items():
                if key not in before:
                    self._happens(number, loan, event)
            self.seen[number] = now

    def _happens(self, number, loan, event):
        if isinstance(event, Drawn) and not self.seen[number]:
            begin(self.lender, loan)
            if number.endswith("R"):
                renew(
                    self.lender.book, number[:-1], number, APPLICANT, key=number, reason="", by=self.by, at=AT
                )
                return
        elif getattr(event, "source", None) == "renewal" or event.key.startswith("paid towards"):
            return  # the renewal itself does it
        kind, document = write_event(event)
        amending.let_happen(
            self.lender.book,
            number,
            lambda _: event,
            key=event.key,
            asked={"event": document},
            action=ACTIONS[kind],
            by=self.by,
            at=AT,
        )


RETURNED = "退货或退票 returned"


def mirrored(borrowers, days):
    lender = Lender(opened_on=BEGIN)
    lives = Lives(5, borrowers, BEGIN)
    mirror = Mirror(lender, lives)
    journal = []
    for day in lives.days(BEGIN + days * DAY):
        journal += day.booked
        mirror.morning()
        lender.end(batch=5)
    made = [one for one in journal if one.booked_on <= lender.day]
    assert stored(lender) == journal_order(made)
    return {one.kind for one in made}


def test_a_book_on_the_server_is_that_of_the_library(database):
    """The same journal, byte for byte."""
    assert mirrored(14, 30) >= {"drawn", "accrued", "provided"}


@pytest.mark.full
def test_a_season_of_a_book_on_the_server_is_that_of_the_library(database):
    """Draws, sweeps, bounced payments and relief of a dozen borrowers."""
    assert mirrored(16, 110) >= {"drawn", "accrued", "provided", "due", "received"}


def portfolio(lender):
    """Loans of two weeks in instalments of a week, so that a few days see every step."""
    for number in range(7):
        start = lender.day
        periods = regular(start, 1, "week")
        terms = Terms(1_000_000 + 37 * number, RATE, start, Method.EQUAL_PRINCIPAL, periods)
        lender.accepted(Contract(f"L{number}", terms))
        lender.disburse(f"L{number}", terms.principal_fen)
        if number % 3 == 0:
            lender.end()


def whole_and_stopped():
    """Two equal portfolios: days ended at once, and days stopped at each of their steps and resumed in other batches."""
    whole = Lender("whole")
    portfolio(whole)
    whole.end(9)
    stopped = Lender("stopped")
    portfolio(stopped)
    for number in range(9):
        _stop_and_go(stopped, at=number, batch=1 + number % 4)
    assert stopped.day == whole.day
    return whole, stopped


def test_run_twice_in_other_parts_or_stopped_half_way_it_is_the_same_journal(database):
    """Stopped at each of its steps and resumed with other batches; and a day that is over does nothing again."""
    whole, stopped = whole_and_stopped()
    assert stored(stopped) == stored(whole)
    assert {one.kind for one in stored(whole)} == {"drawn", "accrued", "provided", "due"}
    day = whole.day - DAY
    assert end_day(whole.book, day, by=whole.program, at=AT)["broken"] == 0
    assert stored(stopped) == stored(whole)


def test_property_8_finds_a_key_that_names_its_batch(sqlite, monkeypatch):
    """A planted bug: what was posted depends on how the loans were parted."""
    post = end_of_day.post

    def named(book, made, **more):
        return post(book, [replace(one, key=f"{one.key} of {len(made)}") for one in made], **more)

    monkeypatch.setattr(end_of_day, "post", named)
    whole, stopped = whole_and_stopped()
    assert stored(stopped) != stored(whole)


class StoppedError(Exception):
    """The machine went away."""


def _stop_and_go(lender, at, batch):
    told = []

    def progress(step, done, total):
        told.append((step, done))
        if len(told) == at % 7 + 1:
            raise StoppedError

    try:
        end_day(lender.book, lender.day, by=lender.program, at=AT, batch=batch, progress=progress)
    except StoppedError:
        end_day(lender.book, lender.day, by=lender.program, at=AT, batch=batch + 3)
    lender.day += DAY
    with tenancy.within(lender.organisation.pk):
        assert DayEnd.objects.filter(finished_at=None).count() == 0


def test_a_day_is_ended_in_its_order(database):
    lender = Lender()
    lender.lent()
    with pytest.raises(BusinessDateError, match="is at 2026-01-05, not 2026-01-06"):
        end_day(lender.book, lender.day + DAY, by=lender.program, at=AT)
    lender.end()
    with pytest.raises(BusinessDateError, match="is at 2026-01-06, not 2026-01-08"):
        end_day(lender.book, lender.day + 2 * DAY, by=lender.program, at=AT)
