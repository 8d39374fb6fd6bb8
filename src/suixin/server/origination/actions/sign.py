"""Sign the agreement: from then on the merchant may draw up to the limit."""

from datetime import date, datetime

from suixin.calendar import add_months
from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.identity import access
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import agreement, cases, documents
from suixin.server.origination.desk import policy_of
from suixin.server.origination.models import Application, Opinion
from suixin.server.origination.signing import Signer
from suixin.server.servicing.actions.open_facility import open_facility
from suixin.server.verification import queries as identities


def to_sign(number: str) -> tuple[Application, str]:
    """The text that would be signed today.

    Raises:
        LendingError: there is nothing to sign.
    """
    case = cases.locked(number, Application.State.OFFERED)
    return case, _text(case, queries.day_of(case.book).business_on)


def sign(number: str, signer: Signer, *, shown: str, by: Actor, at: datetime) -> Application:
    """Sign what was shown; a second time with the same text changes nothing.

    Args:
        number: the application's.
        signer: who signs, and how.
        shown: SHA-256 (hex) of the text that was on the page, so that nobody signs another one.
        by: the merchant, or the officer who sees it signed.
        at: when.

    Raises:
        ConflictError: the text is another by now; it must be read again.
        LendingError: there is nothing to sign, or the signer or the identity was not verified.
        AccessError: the actor may not, or nobody stood by.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, Application.State.OFFERED, Application.State.SIGNED)
        by.require("lending.loan.accept", case)
        if case.state == Application.State.SIGNED:
            return case
        day = queries.day_of(case.book).business_on
        identities.require(merchant_of(case.merchant_id), day)
        text = _text(case, day)
        if agreement.digest_of(text) != shown:
            raise ConflictError(
                "the agreement has changed since it was shown; read it again",
                zh="合同内容已有变化，请重新阅读后再签",
            )
        signed = signer.sign(shown)
        case.agreement, case.signature, case.facility = text, signed.document(), f"F{case.number[1:]}"
        open_facility(
            case.book,
            case.facility,
            case.merchant_id,
            case.granted_minor,
            day,
            add_months(day, agreement.MONTHS),
            by=access.policy(by.organisation_id),
            at=at,
        )
        cases.say(
            case,
            Opinion.Stage.SIGNATURE,
            Opinion.Verdict.NOTED,
            action="lending.loan.accept",
            by=by,
            at=at,
            reason=signed.method,
            amount_minor=case.granted_minor,
            moves_to=Application.State.SIGNED,
        )
        return case


def _text(case: Application, day: date) -> str:
    made = cases.latest(case)
    decision, policy = documents.read_decision(made.document), policy_of(made.policy).policy
    held = agreement.agreement(case, made, decision, policy, merchant_of(case.merchant_id), day)
    return agreement.text_of(held)
