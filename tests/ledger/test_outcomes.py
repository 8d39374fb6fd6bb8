"""What happened to loans comes back as a source: each outcome is what a count of every day finds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suixin.adapters import open_source
from suixin.adapters.own_book import write_source
from suixin.calendar import add_months
from suixin.errors import LendingError, SourceError, UsageError
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.ledger.history import Sign, history
from suixin.ledger.outcomes import DEFINITION, Indeterminate, told
from suixin.ledger.servicing import Loan, renew, taken_on
from suixin.lending.account import Account, fold
from suixin.lending.contract import Contract, Late
from suixin.lending.events import Drawn, Received, Replanned, Source, WrittenOff
from suixin.lending.leaps import dues
from suixin.lending.periods import Period, regular
from suixin.lending.prepay import Way
from suixin.lending.schedule import Method
from suixin.lending.stretch import stretch
from suixin.lending.terms import Moratorium, Terms

DAY = timedelta(days=1)
START = date(2025, 1, 15)
YEAR = date(2026, 1, 15)
MERCHANT = "merchant_id,opened_on\nM1,2024-01-01\n"
MERCHANTS = {f"L{number}": "M1" for number in range(9)} | {"X": "M2"}


def contract(number="L1", start=START, method=Method.EQUAL_INSTALMENT, months=12, **other) -> Contract:
    weights = (*[0] * (months - 1), 1) if method is Method.HARVEST else None
    periods, end = regular(start, months), add_months(start, months)
    if method is Method.BULLET:
        periods = (Period(start, end, end),)
    terms = Terms(10_000_000, Decimal("0.0435"), start, method, periods, weights=weights)
    return Contract(number, terms, **other)


def lent(*events, held=None, open_on=date(2027, 12, 31)):
    """A loan with events, looked at last on a day."""
    held = held or contract()
    all_ = (Drawn("drawn", held.terms.start_on, held.terms.principal_fen), *events)
    account = fold(held, all_, open_on)
    return Loan(held, all_, account, stretch(account))


def punctual(held=None, last=None):
    """Paid on every date up to a day."""
    loan = lent(held=held)
    rows = loan.account.course.schedule.rows
    paid = [
        Received(f"p{row.number}", row.due_on, row.total_fen) for row in rows if row.due_on <= (last or YEAR)
    ]
    return lent(*paid, held=held)


def test_a_loan_that_nobody_pays_is_in_default_on_the_91st_day():
    """Protects the day: due on 15 February, 91 days past due as of the close of 17 May."""
    found = told([lent()], MERCHANTS, YEAR)
    assert found.outcomes == (("M1", START, 365, DEFINITION, True, date(2025, 5, 17)),)
    assert found.loans == (
        ("L1", "M1", START, 10_000_000, Decimal("0.0435"), 12, "equal_instalment", None, START),
    )


def test_what_is_known_by_the_day_alone_is_told():
    """Protects training: no outcome before its default or the end of its horizon, and the rest is counted."""
    bad, good = lent(), punctual()
    assert told([bad], MERCHANTS, date(2025, 5, 16)).indeterminate == {Indeterminate.NOT_OVER: 1}
    assert [row.defaulted for row in told([bad], MERCHANTS, date(2025, 5, 17)).outcomes] == [True]
    assert told([good], MERCHANTS, YEAR - DAY).outcomes == ()
    (row,) = told([good], MERCHANTS, YEAR).outcomes
    assert (row.defaulted, row.known_on) == (False, YEAR)
    (paid,) = told([good], MERCHANTS, YEAR).loans
    assert paid.closed_on == YEAR


@pytest.mark.parametrize(
    ("loan", "sign", "on"),
    [
        (lent(Received("g", date(2025, 3, 1), 5, Source.GUARANTOR)), Sign.CLAIMED, date(2025, 3, 1)),
        (lent(Received("g", date(2025, 3, 2), 5, Source.POOL)), Sign.CLAIMED, date(2025, 3, 2)),
        (lent(WrittenOff("w", date(2025, 3, 3))), Sign.WRITTEN_OFF, date(2025, 3, 3)),
        (replace(lent(), restructured_on=(date(2025, 3, 4),)), Sign.RESTRUCTURED, date(2025, 3, 4)),
        (replace(lent(), non_performing_on=date(2025, 3, 5)), Sign.NON_PERFORMING, date(2025, 3, 5)),
    ],
)
def test_each_sign_makes_a_default_on_its_day(loan, sign, on):
    """Protects the definition of bank practice: any of them, the earliest counts."""
    assert history(loan, YEAR).signs == {sign: on, Sign.PAST_DUE: date(2025, 5, 17)}
    (row,) = told([loan], MERCHANTS, YEAR).outcomes
    assert (row.defaulted, row.known_on) == (True, on)
    assert told([loan], MERCHANTS, on - DAY).outcomes == ()


@pytest.mark.parametrize("method", [Method.BULLET, Method.HARVEST])
def test_bullet_and_harvest_are_watched_for_eighteen_months(method):
    """Protects them: due after a year, a missed date would never be seen within it."""
    held = contract(method=method)
    (row,) = told([lent(held=held)], MERCHANTS, date(2027, 1, 1)).outcomes
    assert row.horizon_days == (add_months(START, 18) - START).days
    first = (
        START + timedelta(31) if method is Method.HARVEST else YEAR
    )  # interest is paid each month by the harvest
    assert (row.defaulted, row.known_on) == (True, first + timedelta(91))


def renewed():
    """An interest-first loan that pays its interest, and the contract that settles it at the end."""
    old = contract(method=Method.INTEREST_FIRST)
    rows = lent(held=old).account.course.schedule.rows[:-1]
    paid = [Received(f"p{row.number}", row.due_on, row.total_fen) for row in rows]
    loan = lent(*paid, held=old, open_on=YEAR)
    owed = loan.on(YEAR).payoff_fen
    terms = Terms(owed, Decimal("0.045"), YEAR, Method.EQUAL_INSTALMENT, regular(YEAR, 12))
    settled, begun, _ = renew(loan, taken_on(Contract("L2", terms, first_overdue_on=date(2025, 12, 1))), YEAR)
    return settled.loan, begun.loan


def test_a_renewal_is_seen_through():
    """Protects the count: no decision of its own, and its arrears are as old as the first date that was missed."""
    old, new = renewed()
    found = told([old, new], MERCHANTS, date(2026, 12, 31))
    assert [(row.as_of_on, row.defaulted) for row in found.outcomes] == [(START, False)]
    assert history(new, date(2026, 12, 31)).signs == {
        Sign.PAST_DUE: date(2026, 3, 2)
    }  # not the 91st day of its own
    assert [(row.loan_id, row.closed_on) for row in found.loans] == [("L1", YEAR), ("L2", None)]
    alone = told([old], MERCHANTS, date(2026, 12, 31))
    assert (alone.outcomes, alone.indeterminate) == ((), {Indeterminate.GONE: 1})


def test_a_merchant_defaults_by_any_of_its_loans():
    """Protects the row a merchant: a loan lent in default has no outcome, one lent before has the other's."""
    early, later = punctual(), lent(held=contract("L2", date(2025, 3, 15)))
    again = punctual(contract("L3", date(2025, 9, 15)), date(2027, 1, 1))
    found = told([early, later, again], MERCHANTS, date(2027, 1, 1))
    assert [(row.as_of_on, row.defaulted, row.known_on) for row in found.outcomes] == [
        (START, True, date(2025, 7, 15)),
        (date(2025, 3, 15), True, date(2025, 7, 15)),
    ]
    assert found.indeterminate == {Indeterminate.ALREADY: 1}


def test_an_insurers_money_says_nothing_of_the_borrower():
    """Protects the good ones: without the insurer it might have been a default."""
    loan = lent(Received("i", date(2025, 2, 15), 11_000_000, Source.INSURER, Way.KEEP))
    assert told([loan], MERCHANTS, YEAR).indeterminate == {Indeterminate.INSURED: 1}


def test_what_turns_out_otherwise_is_known_from_then_on(tmp_path):
    """Protects the lake: a payment that bounced late makes a default of a good year, as a correction."""
    good, bad = punctual(), lent()
    first = told([good], MERCHANTS, YEAR)
    second = told([bad], MERCHANTS, YEAR + 30 * DAY, first)
    assert second.restated == 1
    assert second.outcomes[0].known_on == second.loans[0].known_on == YEAR + 30 * DAY
    third = told([bad], MERCHANTS, YEAR + 60 * DAY, second)
    assert (third.outcomes, third.restated) == (second.outcomes, 0)
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "merchants.csv").write_text(MERCHANT, encoding="utf-8")
    ingest(
        open_source("standard", tmp_path / "shops"), tmp_path / "lake", now=datetime(2026, 5, 1, tzinfo=UTC)
    )
    for number, one in enumerate((first, second, third)):
        folder = write_source(
            tmp_path / str(number), one, name="book", route="own_mall", authorisation="a", purpose="p"
        )
        report = ingest(
            open_source("standard", folder), tmp_path / "lake", now=datetime(2026, 6, 1 + number, tzinfo=UTC)
        )
        assert not any(table.quarantined for table in report.tables.values()), report
        assert report.committed is (number < 2)
    lake = Lake.open(tmp_path / "lake")
    (row,) = lake.whole("outcomes").select("defaulted", "horizon_days").collect().rows()
    assert row == (True, 365)
    assert lake.whole("loans").select("principal_fen", "closed_day").collect().rows() == [(10_000_000, None)]


def test_bad_input_is_refused(tmp_path):
    """Protects the source: every loan once, with a merchant, told forward, by a route there is."""
    loan = lent()
    with pytest.raises(UsageError, match="two loans have the number L1"):
        told([loan, loan], MERCHANTS, YEAR)
    with pytest.raises(UsageError, match="loan L1 has no merchant"):
        told([loan], {}, YEAR)
    with pytest.raises(UsageError, match="is not earlier than"):
        told([loan], MERCHANTS, YEAR, told([loan], MERCHANTS, YEAR))
    with pytest.raises(UsageError, match="several currencies"):
        told([loan, lent(held=contract("X", currency="USD"))], MERCHANTS, YEAR)
    found = told([loan], MERCHANTS, YEAR)
    with pytest.raises(SourceError, match="route 'mail'"):
        write_source(tmp_path / "a", found, name="b", route="mail", authorisation="a", purpose="p")
    with pytest.raises(UsageError, match="is taken"):
        write_source(tmp_path.parent, found, name="b", route="own_mall", authorisation="a", purpose="p")


class Naive:
    """A loan looked at on each of its days."""

    def __init__(self, held, events, through):
        self.first = self.closed = None
        self.paid = {}
        account = Account(held)
        while account.today <= through:
            day = account.today
            for event in events:
                if event.on == day:
                    account.apply(event)
            unpaid = {bill.due_on for bill in account.arrears.bills}
            rows = account.course.schedule.rows if account.course else ()
            for due_on in unpaid | {row.due_on for row in rows if row.total_fen and row.due_on <= day}:
                self.paid.setdefault(due_on, None)
            for due_on, on in self.paid.items():
                self.paid[due_on] = day if on is None and due_on not in unpaid else on
            if self.first is None and account.arrears.days_past_due(day) > 90:
                self.first = day
            self.closed = (self.closed or day) if account.is_closed else None
            account.close(day)


PAYMENTS = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 2_500_000), st.sampled_from([None, *Way])), max_size=12
)


@settings(max_examples=60)
@given(
    PAYMENTS,
    st.sampled_from([Method.EQUAL_INSTALMENT, Method.INTEREST_FIRST, Method.BULLET, Method.HARVEST]),
    st.sampled_from([0, 3, 20]),
    st.booleans(),
    st.none() | st.integers(0, 60),
    st.none() | st.integers(20, 200),
    st.integers(100, 520),
)
def test_leaps_find_what_a_count_of_every_day_finds(payments, method, grace, back, carried, relief, through):
    """Protects the first day of default, the closing and the due dates, whatever was paid, frozen or carried over."""
    late = Late(grace_days=grace, back_to_due=back)
    overdue = None if carried is None else START - carried * DAY
    held = contract(method=method, late=late, first_overdue_on=overdue)
    events = [
        (day, Received(f"p{at}", START + day * DAY, fen, ahead=way))
        for at, (day, fen, way) in enumerate(payments)
    ]
    if relief is not None:
        first = START + relief * DAY
        moved = replace(held.terms, moratorium=Moratorium(first + DAY, first + 70 * DAY))
        events.append((relief, Replanned("relief", first, moved, first + 70 * DAY)))
    loan = lent(held=held, open_on=START)
    for _, event in sorted(events, key=lambda one: one[0]):
        try:
            loan = lent(*loan.events[1:], event, held=held, open_on=event.on)
        except LendingError:  # closed before, or the relief comes after a prepayment
            continue
    end = START + through * DAY
    naive, found = Naive(held, loan.events, end), history(loan, end)
    assert found.signs.get(Sign.PAST_DUE) == naive.first
    assert found.closed_on == naive.closed
    free = timedelta(grace)
    assert dues(held, loan.events, end) == [(due_on + free, on) for due_on, on in sorted(naive.paid.items())]
