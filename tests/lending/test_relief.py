"""Relief: renewal, extension and restructuring by hand, and what outlives every new contract."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.class_rules import CN, FiveClass
from suixin.lending.classes import Code, Facts, Flag, classify
from suixin.lending.periods import Every, Period, regular
from suixin.lending.prepay import Payoff, payoff
from suixin.lending.relief import Change, Concession, change, extend
from suixin.lending.renewal import Applicant, Borrower, Failed, renew
from suixin.lending.schedule import Method
from suixin.lending.standing import Span, Standing, counted, penalty_outside
from suixin.lending.terms import Moratorium, Terms

START, END, SIX = date(2025, 3, 15), date(2026, 3, 15), Decimal("0.06")
EVEN = Terms(12_000_000, SIX, START, Method.EQUAL_PRINCIPAL, regular(START, 12))
LOAN = Standing("old", EVEN, START, END)
BULLET = Standing(
    "bullet", replace(EVEN, method=Method.BULLET, periods=regular(START, 12, Every.YEAR)), START, END
)
ON = date(2025, 9, 15)
GOOD = Applicant(Borrower.FARMER, lawful=True, going_concern=True, good_credit=True)
AT = CN.on(ON)


def anew(principal):
    return Terms(principal, Decimal("0.05"), ON, Method.EQUAL_PRINCIPAL, regular(ON, 12))


def facts(standing, as_of=ON, **more):
    return Facts(
        standing.days_past_due(as_of),
        flags=standing.flags,
        restructurings=standing.restructurings,
        **more,
    )


def test_a_qualifying_renewal():
    """Protects 无还本续贷: the new principal settles the old, the borrower pays the rest, the class stays normal."""
    owed = payoff(EVEN, date(2025, 9, 20))
    done = renew(LOAN, replace(owed, on=ON), "new", anew(6_000_000), GOOD)
    assert (done.owed.total_fen, done.paid_fen) == (6_005_000, 5_000)
    assert done.qualifies
    assert classify(facts(done.new), AT).five_class is FiveClass.NORMAL
    assert (done.new.loan_id, done.new.granted_on, done.new.matures_on) == ("new", ON, date(2026, 9, 15))


def test_a_renewal_with_arrears_carries_their_date():
    """Protects against evergreening: not qualifying, at least special-mention, and 92 days past due are still 92."""
    late = replace(LOAN, first_overdue_on=date(2025, 6, 15))
    done = renew(late, Payoff(ON, 6_000_000, 0), "new", anew(6_000_000), GOOD)
    assert done.failed == (Failed.ARREARS,)
    assert done.new.first_overdue_on == date(2025, 6, 15)
    found = classify(facts(done.new), AT)
    assert [code for code, _ in found.findings] == [Code.OVERDUE_SUBSTANDARD, Code.NEW_FOR_OLD]


def test_every_reason_why_a_renewal_does_not_qualify():
    """Protects the test itself: each condition of the notice fails by its own name."""
    bad = replace(LOAN, first_overdue_on=START, flags=frozenset({Flag.EVASION, Flag.MISUSE}))
    applicant = Applicant(Borrower.OTHER, lawful=False, going_concern=False, good_credit=False)
    assert renew(bad, Payoff(ON, 1, 1), "new", anew(2), applicant).failed == tuple(Failed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: renew(LOAN, Payoff(ON, 10, 0), "new", anew(11), GOOD), "lend at most 10 fen"),
        (lambda: renew(LOAN, Payoff(ON, 10, 0), "old", anew(10), GOOD), "id of its own"),
        (lambda: renew(LOAN, Payoff(START, 10, 0), "new", anew(10), GOOD), "must pay out all"),
        (lambda: renew(LOAN, Payoff(date(2024, 9, 1), 9, 0), "n", early(), GOOD), "begins on 2024-09-24"),
    ],
)
def test_bad_renewals_are_refused(call, message):
    """Protects the entry: no more than closes the old loan, on its day, under a rule in force."""
    with pytest.raises(UsageError, match=message):
        call()


def early():
    on = date(2024, 9, 1)
    return Terms(9, SIX, on, Method.BULLET, regular(on, 1))


def test_an_extension_moves_the_maturity():
    """Protects 展期: 60,000 left after six parts, over twelve months more, and no class effect without difficulty."""
    done = extend(LOAN, ON, regular(ON, 12), difficulty=False)
    rows = build(done.after.terms).rows
    assert (rows[0].principal_fen, rows[-1].due_on) == (500_000, date(2026, 9, 15))
    assert done.concessions == (Concession.LATER_MATURITY,)
    assert (done.restructured, done.after.restructurings) == (False, 0)
    assert (done.after.granted_on, done.after.matures_on) == (START, END)


def test_extensions_have_a_limit_in_all():
    """Protects the General Rules: a loan of a year may be a year longer in all, counted from its first maturity."""
    longer = extend(LOAN, ON, regular(ON, 18), difficulty=False).after
    assert longer.matures_on == END
    with pytest.raises(UsageError, match="longer than the rules allow"):
        extend(longer, date(2026, 3, 15), regular(date(2026, 3, 15), 18), difficulty=False)
    with pytest.raises(UsageError, match="not later"):
        extend(LOAN, ON, regular(ON, 6), difficulty=False)


@pytest.mark.parametrize(
    ("granted", "matures", "latest"),
    [
        (date(2026, 3, 15), date(2027, 3, 15), date(2028, 3, 15)),  # a leap day more than the term
        (date(2023, 3, 15), date(2027, 3, 15), date(2029, 3, 15)),  # half of four years
        (date(2017, 3, 15), date(2027, 3, 15), date(2030, 3, 15)),  # three years of ten
        (date(2027, 1, 1), date(2027, 3, 15), date(2027, 5, 27)),  # 73 days again
    ],
)
def test_the_latest_day_of_an_extension(granted, matures, latest):
    """Protects the limit to the day: by calendar months where the term is of months, by days where it is not."""
    terms = Terms(100, SIX, granted, Method.BULLET, (Period(granted, matures, matures),))
    loan = Standing("1", terms, granted, matures)

    def over(end):
        wanted = Change(periods=(Period(granted, end, end),))
        return change(loan, matures, wanted, difficulty=False).over_limit

    assert (over(latest), over(latest + timedelta(1))) == (False, True)


def test_a_bullet_is_extended_from_its_start():
    """Protects the interest of a bullet: it runs through, at the old rate to the day and the new one after it."""
    later = date(2026, 9, 15)
    done = extend(
        BULLET, ON, (Period(START, later, later, 18),), difficulty=False, annual_rate=Decimal("0.03")
    )
    (row,) = build(done.after.terms).rows
    # 184 days at 6 % and 365 at 3 %, on 120,000 over 360
    assert (row.due_on, row.interest_fen) == (later, 368_000 + 365_000)
    with pytest.raises(UsageError, match="no parts of principal"):
        change(BULLET, ON, Change(forgiven_fen=1), difficulty=True)


def test_restructured_is_difficulty_and_concession():
    """Protects the definition: either alone is none; both are, and a second one in the watch is substandard."""
    dearer, cheaper = Change(annual_rate=Decimal("0.07")), Change(annual_rate=Decimal("0.05"))
    assert not change(LOAN, ON, cheaper, difficulty=False).restructured
    assert not change(LOAN, ON, dearer, difficulty=True).restructured
    once = change(LOAN, ON, cheaper, difficulty=True)
    assert once.restructured
    assert classify(facts(once.after), AT).reasons == (Code.RESTRUCTURED,)
    again = change(once.after, date(2025, 12, 15), Change(annual_rate=Decimal("0.04")), difficulty=True)
    assert classify(facts(again.after), AT).reasons == (Code.RESTRUCTURED_TWICE,)


def test_every_concession_is_read_off_the_terms():
    """Protects the record: rate, maturity, grace, moratorium and forgiveness are each seen."""
    held = Moratorium(date(2025, 10, 1), date(2025, 10, 31))
    wanted = Change(Decimal("0.05"), regular(ON, 12), None, 2, held, forgiven_fen=1_000_000)
    done = change(LOAN, ON, wanted, difficulty=True)
    assert done.concessions == tuple(Concession)
    assert done.after.terms.principal_fen == 5_000_000
    assert [row.principal_fen for row in build(done.after.terms).rows[:3]] == [0, 0, 454_545]


def test_arrears_are_taken_into_the_new_instalments():
    """Protects overdue principal: terms hold past dates for paid, so what is not paid is named, and not lost; the
    date of the arrears stays."""
    late = replace(LOAN, first_overdue_on=date(2025, 8, 15))
    done = change(late, ON, Change(periods=regular(ON, 10), arrears_fen=2_000_000), difficulty=True)
    assert [row.principal_fen for row in build(done.after.terms).rows] == [800_000] * 10
    assert (done.restructured, done.after.first_overdue_on) == (True, date(2025, 8, 15))
    with pytest.raises(UsageError, match="is below 0"):
        Change(arrears_fen=-1)


def test_frozen_days_do_not_count():
    """Protects the freeze: of 61 days 31 lie in the span, and penalty stops in it."""
    late = replace(
        LOAN, first_overdue_on=date(2025, 7, 1), frozen=(Span(date(2025, 7, 11), date(2025, 8, 10)),)
    )
    assert late.days_past_due(date(2025, 8, 31)) == 30
    assert late.days_past_due(date(2025, 7, 1)) == 0
    # 30 days of 10,000 at 7.2 % over 360
    days = date(2025, 7, 1), date(2025, 8, 31)
    assert penalty_outside(1_000_000, Decimal("0.072"), *days, late.frozen) == 6_000
    assert penalty_outside(1_000_000, Decimal("0.072"), *days, (Span(START, END),)) == 0
    with pytest.raises(UsageError, match="below 0"):
        penalty_outside(-1, SIX, *days, ())


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"matures_on": START}, "not after"), ({"frozen": (Span(END, START),)}, "swap its days")],
)
def test_bad_standings_are_refused(changes, message):
    """Protects the entry."""
    with pytest.raises(UsageError, match=message):
        replace(LOAN, **changes)


DAYS = st.integers(0, 400).map(lambda days: START + timedelta(days))
SPANS = st.lists(st.tuples(DAYS, DAYS).map(lambda pair: Span(*sorted(pair))), max_size=4).map(tuple)


@given(DAYS, DAYS, SPANS)
def test_frozen_and_counted_days_are_all_days(begin, end, frozen):
    """Protects the freeze on any spans, nested and touching ones too: each day is counted or frozen, never both."""
    found = [
        begin_ + timedelta(day)
        for begin_, end_ in counted(begin, end, frozen)
        for day in range((end_ - begin_).days)
    ]
    days = [begin + timedelta(day) for day in range((end - begin).days)]
    assert found == [day for day in days if not any(first <= day <= last for first, last in frozen)]


@given(st.integers(1, 10**9), st.integers(0, 10**8), st.data())
def test_a_renewal_settles_the_old_loan_to_the_fen(principal, interest, data):
    """Protects the balanced transaction: new principal and the borrower's money make the payoff, and whatever
    outlived the old loan outlives the new one."""
    owed = Payoff(ON, principal, interest)
    new = data.draw(st.integers(1, owed.total_fen))
    old = replace(
        LOAN,
        first_overdue_on=data.draw(st.none() | DAYS),
        frozen=data.draw(SPANS),
        restructurings=data.draw(st.integers(0, 2)),
    )
    done = renew(old, owed, "new", anew(new), GOOD)
    assert done.new.terms.principal_fen + done.paid_fen == owed.total_fen
    for name in ("first_overdue_on", "frozen", "restructurings"):
        assert getattr(done.new, name) == getattr(old, name)
    assert done.qualifies == (old.first_overdue_on is None and done.paid_fen >= interest)
