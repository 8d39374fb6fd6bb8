"""The artefact of a consent: what a merchant was asked, what she answered, and what became of it, as data."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from suixin.sharing.purposes import Frequency, Purpose, Unit


class State(StrEnum):
    """Where a consent is in its life."""

    REQUESTED = "requested"
    ACTIVE = "active"
    PAUSED = "paused"
    REJECTED = "rejected"
    LAPSED = "lapsed"  # nobody answered in time
    REVOKED = "revoked"
    EXPIRED = "expired"
    CONSUMED = "consumed"  # every use that it allowed was made
    SUPERSEDED = "superseded"  # a later consent for the same purpose took its place

    @property
    def is_final(self) -> bool:
        """Whether nothing follows it."""
        return self not in (State.REQUESTED, State.ACTIVE, State.PAUSED)


class Kind(StrEnum):
    """What happens to a consent."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    PAUSED = "paused"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CONSUMED = "consumed"
    SUPERSEDED = "superseded"


class Principal(NamedTuple):
    """Whose data it is: natural_person, sole_trader, enterprise or coop, by the lake's key."""

    kind: str
    pseudonym: str


class Party(NamedTuple):
    """A house that gives, gets or processes data, and where to reach it (PIPL art. 23)."""

    id: str
    name: str
    contact: str


class Notice(NamedTuple):
    """The text that was shown: its SHA-256 (hex), language and version."""

    sha256: str
    lang: str
    version: str


class Auth(NamedTuple):
    """How the merchant's word was taken: 'session', or 'signed_paper' with what it is filed under and who witnessed."""

    method: str
    evidence: str = ""
    witness: str = ""


class Stated(NamedTuple):
    """What the purpose said of itself on the day of the request; a later wording changes no consent."""

    zh: str
    en: str
    data_life_days: int
    automated: bool
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a merchant is asked; it never changes, since other terms are another consent (PIPL art. 14).

    Attributes:
        consent_id: its number, everywhere.
        handle: the key under which it was asked for.
        principal: whose data.
        provider: who holds it.
        recipient: who may read it.
        purpose: one code of `suixin.sharing.purposes`.
        stated: the purpose's words and its other figures.
        scopes: what may be read, in order.
        frequency: how often.
        history_months: how far back.
        life_days: how long the consent holds once granted.
        notice: the text that was shown.
        processors: who works for the recipient.
    """

    consent_id: str
    handle: str
    principal: Principal
    provider: Party
    recipient: Party
    purpose: str
    stated: Stated
    scopes: tuple[str, ...]
    frequency: Frequency
    history_months: int
    life_days: int
    notice: Notice
    processors: tuple[Party, ...] = ()


def stated(purpose: Purpose) -> Stated:
    """Return what a consent keeps of its purpose."""
    return Stated(purpose.zh, purpose.en, purpose.data_life_days, purpose.automated, purpose.legal_basis)


class Event(NamedTuple):
    """Something that happens to a consent: at an instant, by somebody ('user:17'), and why."""

    kind: Kind
    at: datetime
    by: str
    reason: str = ""
    auth: Auth | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A version of a consent.

    Attributes:
        terms: what was asked.
        state: where it is.
        version: 1 for the request, one more with each event.
        prev_hash: of the version before, '' for the first.
        last: the event that made this version.
        auth, auth_at: how and when the merchant's word was last taken.
        starts_at, expires_at: from the grant on; the instant of expiry is outside.
    """

    terms: Terms
    state: State
    version: int
    prev_hash: str
    last: Event
    auth: Auth | None = None
    auth_at: datetime | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of this version's document."""
        return sha256(content(self)).hexdigest()


def document(held: Consent) -> dict[str, Any]:
    """Return the artefact of a version: what is hashed, signed and shown, as plain JSON."""
    terms, purpose = held.terms, held.terms.stated
    once = terms.frequency.most == 1
    return {
        "schema": 1,
        "consent_id": terms.consent_id,
        "handle": terms.handle,
        "version": held.version,
        "prev_hash": held.prev_hash,
        "principal": {
            "type": terms.principal.kind,
            "pseudonym": terms.principal.pseudonym,
            "auth_method": held.auth.method if held.auth else None,
            "auth_evidence": held.auth.evidence if held.auth else None,
            "auth_witness": held.auth.witness if held.auth else None,
            "auth_time": _text(held.auth_at),
        },
        "provider": terms.provider._asdict(),
        "recipient": terms.recipient._asdict(),
        "processors": [one._asdict() for one in terms.processors],
        "purpose": {
            "code": terms.purpose,
            "text": {"zh": purpose.zh, "en": purpose.en},
            "template": terms.notice.version,
        },
        "scopes": list(terms.scopes),
        "mode": "query",
        "fetch": "once" if once else "periodic",
        "frequency": {"unit": str(terms.frequency.unit), "max": terms.frequency.most},
        "data_range": {"months": terms.history_months},
        "data_life": {"days": purpose.data_life_days},
        "life": {"days": terms.life_days},
        "starts": _text(held.starts_at),
        "expires": _text(held.expires_at),
        "legal_basis": purpose.legal_basis,
        "separate_consent": True,
        "sensitive": True,
        "automated_decision": purpose.automated,
        "human_review": purpose.automated,
        "notice": terms.notice._asdict(),
        "status": str(held.state),
        "status_reason": held.last.reason,
        "status_by": held.last.by,
        "status_at": _text(held.last.at),
    }


def content(held: Consent) -> bytes:
    """Return a version's canonical bytes: JSON with sorted keys, instants in UTC."""
    return orjson.dumps(document(held), option=orjson.OPT_SORT_KEYS)


def write_terms(terms: Terms) -> dict[str, Any]:
    """Return terms as plain JSON; `read_terms` reads them."""
    return {
        "consent_id": terms.consent_id,
        "handle": terms.handle,
        "principal": list(terms.principal),
        "provider": list(terms.provider),
        "recipient": list(terms.recipient),
        "purpose": terms.purpose,
        "stated": list(terms.stated),
        "scopes": list(terms.scopes),
        "frequency": list(terms.frequency),
        "history_months": terms.history_months,
        "life_days": terms.life_days,
        "notice": list(terms.notice),
        "processors": [list(one) for one in terms.processors],
    }


def read_terms(written: dict[str, Any]) -> Terms:
    """Return the terms that were written."""
    unit, most = written["frequency"]
    return Terms(
        consent_id=written["consent_id"],
        handle=written["handle"],
        principal=Principal(*written["principal"]),
        provider=Party(*written["provider"]),
        recipient=Party(*written["recipient"]),
        purpose=written["purpose"],
        stated=Stated(*written["stated"]),
        scopes=tuple(written["scopes"]),
        frequency=Frequency(Unit(unit), most),
        history_months=written["history_months"],
        life_days=written["life_days"],
        notice=Notice(*written["notice"]),
        processors=tuple(Party(*one) for one in written["processors"]),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")
