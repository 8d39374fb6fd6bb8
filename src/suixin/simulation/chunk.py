"""One run of merchants from traits to files: the unit of work of a process."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from suixin.simulation import (
    accounts,
    aftersales,
    cash,
    credit,
    frames,
    fulfilment,
    household,
    invoices,
    lending,
    merchants,
    trade,
)
from suixin.simulation.county import County
from suixin.simulation.fulfilment import Course
from suixin.simulation.horizon import DAY_S, NEVER_DAY
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Floats, Ints
from suixin.simulation.trade import Orders
from suixin.simulation.truth import Fate, truth_table


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What a chunk wrote.

    Attributes:
        merchants: how many.
        rows: table name to rows written.
        truth: the latent truth, a row a merchant.
    """

    merchants: int
    rows: dict[str, int]
    truth: pl.DataFrame


def run(county: County, ids: Ints, folder: Path, part: int) -> ChunkResult:
    """Simulate the merchants with these ids and write part `part` of every per-merchant table."""
    who = merchants.draw(county, ids)
    rows = _write_all(folder, part, merchants.tables(county, who))
    orders, lines = trade.draw(county, who)
    rows |= write(folder, "order_items", part, trade.items_table(county, who, orders, lines))
    del lines
    course = fulfilment.run(county, who, orders)
    rows |= write(folder, "orders", part, fulfilment.orders_table(county, who, orders, course))
    rows |= write(folder, "payments", part, fulfilment.payments_table(county, who, orders, course))
    rows |= write(folder, "shipments", part, fulfilment.shipments_table(county, who, orders, course))
    after = aftersales.follow(county, who, orders, course)
    rows |= write(folder, "reviews", part, aftersales.reviews_table(county, who, orders, after))
    rows |= write(folder, "refunds", part, aftersales.refunds_table(county, who, orders, after))
    paid = aftersales.settle(county, who, orders, course, after)
    rows |= write(folder, "settlements", part, aftersales.settlements_table(who, paid))
    net = aftersales.monthly_net(county, who, paid)
    shown, genuine = _monthly_sales(county, who, orders, course)
    rows_of_money, truth = _money(county, who, net, shown, genuine)
    return ChunkResult(ids.size, rows | _write_all(folder, part, rows_of_money), truth)


def _money(
    county: County, who: Merchants, net: Floats, shown: Floats, genuine: Floats
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Household, loan and cash of each merchant: the tables of money, and the truth.

    `net` is pay-outs, `shown` the sales that a lender sees and `genuine` those that exist, yuan a month.
    """
    months = county.horizon.months
    loans = lending.draw(county, who, shown)
    house = household.draw(county, who, genuine)
    hit = cash.blow(house, loans, months)
    # Money of brushed orders goes out and comes back: only genuine sales feed the household.
    earned = net - (shown - genuine)
    path = cash.run(earned, genuine, house, loans, hit)
    spared = cash.run(earned, genuine, house, loans, cash.Blow(hit.drain * 0.0, hit.gone & False))
    costs = house.direct_cost[:, None] * genuine + house.planned_cost
    tables = credit.tables(county, who, house, loans, path)
    tables["invoices"] = invoices.table(county, who, shown, costs)
    tables["cashflows"] = accounts.table(county, who, loans, spared, paid=path.paid, net=net, costs=costs)
    fate = Fate(
        default_day=credit.default_days(loans, path),
        spared_day=credit.default_days(loans, spared),
        sold=genuine.sum(axis=1),
    )
    return tables, truth_table(county, who, house, loans, path=path, fate=fate)


def _monthly_sales(county: County, who: Merchants, orders: Orders, course: Course) -> tuple[Floats, Floats]:
    """Goods sold by merchant and month in yuan, not cancelled: all orders, and the genuine ones."""
    months = county.horizon.months
    stays = np.flatnonzero(course.cancelled_s // DAY_S >= NEVER_DAY)
    cell = orders.who[stays] * months + county.horizon.month_of(county.horizon.days)[orders.day[stays]]
    amount = orders.amount[stays]
    cells = who.ids.size * months
    shown = np.bincount(cell, weights=amount, minlength=cells)
    genuine = np.bincount(cell, weights=amount * ~orders.brushed[stays], minlength=cells)
    return shown.reshape(-1, months) / 100.0, genuine.reshape(-1, months) / 100.0


def _write_all(folder: Path, part: int, tables: dict[str, pl.DataFrame]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name, frame in tables.items():
        rows |= write(folder, name, part, frame)
    return rows


def write(folder: Path, table: str, part: int, frame: pl.DataFrame) -> dict[str, int]:
    """Write one part of a table and say how many rows it has."""
    target = folder / table
    target.mkdir(exist_ok=True)
    frames.save(frame, target / f"part-{part:05d}.parquet")
    return {table: frame.height}
