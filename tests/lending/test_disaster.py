"""Disaster moratorium: a batch by hand, and what holds for any batch."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.disaster import Disaster, Excluded, Placed, government_pays, relieve
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.standing import Span, Standing
from suixin.lending.terms import Deferred, RateStep, Terms

START, END, SIX = date(2025, 3, 15), date(2026, 3, 15), Decimal("0.06")
EVEN = Terms(12_000_000, SIX, START, Method.EQUAL_PRINCIPAL, regular(START, 12))
HAIL = Disaster(
    "hail 2025-07",
    "county notice 12",
    frozenset({"A", "B"}),
    frozenset({"kiwi"}),
    date(2025, 7, 1),
    date(2025, 9, 30),
    "maker",
    "checker",
)
SPAN = Span(HAIL.first_on, HAIL.last_on)


def placed(loan_id="1", township="A", crop="kiwi", terms=EVEN, granted_on=START, **standing):
    return Placed(Standing(loan_id, terms, granted_on, END, **standing), township, crop)


def test_dates_move_and_days_freeze():
    """Protects the relief: three dates move behind the end, arrears of 1 July do not age in the span."""
    (one,) = relieve(HAIL, [placed(first_overdue_on=date(2025, 6, 15))]).beneficiaries
    assert one.moved == (date(2025, 7, 15), date(2025, 8, 15), date(2025, 9, 15))
    assert one.ends_on == date(2026, 6, 15)
    assert [row.total_fen for row in build(one.after.terms).rows[3:6]] == [0, 0, 0]
    assert one.after.first_overdue_on == date(2025, 6, 15)
    assert [one.after.days_past_due(date(2025, *day)) for day in ((7, 1), (9, 30), (10, 1), (10, 2))] == [
        16,
        16,
        16,
        17,
    ]


def test_who_is_not_relieved_and_why():
    """Protects the list: each loan that the event does not reach has its reason, in the order of the ids."""
    relieved = relieve(HAIL, [placed()]).beneficiaries[0].after.terms
    batch = relieve(
        HAIL,
        [
            placed("4", terms=relieved),
            placed(
                "3",
                terms=replace(EVEN, start_on=HAIL.last_on, periods=regular(HAIL.last_on, 12)),
                granted_on=HAIL.last_on,
            ),
            placed("2", crop="apple"),
            placed("1", township="C"),
            placed("0"),
        ],
    )
    assert [one.before.loan_id for one in batch.beneficiaries] == ["0"]
    assert batch.excluded == (
        ("1", Excluded.TOWNSHIP),
        ("2", Excluded.CROP),
        ("3", Excluded.LATER),
        ("4", Excluded.RELIEVED),
    )
    kept = replace(HAIL, last_on=END, extend=False)
    assert relieve(kept, [placed()]).excluded == (("1", Excluded.NO_DATE_LEFT),)


def test_an_ended_loan_with_arrears_is_frozen_only():
    """Protects those already in arrears: no date is left to move, but their days stand still."""
    ended = replace(EVEN, periods=regular(START, 3))
    (one,) = relieve(HAIL, [placed(terms=ended, first_overdue_on=date(2025, 6, 15))]).beneficiaries
    assert (one.moved, one.after.terms, one.after.frozen) == ((), ended, (SPAN,))


def test_interest_on_its_dates_that_the_government_pays():
    """Protects the subsidised kind: interest keeps its dates, half of 6 % is the government's in the span alone."""
    held = replace(HAIL, deferred=Deferred.DUE, subsidy_rate=Decimal("0.03"))
    batch = relieve(held, [placed()])
    rows = build(batch.beneficiaries[0].after.terms).rows
    assert [(row.principal_fen, row.interest_fen) for row in rows[3:7]] == [
        (0, 45_000),
        (0, 45_000),
        (0, 45_000),
        (1_000_000, 45_000),
    ]
    pays = government_pays(batch, "1")
    assert [(row.due_on.month, row.borrower_fen, row.government_fen) for row in pays] == [
        (month, 22_500, 22_500) for month in (7, 8, 9)
    ]
    with pytest.raises(UsageError, match="is not relieved"):
        government_pays(batch, "2")
    steps = (RateStep(date(2025, 5, 1), Decimal("0.05")),)
    with pytest.raises(UsageError, match="was repriced"):
        government_pays(relieve(held, [placed(terms=replace(EVEN, rate_steps=steps))]), "1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"checked_by": "maker"}, "two people"),
        ({"last_on": date(2025, 6, 1)}, "before 2025-07-01"),
        ({"townships": frozenset()}, "no township"),
        ({"subsidy_rate": Decimal("0.03")}, "use deferred 'due'"),
    ],
)
def test_bad_batches_are_refused(changes, message):
    """Protects the entry: maker and checker are two, the span has an end, and it says where."""
    with pytest.raises(UsageError, match=message):
        replace(HAIL, **changes)
    with pytest.raises(UsageError, match="repeat an id"):
        relieve(HAIL, [placed(), placed()])


def test_a_span_that_outlasts_the_loan_moves_its_dates_behind_the_span():
    """Protects short loans: the date behind the last one lies in the span as well, so it moves on."""
    short = replace(EVEN, periods=regular(START, 1))
    held = replace(HAIL, first_on=START, last_on=START + timedelta(62))
    (relieved,) = relieve(held, [placed(terms=short)]).beneficiaries
    assert relieved.moved == (date(2025, 4, 15),)
    assert relieved.ends_on == date(2025, 6, 15)


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["kiwi", "apple"]), st.integers(1, 24)), max_size=6
    ),
    st.integers(0, 400),
    st.integers(0, 200),
    st.sampled_from(Deferred),
    st.booleans(),
    st.integers(0, 600),
)
def test_any_batch_keeps_every_loan_whole(loans, first, length, deferred, extend, days):
    """Protects relief on any book: every loan is in one list, all principal comes back, no interest is lost or
    compounded, days past due are never more than without relief, and the order of the loans does not matter."""
    begin = START + timedelta(first)
    held = replace(HAIL, first_on=begin, last_on=begin + timedelta(length), deferred=deferred, extend=extend)
    book = [
        placed(
            str(number), township, crop, replace(EVEN, periods=regular(START, months)), first_overdue_on=START
        )
        for number, (township, crop, months) in enumerate(loans)
    ]
    batch = relieve(held, book)
    assert batch == relieve(held, book[::-1])
    names = [one.before.loan_id for one in batch.beneficiaries] + [loan_id for loan_id, _ in batch.excluded]
    assert sorted(names) == [one.standing.loan_id for one in book]
    for one in batch.beneficiaries:
        made = build(one.after.terms)
        assert sum(row.principal_fen for row in made.rows) == EVEN.principal_fen
        balance, interest = EVEN.principal_fen, 0
        for row in made.rows:
            interest += (balance * 6 + 600) // 1200
            balance = row.balance_fen
        assert made.total_interest_fen == interest
        as_of = START + timedelta(days)
        assert one.after.days_past_due(as_of) <= one.before.days_past_due(as_of)
