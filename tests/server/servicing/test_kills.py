"""Property 8 under kill -9: payments and the end of the day, killed at any moment and resumed, are as if undisturbed."""

import os
import random
import signal
import time

import pytest
from forks import acknowledged, forked
from house import AT
from lender import Lender
from storm import DAY, Calm, Plan, live, outcome

from suixin.server import tenancy
from suixin.server.ledger import queries
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.models import DayEnd, LoanEvent, Settlement

KILLS = 25


def go_on(lender, plan):
    """From wherever the book is to the end of the plan; what was done is said."""

    def work(say):
        with tenancy.within(lender.organisation.pk):
            running = DayEnd.objects.filter(finished_at=None).values_list("day", flat=True).first()
            day = running or queries.day_of(lender.book).business_on
        for number in range((day - lender.opened_on).days, plan.days):
            for call in plan.calls if running is None else ():
                if call.first == number:
                    call.do(lender)
                    say(call.name)
            running = None
            end_day(lender.book, lender.opened_on + number * DAY, by=lender.program, at=AT, batch=2)
            say(f"end {number}")

    return work


def there(lender):
    """The names of all that is in the database."""
    with tenancy.within(lender.organisation.pk):
        events = {f"{loan} {key}" for loan, key in LoanEvent.objects.values_list("loan__number", "key")}
        rows = list(Settlement.objects.values_list("authorisation__loan__number", "key", "state"))
        days = DayEnd.objects.exclude(finished_at=None).values_list("day", flat=True)
        ended = {f"end {(day - lender.opened_on).days}" for day in days}
    sold = {f"{loan} {key}" for loan, key, _ in rows}
    returned = {f"{loan} {key} back" for loan, key, state in rows if state == "returned"}
    return events | sold | returned | ended


def killed(lender, plan):
    """Start, kill, look, and start again; return how often it was killed, and all that was said."""
    chance, said, kills = random.Random(11), set(), 0
    while f"end {plan.days - 1}" not in said:
        child, reader = forked(go_on(lender, plan))
        if kills < KILLS:
            time.sleep(chance.uniform(0.02, 0.3))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        lines = acknowledged(reader)
        said |= set(lines)
        assert said <= there(lender)
    return kills, said


@pytest.mark.full
def test_property_8_killed_at_any_moment_and_resumed_it_is_the_same_journal(database):
    """Twenty-five kills: nothing that was acknowledged is missing, loans and ledger tie, and the journal is the same."""
    plan = Plan(5, loans=6, days=30)
    calm = Lender("calm")
    live(calm, plan, Calm())
    lender = Lender("killed")
    for begin in plan.begins:
        begin(lender)
    kills, said = killed(lender, plan)
    assert kills == KILLS
    assert said <= {call.name for call in plan.calls} | {f"end {number}" for number in range(plan.days)}
    assert outcome(lender) == outcome(calm)
