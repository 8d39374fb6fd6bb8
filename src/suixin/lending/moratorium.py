"""A span in which nothing falls due: interest runs and is deferred, and the instalments can move behind the last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from suixin.calendar import settlement_in_month
from suixin.lending.periods import Period
from suixin.lending.terms import Moratorium, Terms

T = TypeVar("T")


def inside(held: Moratorium | None, period: Period) -> bool:
    """Whether a period's due date lies in the moratorium."""
    return held is not None and held.first_on <= period.due_on <= held.last_on


def extended(terms: Terms) -> Terms:
    """Return the terms with as many open periods behind the last as a moratorium that extends leaves out.

    The periods behind are of the loan's own step, end on the day of the month on which the others do, and are not moved
    off holidays; weights and parts of principal move with them.
    """
    held = terms.moratorium
    if held is None or not held.extend:
        return terms
    periods = list(terms.periods)
    missing = sum(inside(held, period) for period in periods if not period.stub)
    while missing:  # a long span reaches over some of the periods behind the last, too
        periods.append(_following(periods, _anchor(terms)))
        missing -= not inside(held, periods[-1])
    open_ = [not inside(held, period) for period in periods if not period.stub]
    weights, stubs = terms.weights, len(periods) - len(open_)
    parts = terms.parts_fen
    return replace(
        terms,
        periods=tuple(periods),
        weights=None if weights is None else _spaced(weights, open_),
        parts_fen=None if parts is None else (*parts[:stubs], *_spaced(parts[stubs:], open_)),
        moratorium=held._replace(extend=False),
    )


def _spaced(values: Sequence[T], open_: Sequence[bool]) -> tuple[T | int, ...]:
    """The values in order, with a 0 where the moratorium lies."""
    left = iter(values)
    return tuple(next(left) if here else 0 for here in open_)


def _anchor(terms: Terms) -> int:
    """The day of the month on which periods end, where the month has it.

    It is the drawdown's; terms that begin within a period, after a part was repaid ahead, say it by their whole periods alone.
    """
    whole = [period.end.day for period in terms.periods if period.months]
    return terms.start_on.day if terms.periods[0].months or not whole else max(whole)


def _following(periods: Sequence[Period], anchor: int) -> Period:
    last, step = periods[-1], max(period.months for period in periods)
    if step:
        end = settlement_in_month(last.end, step, anchor)
        return Period(last.end, end, end, step)
    days = max((period.end - period.begin).days for period in periods if not period.stub)
    end = last.end + timedelta(days=days)
    return Period(last.end, end, end)
