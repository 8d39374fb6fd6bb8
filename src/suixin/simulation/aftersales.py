"""After delivery: reviews, refunds and the platform's weekly settlements."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import crops, frames
from suixin.simulation.brushing import FRIENDS
from suixin.simulation.county import County
from suixin.simulation.fulfilment import Course
from suixin.simulation.horizon import DAY_S, NEVER
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints
from suixin.simulation.trade import Orders

# Cumulated shares of 1, 2, 3 and 4 stars; set so that all reviews together show the shares of Olist
# (reference/credit-risk.md: 13.1, 3.2, 8.2, 18.9, 56.6 % for 1 to 5; means 4.29 on time, 2.27 late).
_ON_TIME = np.array([0.078, 0.110, 0.207, 0.440])
_LATE = np.array([0.550, 0.630, 0.725, 0.810])
# Genuine orders, family ring, click farm, payment ring: share reviewed, and mean days from delivery to review.
_EAGER = np.array([0.45, 1.0, 0.92, 0.75])
_REVIEW_DAYS = np.array([2.2, 2.2, 1.0, 1.8])
_WINDOW_DAYS = 7  # an order settles a week after delivery
PLATFORMS = ("farm_mall", "live_stream", "group_buy")
_FEES = np.array([0.022, 0.055, 0.030])
REASONS = ("cancelled", "spoiled", "late", "not_as_described", "no_longer_wanted")


@dataclass(frozen=True, slots=True)
class Aftersales:
    """What follows each order.

    Attributes:
        score: 1 to 5, or 0 without review; reviewed_s: when (NEVER without).
        refund: fen, 0 without; refunded_s: when (NEVER without); reason: index into REASONS.
    """

    score: Ints
    reviewed_s: Ints
    refund: Ints
    refunded_s: Ints
    reason: Ints


@dataclass(frozen=True, slots=True)
class Settlements:
    """Weekly pay-outs; one value a pay-out, money in fen, who as in Orders."""

    who: Ints
    settled_s: Ints
    gross: Ints
    fees: Ints
    refunds: Ints

    @property
    def net(self) -> Ints:
        """Paid out: gross less fees less refunds."""
        return self.gross - self.fees - self.refunds


def follow(county: County, who: Merchants, orders: Orders, course: Course) -> Aftersales:
    """Reviews and refunds of every order, without regard to where the simulation ends."""
    s, ids, late = county.streams, orders.ids, course.late
    arrived = course.delivered_s < NEVER
    score = np.where(arrived, _scores(county, who, orders, late), 0)
    reviews = arrived & (s.uniform("reviews", ids) < _EAGER[orders.kind])
    lag = (-np.log(s.uniform("review lag", ids)) * _REVIEW_DAYS[orders.kind] * DAY_S).astype(np.int64) + 600
    u = s.uniform("refund", ids)
    spoils = crops.column("loss")[who.crop]
    risk = (0.010 + 0.045 * spoils) * np.exp(-0.55 * who.quality)
    chance = risk[orders.who] + 0.05 * late + 0.10 * (score <= 2)
    returns = arrived & (u < chance) & ~orders.brushed
    stopped = (course.cancelled_s < NEVER) & (course.paid_s < NEVER)
    part = 0.25 + 0.75 * np.minimum(1.6 * s.uniform("refund part", ids), 1.0)
    given = np.maximum(np.rint(orders.amount * part).astype(np.int64), 1)
    wait = (DAY_S * (0.3 + 4.0 * s.uniform("refund wait", ids))).astype(np.int64)
    reason = np.where(late, 2, np.where(u < 0.6 * chance, 1, 3 + (ids % 5 == 0)))
    return Aftersales(
        score=np.where(reviews, score, 0),
        reviewed_s=np.where(reviews, course.delivered_s + lag, NEVER),
        refund=np.where(returns, given, np.where(stopped, orders.amount + orders.freight, 0)),
        refunded_s=np.where(
            returns, course.delivered_s + wait, np.where(stopped, course.cancelled_s + 3600, NEVER)
        ),
        reason=np.where(stopped, 0, reason),
    )


def _scores(county: County, who: Merchants, orders: Orders, late: Bools) -> Ints:
    """Stars: the better the merchant, the further its reviews move up the same scale."""
    tilt = np.exp(-0.50 * who.quality - 0.10)
    u = county.streams.uniform("score", orders.ids) ** tilt[orders.who]
    score = np.where(late, 1 + np.searchsorted(_LATE, u), 1 + np.searchsorted(_ON_TIME, u))
    u = county.streams.uniform("friendly score", orders.ids[orders.brushed])
    score[orders.brushed] = np.where((orders.kind[orders.brushed] == FRIENDS) & (u < 0.15), 4, 5)
    return score.astype(np.int64)


def settle(
    county: County,
    who: Merchants,
    orders: Orders,
    course: Course,
    after: Aftersales,
    *,
    genuine: bool = False,
) -> Settlements:
    """Weekly pay-outs of what was delivered a week ago, less fees and refunds since the last one.

    With `genuine` those that there would be without brushed orders.
    """
    horizon = county.horizon
    weeks = (horizon.end - horizon.first) // 7 + 3
    week = (course.delivered_s // DAY_S + _WINDOW_DAYS - horizon.first) // 7 + 1
    if genuine:
        week = np.where(orders.brushed, weeks, week)
    counted = np.flatnonzero(week < weeks)
    cell = orders.who[counted] * weeks + week[counted]
    gross = _sums(cell, (orders.amount + orders.freight)[counted], who.ids.size * weeks)
    back = np.flatnonzero((week < weeks) & (after.refund > 0))
    back_week = np.maximum(week[back], (after.refunded_s[back] // DAY_S - horizon.first) // 7 + 1)
    taken = back_week < weeks
    refunds = _sums(orders.who[back[taken]] * weeks + back_week[taken], after.refund[back[taken]], gross.size)
    seller, at = np.divmod(np.flatnonzero((gross > 0) | (refunds > 0)), weeks)
    settled_s = (horizon.first + 7 * at) * DAY_S + 2 * 3600
    due = settled_s < horizon.end_s
    seller, at, settled_s = seller[due], at[due], settled_s[due]
    paid, off = gross[seller * weeks + at], refunds[seller * weeks + at]
    fees = frames.round_fen(paid * _FEES[platform(who)[seller]])
    return Settlements(seller, settled_s, paid, fees, off)


def platform(who: Merchants) -> Ints:
    """The platform of each merchant, an index into PLATFORMS."""
    return (who.ids * 5 + who.ids // 3) % len(PLATFORMS)


def _sums(cell: Ints, fen: Ints, cells: int) -> Ints:
    # Sums of whole fen stay exact in float64 up to 2^53, nine hundred million times the largest order.
    return np.rint(np.bincount(cell, fen, cells)).astype(np.int64)


def reviews_table(county: County, who: Merchants, orders: Orders, after: Aftersales) -> pl.DataFrame:
    """The table reviews."""
    at = np.flatnonzero(after.reviewed_s < county.horizon.end_s)
    return pl.DataFrame(
        {
            "review_id": orders.ids[at],
            "order_id": orders.ids[at],
            "merchant_id": who.ids[orders.who[at]],
            "reviewed_at": frames.instants(after.reviewed_s[at], NEVER),
            "score": after.score[at],
        }
    )


def refunds_table(county: County, who: Merchants, orders: Orders, after: Aftersales) -> pl.DataFrame:
    """The table refunds."""
    at = np.flatnonzero(after.refunded_s < county.horizon.end_s)
    return pl.DataFrame(
        {
            "refund_id": orders.ids[at],
            "order_id": orders.ids[at],
            "merchant_id": who.ids[orders.who[at]],
            "refunded_at": frames.instants(after.refunded_s[at], NEVER),
            "reason": frames.codes(REASONS, after.reason[at]),
            "amount": frames.money(after.refund[at]),
        }
    )


def settlements_table(who: Merchants, paid: Settlements) -> pl.DataFrame:
    """The table settlements; ids number the weeks of a merchant."""
    seller = who.ids[paid.who]
    return pl.DataFrame(
        {
            "settlement_id": seller * 1_000_000 + paid.settled_s // DAY_S,
            "merchant_id": seller,
            "platform": frames.codes(PLATFORMS, platform(who)[paid.who]),
            "settled_at": frames.instants(paid.settled_s, NEVER),
            "gross": frames.money(paid.gross),
            "fees": frames.money(paid.fees),
            "refunds": frames.money(paid.refunds),
            "net": frames.money(paid.net),
        }
    )


def monthly_net(county: County, who: Merchants, paid: Settlements) -> Floats:
    """Net settlements by merchant and month, in yuan."""
    months = county.horizon.months
    cell = paid.who * months + county.horizon.month_of(paid.settled_s // DAY_S)
    total = np.bincount(cell, weights=paid.net, minlength=who.ids.size * months)
    return total.reshape(who.ids.size, months) / 100.0
