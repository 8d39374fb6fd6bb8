"""What merchants sell: daily demand, orders, their lines and their buyers."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import brushers, buyers, crops, frames
from suixin.simulation.brushing import FAMILY, FARM
from suixin.simulation.county import County
from suixin.simulation.horizon import DAY_S
from suixin.simulation.merchants import ORDERS_EACH, Merchants
from suixin.simulation.streams import Bools, Floats, Ints, poisson_quantile

_LINES_EACH = 4
_MOST_A_DAY = 6_000.0  # keeps the running number of a merchant below ORDERS_EACH for 120 months
_PRICE_PASSED_ON = 0.6  # share of a wholesale price move that reaches the shop's price
_PRICE_FELT = 0.35  # how far a fall in price also cuts what is worth sending
_LIGHT = 0.005  # of all parcels: samples, and scales that failed
_HOURS = np.array([0, 1, 6, 8, 9, 10, 11, 12, 13, 14, 16, 18, 19, 20, 21, 22, 23, 24]) * 3600.0
_HOUR_SHARE = np.array([0, 2, 3, 4, 9, 15, 22, 28, 33, 39, 50, 60, 65, 72, 81, 90, 96, 100]) / 100.0
_PROFILE = np.interp(np.arange(2049) / 2048, _HOUR_SHARE, _HOURS).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of a run of merchants, one value an order: the genuine ones by merchant and day, then the others.

    Attributes:
        ids: order ids; who: position of the merchant in its run; day: position of the day in the horizon.
        ordered_s: seconds since 1970.
        amount, freight: fen; weight_g: grams.
        buyer: pseudonym; place: index of the buyer's township in County.place_codes.
        device, address, payer: pseudonyms of what it was placed on, goes to, and is paid from.
        kind: how it was brushed, 1 + index into brushing.KINDS; 0 for a genuine order.
    """

    ids: Ints
    who: Ints
    day: Ints
    ordered_s: Ints
    amount: Ints
    freight: Ints
    weight_g: Floats
    buyer: Ints
    place: Ints
    device: Ints
    address: Ints
    payer: Ints
    kind: Ints

    @property
    def brushed(self) -> Bools:
        """Whether each order is not genuine."""
        return np.asarray(self.kind > 0, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines, sorted as their orders; one value a line.

    Attributes:
        order: position of the order; number: 1 to 3; sku: article of the merchant, from 0.
        quantity: pieces; amount: fen, price × quantity.
    """

    order: Ints
    number: Ints
    sku: Ints
    quantity: Ints
    amount: Ints


def demand(county: County, who: Merchants) -> Floats:
    """Expected orders of each merchant on each day, merchants × days."""
    days = county.horizon.days
    rate = 1.0 + who.season[:, None] * (county.season[who.crop] - 1.0)
    np.maximum(rate, 0.02, out=rate)
    rate *= who.level[:, None] * county.horizon.shopping
    rate *= county.supply[who.crop, who.township]
    rate *= np.minimum(county.price_index, 1.0)[who.crop] ** _PRICE_FELT
    years = (days - county.horizon.first) / 365.25
    trend = who.growth[:, None] * (years - 0.5)
    slump = who.slump[:, None] * np.maximum(days - who.slump_from[:, None], 0) / 365.25
    trend += np.maximum(slump, -2.6)
    trend += _moods(county, who)
    rate *= np.exp(trend)
    young = np.minimum((days - who.opened[:, None]) / 120.0, 1.0)
    rate *= np.where((young >= 0) & (days < who.closed[:, None]), 0.35 + 0.65 * young, 0.0)
    return np.minimum(rate, _MOST_A_DAY)


def _moods(county: County, who: Merchants) -> Floats:
    """A merchant's own luck, one log factor a month."""
    months = np.arange(county.horizon.months, dtype=np.int64)
    luck = county.streams.normal("luck", who.ids[:, None] * 1000 + months)
    return (0.28 * luck - 0.04)[:, county.horizon.month_of(county.horizon.days)]


def draw(county: County, who: Merchants) -> tuple[Orders, Lines]:
    """Orders and their lines."""
    s, days = county.streams, county.horizon.days
    cell = who.ids[:, None] * 100_000 + days
    mean = demand(county, who)
    counts = poisson_quantile(s.uniform("count", cell).reshape(-1), mean.reshape(-1))
    at = np.repeat(np.arange(counts.size, dtype=np.int64), counts)
    merchant, day = np.divmod(at, days.size)
    each = counts.reshape(mean.shape).sum(axis=1)
    running = np.arange(at.size, dtype=np.int64) - np.repeat(np.cumsum(each) - each, each)
    ids = who.ids[merchant] * ORDERS_EACH + running + 1
    fake = brushers.plan(county, who, each, day)
    ids, day = np.concatenate([ids, fake.ids]), np.concatenate([day, fake.day])
    kind = np.concatenate([np.zeros_like(merchant), fake.kind])
    merchant = np.concatenate([merchant, fake.who])
    second = _PROFILE[(s.uniform("hour", ids) * 2048).astype(np.int64)]
    ordered_s = days[day] * DAY_S + np.minimum(second + (ids * 7919) % 1800, DAY_S - 1)
    lines, amount, pieces = _lines(county, who, ids, merchant, day)
    freight, weight = _parcel(county, who, ids, merchant, amount=amount, pieces=pieces, kind=kind)
    by = buyers.draw(county, who, ids, merchant)
    brushers.disguise(county, who, fake, by)
    return Orders(
        ids, merchant, day, ordered_s, amount, freight, weight,
        by.buyer, by.place, by.device, by.address, by.payer, kind,
    ), lines  # fmt: skip


def _lines(county: County, who: Merchants, ids: Ints, merchant: Ints, day: Ints) -> tuple[Lines, Ints, Ints]:
    """Lines, and for each order its amount in fen and its pieces."""
    s = county.streams
    draw_count = s.uniform("lines", ids)
    each = 1 + (draw_count > 0.66).astype(np.int64) + (draw_count > 0.91)
    order = np.repeat(np.arange(ids.size, dtype=np.int64), each)
    first = np.cumsum(each) - each
    number = np.arange(order.size, dtype=np.int64) - first[order] + 1
    key = ids[order] * _LINES_EACH + number
    seller = merchant[order]
    sku = (s.uniform("sku", key) ** 1.7 * who.skus[seller]).astype(np.int64)
    price = (
        _shelf_prices(county, who)[seller, sku]
        * county.price_index[who.crop[seller], day[order]] ** _PRICE_PASSED_ON
    )
    quantity = _quantities(s.uniform("quantity", key))
    amount = np.maximum(np.rint(price / 10.0).astype(np.int64) * 10, 100) * quantity
    total = np.add.reduceat(amount, first) if ids.size else amount
    pieces = np.add.reduceat(quantity, first) if ids.size else quantity
    return Lines(order, number, sku, quantity, amount), total, pieces


def _shelf_prices(county: County, who: Merchants) -> Floats:
    """Usual price in fen of every article, merchants × articles."""
    articles = who.ids[:, None] * 1000 + np.arange(int(who.skus.max()), dtype=np.int64)
    usual = crops.column("piece_yuan")[who.crop] * 100.0 * np.exp(who.ticket)
    shelf: Floats = usual[:, None] * np.exp(0.35 * county.streams.normal("shelf", articles))
    return shelf


def _quantities(u: Floats) -> Ints:
    """One piece mostly; one line in 130 is a bulk purchase of 6 to 25."""
    some = 1 + (u > 0.70).astype(np.int64) + (u > 0.90) + (u > 0.96)
    bulk = u > 0.9925
    some[bulk] = 6 + ((u[bulk] - 0.9925) / 0.0075 * 20).astype(np.int64)
    return some


def _parcel(
    county: County, who: Merchants, ids: Ints, merchant: Ints, *, amount: Ints, pieces: Ints, kind: Ints
) -> tuple[Ints, Floats]:
    """Freight in fen and weight in grams; relatives and click farms send next to nothing, friends real parcels."""
    piece = crops.column("piece_g")[who.crop]
    jitter = 0.85 + 0.3 * county.streams.uniform("weight", ids)
    weight = np.rint(piece[merchant] * pieces * jitter)
    light = (kind == FAMILY) | (kind == FARM) | ((jitter * 9973.0) % 1.0 < _LIGHT)
    weight[light] = np.rint(20.0 + 60.0 * jitter[light])
    free = county.streams.uniform("free freight", ids) < np.where(amount > 9_900, 0.62, 0.25)
    freight = (60 + np.minimum(weight / 1000.0, 30.0) * 12).astype(np.int64) * 10
    return np.where(free, 0, freight), weight


def items_table(county: County, who: Merchants, orders: Orders, lines: Lines) -> pl.DataFrame:
    """The table order_items."""
    seller = who.ids[orders.who[lines.order]]
    return pl.DataFrame(
        {
            "order_id": orders.ids[lines.order],
            "line_no": lines.number,
            "merchant_id": seller,
            "sku_id": seller * 1000 + lines.sku,
            "ordered_at": frames.instants(orders.ordered_s[lines.order], county.horizon.end_s),
            "quantity": lines.quantity.astype(np.float64),
            "amount": frames.money(lines.amount),
        }
    )
