"""Draw under a signed agreement: a loan of its own, offered, accepted and paid out in one transaction."""

from dataclasses import replace
from datetime import date, datetime

from suixin.errors import LendingError
from suixin.money import check_minor, currency_of, format_amount
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity import access
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries as ledger
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import agreement, cases, documents, offering, queries
from suixin.server.origination.desk import policy_of
from suixin.server.origination.models import Application
from suixin.server.servicing.actions.accept import accept
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.actions.disburse import disburse
from suixin.server.servicing.actions.offer import Carried, offer
from suixin.server.servicing.models import Loan
from suixin.server.verification import queries as identities
from suixin.underwriting.decision import Terms as Offered
from suixin.underwriting.policy import Policy

SETTLEMENTS_A_MONTH = 4  # platforms pay out weekly; what stays with the household is told by month
RETURN_DAYS = 7
"""Within which goods bought at a distance go back without a reason (消费者权益保护法, article 25)."""


def drawn_terms(case: Application, amount_minor: int, day: date) -> tuple[Offered, Policy]:
    """What a drawdown of an amount on a day would cost, and when it would come back.

    Raises:
        LendingError: nothing is signed, or a sum outside what is left of the line.
    """
    if case.state != Application.State.SIGNED:
        raise LendingError(
            f"application {case.number} is {case.state}; the agreement is signed first",
            zh=f"申请 {case.number} 还没有签约",
        )
    line = queries.line_of(case)
    left, currency = line.available_minor if line else 0, currency_of(case.book.currency)
    if not 0 < check_minor(amount_minor, "amount") <= left:
        raise LendingError(
            f"{format_amount(left, currency, 'en', exact=True)} may still be drawn; give more than 0 and no more than that",
            zh=f"还可以用 {format_amount(left, currency, 'zh', exact=True)}，请填写大于 0、不超过此数的金额",
        )
    made = cases.latest(case)
    policy = policy_of(made.policy).policy
    decision = documents.read_decision(made.document)
    return offering.offered(decision, policy, amount_minor, case.rate_ppm, day), policy


def draw(
    number: str, amount_minor: int, *, key: str, by: Actor, at: datetime, from_sales: bool = False
) -> str:
    """Draw, once for the key; within the policy's own authority it is paid out at once, above it the desk pays.

    Args:
        number: the application's.
        amount_minor: how much.
        key: the page's own, so that a second tap draws nothing.
        by: the merchant.
        at: when.
        from_sales: whether a share of the shop's sales repays it, as the agreement says.

    Returns:
        The loan's number.

    Raises:
        LendingError: nothing is signed, over the limit, the line is frozen or has run out, or the identity is not verified.
        ConflictError: the key was used for another sum.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, Application.State.SIGNED)
        by.require("lending.loan.draw", case)
        asked = {"application": number, "amount": amount_minor, "from_sales": from_sales}
        found: str = once(
            "lending.loan.draw",
            f"{number}/{key}",
            asked,
            lambda: _draw(case, amount_minor, from_sales=from_sales, by=by, at=at),
            at=at,
        )
        return found


def _draw(case: Application, amount_minor: int, *, from_sales: bool, by: Actor, at: datetime) -> str:
    day = ledger.day_of(case.book).business_on
    terms, policy = drawn_terms(case, amount_minor, day)
    made, merchant = cases.latest(case), merchant_of(case.merchant_id)
    identities.require(merchant, day)
    before = Loan.objects.filter(book_id=case.book_id, facility__number=case.facility).count()
    loan = f"{case.facility}-{before + 1:02d}"
    contract = offering.contract(loan, terms, policy, day)
    decision = documents.read_decision(made.document)
    machine = access.policy(by.organisation_id)
    offer(
        case.book,
        contract,
        case.merchant_id,
        carried(merchant, case, first_time=not _loans_before(merchant)),
        by=machine,
        at=at,
        facility=case.facility,
        risk=offering.risk_of(decision, policy),
    )
    digest = agreement.digest_of(case.agreement)
    accept(case.book, loan, signature=digest, by=replace(by, bound_to=None), at=at)
    if from_sales:
        _sweep(case, merchant, loan, terms, day, by=by, at=at)
    record(by, "lending.loan.draw", case, after={"loan": loan, "amount_minor": amount_minor}, at=at)
    if amount_minor <= policy.authority_minor("automatic"):
        payer = access.system(by.organisation_id, "drawdown")
        disburse(case.book, loan, amount_minor, key="drawn", by=payer, at=at)
    return loan


def _sweep(
    case: Application, merchant: Merchant, loan: str, terms: Offered, day: date, *, by: Actor, at: datetime
) -> None:
    if terms.sweep is None or not merchant.shop:
        raise LendingError(
            "this loan cannot be repaid from sales: no shop is known, or the policy does not offer it",
            zh="这笔借款不能随销还款：没有店铺收款账号，或政策不提供",
        )
    authorise_sweep(
        case.book,
        loan,
        platform=merchant.platform,
        shop=merchant.shop,
        share_ppm=terms.sweep.share_ppm,
        keep_minor=terms.sweep.working_cash_fen // SETTLEMENTS_A_MONTH,
        return_days=RETURN_DAYS,
        signed_on=day,
        signature=agreement.digest_of(case.agreement),
        by=replace(by, bound_to=None),
        at=at,
    )


def carried(merchant: Merchant, case: Application, *, first_time: bool) -> Carried:
    """What the loan carries for every report."""
    return Carried(
        borrower_class=merchant.kind,
        client_credit_minor=case.granted_minor,
        purpose=case.purpose,
        industry=merchant.industry,
        security="credit",
        channel=case.channel,
        payment_mode="borrower",
        county=merchant.county,
        village=merchant.village,
        first_time=first_time,
        crop=merchant.crop,
    )


def _loans_before(merchant: Merchant) -> bool:
    return Loan.objects.filter(borrower=merchant.merchant_id).exclude(state=Loan.State.WITHDRAWN).exists()
