"""Lock-out: who fails too often waits, longer each time; counted in the database, so that all workers count together.

A try is counted before it is made and taken back if it was right. So a burst of tries side by side gets no more of them
than one after the other would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from suixin.server import locks
from suixin.server.identity.models import Tries

FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries may fail before one waits, for how long at first and at most, and when all is forgotten."""

    free: int
    first: timedelta
    most: timedelta = timedelta(minutes=15)
    forgotten: timedelta = FORGOTTEN

    def wait(self, failures: int) -> timedelta:
        """How long to wait after so many failures: twice as long after each."""
        over = failures - self.free
        return timedelta() if over < 0 else min(self.most, self.first * 2 ** min(over, 20))


class Key(NamedTuple):
    """What is counted: a digest, and its limit."""

    digest: str
    limit: Limit


def account(username: str) -> Key:
    """Tries at the first step under a name, whether it is anybody's or not."""
    return Key(_digest("account", username), Limit(settings.LOCK_ACCOUNT_AFTER, timedelta(seconds=30)))


def address(of: str) -> Key:
    """Tries from a network address, where a village may share one."""
    return Key(_digest("address", of), Limit(settings.LOCK_ADDRESS_AFTER, timedelta(seconds=30)))


def code(user_id: int) -> Key:
    """Tries at the second step by who knew the password."""
    return Key(_digest("code", str(user_id)), Limit(settings.LOCK_ACCOUNT_AFTER, timedelta(seconds=30)))


def begun(keys: Sequence[Key], at: datetime) -> bool:
    """Count a try with each key, before it is made; False, and nothing counted, while one of them is locked.

    Raises:
        RuntimeError: a transaction is open, whose end could undo the count.
    """
    limits = {key.digest: key.limit for key in keys}
    with transaction.atomic(durable=True):
        rows = _rows(limits, at)
        if any(row.locked_until and row.locked_until > at for row in rows):
            return False
        for row in rows:
            limit = limits[row.key]
            row.failures = 1 if at - row.last_at > limit.forgotten else row.failures + 1
            wait = limit.wait(row.failures)
            row.last_at, row.locked_until = at, at + wait if wait else None
            row.save()
        return True


def right(keys: Sequence[Key]) -> None:
    """Forget the failures of these keys, since the try was right."""
    Tries.objects.filter(key__in=[key.digest for key in keys]).delete()


def taken_back(keys: Sequence[Key], at: datetime) -> None:
    """Take one counted try back; others' failures with the same key, such as an address, stand."""
    limits = {key.digest: key.limit for key in keys}
    with transaction.atomic():
        for row in _rows(limits, at):
            row.failures, row.locked_until = max(0, row.failures - 1), None
            row.save()


def locked_until(keys: Sequence[Key], at: datetime) -> datetime | None:
    """The last instant at which one of the keys is locked; None if none is."""
    found = Tries.objects.filter(key__in=[key.digest for key in keys], locked_until__gt=at)
    return max((row.locked_until for row in found if row.locked_until), default=None)


def forget_old(at: datetime) -> int:
    """Drop what is forgotten anyway; how many."""
    return Tries.objects.filter(last_at__lt=at - FORGOTTEN).delete()[0]


def _rows(limits: dict[str, Limit], at: datetime) -> list[Tries]:
    """The keys' rows, made where they were not, locked until the transaction ends."""
    Tries.objects.bulk_create([Tries(key=one, last_at=at) for one in sorted(limits)], ignore_conflicts=True)
    return locks.rows(Tries.objects.filter(key__in=list(limits)))


def _digest(kind: str, what: str) -> str:
    return salted_hmac("suixin.tries", f"{kind}:{what}", algorithm="sha256").hexdigest()
