"""The limit: the lowest of several ceilings on what the household may owe, less what it owes already, rounded down.

limit = min(product cap, k(grade) x stabilised monthly net sales, cap of the connected group - its debts, rung of the
ladder + these debts, input cost of the season, what the household can carry beside its debts + these debts) - these
debts

What a household can carry hangs on what the loan costs, and a small loan costs more: the limit is the largest loan that
it can carry at the price of that very loan. No cap on the rate moves it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from suixin.underwriting.decision import LimitComponent
from suixin.underwriting.exact import exactly, fen
from suixin.underwriting.forecast import YEAR
from suixin.underwriting.policy_parts import Limit


@dataclass(frozen=True, slots=True)
class Debts:
    """What is owed already, fen: by the household, and by the other merchants of its connected group."""

    household_fen: int
    group_fen: int


def limit(
    terms: Limit,
    multiple: float,
    history: Sequence[int],
    debts: Debts,
    carried: Callable[[int], int],
    rung_fen: int | None = None,
    input_fen: int | None = None,
) -> tuple[int, tuple[LimitComponent, ...]]:
    """The limit in fen, and its components: ceilings, the deduction, then the result.

    Args:
        terms: the policy's figures.
        multiple: k of the merchant's grade.
        history: net sales by month before the as-of date, fen, newest first.
        debts: what is owed already.
        carried: the largest loan, fen, that the household can carry beside these debts at the price of a loan of so
            many fen; never less at the price of a larger one.
        rung_fen: the cap of the ladder's rung, None without a ladder.
        input_fen: what may be lent on the season's input, None where it is unknown or does not count.
    """
    ceilings = {
        "product_cap": fen(terms.product_cap.value),
        "sales_multiple": math.floor(exactly(multiple) * stabilised(history, terms)),
        "group_cap": fen(terms.group_cap.value) - debts.group_fen,
    }
    if rung_fen is not None:
        ceilings["ladder"] = rung_fen + debts.household_fen
    if input_fen is not None:
        ceilings["season_input"] = input_fen
    step = fen(terms.step.value)
    result = _stepped(min(ceilings.values()) - debts.household_fen, step)
    while (held := carried(result)) < result:
        result = _stepped(held, step)
    ceilings["repayment_capacity"] = held + debts.household_fen
    binding = min(ceilings, key=lambda name: ceilings[name])
    components = [LimitComponent(name, amount, name == binding) for name, amount in ceilings.items()]
    components += [LimitComponent("existing_debt", -debts.household_fen), LimitComponent("limit", result)]
    return result, tuple(components)


def _stepped(amount_fen: int, step: int) -> int:
    return max(0, amount_fen) // step * step


def by_the_year(history: Sequence[int], terms: Limit) -> bool:
    """Whether the merchant sells in so few months that it is measured on the year and on what the season costs."""
    return len(_in_season(history, terms)) < terms.fewest_selling_months.value


def stabilised(history: Sequence[int], terms: Limit) -> Fraction:
    """Monthly net sales to lend on, fen: what a season or one good month cannot inflate, and no month more can lower.

    Of its best months, however many speak for it best: the smaller of their median spread over the year and a multiple of
    the lowest of them. For a merchant who sells in few months, a share of what these bring, spread over the year.
    """
    best = sorted((Fraction(month) for month in history[:YEAR] if month > 0), reverse=True)
    fewest, factor = terms.fewest_selling_months.value, exactly(terms.lowest_month_factor.value)
    found = exactly(terms.short_season_share.value) * Fraction(sum(best[: fewest - 1]), YEAR)
    for months in range(fewest, len(best) + 1):
        found = max(found, min(median(best[:months]) * months / YEAR, factor * best[months - 1]))
    return found


def _mean(history: Sequence[int]) -> Fraction:
    return Fraction(sum(max(0, month) for month in history[:YEAR]), YEAR)


def _in_season(history: Sequence[int], terms: Limit) -> list[Fraction]:
    """The months of the year that bring at least the policy's part of the mean month."""
    least = math.ceil(exactly(terms.in_season_share.value) * _mean(history))
    return [Fraction(month) for month in history[:YEAR] if month > 0 and month >= least]
