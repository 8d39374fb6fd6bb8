"""One merchant, decided from the lake: what `suixin assess` does for all, for the one who asks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from suixin.assess import cases, refuse_misfit
from suixin.calendar import date_to_day, day_to_date
from suixin.features.build import build
from suixin.features.subjects import event_span, only, subjects
from suixin.lake.store import Lake
from suixin.reporting.evidence import evidence_table
from suixin.server.origination import peers
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import LoadedPolicy

_MOST_EVIDENCE = 200


@dataclass(frozen=True, slots=True)
class Assessed:
    """A decision, the case that makes it again, and the orders that were left out of genuine sales, with the sign."""

    decision: Decision
    case: Case
    evidence: list[dict[str, Any]]


def assess_one(lake: Lake, loaded: LoadedPolicy, merchant_id: str, business_on: date) -> Assessed:
    """Decide one merchant on what the lake knows by the business date.

    The forecast leans on what the merchant's peers say, where that was prepared for this snapshot
    (`suixin.server.origination.peers`); else on the merchant's own months alone, and the decision says so.

    Raises:
        UsageError: the lake does not know the merchant.
        PolicyError: the policy does not fit the lake.
    """
    refuse_misfit(lake, loaded)
    as_of = as_of_day(lake, business_on)
    routes = loaded.policy.data.routes.value
    people = subjects(lake, as_of, only(merchant_id), routes)
    built = build(lake, people.table, routes=routes, processes=0)
    known = peers.read(lake, loaded, as_of, merchant_id)
    (case,) = cases(lake, built, loaded, peers=known)
    found = evidence_table(built.evidence, people.table).head(_MOST_EVIDENCE)
    return Assessed(decide(case, loaded), case, found.drop("merchant_id").to_dicts())


def as_of_day(lake: Lake, business_on: date) -> date:
    """The business date, or the day after the lake's last event if that is earlier: nothing is known of later days."""
    _, last = event_span(lake)
    return min(business_on, day_to_date(date_to_day(last) + 1))
