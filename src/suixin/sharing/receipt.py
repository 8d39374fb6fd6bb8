"""A receipt of a use: what was read, when, by whom, for what purpose, and under which version of a consent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from suixin.errors import ConsentError
from suixin.sharing.artefact import Consent
from suixin.sharing.check import WORDS, Question, check, reaches_to


@dataclass(frozen=True, slots=True)
class Receipt:
    """One use of a merchant's data, as she may read it.

    Attributes:
        receipt_id: its number.
        consent_id, version: the consent, and the version that allowed the use.
        merchant_id: whose data.
        recipient: the id of the house that read.
        purpose, scopes: for what, and which tables.
        what: the act that needed it, in a few words.
        since: the first day that may be read; the reader keeps to it.
        by: who ('user:17', 'system:...').
        at: when.
        number: the how-manieth use under the consent.
    """

    receipt_id: str
    consent_id: str
    version: int
    merchant_id: str
    recipient: str
    purpose: str
    scopes: tuple[str, ...]
    what: str
    since: date
    by: str
    at: datetime
    number: int


def issue(
    held: Consent | None, asked: Question, uses: Collection[datetime], *, receipt_id: str, what: str, by: str
) -> Receipt:
    """Return the receipt of a use that the consent allows.

    Args:
        held: the consent as it stands in the records, or None.
        asked: what is read.
        uses: the instants of all uses under it so far.
        receipt_id: a number that no other receipt has.
        what: the act that needs it.
        by: who reads.

    Raises:
        ConsentError: the consent does not allow it; `why` is the code of the verdict.
    """
    if not what:
        raise ConsentError("a use without words; say what the data is read for", "no_words")
    why = check(held, asked, uses).why
    if why is not None or held is None:
        raise ConsentError(
            f"{asked.purpose} of merchant {asked.principal}: {WORDS[why].en if why else ''}", str(why)
        )
    return Receipt(
        receipt_id=receipt_id,
        consent_id=held.terms.consent_id,
        version=held.version,
        merchant_id=asked.principal,
        recipient=asked.recipient,
        purpose=asked.purpose,
        scopes=tuple(sorted(asked.scopes)),
        what=what,
        since=asked.since or reaches_to(held, asked.at),
        by=by,
        at=asked.at,
        number=len(uses) + 1,
    )
