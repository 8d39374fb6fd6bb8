"""The words of webhooks: topics, where a delivery stands, and what came of an attempt."""

from suixin.server.pages.casewords import Said
from suixin.server.pages.templatetags.words import pair
from suixin.server.webhooks.models import Attempt
from suixin.server.webhooks.topics import TOPICS

STATES = {
    "waiting": Said("待送达", "waiting", "warn"),
    "delivered": Said("已送达", "delivered", "good"),
    "dead": Said("已放弃", "given up", "bad"),
}


def topic(name: str) -> str:
    """A topic in words."""
    return pair(TOPICS[name].zh, TOPICS[name].en) if name in TOPICS else name


def came_of(attempt: Attempt) -> str:
    """What an endpoint answered, or that it did not."""
    return pair("无应答", "no answer") if attempt.status is None else f"HTTP {attempt.status}"
