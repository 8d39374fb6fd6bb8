"""Schedules made one by one, laid out as the columns of `suixin.lending.columnar` are."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from suixin.lending.schedule import Schedule

EPOCH = date(1970, 1, 1).toordinal()


def columns_of(schedules: Iterable[Schedule], rows: int, count: int) -> np.ndarray:
    """Due days, principal, interest and balances of so many: (4, rows, count), 0 where a schedule has no row."""
    found = np.zeros((4, count, rows), np.int64)
    for at, made in enumerate(schedules):
        _, due, principal, interest, _, balance = zip(*made.rows, strict=True)
        days = [on.toordinal() - EPOCH for on in due]
        found[:, at, : len(due)] = (days, principal, interest, balance)
    return found.transpose(0, 2, 1)
