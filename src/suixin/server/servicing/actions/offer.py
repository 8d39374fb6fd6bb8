"""Offer a loan, with everything that it will carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from suixin.errors import LendingError
from suixin.ledger.servicing import Risk
from suixin.lending.contract import Contract
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor, Hands
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, keeping
from suixin.server.servicing.models import Facility, Loan, Profile, RiskShare
from suixin.server.servicing.repricing import Floats


class Share(NamedTuple):
    """A party's part of a loan's loss: ppm, up to a cap in minor units, from and to a day, claimed by a day."""

    party: str
    share_ppm: int
    cap_minor: int | None
    from_on: date
    until_on: date
    claim_by_on: date


@dataclass(frozen=True, slots=True)
class Carried:
    """What a loan carries as of its grant; see `suixin.server.servicing.models.Profile`."""

    borrower_class: str
    client_credit_minor: int
    purpose: str
    industry: str
    security: str
    channel: str
    payment_mode: str
    county: str
    village: str
    agricultural: bool = True
    inclusive: bool = True
    green: bool = False
    first_time: bool = False
    credit_only: bool = True
    renewal: bool = False
    partner: str = ""
    crop: str = ""


def offer(
    book: Book,
    contract: Contract,
    borrower: str,
    carried: Carried,
    *,
    by: Actor,
    at: datetime,
    hands: Hands | None = None,
    facility: str = "",
    risk: Risk | None = None,
    shares: Sequence[Share] = (),
    floats: Floats | None = None,
) -> Loan:
    """Offer a loan; a second time returns the same offer.

    Args:
        book: the lender's.
        contract: as it will be signed.
        borrower: a keyed pseudonym.
        carried: for every report.
        by: an approver.
        at: when.
        hands: whose hands the case went through.
        facility: under which it is drawn, or ''.
        risk: for the expected loss.
        shares: who bears the loss; together all of it, or none named.
        floats: how its rate follows the LPR; a fixed rate if None.

    Raises:
        LendingError: the number is that of another loan, shares that are not the whole, or no such facility.
        AccessError: the actor may not, or had the case in hand before.
    """
    if shares and sum(share.share_ppm for share in shares) != 1_000_000:
        total = sum(share.share_ppm for share in shares)
        raise LendingError(f"risk shares of {contract.loan} come to {total} ppm; they must be 1,000,000")
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.offer", book, hands)
        held = Loan.objects.filter(book_id=book.pk, number=contract.loan).first()
        row = amending.new_row(book, contract, borrower)
        if held is not None:
            if (held.contract, held.borrower) != (row.contract, borrower):
                raise LendingError(f"number {contract.loan} is that of another loan; use another one")
            return held
        row.facility = _facility(book, facility, borrower) if facility else None
        row.risk = keeping.risk_document(risk)
        row.reprices = None if floats is None else list(floats)
        row.save(force_insert=True)
        _carry(row, carried, contract.terms.start_on, shares)
        record(by, "lending.loan.offer", row, after={"contract": row.contract, "borrower": borrower}, at=at)
        return row


def _facility(book: Book, number: str, borrower: str) -> Facility:
    found = Facility.objects.filter(book_id=book.pk, number=number, borrower=borrower).first()
    if found is None:
        raise LendingError(f"book {book.code} has no facility {number!r} of {borrower}")
    return found


def _carry(row: Loan, carried: Carried, granted_on: date, shares: Sequence[Share]) -> None:
    columns: dict[str, Any] = {name: getattr(carried, name) for name in Carried.__dataclass_fields__}
    Profile(loan=row, granted_on=granted_on, **columns).save(force_insert=True)
    for share in shares:
        RiskShare(loan=row, **share._asdict()).save(force_insert=True)
