"""Questions about consents: a merchant's, with their receipts; may this be read; are the rows whole."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from suixin.errors import ConsentError
from suixin.server.sharing import keeping, keys
from suixin.server.sharing.models import Consent, ConsentEvent
from suixin.server.sharing.models import Receipt as Row
from suixin.sharing import artefact
from suixin.sharing.check import Question, Verdict, check
from suixin.sharing.consent import apply, begin, settled
from suixin.sharing.notices import named
from suixin.sharing.receipt import Receipt
from suixin.sharing.signature import verify


class Shown(NamedTuple):
    """A consent as it stands at an instant, with the notice that was shown."""

    consent: artefact.Consent
    notice: str


def consents_of(merchant_id: str, at: datetime) -> list[Shown]:
    """The consents of a merchant as they stand at an instant, the latest request first."""
    rows = Consent.objects.filter(merchant_id=merchant_id).order_by("-pk").prefetch_related("events")
    return [Shown(settled(keeping.read(row), at), row.notice) for row in rows]


def receipts_of(merchant_id: str) -> list[Receipt]:
    """The receipts of a merchant, the latest first."""
    rows = Row.objects.filter(merchant_id=merchant_id).order_by("-pk").select_related("consent")
    house = keeping.recipient().code
    return [
        Receipt(
            receipt_id=row.receipt_id,
            consent_id=row.consent.consent_id,
            version=row.version,
            merchant_id=row.merchant_id,
            recipient=house,
            purpose=row.purpose,
            scopes=tuple(row.scopes),
            what=row.what,
            since=row.since,
            by=row.by,
            at=row.at,
            number=row.number,
        )
        for row in rows
    ]


def verdict(merchant_id: str, purpose: str, scopes: Collection[str], at: datetime) -> Verdict:
    """Whether `use` would say yes at an instant; for a page to show, since the answer may change before the use."""
    row = keeping.chosen(
        list(Consent.objects.filter(merchant_id=merchant_id, purpose=purpose).order_by("pk"))
    )
    held = keeping.read(row) if row else None
    used = list(row.receipts.values_list("at", flat=True)) if row else []
    return check(held, Question(merchant_id, keeping.recipient().code, purpose, scopes, at), used)


def first_break(consent_id: str) -> int | None:
    """The first version of a consent that is not what was hashed, chained and signed, or None.

    A notice that is not the text that was shown breaks the first.

    Raises:
        ConsentError: there is no such consent.
    """
    row = Consent.objects.filter(consent_id=consent_id).first()
    if row is None:
        raise ConsentError(f"there is no consent {consent_id!r}", "none", zh="没有这份同意")
    terms, known = artefact.read_terms(row.terms), keys.public_keys()
    if named(row.notice, terms.notice.lang).sha256 != terms.notice.sha256:
        return 1
    held: artefact.Consent | None = None
    for number, event in enumerate(row.events.order_by("version"), start=1):
        held = _whole(terms, held, event, known)
        if held is None or event.version != number:
            return number
    if held is None or (held.version, held.hash, held.state) != (row.version, row.hash, row.status):
        return held.version + 1 if held else 1
    return None


def _whole(
    terms: artefact.Terms,
    before: artefact.Consent | None,
    event: ConsentEvent,
    known: Mapping[str, EllipticCurvePublicKey],
) -> artefact.Consent | None:
    """The version that an event makes, if it is the one that was signed then."""
    try:
        step = keeping.event_of(event)
        made = begin(terms, step) if before is None else apply(before, step)
        signed = verify(event.jws, known, aud=terms.recipient.id)
    except ConsentError:
        return None
    return made if event.hash == made.hash and signed == artefact.document(made) else None
