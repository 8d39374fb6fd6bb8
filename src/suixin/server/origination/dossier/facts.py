"""Everything a due-diligence file rests on, read once."""

from dataclasses import dataclass
from datetime import date, datetime

from suixin.server.complaints.models import Complaint
from suixin.server.ledger import queries as ledger
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import documents
from suixin.server.origination.actions.assess import receipt_words
from suixin.server.origination.desk import policy_of
from suixin.server.origination.models import Application, DecisionRecord, Opinion, SiteVisit
from suixin.server.servicing.models import Loan, LoanEvent
from suixin.server.sharing.models import Receipt
from suixin.server.verification.log import of_application
from suixin.server.verification.models import BureauQuery
from suixin.server.verification.queries import Held, held_of
from suixin.server.watching.models import Alert
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import LoadedPolicy


@dataclass(frozen=True, slots=True)
class Facts:
    """A case and all that was written of it.

    Attributes:
        case, merchant: who asks for what.
        identity: how it stands today, and the check that this rests on.
        records: its decisions, the one that holds last; empty before the first.
        decision: the one that holds, as the library knows it.
        loaded: the policy that it was made under.
        said: opinions in their order.
        visits: in their order.
        receipts: of the assessments of this case, in their order.
        bureau: the queries of the bureau for this case with what was answered, in their order.
        loans: drawn under the agreement, in their order.
        paid_out: the events that paid money out of them, in their order.
        alerts: early warnings about these loans, in their order.
        complaints: the merchant's, about this case, its loans or nothing named.
        today: the book's business date.
        at: the instant at which all this was so.
    """

    case: Application
    merchant: Merchant
    identity: Held
    records: tuple[DecisionRecord, ...]
    decision: Decision | None
    loaded: LoadedPolicy | None
    said: tuple[Opinion, ...]
    visits: tuple[SiteVisit, ...]
    receipts: tuple[Receipt, ...]
    bureau: tuple[BureauQuery, ...]
    loans: tuple[Loan, ...]
    paid_out: tuple[LoanEvent, ...]
    alerts: tuple[Alert, ...]
    complaints: tuple[Complaint, ...]
    today: date
    at: datetime

    @property
    def is_refused(self) -> bool:
        """Whether nothing comes after it any more."""
        return self.case.state in {Application.State.DECLINED, Application.State.WITHDRAWN}

    @property
    def granted(self) -> bool:
        """Whether somebody, or the policy, has said yes."""
        return self.case.state in {Application.State.OFFERED, Application.State.SIGNED}


def facts_of(case: Application, at: datetime) -> Facts:
    """Read them; the number of queries does not hang on how much there is."""
    merchant = merchant_of(case.merchant_id)
    today = ledger.day_of(case.book).business_on
    records = tuple(
        DecisionRecord.objects.filter(application_id=case.pk).select_related("policy").order_by("id")
    )
    loans = tuple(
        Loan.objects.filter(book_id=case.book_id, facility__number=case.facility).order_by("id")
        if case.facility
        else ()
    )
    events = LoanEvent.objects.filter(loan_id__in=[loan.pk for loan in loans], kind="drawn")
    receipts = Receipt.objects.filter(merchant_id=case.merchant_id, what=receipt_words(case.number))
    return Facts(
        case=case,
        merchant=merchant,
        identity=held_of(merchant, today),
        records=records,
        decision=documents.read_decision(records[-1].document) if records else None,
        loaded=policy_of(records[-1].policy) if records else None,
        said=tuple(Opinion.objects.filter(application_id=case.pk).order_by("id")),
        visits=tuple(SiteVisit.objects.filter(application_id=case.pk).order_by("id")),
        receipts=tuple(receipts.select_related("consent").order_by("id")),
        bureau=tuple(reversed(of_application(case.number))),
        loans=loans,
        paid_out=tuple(events.select_related("loan").order_by("id")),
        alerts=tuple(Alert.objects.filter(loan_id__in=[loan.pk for loan in loans]).order_by("id")),
        complaints=tuple(
            Complaint.objects.filter(
                merchant_id=case.merchant_id, about__in=["", case.number, *(loan.number for loan in loans)]
            ).order_by("id")
        ),
        today=today,
        at=at,
    )
