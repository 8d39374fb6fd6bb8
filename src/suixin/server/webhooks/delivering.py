"""The postman: every house's events are carried to its endpoints, by whatever process watches."""

import logging
import time as clocks
from collections.abc import Callable
from datetime import datetime
from math import inf

from django.db import DatabaseError, connection
from django.utils import timezone

from suixin.errors import SuixinError
from suixin.server import tenancy
from suixin.server.identity import access
from suixin.server.identity.models import Organisation
from suixin.server.rounds import keep_on
from suixin.server.webhooks import queries
from suixin.server.webhooks.actions.deliver import Delivered, deliver
from suixin.server.webhooks.actions.spread import spread

LOOK_EVERY = 2.0
"""Seconds between two looks."""
_TRY_AGAIN_AFTER = 60.0
_TURN = 30.0
_logger = logging.getLogger("suixin.webhooks")


def houses() -> list[Organisation]:
    """Every house that has an endpoint which is on."""
    with tenancy.directory("suixin.operator", "on"):
        found = list(Organisation.objects.order_by("code"))
    return [one for one in found if _hears(one)]


def _hears(house: Organisation) -> bool:
    with tenancy.reading(house.pk):
        return queries.any_on()


def is_wanted() -> bool:
    """Whether anybody is to be told anything; not, while the database cannot be asked. No connection stays open."""
    try:
        return bool(houses())
    except DatabaseError:
        return False
    finally:
        connection.close()


def carry_what_waits(
    clock: Callable[[], datetime] = timezone.now,
    goes_on: Callable[[], bool] = lambda: True,
    turn_seconds: float = inf,
) -> dict[str, Delivered]:
    """Spread and deliver whatever is due in every house; by its code, what came of it.

    A house has its turn, for at most so many seconds and a request, so that slow endpoints of one hold up no other.

    A house where something goes wrong is left for the next time, and the others go on.

    Raises:
        SuixinError, DatabaseError: the last thing that went wrong, once every house had its turn.
    """
    done, wrong = {}, None
    for house in houses():
        by = access.system(house.pk, "webhooks")
        try:
            spread(by=by, at=clock())
            done[house.code] = deliver(by=by, clock=clock, goes_on=_turn(goes_on, turn_seconds))
        except (SuixinError, DatabaseError) as error:
            wrong = error
            _logger.exception("webhooks failed", extra={"fields": {"house": house.code}})
    if wrong is not None:
        raise wrong
    return done


def _turn(goes_on: Callable[[], bool], seconds: float) -> Callable[[], bool]:
    over = clocks.monotonic() + seconds
    return lambda: clocks.monotonic() < over and goes_on()


def watch(*, goes_on: Callable[[], bool]) -> None:
    """Look every two seconds whether something is to be sent, and send it, until told to stop."""
    keep_on(
        lambda: carry_what_waits(goes_on=goes_on, turn_seconds=_TURN),
        every=LOOK_EVERY,
        again_after=_TRY_AGAIN_AFTER,
        waits="webhooks wait",
        goes_on=goes_on,
    )
