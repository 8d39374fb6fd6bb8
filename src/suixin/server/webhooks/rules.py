"""When a delivery is tried again, when it is given up, when an endpoint is switched off."""

from datetime import timedelta
from hashlib import sha256

MOST_TRIES = 12
"""So often an event is tried; with the waits between, over about three days."""
OFF_AFTER = timedelta(days=5)
"""An endpoint that has taken nothing for so long is switched off."""
OLD_SECRET = timedelta(hours=24)
"""So long the secret before signs as well."""
LEASE = timedelta(minutes=2)
"""So long a worker has for a request that it has begun; then another one sends it again."""
_FIRST, _LONGEST, _FACTOR = timedelta(seconds=30), timedelta(hours=12), 4
_LONGEST_REST = timedelta(minutes=10)


def wait_after(tries: int, event_id: str) -> timedelta:
    """How long an event waits after so many tries: 30 s, 2 min, 8 min ... 12 h, each up to a fifth more or less.

    The part by chance comes of the event's id and the try, so that many events that failed together do not come together.
    """
    plain = min(_FIRST * int(_FACTOR ** (min(tries, 10) - 1)), _LONGEST)
    drawn = int.from_bytes(sha256(f"{event_id}/{tries}".encode()).digest()[:4]) / 2**32
    return plain * (0.8 + 0.4 * drawn)


def rest_after(failures: int) -> timedelta:
    """How long nothing is sent to an endpoint that has failed so often one after the other; an event waits beside it."""
    return min(_FIRST * int(2 ** (min(failures, 10) - 1)), _LONGEST_REST)
