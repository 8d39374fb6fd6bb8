"""A loan's columns say how late it is on any day, though nobody looks at it on most of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from suixin.ledger import relief
from suixin.ledger.loan import taken_on
from suixin.ledger.servicing import happen, night
from suixin.lending.contract import Contract, Late
from suixin.lending.disaster import Disaster
from suixin.lending.events import Drawn, Received
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

START, NEXT = date(2026, 1, 5), timedelta(days=1)
TERMS = Terms(10_000_000, Decimal("0.0435"), START, Method.EQUAL_INSTALMENT, regular(START, 12))


def hail(held, day):
    """Heard of late: the first of the frozen days lies ten days back."""
    disaster = Disaster(
        "hail", "notice 7", frozenset({"371302001"}), frozenset(), day - 10 * NEXT, day + 40 * NEXT, "a", "b"
    )
    return relief.relieve(disaster, [relief.Place(held, "371302001", "")], day, key="h").changed[0].loan


def pays(held, day):
    return happen(held, Received("p", day, 1_000_000), day).loan


@pytest.mark.parametrize(
    ("late", "happens"),
    [
        (Late(), {}),
        (Late(grace_days=5), {}),  # back to the due date once the grace is missed
        (Late(grace_days=5, back_to_due=False), {}),
        (Late(), {50: hail}),  # days past due stand still, and go on
        (Late(grace_days=3), {50: pays, 70: hail}),
    ],
)
def test_the_columns_are_the_account(late, happens):
    """On each of 200 days; the row is written only on those that need a look, as at the end of a day."""
    held = taken_on(Contract("L1", TERMS, late=late))
    row = keeping.write(Loan(number="L1"), held)
    held = happen(held, Drawn("drawn", START, 10_000_000), START).loan
    keeping.write(row, held)
    day, worst = START, 0
    for number in range(200):
        if not (held.stretch.from_on <= day and day + NEXT < held.stretch.until_on):
            held = night(held, day).loan
            keeping.write(row, held)
        ended, day = day, day + NEXT
        account = held.on(day)
        days = account.arrears.days_past_due(ended)
        worst = max(worst, days)
        assert row.days_past_due(ended) == days, (number, day)
        assert row.days_past_due(day) == account.days_past_due, (number, day)
        if number in happens:
            held = happens[number](held, day)
            keeping.write(row, held)
            assert row.days_past_due(ended) == held.account.arrears.days_past_due(ended), (number, day)
    assert max(row.worst_days, days) == worst >= 89
    assert held.account.drawn == row.drawn_minor
