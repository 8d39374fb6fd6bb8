"""Query the credit bureau about an applicant: once for a consent, with its receipt, and a line of the log."""

import secrets
from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.sharing.actions.use import use
from suixin.server.verification.bureaus import Bureau, ByFile, Report
from suixin.server.verification.models import BureauQuery, BureauReport

ACTION = "verification.bureau.query"
PURPOSE, SCOPES = "P103B", ("bureau",)


def query_bureau(
    application: str, merchant_id: str, bureau: Bureau, *, what: str, by: Actor, at: datetime
) -> BureauQuery:
    """Ask for a report; the merchant's consent to one query is used up by it.

    Args:
        application: for which application.
        merchant_id: about whom.
        bureau: who is asked.
        what: the act that needs it, as the merchant reads it on the receipt.
        by: who asks.
        at: when.

    Raises:
        ConsentError: the merchant has not consented, or that query was made already.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        receipt = use(by, merchant_id=merchant_id, purpose=PURPOSE, scopes=SCOPES, at=at, what=what)
        made = BureauQuery(
            reference=f"B{secrets.token_hex(8)}",
            merchant_id=merchant_id,
            application=application,
            purpose=PURPOSE,
            provider=bureau.name,
            by_file=isinstance(bureau, ByFile),
            receipt_id=receipt.receipt_id,
            by=by.name,
            at=at,
        )
        made.save(force_insert=True)
        record(by, ACTION, made, after={"reference": made.reference, "provider": made.provider}, at=at)
        report = bureau.query(merchant_id)
        if report is not None:
            keep(made, report, by=by, at=at)
        return made


def keep(query: BureauQuery, report: Report, *, by: Actor, at: datetime) -> None:
    """Keep what the bureau answered."""
    BureauReport(
        query=query,
        reported_on=report.reported_on,
        rows=report.rows,
        digest=report.digest,
        snapshot=report.snapshot,
        by=by.name,
        at=at,
    ).save(force_insert=True)
