"""The words of webhooks: topics, where a delivery stands, and what came of an attempt."""

from suixin.server.pages.casewords import Said
from suixin.server.pages.templatetags.words import pair
from suixin.server.webhooks import faults
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


def said_of(attempt: Attempt) -> str:
    """What was answered, as it was; or why there was no answer, in the reader's language."""
    return attempt.said if attempt.status is not None else why(attempt.said)


def why(stored: str) -> str:
    """A reason that the program or a person gave, in the reader's language if it is the program's."""
    return pair(faults.chinese(stored), stored)
