"""Offer a loan, with everything that it will carry."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from django.db import IntegrityError, transaction

from suixin.errors import ConflictError, CurrencyError, LendingError
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
        LendingError: shares that are not the whole, a number with '/', or no such facility.
        ConflictError: the number was offered before with other terms.
        CurrencyError: another currency than the book's.
        AccessError: the actor may not, or had the case in hand before.
    """
    if shares and sum(share.share_ppm for share in shares) != 1_000_000:
        total = sum(share.share_ppm for share in shares)
        raise LendingError(
            f"risk shares of {contract.loan} come to {total} ppm; they must be 1,000,000",
            zh=f"贷款 {contract.loan} 的风险分担比例合计须为 100%",
        )
    if contract.currency != book.currency:
        raise CurrencyError(
            f"{contract.loan} is in {contract.currency}; book {book.code} is in {book.currency}",
            zh=f"贷款 {contract.loan} 的币种是 {contract.currency}，账簿的币种是 {book.currency}",
        )
    amending.judged(contract.loan)
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.offer", book, hands)
        row = amending.new_row(book, contract, borrower)
        row.facility = _facility(book, facility, borrower) if facility else None
        row.risk = keeping.risk_document(risk)
        row.reprices = None if floats is None else list(floats)
        row.offered_by, row.offered_as = by.name, _digest(row, facility, carried, shares)
        held = Loan.objects.filter(book_id=book.pk, number=contract.loan).first()
        if held is not None:
            if held.offered_as != row.offered_as:
                raise ConflictError(
                    f"number {contract.loan} was offered before with other terms; use another one",
                    zh=f"编号 {contract.loan} 已按其他条件出具过要约，请换一个编号",
                )
            return held
        _save(row)
        _carry(row, carried, contract.terms.start_on, shares)
        _serviced(book)
        record(
            by, "lending.loan.offer", row, after={"offered_as": row.offered_as, "borrower": borrower}, at=at
        )
        return row


def _digest(row: Loan, facility: str, carried: Carried, shares: Sequence[Share]) -> str:
    """SHA-256 (hex) of everything that is offered."""
    held = [
        row.contract,
        row.borrower,
        facility,
        row.risk,
        row.reprices,
        asdict(carried),
        [list(share) for share in shares],
    ]
    return sha256(orjson.dumps(held)).hexdigest()


def _save(row: Loan) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(
            f"number {row.number} is being offered by another call; ask again",
            zh=f"编号 {row.number} 正在另一处出具要约，请稍后再试",
        ) from error


def _serviced(book: Book) -> None:
    """From its first loan on, only the end of its days moves the book's date."""
    Book.objects.filter(pk=book.pk, serviced=False).update(serviced=True)


def _facility(book: Book, number: str, borrower: str) -> Facility:
    found = Facility.objects.filter(book_id=book.pk, number=number, borrower=borrower).first()
    if found is None:
        raise LendingError(
            f"book {book.code} has no facility {number!r} of {borrower}", zh=f"客户没有授信额度 {number}"
        )
    return found


def _carry(row: Loan, carried: Carried, granted_on: date, shares: Sequence[Share]) -> None:
    columns: dict[str, Any] = {name: getattr(carried, name) for name in Carried.__dataclass_fields__}
    Profile(loan=row, granted_on=granted_on, **columns).save(force_insert=True)
    for share in shares:
        RiskShare(loan=row, **share._asdict()).save(force_insert=True)
