"""How often a client may ask, by the day from which it holds; an own figure of the client goes before it."""

from datetime import date
from typing import NamedTuple

MINUTE = 60


class Limit(NamedTuple):
    """So many requests a minute from a day on."""

    since: date
    requests_a_minute: int


LIMITS = (Limit(date(2026, 1, 1), 600),)
"""The house's, the earliest first: ten requests a second, which one laptop answers."""


def requests_a_minute(own: int | None, day: date) -> int:
    """What holds for a client on a day; the first figure holds for the days before it as well."""
    if own is not None:
        return own
    held = [limit for limit in LIMITS if limit.since <= day] or [LIMITS[0]]
    return held[-1].requests_a_minute
