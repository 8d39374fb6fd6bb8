"""Chinese civil days as spans of instants, for questions about when something happened."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

_ZONE = ZoneInfo("Asia/Shanghai")
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)
"""Days that have a day before and behind them in every zone; nothing that is kept is older or later."""


def between(name: str, from_on: date | None, to_on: date | None) -> Q:
    """Rows whose instant of this name lies in the days from one to another, both included; None for no bound."""
    found = Q()
    if from_on is not None:
        found &= Q(**{f"{name}__gte": _begins(max(from_on, _FIRST))})
    if to_on is not None:
        found &= Q(**{f"{name}__lt": _begins(min(to_on, _LAST) + timedelta(days=1))})
    return found


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), _ZONE)
