"""Read a merchant's data under her consent: the one door to it, and a receipt for each time it opens."""

import secrets
from collections.abc import Collection
from datetime import date, datetime

from suixin.errors import TenancyError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.sharing import keeping
from suixin.server.sharing.models import WORDS, Consent
from suixin.server.sharing.models import Receipt as Row
from suixin.sharing import artefact
from suixin.sharing.artefact import Event, Kind
from suixin.sharing.check import Question
from suixin.sharing.purposes import Unit
from suixin.sharing.receipt import Receipt, issue

ACTION = "sharing.data.use"


def use(
    actor: Actor,
    *,
    merchant_id: str,
    purpose: str,
    scopes: Collection[str],
    at: datetime,
    what: str,
    since: date | None = None,
) -> Receipt:
    """Ask for a merchant's data, and write the receipt of it into the caller's transaction; then read.

    The consent stays locked until that transaction ends: a withdrawal comes before the use or after it, and caps count
    exactly. Nothing is written if the answer is no, so that the caller's transaction may go on without the data.
    Several merchants in one transaction are asked for in the order of their keys.

    Args:
        actor: who reads.
        merchant_id: whose data.
        purpose: for what.
        scopes: which tables of the lake, or 'bureau'.
        at: when.
        what: the act that needs it, in a few words that the merchant will read.
        since: the first day that is read; else as far back as the consent reaches, which the receipt says.

    Raises:
        ConsentError: there is no consent to that; `why` says which of `suixin.sharing.check.Why` it is.
        AccessError: the actor may not read.
        UsageError: no words for the act, or too many.
        TenancyError: outside `tenancy.within` the actor's organisation.
    """
    actor.require(ACTION)
    if tenancy.current() != actor.organisation_id:
        raise TenancyError(f"{actor.name} reads inside the transaction of organisation {tenancy.current()}")
    keeping.fits("what", what, WORDS)
    row = keeping.chosen(keeping.locked(merchant_id, purpose))
    held = keeping.read(row) if row else None
    used = list(row.receipts.order_by("number").values_list("at", flat=True)) if row else []
    instant = keeping.not_before(at, *used[-1:], *([held.last.at] if held else []))
    asked = Question(merchant_id, keeping.recipient().code, purpose, scopes, instant, since)
    made = issue(held, asked, used, receipt_id=secrets.token_hex(16), what=what, by=actor.name)
    if row and held:  # always so: without them there is no receipt
        _write(actor, row, held, made)
    return made


def _write(actor: Actor, row: Consent, held: artefact.Consent, made: Receipt) -> None:
    kept = Row(
        consent=row,
        receipt_id=made.receipt_id,
        number=made.number,
        version=made.version,
        merchant_id=made.merchant_id,
        purpose=made.purpose,
        scopes=list(made.scopes),
        what=made.what,
        since=made.since,
        by=made.by,
        at=made.at,
    )
    kept.save(force_insert=True)
    record(actor, ACTION, kept, after={"receipt_id": made.receipt_id, "number": made.number}, at=made.at)
    if held.terms.frequency == (Unit.LIFE, made.number):
        keeping.on(row, held, Event(Kind.CONSUMED, made.at, actor.name, "every use was made"))
