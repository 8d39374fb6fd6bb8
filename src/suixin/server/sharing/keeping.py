"""Between the rows of a consent and the consent that the library knows."""

from datetime import datetime
from typing import Any

from suixin.errors import ConsentError, UsageError
from suixin.server import locks, tenancy
from suixin.server.identity.models import Organisation
from suixin.server.sharing import keys
from suixin.server.sharing.models import LIVE, Consent, ConsentEvent
from suixin.sharing import artefact
from suixin.sharing.artefact import Auth, Event, Kind
from suixin.sharing.consent import apply, due, replay
from suixin.sharing.purposes import civil_date
from suixin.sharing.signature import sign


def read(row: Consent) -> artefact.Consent:
    """The consent of a row: the fold of its events.

    Raises:
        ConsentError: the row is not what the events have made; nothing is read under it.
    """
    rows = sorted(row.events.all(), key=lambda one: one.version)
    held = replay(artefact.read_terms(row.terms), [event_of(one) for one in rows])
    if (held.version, held.hash, held.state) != (row.version, row.hash, row.status):
        raise ConsentError(
            f"consent {row.consent_id} differs from what its events made of it",
            "damaged",
            zh="同意的记录与其变更记录不一致，请联系管理员",
        )
    return held


def event_of(row: ConsentEvent) -> Event:
    """The event of a row."""
    auth = Auth(row.auth_method, row.evidence, row.witness) if row.auth_method else None
    return Event(Kind(row.kind), row.at, row.by, row.reason, auth)


def locked(merchant_id: str, purpose: str) -> list[Consent]:
    """All consents of a merchant for a purpose, in order, locked until the transaction ends."""
    return locks.rows(Consent.objects.filter(merchant_id=merchant_id, purpose=purpose))


def one(consent_id: str) -> Consent:
    """A consent, locked with all of its merchant and purpose.

    Raises:
        ConsentError: there is none of that number.
    """
    found = Consent.objects.filter(consent_id=consent_id).first()
    if found is None:
        raise ConsentError(f"there is no consent {consent_id!r}", "none", zh="没有这份同意")
    return next(row for row in locked(found.merchant_id, found.purpose) if row.pk == found.pk)


def chosen(rows: list[Consent]) -> Consent | None:
    """Of a merchant's consents for a purpose the live one, of which there is one at most; else the last one."""
    live = [row for row in rows if row.status in LIVE]
    return next(iter(live or rows[::-1]), None)


def begun(row: Consent, held: artefact.Consent) -> None:
    """Save a consent's first version."""
    _fill(row, held)
    row.save(force_insert=True)
    _write_event(row, held)


def on(row: Consent, held: artefact.Consent, event: Event) -> artefact.Consent:
    """Let an event happen; what the clock did before it is written down first.

    Raises:
        ConsentError: the consent does not allow it.
    """
    clock = due(held, event.at)
    for step in [event] if clock in (None, event) else [clock, event]:
        held = apply(held, step)
        _write_event(row, held)
    _fill(row, held)
    row.save(update_fields=["status", "version", "hash", "starts_at", "expires_at"])
    return held


def not_before(at: datetime, *others: datetime) -> datetime:
    """An instant, or the latest of others: two clocks that differ turn nothing back; UsageError for a naive one."""
    civil_date(at)
    return max([at, *others])


def fits(name: str, text: str, most: int, *, empty: bool = False) -> None:
    """Refuse a text that is empty or longer than its column.

    Raises:
        UsageError: it is.
    """
    if len(text) > most or not (text.strip() or empty):
        raise UsageError(
            f"{name} has {len(text)} characters; give 1 to {most}",
            zh=f"文字有 {len(text)} 个字，请写 1 至 {most} 个",
        )


def recipient() -> Organisation:
    """The organisation that asks and reads."""
    return Organisation.objects.get(pk=tenancy.current())


def state(held: artefact.Consent) -> dict[str, Any]:
    """What the audit log digests of a version."""
    return {"consent_id": held.terms.consent_id, "version": held.version, "hash": held.hash}


def _fill(row: Consent, held: artefact.Consent) -> None:
    row.status, row.version, row.hash = str(held.state), held.version, held.hash
    row.starts_at, row.expires_at = held.starts_at, held.expires_at


def _write_event(row: Consent, held: artefact.Consent) -> None:
    event, auth = held.last, held.last.auth or Auth("")
    ConsentEvent(
        consent=row,
        version=held.version,
        kind=str(event.kind),
        at=event.at,
        by=event.by,
        reason=event.reason,
        auth_method=auth.method,
        evidence=auth.evidence,
        witness=auth.witness,
        hash=held.hash,
        jws=sign(artefact.document(held), keys.signing_key(), aud=held.terms.recipient.id),
    ).save(force_insert=True)
