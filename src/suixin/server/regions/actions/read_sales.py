"""Read a month's sales, of those who agreed to it alone, and add them up by township."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from suixin.errors import ConsentError, LakeError
from suixin.regions.table import Table
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.regions.documents import COLUMNS, SALES
from suixin.server.regions.figures import Sums, table
from suixin.server.regions.queries import Month
from suixin.server.regions.sales import PURPOSE, READS, Absent, source, sums
from suixin.server.sharing import acts
from suixin.server.sharing.actions.use import use
from suixin.server.sharing.models import Consent
from suixin.sharing.artefact import State


def read_sales(month: Month, places: Iterable[str], *, by: Actor, at: datetime) -> Table | Absent:
    """The sales of a month by township, not yet suppressed; a receipt for each merchant stands in the caller's transaction.

    Whose consent says no (it is paused, withdrawn or over, or was used three times this month) is not read and not counted.
    If there is no lake that knows the month nobody is asked, and if it cannot be read no receipt stays.

    Args:
        month: that is published.
        places: townships of the table.
        by: who publishes.
        at: when.

    Raises:
        AccessError: the actor may not read.
        TenancyError: outside `tenancy.within` the actor's organisation.
    """
    held = source(month.first_on)
    if isinstance(held, Absent):
        return held
    counted = Sums()
    try:
        with transaction.atomic():
            lives = _agreed(month, by, at)
            for merchant, fen in sums(held, lives, month.first_on, month.as_of).items():
                counted.add(SALES, lives[merchant], fen)
    except LakeError:
        return Absent.LAKE
    return table(counted.held, COLUMNS[SALES], places)


def _agreed(month: Month, by: Actor, at: datetime) -> dict[str, str]:
    """Merchant -> village, of those who may be read; each has a receipt from here on."""
    asked = Consent.objects.filter(purpose=PURPOSE, status=State.ACTIVE)
    lives = dict(
        Merchant.objects.filter(merchant_id__in=asked.values("merchant_id")).values_list(
            "merchant_id", "village"
        )
    )
    read = {}
    for merchant in sorted(lives):
        try:
            use(
                by,
                merchant_id=merchant,
                purpose=PURPOSE,
                scopes=READS,
                at=at,
                what=acts.SALES.written(f"{month.first_on:%Y-%m}"),
                since=month.first_on,
            )
        except ConsentError:
            continue
        read[merchant] = lives[merchant]
    return read
