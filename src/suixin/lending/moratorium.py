"""A span in which nothing falls due: interest runs and is deferred, and the instalments can move behind the last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
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

    The periods behind are of the loan's own step, anchored to the day of the drawdown, and not moved off
    holidays; weights and parts of principal move with them.
    """
    held = terms.moratorium
    if held is None or not held.extend:
        return terms
    periods = list(terms.periods)
    missing = sum(inside(held, period) for period in periods if not period.stub)
    while missing:  # a long span reaches over some of the periods behind the last, too
        periods.append(_following(periods, terms.start_on))
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


def _following(periods: Sequence[Period], start_on: date) -> Period:
    last, step = periods[-1], max(period.months for period in periods)
    if step:
        end = settlement_in_month(last.end, step, start_on.day)
        return Period(last.end, end, end, step)
    days = max((period.end - period.begin).days for period in periods if not period.stub)
    end = last.end + timedelta(days=days)
    return Period(last.end, end, end)
