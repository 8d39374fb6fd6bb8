"""What the demonstration takes from its lake: whom the story follows, from when, and what their shops were paid."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from suixin.assess import cases
from suixin.calendar import date_to_day, day_to_date
from suixin.features.build import Progress, build
from suixin.features.subjects import subjects
from suixin.lake.store import Lake
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Outcome
from suixin.underwriting.peers import no_peers
from suixin.underwriting.policy import LoadedPolicy

_LOOKED_AT = (
    12  # merchants that are looked at for each that is followed: most of a county's cannot borrow yet
)


class Paid(NamedTuple):
    """What a platform paid a shop out on a day, minor units."""

    key: str
    on: date
    net_minor: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A merchant of the story, and the day on which they come."""

    merchant_id: str
    comes_on: date
    outcome: Outcome
    limit_minor: int
    region: str
    crop: str
    platform: str


def followed(
    lake: Lake,
    loaded: LoadedPolicy,
    count: int,
    first: date,
    last: date,
    seed: int,
    progress: Progress | None,
) -> list[Followed]:
    """Merchants whom the policy would lend to on the day they come, in the order of these days."""
    routes = loaded.policy.data.routes.value
    all_ids = sorted(
        lake.whole("merchants").select("merchant_id").unique().collect()["merchant_id"].to_list()
    )
    rng = np.random.default_rng(seed)
    asked = rng.permutation(all_ids)[: count * _LOOKED_AT]
    days = [first + timedelta(days=int(at)) for at in rng.integers(0, (last - first).days, len(asked))]
    chosen = pl.DataFrame(
        {"merchant_id": [str(one) for one in asked], "_given": [date_to_day(one) for one in days]},
        schema={"merchant_id": pl.String, "_given": pl.Int32},
    )
    people = subjects(lake, None, _open(lake, chosen), routes)
    built = build(lake, people.table, routes=routes, processes=0, progress=progress)
    alone = no_peers(built.features.height, loaded.policy.forecast)
    known = _known(lake)
    found = []
    for case in cases(lake, built, loaded, peers=alone):
        made = decide(case, loaded, hints=False)
        if made.outcome is not Outcome.DECLINE:
            found.append(
                Followed(case.merchant_id, case.as_of, made.outcome, made.limit_fen, *known[case.merchant_id])
            )
    drawn = {str(one): at for at, one in enumerate(asked)}
    found.sort(key=lambda one: drawn[one.merchant_id])  # the first by lot come on any day of the span
    return sorted(found[:count], key=lambda one: (one.comes_on, one.merchant_id))


def others(
    lake: Lake, loaded: LoadedPolicy, day: date, known: Sequence[str]
) -> dict[Outcome, list[Followed]]:
    """Merchants of whom nobody has heard yet, by what the policy says of them today, peers included."""
    routes = loaded.policy.data.routes.value
    people = subjects(lake, day, None, routes)
    built = build(lake, people.table, routes=routes, processes=0)
    told, found = _known(lake), defaultdict[Outcome, list[Followed]](list)
    for case in cases(lake, built, loaded):
        if case.merchant_id in known:
            continue
        made = decide(case, loaded, hints=False)
        found[made.outcome].append(
            Followed(case.merchant_id, day, made.outcome, made.limit_fen, *told[case.merchant_id])
        )
    return dict(found)


def paid_out(lake: Lake, merchants: Sequence[str]) -> dict[str, list[Paid]]:
    """Merchant -> what their shops were paid, in order, refunds taken off."""
    rows = (
        lake.whole("settlements")
        .filter(pl.col("merchant_id").is_in(list(merchants)), pl.col("net_fen") > 0)
        .select("merchant_id", "settlement_id", "settled_day", "net_fen")
        .sort("merchant_id", "settled_day", "settlement_id")
        .collect()
    )
    found = defaultdict[str, list[Paid]](list)
    for merchant, key, day, net in rows.iter_rows():
        found[merchant].append(Paid(str(key), day_to_date(day), net))
    return dict(found)


def _open(lake: Lake, chosen: pl.DataFrame) -> pl.DataFrame:
    """Those of the chosen who were known on their day."""
    known = lake.whole("merchants").group_by("merchant_id").agg(pl.col("known_day").min()).collect()
    joined = chosen.join(known, on="merchant_id")
    return joined.filter(pl.col("known_day") < pl.col("_given")).select("merchant_id", "_given")


def _known(lake: Lake) -> dict[str, tuple[str, str, str]]:
    """Merchant -> region, crop, and the platform that pays out most often."""
    rows = lake.whole("merchants").select("merchant_id", "region_code", "crop").collect()
    paid = (
        lake.whole("settlements")
        .group_by("merchant_id", "platform")
        .len()
        .sort("merchant_id", "len", "platform", descending=[False, True, False])
        .unique("merchant_id", keep="first", maintain_order=True)
        .collect()
    )
    platform = dict(paid.select("merchant_id", "platform").iter_rows())
    return {one: (str(region), crop or "", platform.get(one, "")) for one, region, crop in rows.iter_rows()}
