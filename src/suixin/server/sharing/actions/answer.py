"""What the verbs of an answer have in common; each verb has its own file."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.outbox.actions.write import News, write
from suixin.server.sharing import keeping, word
from suixin.server.sharing.models import WORDS, Consent
from suixin.server.webhooks.topics import news
from suixin.sharing.artefact import Event, Kind, State
from suixin.sharing.consent import TRANSITIONS, due

OPENS = frozenset({Kind.GRANTED, Kind.RESUMED})


def answer(
    kind: Kind,
    action: str,
    consent_id: str,
    *,
    by: Actor,
    at: datetime,
    signed_paper: str = "",
    witness: Actor | None = None,
    reason: str = "",
) -> Consent:
    """Let an event happen to a consent by the merchant's word; a second time changes nothing."""
    keeping.fits("reason", reason, WORDS, empty=True)
    keeping.fits("signed_paper", signed_paper, WORDS, empty=True)
    with tenancy.within(by.organisation_id):
        row = keeping.one(consent_id)
        by.require(action, row)
        said = word.taken(
            by, row.merchant_id, signed_paper=signed_paper, witness=witness, opens=kind in OPENS
        )
        held = keeping.read(row)
        instant = keeping.not_before(at, held.last.at)
        if held.state is TRANSITIONS[kind][1] and due(held, instant) is None:
            return row
        if kind is Kind.GRANTED:
            _replace(row, instant)
        made = keeping.on(row, held, Event(kind, instant, by.name, reason, said))
        if kind is Kind.WITHDRAWN:
            write([_withdrawn(row)], at=at)
        record(
            by, action, row, before=keeping.state(held), after=keeping.state(made), reason=reason, at=instant
        )
        return row


def _withdrawn(row: Consent) -> News:
    told = {"consent": row.consent_id, "merchant_id": row.merchant_id, "purpose": row.purpose}
    return news("consent.withdrawn", row.consent_id, **told)


def _replace(row: Consent, at: datetime) -> None:
    """A live consent for the same purpose makes room for the new one."""
    for other in keeping.locked(row.merchant_id, row.purpose):
        if other.pk == row.pk or other.status not in (State.ACTIVE, State.PAUSED):
            continue
        held = keeping.read(other)
        instant = keeping.not_before(at, held.last.at)
        reason = f"consent {row.consent_id} takes its place"
        keeping.on(other, held, due(held, instant) or Event(Kind.SUPERSEDED, instant, "system:grant", reason))
