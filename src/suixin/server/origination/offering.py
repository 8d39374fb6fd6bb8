"""What is offered: the terms of an amount on a day, and the contract that books exactly these terms."""

from datetime import date
from decimal import Decimal

from suixin.errors import LendingError
from suixin.ledger.servicing import Risk
from suixin.lending.amortise import build
from suixin.lending.contract import Contract, Late
from suixin.lending.periods import regular
from suixin.lending.schedule import Method, Schedule
from suixin.lending.terms import Terms
from suixin.underwriting import offer
from suixin.underwriting.decision import Decision
from suixin.underwriting.decision import Terms as Offered
from suixin.underwriting.policy import Policy

MILLION = 1_000_000


def offered(decision: Decision, policy: Policy, amount_minor: int, rate_ppm: int, day: date) -> Offered:
    """The terms of an amount drawn on a day: schedule, other ways of repaying, cost table."""
    return offer.terms(amount_minor, rate_ppm, policy, decision.forecast, decision.left_p10, day)


def contract(number: str, terms: Offered, policy: Policy, day: date) -> Contract:
    """The contract of these terms.

    Its principal falls due as offered, to the fen; where the offered schedule puts a part of a month's interest off, the
    contract puts all of it off to the next month that repays, so that the interest comes to the same sum.
    """
    rows = terms.schedule.rows
    rate, periods = Decimal(terms.annual_rate_ppm) / MILLION, regular(day, len(rows))
    principal = terms.schedule.principal_fen
    if terms.schedule.method is Method.EQUAL_INSTALMENT:
        booked = Terms(principal, rate, day, Method.EQUAL_INSTALMENT, periods)
    else:
        parts = tuple(row.principal_fen for row in rows)
        booked = Terms(
            principal,
            rate,
            day,
            Method.HARVEST,
            periods,
            weights=tuple(int(part > 0) for part in parts),
            defer_interest=True,
            parts_fen=parts,
        )
    return Contract(number, booked, _late(policy), charges=_charges(terms))


def schedule_of(held: Contract) -> Schedule:
    """The schedule of a contract."""
    return build(held.terms)


def risk_of(decision: Decision, policy: Policy) -> Risk:
    """What a loan is expected to lose: the decision's PD, within a year and over its life, and the policy's LGD."""
    pd, lgd = Decimal(repr(decision.pd)), Decimal(repr(policy.price.lgd.value))
    return Risk(pd, pd, lgd, pd)


def _late(policy: Policy) -> Late:
    """The penalty rate as the cost table tells it; 50 % above the contract rate where the policy names none."""
    named = [Decimal(repr(charge.value)) for charge in policy.charges if charge.kind == "overdue"]
    return Late(max(named) - 1) if named else Late()


def _charges(terms: Offered) -> dict[str, int]:
    """The fees that may be charged, and the most of each: those of the cost table, and nothing else."""
    kinds = {"fee", "guarantee", "insurance"}
    found = {item.code: item.amount_fen for item in terms.costs if item.kind in kinds}
    if any(amount is None for amount in found.values()):
        raise LendingError(
            "a fee of the cost table has no amount; give it one in the policy",
            zh="费用表上有一项费用没有金额，请在政策中补上",
        )
    return {code: amount for code, amount in found.items() if amount}
