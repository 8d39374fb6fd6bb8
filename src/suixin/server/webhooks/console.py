"""What the command line asks of webhooks, as plain data. Importing this module starts Django."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from suixin.server.start import start

start()

from suixin.server import storage, tenancy  # noqa: E402  models are there once Django is
from suixin.server.identity.actions.give_word import give_word  # noqa: E402
from suixin.server.identity.queries import organisation_of  # noqa: E402
from suixin.server.webhooks import delivering, queries  # noqa: E402
from suixin.server.webhooks.actions.add_endpoint import NewEndpoint, add_endpoint  # noqa: E402
from suixin.server.webhooks.actions.rotate_secret import rotate_secret  # noqa: E402
from suixin.server.webhooks.actions.switch_off import switch_off  # noqa: E402
from suixin.server.webhooks.actions.switch_on import switch_on  # noqa: E402
from suixin.server.webhooks.models import Endpoint  # noqa: E402

Word = tuple[str, str, str]
_COLUMNS = ("code", "name", "url", "topics", "added_at", "off_at", "off_because")


def add(
    organisation: str, people: Sequence[Word], *, name: str, url: str, topics: Sequence[str]
) -> dict[str, Any]:
    """Add an endpoint by the word of two administrators (name, password, code each); its secret is told here alone."""
    storage.require_ready()
    house = organisation_of(organisation).pk
    by, second = (give_word(*person, house=house, at=timezone.now()) for person in people)
    with tenancy.within(house):
        made, secret = add_endpoint(NewEndpoint(name, url, topics), by=by, second=second, at=timezone.now())
        return _shown(made) | {"secret": secret}


def rotate(organisation: str, code: str, person: Word, *, reason: str) -> dict[str, Any]:
    """Replace a secret; see `rotate_secret`."""
    storage.require_ready()
    house = organisation_of(organisation).pk
    by = give_word(*person, house=house, at=timezone.now())
    with tenancy.within(house):
        made, secret = rotate_secret(code, by=by, reason=reason, at=timezone.now())
        return _shown(made) | {"secret": secret, "old_until": made.old_until}


def off(organisation: str, code: str, person: Word, *, reason: str) -> dict[str, Any]:
    """Switch an endpoint off; see `switch_off`."""
    storage.require_ready()
    house = organisation_of(organisation).pk
    by = give_word(*person, house=house, at=timezone.now())
    with tenancy.within(house):
        return _shown(switch_off(code, by=by, reason=reason, at=timezone.now()))


def on(organisation: str, code: str, people: Sequence[Word], *, reason: str) -> dict[str, Any]:
    """Switch an endpoint on again; see `switch_on`."""
    storage.require_ready()
    house = organisation_of(organisation).pk
    by, second = (give_word(*person, house=house, at=timezone.now()) for person in people)
    with tenancy.within(house):
        return _shown(switch_on(code, by=by, second=second, reason=reason, at=timezone.now()))


def listed(organisation: str) -> list[dict[str, Any]]:
    """A house's endpoints, the oldest first, with how many events wait for each and how many were given up."""
    storage.require_ready()
    with tenancy.within(organisation_of(organisation).pk):
        return [
            _shown(one) | {"waiting": getattr(one, "waiting", 0), "dead": getattr(one, "dead", 0)}
            for one in queries.endpoints()
        ]


def deliver() -> dict[str, dict[str, int]]:
    """Send what is due in every house, once; by its code, how many were taken and how many not."""
    storage.require_ready()
    return {code: done._asdict() for code, done in delivering.carry_what_waits().items()}


def watch(goes_on: Callable[[], bool]) -> None:
    """Send what is due until told to stop; see `delivering.watch`."""
    storage.require_ready()
    delivering.watch(goes_on=goes_on)


def _shown(row: Endpoint) -> dict[str, Any]:
    return {column: getattr(row, column) for column in _COLUMNS}
