"""How the money of a payment ring goes back: from the merchant's account to the accounts that paid."""

from dataclasses import dataclass

import numpy as np

from suixin.simulation.brushing import FRIENDS
from suixin.simulation.county import County
from suixin.simulation.fulfilment import Course
from suixin.simulation.horizon import DAY_S
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Ints
from suixin.simulation.trade import Orders

_THANKS = 0.02  # most that a friend keeps, as a share of what it paid
_YUAN = 100


@dataclass(frozen=True, slots=True)
class Transfers:
    """Money sent back, one value a transfer: position of the merchant, seconds since 1970, account, fen."""

    who: Ints
    when_s: Ints
    account: Ints
    fen: Ints


def draw(county: County, who: Merchants, orders: Orders, course: Course) -> Transfers:
    """What each friend paid in a week comes back in one transfer one to ten days later, in whole yuan."""
    s, first = county.streams, county.horizon.first
    at = np.flatnonzero((orders.kind == FRIENDS) & (course.paid_s < county.horizon.end_s))
    week = (course.paid_s[at] // DAY_S - first) // 7
    seller, payer = orders.who[at], orders.payer[at]
    order = np.lexsort((orders.ids[at], week, payer, seller))
    at, week, seller, payer = at[order], week[order], seller[order], payer[order]
    new = np.ones(at.size, dtype=np.bool_)
    new[1:] = (np.diff(seller) != 0) | (np.diff(payer) != 0) | (np.diff(week) != 0)
    starts = np.flatnonzero(new)
    paid = (orders.amount + orders.freight)[at]
    total = np.add.reduceat(paid, starts) if starts.size else paid
    key = orders.ids[at[starts]]
    kept = _THANKS * s.uniform("friend keeps", who.ids)[seller[starts]]
    fen = np.maximum(np.rint(total * (1.0 - kept) / _YUAN).astype(np.int64), 1) * _YUAN
    u = s.uniform("sent back", key)
    day = first + 7 * (week[starts] + 1) + (3 * u).astype(np.int64)
    when_s = day * DAY_S + (10 + 10 * ((u * 97) % 1)).astype(np.int64) * 3600 + key % 3600
    seen = when_s < county.horizon.end_s
    return Transfers(seller[starts][seen], when_s[seen], payer[starts][seen], fen[seen])
