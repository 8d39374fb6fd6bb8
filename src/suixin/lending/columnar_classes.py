"""The class that days past due give, for a whole book at once; equal to `classes.classify` on loans without more facts.

Loans with flags, a watch, an impairment, debts elsewhere, or a non-performing class so far are few: class them one by
one.
"""

import numpy as np

from suixin.errors import UsageError
from suixin.lending.class_rules import FiveClass, Thresholds
from suixin.lending.columnar import Ints


def overdue_classes(days_past_due: Ints, at: Thresholds) -> Ints:
    """Return the figure of `FiveClass` of each loan.

    Args:
        days_past_due: 0 or more, int64.
        at: the figures in force.

    Raises:
        UsageError: days below 0.
    """
    if days_past_due.min(initial=0) < 0:
        raise UsageError(f"{days_past_due.min()} days past due: give 0 or more")
    found = np.full_like(days_past_due, FiveClass.NORMAL)
    for edge in (0, at.substandard_days, at.doubtful_days, at.loss_days):
        found += days_past_due > edge
    return found
