"""Add an endpoint."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from suixin.client.webhooks import new_secret
from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.webhooks.addresses import place_of
from suixin.server.webhooks.models import Endpoint
from suixin.server.webhooks.sealing import sealed
from suixin.server.webhooks.topics import TOPICS

ACTION = "webhooks.endpoint.add"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """A system of the house that is to be told: what it is called, its address, and the topics that it hears."""

    name: str
    url: str
    topics: Collection[str]


def add_endpoint(new: NewEndpoint, *, by: Actor, second: Actor | None, at: datetime) -> tuple[Endpoint, str]:
    """Add an endpoint, told of what happens from now on; return it and its secret, which is shown now and never again.

    Raises:
        AccessError: not an administrator, or no second one.
        UsageError: no name, no topic, one that is none, or an address that nothing is sent to.
    """
    _judge(new)
    by.require(ACTION)
    by.require_second(ACTION, second)
    secret = new_secret()
    with tenancy.within(by.organisation_id):
        code = f"we_{secrets.token_hex(6)}"
        made = Endpoint(
            code=code,
            name=new.name.strip(),
            url=new.url,
            topics=sorted(set(new.topics)),
            secret=sealed(secret, code),
            added_by=by.name,
            added_at=at,
        )
        made.save(force_insert=True)
        after = {"url": made.url, "topics": made.topics, "second": second.name if second else ""}
        record(by, ACTION, made, after=after, reason=by.with_second("", second), at=at)
        return made, secret


def _judge(new: NewEndpoint) -> None:
    if not 0 < len(new.name.strip()) <= _LONGEST or not new.name.isprintable():
        raise UsageError(
            f"endpoint {new.name!r}: give a name of 1 to {_LONGEST} characters",
            zh=f"请填写 1 至 {_LONGEST} 个字的名称",
        )
    if not new.topics:
        raise UsageError("an endpoint without a topic hears nothing; choose one", zh="请至少选择一个事件")
    if unknown := sorted(set(new.topics) - set(TOPICS)):
        raise UsageError(
            f"the topic {unknown[0]!r} is not one of {', '.join(TOPICS)}", zh=f"没有事件“{unknown[0]}”"
        )
    place_of(new.url)
