"""Send what is due, one request at a time, and keep what came of each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from suixin import __version__
from suixin.client.webhooks import signature
from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.telemetry import logs
from suixin.server.webhooks import rules
from suixin.server.webhooks.actions.spread import ACTION
from suixin.server.webhooks.actions.switch_off import switch_off
from suixin.server.webhooks.faults import GONE, SEALED, SILENT
from suixin.server.webhooks.models import Attempt, Delivery, Endpoint
from suixin.server.webhooks.queries import due
from suixin.server.webhooks.sealing import secrets_of
from suixin.server.webhooks.sending import Answer, sent

_GONE = 410
_FAILING = ["failures", "failing_since", "rests_until"]


class Delivered(NamedTuple):
    """How many requests were taken, and how many not."""

    taken: int
    failed: int


def deliver(
    *, by: Actor, clock: Callable[[], datetime], goes_on: Callable[[], bool] = lambda: True
) -> Delivered:
    """Send every delivery that is due, the longest due first.

    A delivery is claimed for two minutes in a transaction of its own, sent outside of any, and settled in another: several
    workers never send the same one at the same time, no database waits for a stranger's server, and a worker that dies has
    its delivery sent again.

    Args:
        by: the program.
        clock: tells the time; it passes while requests wait.
        goes_on: asked before each request.
    """
    by.require(ACTION)
    taken = failed = 0
    while goes_on() and (one := _claimed(by.organisation_id, clock())) is not None:
        answer = _send(one, clock())
        with tenancy.within(by.organisation_id):
            _settle(one, answer, by, clock())
        taken, failed = taken + answer.taken, failed + (not answer.taken)
    return Delivered(taken, failed)


def _claimed(organisation_id: int, at: datetime) -> Delivery | None:
    with tenancy.within(organisation_id):
        one = locks.first_free(due(at))
        if one is not None:
            one.next_at = at + rules.LEASE
            one.save(update_fields=["next_at"])
        return one


def _send(one: Delivery, at: datetime) -> Answer:
    with tenancy.within(one.organisation_id):
        endpoint = Endpoint.objects.get(pk=one.endpoint_id)
    body, second = one.body.encode(), int(at.timestamp())
    try:
        signed = [signature(secret, one.event_id, second, body) for secret in secrets_of(endpoint, at)]
    except UsageError:
        return Answer(None, SEALED.en, 0)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Suixin-Webhooks/{__version__}",
        "webhook-id": one.event_id,
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(signed),
    }
    return sent(endpoint.url, headers, body)


def _settle(one: Delivery, answer: Answer, by: Actor, at: datetime) -> None:
    (endpoint,) = locks.rows(Endpoint.objects.filter(pk=one.endpoint_id))
    (row,) = locks.rows(Delivery.objects.filter(pk=one.pk))
    Attempt(
        delivery=row, at=at, milliseconds=answer.milliseconds, status=answer.status, said=answer.said
    ).save(force_insert=True)
    row.tries += 1
    if answer.taken:
        row.state, row.settled_at = Delivery.State.DELIVERED, at
    elif row.state == Delivery.State.WAITING:
        _put_off(row, answer, at)
    row.save(update_fields=["tries", "state", "settled_at", "next_at"])
    _judge(endpoint, answer, by, at)
    logs.note(
        "webhook",
        endpoint=endpoint.code,
        topic=row.topic,
        status=answer.status,
        ms=answer.milliseconds,
        state=row.state,
    )


def _put_off(row: Delivery, answer: Answer, at: datetime) -> None:
    if row.tries >= rules.MOST_TRIES:
        row.state, row.settled_at = Delivery.State.DEAD, at
    wait = max(rules.wait_after(row.tries, row.event_id), timedelta(seconds=answer.retry_after))
    row.next_at = at + wait


def _judge(endpoint: Endpoint, answer: Answer, by: Actor, at: datetime) -> None:
    """An endpoint that fails rests; one that has taken nothing for days, or says that it is gone, is switched off."""
    if answer.taken:
        if endpoint.failures:
            endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
            endpoint.save(update_fields=_FAILING)
        return
    endpoint.failures += 1
    since = endpoint.failing_since = endpoint.failing_since or at
    endpoint.rests_until = at + rules.rest_after(endpoint.failures)
    endpoint.save(update_fields=_FAILING)
    if answer.status == _GONE:
        switch_off(endpoint.code, by=by, reason=GONE.en, at=at)
    elif at - since >= rules.OFF_AFTER:
        switch_off(endpoint.code, by=by, reason=SILENT.en.format(rules.OFF_AFTER.days), at=at)
