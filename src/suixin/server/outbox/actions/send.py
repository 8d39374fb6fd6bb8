"""Send what waits."""

from collections.abc import Callable
from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.outbox.models import Message


def send(organisation_id: int, carry: Callable[[Message], None], *, at: datetime, limit: int = 100) -> int:
    """Carry waiting messages in their order and mark them; return how many.

    At least once: a crash between carrying and the commit carries them again, under the same topic and key.
    An error of `carry` leaves the whole batch waiting.
    """
    with tenancy.within(organisation_id):
        first = Message.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True)[:limit]
        waiting = locks.rows(Message.objects.filter(pk__in=list(first), sent_at=None))
        for message in waiting:
            carry(message)
        Message.objects.filter(pk__in=[message.pk for message in waiting]).update(sent_at=at)
        return len(waiting)
