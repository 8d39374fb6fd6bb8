"""A bureau's reports against the queries that they answer: which are to be kept, are there already, or are wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination.sheet import Fault, fault
from suixin.server.verification.bureaus import digest_of
from suixin.server.verification.log import standing_of, written
from suixin.server.verification.models import BureauQuery
from suixin.server.verification.reports import Debt

Refusal = Callable[[BureauQuery], tuple[str, str] | None]
"""Why a report of other content than what was kept of its query is not taken, zh and en; None if it is."""


class Matched(NamedTuple):
    """What was found.

    Attributes:
        good: the reports to be kept, by the query that each answers.
        there: how many say what was kept already.
        faults: what is wrong with the others.
    """

    good: dict[BureauQuery, list[Debt]]
    there: int
    faults: list[Fault]


def matched(found: Mapping[str, list[Debt]], by: Actor, refusal: Refusal) -> Matched:
    """The reports of a file, by their query's number, against the log of queries."""
    asked = {one.reference: one for one in written().filter(reference__in=list(found), by_file=True)}
    kin = _of_relatives((one.merchant_id for one in asked.values()), by)
    made = Matched({}, 0, [])
    there = 0
    for reference, held in found.items():
        query = asked.get(reference)
        report = standing_of(query) if query else None
        if query is None:
            made.faults.append(fault_of(held, "没有这个查询编号", "no query has this number"))
        elif hasattr(query, "given_up"):
            made.faults.append(fault_of(held, "这次查询已放弃", "this query was given up"))
        elif query.merchant_id in kin:
            made.faults.append(
                fault_of(held, "是您的亲属，请同事导入", "a relative of yours; let a colleague import it")
            )
        elif report is not None and report.digest == digest(held):
            there += 1
        elif (said := refusal(query)) is not None:
            made.faults.append(fault_of(held, *said))
        else:
            made.good[query] = held
    return made._replace(there=there)


def _of_relatives(merchant_ids: Iterable[str], by: Actor) -> set[str]:
    """Of these merchants those to whom the actor is a relative."""
    rows = Merchant.objects.filter(merchant_id__in=set(merchant_ids)).values_list("merchant_id", "relatives")
    return {merchant for merchant, relatives in rows if by.name in relatives}


def digest(held: list[Debt]) -> str:
    """SHA-256 (hex) of a report, wherever it stands in its file."""
    return digest_of([{**asdict(one), "row": place} for place, one in enumerate(held, start=1)])


def fault_of(held: list[Debt], zh: str, en: str) -> Fault:
    """What is wrong with a report as a whole; it is told at its first row."""
    return fault(held[0].row, "reference", held[0].reference, zh, en)
