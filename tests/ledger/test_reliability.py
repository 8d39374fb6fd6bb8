"""Properties 8 and 9 on any life of a loan."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from reliability import DAY, check_8, check_9
from suixin.lending.contract import Contract, Late
from suixin.lending.events import Drawn, Received
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms

START = date(2025, 1, 6)
CONTRACTS = st.builds(
    lambda method, late: Contract(
        "L1", Terms(3_000_001, Decimal("0.0737"), START, method, regular(START, 3, "week")), late
    ),
    st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST]),
    st.builds(Late, st.just(Decimal("0.5")), st.sampled_from([0, 3]), compound=st.booleans()),
)
PAYMENTS = st.dictionaries(st.integers(1, 30), st.integers(1, 300_000), min_size=1, max_size=6)


def events(payments):
    paid = [Received(f"p{day}", START + day * DAY, amount) for day, amount in sorted(payments.items())]
    return [Drawn("drawn", START, 3_000_001), *paid]


@settings(max_examples=25, deadline=None)
@given(CONTRACTS, PAYMENTS)
def test_property_8_a_day_ended_twice_and_all_days_at_once_are_the_same(contract, payments):
    check_8(contract, events(payments), START + 45 * DAY)


@settings(max_examples=25, deadline=None)
@given(CONTRACTS, PAYMENTS, st.data())
def test_property_9_a_payment_heard_of_late_counts_from_its_day(contract, payments, data):
    made = events(payments)
    late = data.draw(st.sampled_from(made[1:]))
    known_on = late.on + data.draw(st.integers(1, 12)) * DAY
    check_9(contract, made, late, known_on, START + 45 * DAY)
