"""Two policies on the same merchants: features computed once, decided twice, a few dates back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import quantiles

import narwhals.stable.v2 as nw
import polars as pl

from suixin.assess import cases, refuse_misfit
from suixin.features.build import Built, PolarsEngine, build
from suixin.features.point_in_time import known_before
from suixin.features.subjects import event_span, subjects
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.policy import LoadedPolicy
from suixin.underwriting.portfolio import Pair, Trait, Verdict, verdict

Progress = Callable[[str, int, int], None]

QUARTER = 3  # months
UNKNOWN: Trait = (99, "unknown")
TENURE = ((180, "under 6 months"), (365, "6 to 12 months"), (730, "1 to 2 years"))
_TOWNSHIP = 9  # digits; a village has three more (GB/T 10114)


@dataclass(frozen=True, slots=True)
class Compared:
    """What two policies decided.

    Attributes:
        days: the as-of dates, oldest first.
        pairs: a merchant and date each, by date and merchant.
        alone: how many are known to one of the policies only, because the other does not allow their data's route.
    """

    days: tuple[date, ...]
    pairs: tuple[Pair, ...]
    alone: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What the groups are made from."""

    merchant_id: str
    as_of: date
    place: str | None
    form: str | None
    sales: float | None
    days: float | None
    first_time: bool | None


def last_quarter(lake: Lake) -> tuple[date, ...]:
    """The first of each of the last three months up to the day after the lake's last event, oldest first.

    Dates that lie before any event are left out; if all do, it is the day after the last event.
    """
    first, last = event_span(lake)
    end = last + timedelta(days=1)
    months = [divmod(end.year * 12 + end.month - 1 - back, 12) for back in reversed(range(QUARTER))]
    days = tuple(day for year, month in months if (day := date(year, month + 1, 1)) > first)
    return days or (end,)


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
    found: list[tuple[_Known, Verdict, Verdict]] = []
    alone = 0
    for day in days:
        one, two = _decided(lake, (a, b), day, processes, tell)
        found += [(known, mine, two[name][1]) for name, (known, mine) in one.items() if name in two]
        alone += len(one.keys() ^ two.keys())
    edges = _quarters([known.sales for known, _, _ in found])
    currency = lake.manifest.currency
    pairs = [
        Pair(known.merchant_id, known.as_of, mine, other, _traits(known, edges, currency))
        for known, mine, other in found
    ]
    return Compared(tuple(days), tuple(pairs), alone)


_Decided = dict[str, tuple[_Known, Verdict]]


def _decided(
    lake: Lake, policies: Sequence[LoadedPolicy], day: date, processes: int | None, tell: Progress
) -> list[_Decided]:
    """A policy each: merchant -> what is known of it, and what was decided. Equal routes share their features."""
    built: dict[frozenset[str], tuple[Built, Mapping[str, tuple[str | None, str | None]]]] = {}
    found = []
    for loaded in policies:
        routes = loaded.policy.data.routes.value
        if frozenset(routes) not in built:
            people = subjects(lake, day, None, routes).table
            made = build(
                lake,
                people,
                routes=routes,
                processes=processes,
                progress=lambda *said: tell(f"{day}: {said[0]}", *said[1:]),
            )
            built[frozenset(routes)] = made, registered(lake, people, routes)
        features, register = built[frozenset(routes)]
        found.append(dict(_verdicts(cases(lake, features, loaded), loaded, register)))
        tell(f"{day}: deciding", len(found), len(policies))
    return found


def _verdicts(
    asked: Iterator[Case], loaded: LoadedPolicy, register: Mapping[str, tuple[str | None, str | None]]
) -> Iterator[tuple[str, tuple[_Known, Verdict]]]:
    for case in asked:
        place, form = register.get(case.merchant_id, (None, None))
        features = case.features
        known = _Known(
            case.merchant_id,
            case.as_of,
            place,
            form,
            features.get("genuine_gmv_365d"),
            features.get("genuine_trading_days"),
            _first_time(features),
        )
        yield case.merchant_id, (known, verdict(decide(case, loaded)))


def registered(
    lake: Lake, people: pl.DataFrame, routes: Sequence[str]
) -> dict[str, tuple[str | None, str | None]]:
    """Merchant -> township and legal form, as known before its as-of date.

    Args:
        lake: a snapshot.
        people: subject, merchant_id, as_of_day.
        routes: only rows that came by these.
    """
    engine = PolarsEngine(lake, tuple(routes), {})
    rows = known_before(
        engine.scan("merchants"),
        TABLES["merchants"],
        nw.from_native(people.lazy()),
        versions=engine.superseded("merchants"),
    )
    table: pl.DataFrame = engine.keep(rows).to_native().collect()
    named = table.join(people.select("subject", "merchant_id"), on="subject")
    return {
        merchant: (place and place[:_TOWNSHIP], form)
        for merchant, place, form in named.select("merchant_id", "region_code", "legal_form").iter_rows()
    }


def _first_time(features: Mapping[str, float | None]) -> bool | None:
    """Whether no loan of the merchant and no debt of its household is known; None if the lake tells of neither."""
    told = [features[name] for name in ("loans_taken", "lenders") if name in features]
    return not any(told) if told else None


def _quarters(sales: Sequence[float | None]) -> list[float]:
    """The edges that split those whose sales are known into quarters."""
    known = [value for value in sales if value is not None]
    return quantiles(known, n=4, method="inclusive") if len(known) > 1 else []


def _traits(known: _Known, edges: Sequence[float], currency: str) -> dict[str, Trait]:
    first = {None: UNKNOWN, True: (0, "first-time borrower"), False: (1, "has borrowed")}
    return {
        "township": (0, known.place) if known.place else UNKNOWN,
        "legal form": (0, known.form) if known.form else UNKNOWN,
        "sales of a year": _size(known.sales, edges, currency),
        "time of trading": _tenure(known.days),
        "borrowing": first[known.first_time],
    }


def _size(sales: float | None, edges: Sequence[float], currency: str) -> Trait:
    if sales is None or not edges:
        return UNKNOWN
    quarter = sum(sales >= edge for edge in edges)
    low = f"from {edges[quarter - 1]:,.0f}" if quarter else ""
    high = f"below {edges[quarter]:,.0f}" if quarter < len(edges) else ""
    return quarter, " ".join(part for part in (low, high, currency) if part)


def _tenure(days: float | None) -> Trait:
    if days is None:
        return UNKNOWN
    place = sum(days >= edge for edge, _ in TENURE)
    return place, TENURE[place][1] if place < len(TENURE) else "2 years or more"
