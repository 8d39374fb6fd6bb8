"""Contracts and events drawn by hypothesis, for every test that wants loans of all kinds."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from suixin.calendar import Convention
from suixin.lending.contract import Contract, Late
from suixin.lending.events import Drawn, Received, Replanned, Repriced
from suixin.lending.periods import BusinessDays, regular
from suixin.lending.prepay import Way
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms

DAY = timedelta(days=1)
START = date(2025, 1, 15)


@st.composite
def lives(draw):
    """A contract and events, from a loan paid in time to one that never pays."""
    method = draw(st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST]))
    months = draw(st.integers(2, 14))
    rate = Decimal(draw(st.integers(0, 240_000))) / 1_000_000
    principal = draw(st.integers(100, 50_000_000))
    settlement = draw(st.sampled_from([None, 20]))
    moved = BusinessDays(draw(st.sampled_from(Convention)), draw(st.booleans()))
    periods = regular(START, months, settlement_day=settlement, business_days=moved)
    made = Terms(principal, rate, START, method, periods)
    late = Late(Decimal("0.5"), draw(st.sampled_from([0, 3])), draw(st.booleans()), draw(st.booleans()))
    contract = Contract("L", made, late, suspend_after_days=draw(st.sampled_from([5, 90])))
    days = draw(st.dictionaries(st.integers(1, 400), st.integers(1, max(1, principal // 4)), max_size=6))
    way = draw(st.sampled_from([None, Way.KEEP, Way.LOWER]))
    events = [Drawn("d", START, principal)]
    events += [
        Received(f"p{day}", START + day * DAY, amount, ahead=way) for day, amount in sorted(days.items())
    ]
    if draw(st.booleans()):
        events.append(Repriced("r", START + 41 * DAY, Decimal("0.031")))
    if draw(st.booleans()):
        events.append(
            Replanned("f", START + 50 * DAY, made, START + 95 * DAY, draw(st.sampled_from([None, START])))
        )
    return contract, sorted(events, key=lambda event: event.on)
