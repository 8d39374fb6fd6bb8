"""Questions about published months: which there are, which is due, what would be published now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from suixin.errors import LakeError, LendingError
from suixin.lake.store import Lake
from suixin.regions.suppress import suppress
from suixin.regions.table import Table
from suixin.server.ledger.models import Book
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.take_consents import CONTACTS, PROVIDERS, kind_of
from suixin.server.origination.models import Desk
from suixin.server.regions import documents
from suixin.server.regions.documents import RELATIONS
from suixin.server.regions.figures import figures
from suixin.server.regions.models import Ground, Publication
from suixin.server.regions.sales import PURPOSE
from suixin.server.servicing.amending import open_day
from suixin.server.sharing import drafting
from suixin.server.sharing.drafting import Parties
from suixin.server.sharing.models import Consent
from suixin.server.sharing.queries import consents_of
from suixin.sharing import artefact
from suixin.sharing.artefact import Principal, State

HISTORY = 2
"""So many of the months published before are held against a new one."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month and the days that count: what happened from `from_on` until before `as_of`, what is owed as that begins."""

    first_on: date
    from_on: date
    as_of: date


@dataclass(frozen=True, slots=True)
class Draft:
    """A month's tables as they may be published, and what the townships are called."""

    month: Month
    tables: Mapping[str, Table]
    names: Mapping[str, str]

    @property
    def document(self) -> dict[str, Any]:
        """As JSON."""
        return documents.document(self.tables, self.names)


def published(book: Book) -> list[Publication]:
    """The published months, the latest first."""
    return list(Publication.objects.filter(book_id=book.pk).order_by("-month"))


def ground(book: Book) -> Ground | None:
    """The county's own map, None for squares."""
    held = Ground.objects.filter(book_id=book.pk).order_by("-id").first()
    return held if held is not None and held.shapes else None


def due(book: Book) -> Month:
    """The month before the business date's, which may be published now.

    What happened counts from where the month published before ended, so that the months fit together.

    Raises:
        LendingError: it is published.
        BusinessDateError: the end of a day is running.
    """
    as_of = open_day(book)
    first_on = (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)
    last = Publication.objects.filter(book_id=book.pk).order_by("-month").first()
    if last is not None and last.month >= first_on:
        raise LendingError(f"{last.month:%Y-%m} is published; the next month is due once it has ended")
    return Month(first_on, first_on if last is None else last.as_of, as_of)


def draft(book: Book) -> Draft:
    """What would be published now, suppressed, also against the months published before.

    Raises:
        LendingError: the month is published.
    """
    month = due(book)
    before = [documents.read(one.tables) for one in published(book)[:HISTORY]]
    known = {area for tables in before for table in tables.values() for area in table.parents}
    true = figures(book, month.from_on, month.as_of, known)
    tables = {
        name: suppress(table, RELATIONS[name], [held[name] for held in before])
        for name, table in true.items()
    }
    places = {area for table in tables.values() for area in table.parents}
    return Draft(month, tables, _names(places))


def agreeing(at: datetime) -> int:
    """How many merchants let their sales be added up at an instant."""
    return Consent.objects.filter(purpose=PURPOSE, status=State.ACTIVE, expires_at__gt=at).count()


def agrees(merchant: Merchant, at: datetime) -> bool:
    """Whether a merchant lets theirs be added up."""
    held = sales_answer(merchant, at)
    return held is not None and held.state is State.ACTIVE


def sales_answer(merchant: Merchant, at: datetime) -> artefact.Consent | None:
    """The consent as the merchant's last answer left it, None if they never answered."""
    for one in consents_of(merchant.merchant_id, at):
        if one.consent.terms.purpose == PURPOSE and one.consent.state not in {State.REQUESTED, State.LAPSED}:
            return one.consent
    return None


def sales_notice(merchant: Merchant, at: datetime, lang: str) -> str:
    """What a merchant reads before they answer."""
    parties = Parties(Principal(kind_of(merchant), merchant.merchant_id), PROVIDERS[lang], CONTACTS[lang])
    return drafting.notice(drafting.draft(PURPOSE, "", parties, at), at, lang)


def _names(places: set[str]) -> dict[str, str]:
    """What the lake's table of regions calls them; it says nothing of any merchant. Without a lake codes stand alone."""
    held = Desk.objects.first()
    try:
        regions = None if held is None else Lake.open(Path(held.lake)).whole("regions")
        found = pl.DataFrame() if regions is None else regions.collect()
    except LakeError:
        return {}
    if found.is_empty():
        return {}
    named = found.filter(pl.col("region_code").is_in(sorted(places)))
    return {str(code): str(name) for code, name in named.select("region_code", "name").iter_rows()}
