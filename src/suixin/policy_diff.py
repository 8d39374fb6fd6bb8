"""Two policies on the same merchants: features computed once, decided twice, a few dates back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from suixin.assess import cases, refuse_misfit
from suixin.features.build import Built, build
from suixin.features.subjects import event_span, subjects
from suixin.features.traits import traits as traits_of
from suixin.lake.store import Lake
from suixin.underwriting.decide import decide
from suixin.underwriting.policy import LoadedPolicy
from suixin.underwriting.portfolio import Pair, Verdict, verdict
from suixin.underwriting.traits import Known, known, quarters, traits

Progress = Callable[[str, int, int], None]
Register = Mapping[str, tuple[str, str]]
"""Merchant -> region code and legal form."""

QUARTER = 3  # months


@dataclass(frozen=True, slots=True)
class Compared:
    """What two policies decided.

    Attributes:
        pairs: a merchant and date each, by date and merchant.
        alone: how many are known to one of the policies only, because the other does not allow their data's route.
    """

    pairs: tuple[Pair, ...]
    alone: int


def last_quarter(lake: Lake) -> list[date]:
    """The first of each of the last three months up to the day after the lake's last event, oldest first.

    Dates that lie before any event are left out; if all do, it is the day after the last event.
    """
    first, last = event_span(lake)
    end = last + timedelta(days=1)
    months = [divmod(end.year * 12 + end.month - 1 - back, 12) for back in reversed(range(QUARTER))]
    return [day for year, month in months if (day := date(year, month + 1, 1)) > first] or [end]


def compare(
    lake: Lake,
    a: LoadedPolicy,
    b: LoadedPolicy,
    days: Sequence[date],
    *,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Compared:
    """Decide every merchant of the lake on each date by both policies.

    Args:
        lake: a snapshot.
        a: the policy that is compared with.
        b: the policy that might take its place.
        days: as-of dates, each once.
        processes: how many compute features; None for one a core.
        progress: told what is being done.

    Raises:
        PolicyError: a policy is in another currency than the lake, or allows none of its routes.
        UsageError: a date lies before the first event.
    """
    for loaded in (a, b):
        refuse_misfit(lake, loaded)
    tell = progress or (lambda *_: None)
    found: list[tuple[str, date, _Decided, _Decided]] = []
    alone = 0
    for day in days:
        one, two = _on(lake, (a, b), day, processes, tell)
        found += [(name, day, mine, two[name]) for name, mine in one.items() if name in two]
        alone += len(one.keys() ^ two.keys())
    edges = quarters(mine.known for _, _, mine, _ in found)
    currency = lake.manifest.currency
    pairs = [
        Pair(name, day, mine.verdict, other.verdict, traits(mine.known, edges, currency))
        for name, day, mine, other in found
    ]
    return Compared(tuple(pairs), alone)


def registered(lake: Lake, people: pl.DataFrame, routes: Sequence[str]) -> Register:
    """Where each merchant is and in which legal form, as known before its as-of date.

    Args:
        lake: a snapshot.
        people: subject, merchant_id, as_of_day.
        routes: only rows that came by these.
    """
    named = traits_of(lake, people, routes).join(people.select("subject", "merchant_id"), on="subject")
    columns = named.select("merchant_id", "region_code", "legal_form")
    return {merchant: (place, form) for merchant, place, form in columns.iter_rows()}


@dataclass(frozen=True, slots=True)
class _Decided:
    known: Known
    verdict: Verdict


def _on(
    lake: Lake, policies: Sequence[LoadedPolicy], day: date, processes: int | None, tell: Progress
) -> list[dict[str, _Decided]]:
    """Merchant -> what was decided that day, a policy each. Policies of equal routes share their features."""

    def told(what: str, done: int, total: int) -> None:
        tell(f"{day}: {what}", done, total)

    made: dict[frozenset[str], tuple[Built, Register]] = {}
    found = []
    for loaded in policies:
        routes = loaded.policy.data.routes.value
        if frozenset(routes) not in made:
            people = subjects(lake, day, None, routes).table
            built = build(lake, people, routes=routes, processes=processes, progress=told)
            made[frozenset(routes)] = built, registered(lake, people, routes)
        found.append(dict(_decisions(lake, *made[frozenset(routes)], loaded, told)))
    return found


def _decisions(
    lake: Lake, built: Built, register: Register, loaded: LoadedPolicy, tell: Progress
) -> Iterator[tuple[str, _Decided]]:
    for done, case in enumerate(cases(lake, built, loaded), start=1):
        about = known(case.features, *register.get(case.merchant_id, ("", "")))
        yield case.merchant_id, _Decided(about, verdict(decide(case, loaded)))
        if done % 100 == 0:
            tell("deciding", done, built.features.height)
