"""The five classes: each rule by itself, the worst that holds, and the way back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.class_rules import CN, FiveClass
from suixin.lending.classes import Classified, Code, Debtor, Facts, Finding, Flag, classify, own_bank_share
from suixin.lending.columnar_classes import overdue_classes
from suixin.lending.parameters import Dated, Stated

AT = CN.on(date(2026, 11, 1))
NORMAL, MENTION, SUBSTANDARD, DOUBTFUL, LOSS = FiveClass


def flagged(*flags, days=0, **facts):
    return classify(Facts(days, flags=frozenset(flags), **facts), AT)


@pytest.mark.parametrize(
    ("days", "found", "code"),
    [
        (1, MENTION, Code.OVERDUE),
        (90, MENTION, Code.OVERDUE),
        (91, SUBSTANDARD, Code.OVERDUE_SUBSTANDARD),
        (270, SUBSTANDARD, Code.OVERDUE_SUBSTANDARD),
        (271, DOUBTFUL, Code.OVERDUE_DOUBTFUL),
        (360, DOUBTFUL, Code.OVERDUE_DOUBTFUL),
        (361, LOSS, Code.OVERDUE_LOSS),
    ],
)
def test_days_past_due(days, found, code):
    """Protects the edges: over 90, 270 and 360 days, and special-mention from the first day, not from the 31st."""
    assert classify(Facts(days), AT) == (found, (Finding(code, found),), None)


def test_a_book_of_days():
    """Protects the columns: every number of days to 400 gives the class that it gives one by one."""
    days = np.arange(401)
    assert overdue_classes(days, AT).tolist() == [classify(Facts(int(day)), AT).five_class for day in days]
    with pytest.raises(UsageError, match="-1 days"):
        overdue_classes(np.array([-1]), AT)


def test_a_technical_delay_of_seven_days_does_not_count():
    """Protects the one exception: the cause is technical and the delay at most seven days."""
    assert flagged(Flag.TECHNICAL_DELAY, days=7).five_class is NORMAL
    assert flagged(Flag.TECHNICAL_DELAY, days=8).five_class is MENTION


@pytest.mark.parametrize(
    ("facts", "found", "code"),
    [
        (Facts(0, impaired_share=Decimal("0.5")), DOUBTFUL, Code.IMPAIRED_DOUBTFUL),
        (Facts(0, impaired_share=Decimal("0.9")), LOSS, Code.IMPAIRED_LOSS),
        (Facts(0, flags=frozenset({Flag.MISUSE})), MENTION, Code.MISUSE),
        (Facts(0, flags=frozenset({Flag.NEW_FOR_OLD})), MENTION, Code.NEW_FOR_OLD),
        (Facts(0, flags=frozenset({Flag.EVASION})), DOUBTFUL, Code.EVASION),
        (Facts(0, flags=frozenset({Flag.BANKRUPTCY})), LOSS, Code.BANKRUPTCY),
        (Facts(0, restructurings=1), MENTION, Code.RESTRUCTURED),
        (Facts(0, restructurings=2), SUBSTANDARD, Code.RESTRUCTURED_TWICE),
    ],
)
def test_each_rule_binds_by_itself(facts, found, code):
    """Protects every rule beside the days: the class it finds, and that it is named as the reason."""
    done = classify(facts, AT)
    assert (done.five_class, done.reasons) == (found, (code,))


def test_a_qualifying_renewal_is_not_lowered():
    """Protects 无还本续贷: new for old lowers, a qualifying renewal does not, and its arrears still do."""
    both = Flag.NEW_FOR_OLD, Flag.QUALIFYING_RENEWAL
    assert flagged(*both) == Classified(NORMAL, ())
    assert flagged(*both, days=91).reasons == (Code.OVERDUE_SUBSTANDARD,)


def test_debts_elsewhere_count_for_non_retail_debtors_only():
    """Protects the households: 10 %, 20 % and another bank's bad debt are questions to non-retail debtors, and an
    exact 10 or 20 % does not bind."""
    over = {"own_bank_share": Decimal("0.11"), "all_bank_share": Fraction(21, 100)}
    assert flagged(Flag.NON_PERFORMING_ELSEWHERE, **over).five_class is NORMAL
    done = flagged(Flag.NON_PERFORMING_ELSEWHERE, debtor=Debtor.NON_RETAIL, **over)
    assert done.reasons == (Code.OWN_BANK_SHARE, Code.ALL_BANK_SHARE)
    assert [code for code, _ in done.findings] == [Code.NON_PERFORMING_ELSEWHERE, *done.reasons]
    exact = {"own_bank_share": Decimal("0.1"), "all_bank_share": Fraction(1, 5)}
    assert flagged(debtor=Debtor.NON_RETAIL, **exact).five_class is NORMAL


def test_the_share_of_a_debtors_claims():
    """Protects the figure behind the 10 % rule: balances of non-performing claims over all."""
    assert own_bank_share([(9_000, MENTION), (1_000, SUBSTANDARD)]) == Fraction(1, 10)
    assert own_bank_share([]) == 0
    with pytest.raises(UsageError, match="below 0"):
        own_bank_share([(-1, NORMAL)])


def test_the_way_back_needs_time():
    """Protects the upgrade: paid up is not enough, time is; small retail loans go by their days."""
    held = Facts(0, held=DOUBTFUL)
    assert classify(held, AT).reasons == (Code.NOT_UPGRADED,)
    assert classify(held, AT).five_class is SUBSTANDARD
    assert classify(replace(held, upgradable=True), AT).five_class is NORMAL
    assert classify(replace(held, small_retail=True), AT).five_class is NORMAL
    assert classify(replace(held, days_past_due=91), AT).reasons == (Code.OVERDUE_SUBSTANDARD,)


def test_an_alert_proposes_and_never_sets():
    """Protects a person's judgement: days say nothing before a bullet's maturity, so an alert is put forward."""
    proposal = Finding(Code.HIGH_ALERT, MENTION)
    assert flagged(Flag.HIGH_ALERT) == Classified(NORMAL, (), proposal)
    assert flagged(Flag.HIGH_ALERT, days=1).proposal is None


def test_thresholds_are_dated_and_say_where_they_come_from():
    """Protects a change of the law: the day decides, and every figure has a source."""
    later = Stated(60, date(2028, 1, 1), "a later notice")
    rules = replace(CN, substandard_days=CN.substandard_days.followed_by(later))
    assert [rules.on(date(year, 6, 1)).substandard_days for year in (2027, 2028)] == [90, 60]
    with pytest.raises(UsageError, match="begins on 2023-07-01"):
        CN.on(date(2023, 6, 30))
    assert CN.substandard_days.stated_on(date(2026, 1, 1)).verified
    assert all(getattr(CN, name).rows[0].source for name in AT._fields)
    with pytest.raises(UsageError, match="out of order"):
        Dated("days", (later, later))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"days_past_due": -1}, "0 or more"),
        ({"days_past_due": 0, "impaired_share": Decimal(2)}, "outside 0 to 1"),
        ({"days_past_due": 0, "debtor": Debtor.NON_RETAIL, "small_retail": True}, "retail debtor"),
    ],
)
def test_bad_facts_are_refused(facts, message):
    """Protects the entry."""
    with pytest.raises(UsageError, match=message):
        Facts(**facts)


@given(
    st.integers(0, 500),
    st.sampled_from(Debtor),
    st.frozensets(st.sampled_from(Flag)),
    st.decimals(0, 1, places=2),
    st.integers(0, 3),
    st.sampled_from(FiveClass),
    st.booleans(),
    st.integers(0, 100),
)
def test_worse_facts_never_make_a_better_class(days, debtor, flags, share, times, held, upgradable, more):
    """Protects the order of the rules: more days never better, the class is the worst finding, it has reasons
    exactly if it is not normal, and the way back is asked for only where nothing else is non-performing."""
    facts = Facts(days, debtor, flags, share, share, share, times, held, upgradable)
    done = classify(facts, AT)
    assert classify(replace(facts, days_past_due=days + more), AT).five_class >= done.five_class
    assert done.five_class == max([NORMAL, *(found.five_class for found in done.findings)])
    assert bool(done.reasons) == (done.five_class is not NORMAL)
    bad = [found.code for found in done.findings if found.five_class.non_performing]
    assert Code.NOT_UPGRADED not in bad or bad == [Code.NOT_UPGRADED]
