"""Register a borrower's signed word that a share of a shop's sales goes to a loan."""

from datetime import date, datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, hands
from suixin.server.servicing.models import SweepAuthorisation


def authorise_sweep(
    book: Book,
    number: str,
    *,
    platform: str,
    shop: str,
    share_ppm: int,
    keep_minor: int,
    return_days: int,
    signed_on: date,
    signature: str,
    by: Actor,
    at: datetime,
) -> SweepAuthorisation:
    """Register it; the same again returns the one that is there.

    Args:
        book: the lender's.
        number: the loan's.
        platform: on which the shop is.
        shop: a pseudonym of the account that the platform pays to.
        share_ppm: of each settlement, 1 to 1,000,000.
        keep_minor: of each settlement, stays with the household.
        return_days: within which a sale can be returned: nothing is withheld before they are over.
        signed_on: the day of the signature.
        signature: SHA-256 (hex) of the signed document.
        by: who saw it signed.
        at: when.

    Raises:
        LendingError: a share or sum out of range, no signature, or another live authorisation of the shop.
    """
    if not 0 < share_ppm <= 1_000_000 or keep_minor < 0 or return_days < 0 or len(signature) != 64:
        raise LendingError(
            f"authorisation of {share_ppm} ppm, {keep_minor} kept, {return_days} days, signature of "
            f"{len(signature)} characters: give a share, sums and days of 0 or more, and a SHA-256 in hex",
            zh="扣还授权须写明比例、保留金额、退货天数和签名",
        )
    wanted = {
        "share_ppm": share_ppm,
        "keep_minor": keep_minor,
        "return_days": return_days,
        "signed_on": signed_on,
        "signature": signature,
    }
    with tenancy.within(book.organisation_id):
        by.require("lending.sweep.authorise", book, hands.of_loan(book, number))
        (row,) = amending.locked(book, number)
        live = SweepAuthorisation.objects.filter(loan_id=row.pk, platform=platform, shop=shop, ended_on=None)
        held = live.first()
        if held is not None:
            if any(getattr(held, name) != value for name, value in wanted.items()):
                raise LendingError(
                    f"loan {number} has a live authorisation of this shop; end it first",
                    zh=f"借款 {number} 已有这家店铺的随销还款授权",
                )
            return held
        made = SweepAuthorisation(loan=row, platform=platform, shop=shop, **wanted)
        made.save(force_insert=True)
        record(by, "lending.sweep.authorise", made, after={**wanted, "platform": platform}, at=at)
        return made


def end_sweep(
    authorisation: SweepAuthorisation, ended_on: date, *, reason: str, by: Actor, at: datetime
) -> None:
    """End an authorisation: what was settled before its end is still swept, nothing after it.

    Raises:
        AccessError: the actor may not.
    """
    with tenancy.within(authorisation.organisation_id):
        barred = hands.of([authorisation.loan.borrower])
        by.require("lending.sweep.authorise", authorisation, barred)
        authorisation.ended_on = ended_on
        authorisation.save(update_fields=["ended_on"])
        record(
            by, "lending.sweep.authorise", authorisation, after={"ended_on": ended_on}, reason=reason, at=at
        )
