"""The agreement that is signed: everything that binds, as data; its SHA-256 is what a signature is of."""

from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

import orjson

from suixin.calendar import add_months
from suixin.reporting.capitals import in_capitals
from suixin.server.merchants.models import Merchant
from suixin.server.origination import offering
from suixin.server.origination.models import Application, DecisionRecord
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import Policy

CONVENTION = "annual effective, ACT/365, every fee included"
MONTHS = 12
"""For so long money may be drawn under an agreement."""


def agreement(
    case: Application, made: DecisionRecord, decision: Decision, policy: Policy, merchant: Merchant, day: date
) -> dict[str, Any]:
    """What lender and merchant agree on that day: the limit, the price with every cost, how it comes back, the rights.

    The schedule is that of the whole limit drawn on the day; every drawdown has its own, which is shown before it.
    """
    terms = offering.offered(decision, policy, case.granted_minor, case.rate_ppm, day)
    booked = offering.schedule_of(offering.contract(case.number, terms, policy, day))
    return {
        "version": 1,
        "number": case.number,
        "signed_on": day.isoformat(),
        "draw_until": add_months(day, MONTHS).isoformat(),
        "merchant": merchant.merchant_id,
        "purpose": case.purpose,
        "currency": policy.currency,
        "limit_minor": case.granted_minor,
        "limit_in_words": in_capitals(case.granted_minor) if policy.currency == "CNY" else "",
        "annual_rate_ppm": terms.annual_rate_ppm,
        "all_in_rate_ppm": terms.all_in_rate_ppm,
        "all_in_convention": CONVENTION,
        "costs": [asdict(item) for item in terms.costs],
        "method": booked.method.value,
        "schedule": [
            [row.due_on.isoformat(), row.principal_fen, row.interest_fen, row.balance_fen]
            for row in booked.rows
        ],
        "interest_minor": booked.total_interest_fen,
        "even_interest_minor": terms.comparator.total_interest_fen,
        "sweep_share_ppm": terms.sweep.share_ppm if terms.sweep else None,
        "working_cash_minor": terms.sweep.working_cash_fen if terms.sweep else None,
        "next_rung": asdict(decision.rung.next) if decision.rung and decision.rung.next else None,
        "decision": made.digest,
        "policy": made.policy.hash,
    }


def text_of(held: dict[str, Any]) -> str:
    """The canonical text of an agreement."""
    return orjson.dumps(held, option=orjson.OPT_SORT_KEYS).decode()


def digest_of(text: str) -> str:
    """SHA-256 (hex) of a text."""
    return sha256(text.encode()).hexdigest()
