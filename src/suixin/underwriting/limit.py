"""The limit: the lowest of several ceilings, less what the household owes already.

limit = min(product cap, k(grade) x stabilised monthly net sales, repayment capacity) - exposures, rounded down.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import median

from suixin.underwriting.decision import LimitComponent
from suixin.underwriting.forecast import YEAR, Forecast
from suixin.underwriting.policy import Limit


def limit(
    terms: Limit,
    multiple: float,
    history: Sequence[int],
    outlook: Forecast,
    term_months: int,
    debt_fen: int,
    fee: float,
) -> tuple[int, tuple[LimitComponent, ...]]:
    """The limit in fen, and its components: ceilings, then the deduction, then the result.

    Args:
        terms: the policy's figures.
        multiple: k of the merchant's grade.
        history: net sales by month before the as-of date, fen, newest first.
        outlook: the forecast; its P10 bears the repayment.
        term_months: the loan's term.
        debt_fen: what the household owes to all lenders.
        fee: up-front fee as a fraction of the amount.
    """
    ceilings = {
        "product_cap": _fen(terms.product_cap.value),
        "sales_multiple": math.floor(exactly(multiple) * stabilised(history, terms)),
        "repayment_capacity": math.floor(
            exactly(terms.withheld_share.value) * sum(outlook.p10[:term_months]) / (1 + exactly(fee))
        ),
    }
    binding = min(ceilings, key=lambda name: ceilings[name])
    step = _fen(terms.step.value)
    result = max(0, ceilings[binding] - debt_fen) // step * step
    components = [LimitComponent(name, amount, name == binding) for name, amount in ceilings.items()]
    components += [LimitComponent("existing_debt", -debt_fen), LimitComponent("limit", result)]
    return result, tuple(components)


def stabilised(history: Sequence[int], terms: Limit) -> Fraction:
    """Monthly net sales to lend on, fen: what a season or one good month cannot inflate.

    The smaller of the in-season median spread over the year and a multiple of the lowest in-season month; for a
    merchant who sells in few months, a share of the year's sales.
    """
    year = [max(0, month) for month in history[:YEAR]]
    mean = Fraction(sum(year), YEAR)
    threshold = exactly(terms.in_season_share.value) * mean
    season = [Fraction(month) for month in year if month > 0 and month >= threshold]
    if len(season) < terms.fewest_selling_months.value:
        return exactly(terms.short_season_share.value) * mean
    return min(median(season) * len(season) / YEAR, exactly(terms.lowest_month_factor.value) * min(season))


def exactly(figure: float) -> Fraction:
    """The decimal that a policy's author wrote: 0.29 is 29/100, not the float beside it that costs a fen."""
    return Fraction(repr(figure))


def _fen(major: float) -> int:
    return round(major * 100)
