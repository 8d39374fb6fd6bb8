import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from suixin.errors import UsageError
from suixin.lending.irr import act360_over_365, dated_irr, monthly_nominal_irr, nominal_to_effective
from suixin.lending.schedule import bullet, equal_instalment, interest_first

START = date(2025, 1, 1)


def test_exact_cases():
    """Protects the definition: one year at 10 % is 10 %, two years at 10 % are 21 % in all, no interest is 0."""
    assert dated_irr([(START, -10_000), (date(2026, 1, 1), 11_000)]) == pytest.approx(0.1, abs=1e-14)
    assert dated_irr([(START, -10_000), (date(2026, 12, 31) + timedelta(1), 12_100)]) == pytest.approx(
        0.1, abs=1e-14
    )
    assert dated_irr([(START, -100), (date(2025, 7, 1), 100)]) == 0.0
    assert dated_irr([(START, -200), (date(2026, 1, 1), 100)]) == pytest.approx(-0.5, abs=1e-14)


def test_the_spreadsheet_example():
    """Protects agreement with XIRR's documented example (Microsoft Excel help: 0.373362535)."""
    flows = [
        (date(2008, 1, 1), -10_000),
        (date(2008, 3, 1), 2_750),
        (date(2008, 10, 30), 4_250),
        (date(2009, 2, 15), 3_250),
        (date(2009, 4, 1), 2_750),
    ]
    assert dated_irr(flows) == pytest.approx(0.373362535, abs=1e-8)
    assert dated_irr(flows[::-1]) == dated_irr(flows)  # the order says nothing
    assert dated_irr([(on, -amount) for on, amount in flows]) == dated_irr(flows)  # nor who looks


@pytest.mark.parametrize("build", [equal_instalment, interest_first])
def test_a_contract_costs_its_own_rate(build):
    """Protects cost disclosure: without fees the monthly nominal IRR is the contract's rate, to the rounding."""
    schedule = build(10_000_000, Decimal("0.0435"), 12, START)
    flows = [schedule.principal_fen, *(-row.total_fen for row in schedule.rows)]
    assert monthly_nominal_irr(flows) == pytest.approx(0.0435, abs=1e-6)


def test_conventions_of_12_percent():
    """Protects the stated conventions: 12 % nominal = 12.17 % over 365 days = 12.68 % effective monthly."""
    assert nominal_to_effective(Decimal("0.12"), 12) == Decimal("0.126825030131969720661201")  # 1.01^12 - 1
    assert nominal_to_effective(Decimal("0.12"), 1) == Decimal("0.12")
    assert round(act360_over_365(Decimal("0.12")), 4) == Decimal("0.1217")
    schedule = bullet(100_000_000_000, Decimal("0.12"), START, date(2026, 1, 1))
    flows = [(START, -schedule.principal_fen), (schedule.rows[0].due_on, schedule.total_fen)]
    assert dated_irr(flows) == pytest.approx(0.12 * 365 / 360, abs=1e-11)


@given(
    st.lists(st.tuples(st.integers(1, 3650), st.integers(1, 10**8)), min_size=1, max_size=24),
    st.integers(1, 10**9),
)
def test_dated_irr_agrees_with_brentq(later, lent):
    """Protects the solver against an independent one, on flows that change sign once and so have one rate."""
    flows = [(START, -lent), *((START + timedelta(days=days), amount) for days, amount in later)]

    def value(log_rate):
        return math.fsum(amount * math.exp(-log_rate * (on - START).days / 365) for on, amount in flows)

    limit = 600 / max(1, max(days for days, _ in later) / 365)
    assume(value(-limit / 2) > 0 > value(limit / 2))  # rates up to e^30 a year suffice
    expected = brentq(value, -limit / 2, limit / 2, xtol=1e-14, maxiter=500)
    assert dated_irr(flows) == pytest.approx(math.expm1(expected), rel=1e-7, abs=1e-9)


def test_of_several_rates_the_nearest_to_zero_is_given():
    """Protects a stated choice: flows of roots 10 % and 100 % (monthly periods) give 10 %."""
    # -(1 - 1.1 v)(1 - 2 v) with v = 1 / (1 + r), times 10,000
    assert monthly_nominal_irr([-10_000, 31_000, -22_000]) == pytest.approx(12 * 0.1, abs=1e-12)


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        ([], "empty"),  # nothing
        ([(START, -100)], "no change of sign"),  # never repaid
        ([(START, 100), (date(2026, 1, 1), 5)], "no change of sign"),  # only inflows
        ([(START, 0), (date(2026, 1, 1), 0)], "no change of sign"),  # only zeros
        ([(START, -100), (START, 110)], "one date"),  # no time passes
        ([(START, -100.0), (date(2026, 1, 1), 110)], "float"),  # float money
        # 1 - 2 v + 2 v^2 has no real root: two changes of sign, no rate
        ([(START, 100), (date(2026, 1, 1), -200), (date(2027, 1, 1), 200)], "at no rate"),
    ],
)
def test_dated_irr_refuses(flows, message):
    """Protects cost tables from a rate that does not exist."""
    with pytest.raises(UsageError, match=message):
        dated_irr(flows)


@pytest.mark.parametrize(
    "flows", [[], [-100], [100, 100], [-100, 110.0]]
)  # none; one; no sign change; a float
def test_monthly_irr_refuses(flows):
    """Protects the monthly form in the same way."""
    with pytest.raises(UsageError):
        monthly_nominal_irr(flows)


@pytest.mark.parametrize(
    ("rate", "periods"),
    [
        (0.12, 12),  # a float
        (Decimal("NaN"), 12),  # no number
        (Decimal(-1), 12),  # everything is lost
        (Decimal("0.12"), 0),  # no period
        (Decimal("0.12"), 12.0),  # a float
    ],
)
def test_nominal_to_effective_refuses(rate, periods):
    """Protects disclosed rates from inputs without meaning."""
    with pytest.raises(UsageError):
        nominal_to_effective(rate, periods)
