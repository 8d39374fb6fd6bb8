"""The latent truth: what really was, for tests and for judging models; never part of the source."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.brushing import KINDS
from suixin.simulation.cash import Path
from suixin.simulation.county import County
from suixin.simulation.credit import HORIZON_DAYS
from suixin.simulation.household import CAUSES, Household
from suixin.simulation.lending import Loans
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Floats, Ints
from suixin.simulation.trade import Orders


@dataclass(frozen=True, slots=True)
class Fate:
    """What came of each merchant.

    Attributes:
        default_day: day number of the default, NEVER_DAY without.
        spared_day: the same had no hidden blow fallen.
        sold: genuine sales over the whole run, yuan.
        brushed: share of all orders that are not genuine.
    """

    default_day: Ints
    spared_day: Ints
    sold: Floats
    brushed: Floats


def truth_table(
    county: County, who: Merchants, house: Household, loans: Loans, *, path: Path, fate: Fate
) -> pl.DataFrame:
    """A row a merchant.

    A default has a hidden cause if the household would not have defaulted within the year without the blow:
    the cash path is walked twice, with and without it.
    """
    end = county.horizon.end
    limit = loans.day + HORIZON_DAYS
    defaulted = loans.granted & (fate.default_day <= limit)
    hidden = defaulted & (fate.spared_day > limit)
    cause = np.where(hidden, house.cause, len(CAUSES))
    at_grant = np.take_along_axis(path.cash, loans.month[:, None], axis=1)[:, 0]
    harvested = fate.sold / (1.0 - who.loss)
    return pl.DataFrame(
        {
            "merchant_id": who.ids,
            "true_size": who.size,
            "true_quality": who.quality,
            "true_growth": who.growth,
            "slump_from_on": frames.dates(who.slump_from, end),
            "slump_slope": who.slump,
            "shop_closed_on": frames.dates(who.closed, end),
            "brushed_share": fate.brushed,
            "brush_kind": frames.codes([None, *KINDS], np.where(fate.brushed > 0, who.brush_kind, 0)),
            "hidden_blow": frames.codes(CAUSES, house.cause),
            "blow_month": house.blow_months,
            "borrower": loans.granted,
            "default_within_year": defaulted,
            "default_on": frames.dates(np.where(loans.granted, fate.default_day, end), end),
            "default_cause": frames.codes([*CAUSES, "visible"], cause).set(pl.Series(~defaulted), None),
            "harvested_yuan": np.where(who.loss > 0, harvested, 0.0),
            "lost_yuan": harvested * who.loss,
            "true_loss_share": who.loss,
            "cash_at_grant_yuan": np.where(loans.granted, at_grant, np.nan),
            "cash_low_yuan": path.cash.min(axis=1),
            "cash_end_yuan": path.cash[:, -1],
        },
        nan_to_null=True,
    )


def brushed_table(who: Merchants, orders: Orders) -> pl.DataFrame:
    """A row a brushed order: merchant_id, order_id and kind."""
    at = np.flatnonzero(orders.brushed)
    return pl.DataFrame(
        {
            "merchant_id": who.ids[orders.who[at]],
            "order_id": orders.ids[at],
            "kind": frames.codes([None, *KINDS], orders.kind[at]),
        }
    )
