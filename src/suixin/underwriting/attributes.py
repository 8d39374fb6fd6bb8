"""What merchants have in common, read from a lake: crop, township, platform and connected group.

A lender who caps these is not ruined by one hail storm, one closed platform or one family. All of it is as it was
known before one day; what is not known is left out.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

import polars as pl

from suixin.calendar import date_to_day
from suixin.lake.store import Lake, latest, reading
from suixin.lake.tables import TABLES

ECONOMIC = ("household", "spouse", "legal_rep", "shareholder", "guarantor_of")
"""Ties by which one merchant's trouble becomes another's; whoever is tied so, over any number of steps, is one group."""
YEAR = 365

Labels = dict[str, str]


def attributes(lake: Lake, on: date, names: Iterable[str], routes: Iterable[str]) -> dict[str, Labels]:
    """Attribute -> merchant -> value, for the names that are of `ATTRIBUTES`.

    Args:
        lake: a snapshot.
        on: only what was known before this day counts.
        names: crop; township (its code); platform (the one that settled most in the year before); group (the smallest
            pseudonym among its parties).
        routes: only rows that came by these routes count.
    """
    known = _Known(lake, date_to_day(on), tuple(routes))
    with reading(lake.root):
        return {name: ATTRIBUTES[name](known) for name in names if name in ATTRIBUTES}


class _Known:
    """The tables of a snapshot as they were known before a day."""

    def __init__(self, lake: Lake, day: int, routes: tuple[str, ...]) -> None:
        self.day = day
        self._lake, self._routes = lake, routes

    def rows(self, name: str) -> pl.DataFrame:
        """The newest version of each row that was known; a late column is null where it was not."""
        contract = TABLES[name]
        parts = [
            latest(
                self._lake.versions(name, bucket, self._routes).filter(pl.col("known_day") < self.day),
                contract,
            )
            for bucket in self._lake.buckets(name)
        ]
        seen = pl.concat(parts) if parts else pl.LazyFrame(schema=contract.stored)
        late = [pl.when(pl.col(of) < self.day).then(name).alias(name) for name, of in contract.late.items()]
        return seen.with_columns(late).collect()


def _crop(known: _Known) -> Labels:
    return _labels(known.rows("merchants"), "crop")


def _township(known: _Known) -> Labels:
    places = known.rows("regions")
    above = dict(places.select("region_code", "parent_code").iter_rows())
    level = dict(places.select("region_code", "level").iter_rows())
    found = {}
    for merchant, place in _labels(known.rows("merchants"), "region_code").items():
        seen: set[str] = set()
        at: str | None = place
        while at is not None and at not in seen and level.get(at) != "township":
            seen.add(at)
            at = above.get(at)
        if at is not None and at not in seen:
            found[merchant] = at
    return found


def _platform(known: _Known) -> Labels:
    year = known.rows("settlements").filter(
        pl.col("settled_day").is_between(known.day - YEAR, known.day - 1), pl.col("platform").is_not_null()
    )
    sums = year.group_by("merchant_id", "platform").agg(pl.col("net_fen").sum())
    first = sums.filter(pl.col("net_fen") > 0).sort("net_fen", "platform", descending=[True, False])
    return _labels(first.unique("merchant_id", keep="first", maintain_order=True), "platform")


def _group(known: _Known) -> Labels:
    ties = known.rows("relations").filter(pl.col("kind").is_in(ECONOMIC), pl.col("ended_day").is_null())
    head: dict[str, str] = {}
    for one, other in ties.select("party_id", "other_party_id").iter_rows():
        first, second = sorted((_head(head, one), _head(head, other)))
        head[second] = first
    return {m: _head(head, party) for m, party in _labels(known.rows("merchants"), "party_id").items()}


def _head(head: Mapping[str, str], party: str) -> str:
    """The smallest pseudonym of the parties that are tied to this one so far."""
    while (above := head.get(party, party)) != party:
        party = above
    return party


def _labels(rows: pl.DataFrame, column: str) -> Labels:
    return dict(rows.filter(pl.col(column).is_not_null()).select("merchant_id", column).iter_rows())


ATTRIBUTES: dict[str, Callable[[_Known], Labels]] = {
    "crop": _crop,
    "township": _township,
    "platform": _platform,
    "group": _group,
}
"""What a lake can tell."""
