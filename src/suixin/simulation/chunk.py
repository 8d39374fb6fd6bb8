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
    identities,
    inquiries,
    invoices,
    lending,
    merchants,
    paybacks,
    trade,
)
from suixin.simulation.county import County
from suixin.simulation.fulfilment import Course
from suixin.simulation.horizon import DAY_S, NEVER_DAY
from suixin.simulation.merchants import Merchants
from suixin.simulation.paybacks import Transfers
from suixin.simulation.streams import Floats, Ints
from suixin.simulation.trade import Orders
from suixin.simulation.truth import Fate, brushed_table, truth_table


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What a chunk wrote.

    Attributes:
        merchants: how many.
        rows: table name to rows written.
        truth: the latent truth, a row a merchant.
        brushed: the orders that are not genuine.
    """

    merchants: int
    rows: dict[str, int]
    truth: pl.DataFrame
    brushed: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Sales:
    """Money from sales by merchant and month, yuan.

    Attributes:
        net, earned: platform pay-outs, and what they would be without brushed orders.
        shown, genuine: goods sold, those that a lender sees and those that exist.
        brushed: share of each merchant's orders that are not genuine.
    """

    net: Floats
    earned: Floats
    shown: Floats
    genuine: Floats
    brushed: Floats


def run(county: County, ids: Ints, folder: Path, part: int) -> ChunkResult:
    """Simulate the merchants with these ids and write part `part` of every per-merchant table."""
    who = merchants.draw(county, ids)
    rows = _write_all(folder, part, merchants.tables(county, who))
    rows |= write(folder, "identities", part, identities.table(county, who))
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
    honest = aftersales.settle(county, who, orders, course, after, genuine=True)
    shown, genuine = _monthly_sales(county, who, orders, course)
    sales = _Sales(
        net=aftersales.monthly_net(county, who, paid),
        earned=aftersales.monthly_net(county, who, honest),
        shown=shown,
        genuine=genuine,
        brushed=_brushed_share(who, orders),
    )
    back = paybacks.draw(county, who, orders, course)
    rows_of_money, truth = _money(county, who, sales, back)
    rows |= _write_all(folder, part, rows_of_money)
    return ChunkResult(ids.size, rows, truth, brushed_table(who, orders))


def _money(
    county: County, who: Merchants, sales: _Sales, back: Transfers
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Household, loan and cash of each merchant: the tables of money, and the truth."""
    months = county.horizon.months
    genuine = sales.genuine
    # Who is told to brush does so for the next loan: the loans of the past were granted without.
    loans = lending.draw(county, who, genuine if county.brushing else sales.shown)
    house = household.draw(county, who, genuine)
    hit = cash.blow(house, loans, months)
    # Money of brushed orders goes out and comes back: only genuine sales feed the household.
    path = cash.run(sales.earned, genuine, house, loans, hit)
    spared = cash.run(sales.earned, genuine, house, loans, cash.Blow(hit.drain * 0.0, hit.gone & False))
    costs = house.direct_cost[:, None] * genuine + house.planned_cost
    tables = credit.tables(county, who, house, loans, path)
    tables["inquiries"] = inquiries.table(county, who, house, loans)
    tables["invoices"] = invoices.table(county, who, sales.shown, costs)
    tables["cashflows"] = accounts.table(
        county, who, loans, spared, paid=path.paid, net=sales.net, costs=costs, back=back
    )
    fate = Fate(
        default_day=credit.default_days(loans, path),
        spared_day=credit.default_days(loans, spared),
        sold=genuine.sum(axis=1),
        brushed=sales.brushed,
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


def _brushed_share(who: Merchants, orders: Orders) -> Floats:
    every = np.bincount(orders.who, minlength=who.ids.size)
    brushed = np.bincount(orders.who, weights=orders.brushed, minlength=who.ids.size)
    return np.asarray(brushed / np.maximum(every, 1), dtype=np.float64)


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
