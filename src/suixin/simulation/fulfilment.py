"""What becomes of an order: payment, hand-over, the way over village, township and county, delivery."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import brushers, frames
from suixin.simulation.county import County
from suixin.simulation.horizon import DAY_S, NEVER, NEVER_DAY
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints
from suixin.simulation.trade import Orders

_HOUR = 3600.0
SHIP_BY_HOURS = 48  # platforms give 48 hours from the order
_CANCELLED = 0.014  # share of orders; reference/credit-risk.md: 0.58 to 1.1 % on Olist
_FORGOTTEN = (
    0.012  # share of parcels without a scan at the township's station; half as many at the county's hub
)
_FETCHED = (
    0.25  # share of orders from the seller's own township that are fetched, so that no carrier sees them
)
_PAD_DAYS = 0.0  # added to the usual transit time in the promise
METHODS = ("wechat", "alipay", "bank_card", "wallet")


@dataclass(frozen=True, slots=True)
class Course:
    """Times of each order: seconds since 1970 (NEVER where it does not happen), promised a day number.

    `parcel` says whether a carrier has it at all: some neighbours fetch theirs, some parcels exist in name only.
    """

    paid_s: Ints
    ship_by_s: Ints
    promised: Ints
    handed_s: Ints
    township_s: Ints
    county_s: Ints
    delivered_s: Ints
    cancelled_s: Ints
    parcel: Bools

    @property
    def late(self) -> Bools:
        """Delivered on a later calendar day than promised."""
        return (self.delivered_s < NEVER) & (self.delivered_s // DAY_S > self.promised)


def run(county: County, who: Merchants, orders: Orders) -> Course:
    """The course of every order, without regard to where the simulation ends."""
    s, ids = county.streams, orders.ids
    cancels = s.uniform("cancel", ids) < _CANCELLED * np.exp(-0.25 * who.quality)[orders.who]
    cancels &= ~orders.brushed
    unpaid = cancels & (s.uniform("unpaid", ids) < 0.4)
    lag = (-np.log(s.uniform("pay lag", ids)) * 150.0).astype(np.int64) + 5
    paid_s = np.where(unpaid, NEVER, orders.ordered_s + lag)
    handed_s = paid_s + _hand_over_seconds(county, who, orders)
    remote = county.remoteness[who.township[orders.who]]
    wait = s.uniform("stations", ids)
    again = (wait * 977.0) % 1.0  # low digits of the same draw, as good as another
    township_s = handed_s + ((2.0 + 6.0 * remote + 4.0 * wait) * _HOUR).astype(np.int64)
    county_s = township_s + ((3.0 + 5.0 * remote + 9.0 * again) * _HOUR).astype(np.int64)
    usual = 0.8 + county.distance_km[orders.place] / 620.0
    delivered_s = county_s + (_transit_days(county, who, orders, usual) * DAY_S).astype(np.int64)
    promised = (
        orders.ordered_s + ((SHIP_BY_HOURS / 24 + 0.9 + usual * 1.25 + _PAD_DAYS) * DAY_S).astype(np.int64)
    ) // DAY_S
    parcel, at_township, at_county = _scans(county, who, orders, (wait * 9973.0) % 1.0)
    stopped_s = np.where(
        unpaid, orders.ordered_s + 1800, paid_s + (0.9 * (handed_s - paid_s)).astype(np.int64)
    )
    return Course(
        paid_s=paid_s,
        ship_by_s=orders.ordered_s + SHIP_BY_HOURS * 3600,
        promised=promised,
        handed_s=np.where(cancels, NEVER, handed_s),
        township_s=np.where(cancels | ~at_township, NEVER, township_s),
        county_s=np.where(cancels | ~at_county, NEVER, county_s),
        delivered_s=np.where(cancels, NEVER, delivered_s),
        cancelled_s=np.where(cancels, stopped_s, NEVER),
        parcel=parcel,
    )


def _scans(county: County, who: Merchants, orders: Orders, u: Floats) -> tuple[Bools, Bools, Bools]:
    """Which orders have a parcel, and which parcels were scanned at the township's station and the county's hub.

    `u` is standard uniform. Carriers forget scans, and every fourth buyer in the seller's own township fetches
    the goods: a missing track is no proof.
    """
    made, tracked = brushers.parcels(county, orders.ids, orders.kind)
    fetched = (orders.place == who.township[orders.who]) & (u > 1.0 - _FETCHED) & ~orders.brushed
    forgot = (u < _FORGOTTEN, (u >= _FORGOTTEN) & (u < _FORGOTTEN * 1.5), u < _FORGOTTEN / 6)
    return made & ~fetched, tracked & ~forgot[0], tracked & ~forgot[1] & ~forgot[2]


def _hand_over_seconds(county: County, who: Merchants, orders: Orders) -> Ints:
    """Paid to handed over: lognormal hours, longer for careless merchants, on festivals and in storms."""
    z = county.streams.normal("hand over", orders.ids)
    usual = np.log(15.0) - 0.45 * who.quality
    hours = np.exp(usual[orders.who] + 0.76 * z)
    hours += 8.0 * county.delay_days[who.township[orders.who], orders.day]
    return np.asarray(np.minimum(hours, 400.0) * _HOUR, dtype=np.int64)


def _transit_days(county: County, who: Merchants, orders: Orders, usual: Floats) -> Floats:
    z = county.streams.normal("transit", orders.ids)
    slow = 0.8 * county.delay_days[who.township[orders.who], orders.day]
    return np.asarray(usual * np.exp(0.42 * z) + slow, dtype=np.float64)


def orders_table(county: County, who: Merchants, orders: Orders, course: Course) -> pl.DataFrame:
    """The table orders."""
    end_s = county.horizon.end_s
    return pl.DataFrame(
        {
            "order_id": orders.ids,
            "merchant_id": who.ids[orders.who],
            "buyer_id": orders.buyer,
            "buyer_region": frames.codes(county.place_codes, orders.place),
            "device_id": orders.device,
            "address_id": orders.address,
            "ordered_at": frames.instants(orders.ordered_s, end_s),
            "paid_at": frames.instants(course.paid_s, end_s),
            "amount": frames.money(orders.amount),
            "freight": frames.money(orders.freight),
            "ship_by_at": frames.instants(course.ship_by_s, NEVER),
            "promised_on": frames.dates(course.promised, NEVER_DAY),
            "handed_at": frames.instants(course.handed_s, end_s),
            "delivered_at": frames.instants(course.delivered_s, end_s),
            "cancelled_at": frames.instants(course.cancelled_s, end_s),
        }
    )


def payments_table(county: County, who: Merchants, orders: Orders, course: Course) -> pl.DataFrame:
    """The table payments: one payment of amount and freight for every order paid before the end."""
    paid = np.flatnonzero(course.paid_s < county.horizon.end_s)
    ids = orders.ids[paid]
    method = (county.streams.uniform("method", ids) ** 1.6 * len(METHODS)).astype(np.int64)
    return pl.DataFrame(
        {
            "payment_id": ids,
            "order_id": ids,
            "merchant_id": who.ids[orders.who[paid]],
            "paid_at": frames.instants(course.paid_s[paid], NEVER),
            "method": frames.codes(METHODS, method),
            "payer_id": orders.payer[paid],
            "amount": frames.money((orders.amount + orders.freight)[paid]),
        }
    )


def shipments_table(county: County, who: Merchants, orders: Orders, course: Course) -> pl.DataFrame:
    """The table shipments: one parcel for every order handed over before the end, but those without a parcel."""
    end_s = county.horizon.end_s
    sent = np.flatnonzero((course.handed_s < end_s) & course.parcel)
    seller = orders.who[sent]
    return pl.DataFrame(
        {
            "shipment_id": orders.ids[sent],
            "order_id": orders.ids[sent],
            "merchant_id": who.ids[seller],
            "origin_region": frames.codes(county.village_codes, who.village[seller]),
            "buyer_region": frames.codes(county.place_codes, orders.place[sent]),
            "weight_g": orders.weight_g[sent],
            "collected_at": frames.instants(course.handed_s[sent], end_s),
            "township_at": frames.instants(course.township_s[sent], end_s),
            "county_at": frames.instants(course.county_s[sent], end_s),
            "delivered_at": frames.instants(course.delivered_s[sent], end_s),
        }
    )
