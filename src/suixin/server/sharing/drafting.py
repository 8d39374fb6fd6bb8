"""What a merchant would be asked: the terms of a purpose on a day, and the notice that goes with them."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from suixin.server.sharing import keeping
from suixin.sharing import notices
from suixin.sharing.artefact import Notice, Party, Principal, Terms, stated
from suixin.sharing.purposes import Frequency, civil_date, purpose_on


class Less(NamedTuple):
    """What is asked for if it is less than the purpose allows; None for all of it."""

    scopes: Collection[str] | None = None
    frequency: Frequency | None = None
    history_months: int | None = None
    life_days: int | None = None


class Parties(NamedTuple):
    """Whose data it is, who holds it, and where the organisation that asks is reached about it."""

    principal: Principal
    provider: Party
    contact: str


def draft(code: str, handle: str, parties: Parties, at: datetime, less: Less | None = None) -> Terms:
    """The terms, their notice still empty.

    Raises:
        UsageError: an unknown purpose, or an instant without a time zone.
    """
    purpose, house, less = purpose_on(code, civil_date(at)), keeping.recipient(), less or Less()
    return Terms(
        consent_id=secrets.token_hex(16),
        handle=handle,
        principal=parties.principal,
        provider=parties.provider,
        recipient=Party(house.code, house.name, parties.contact),
        purpose=code,
        stated=stated(purpose),
        scopes=tuple(sorted(purpose.scopes if less.scopes is None else set(less.scopes))),
        frequency=less.frequency or purpose.cap,
        history_months=purpose.history_months if less.history_months is None else less.history_months,
        life_days=purpose.life_days if less.life_days is None else less.life_days,
        notice=Notice("", "", ""),
    )


def notice(terms: Terms, at: datetime, lang: str) -> str:
    """The text that is shown with these terms; UsageError for an unknown language."""
    return notices.text(terms, purpose_on(terms.purpose, civil_date(at)), lang)
