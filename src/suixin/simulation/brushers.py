"""When brushed orders are placed, who stands behind them, and how the money goes back.

Brushed orders come beside the genuine ones, with ids and streams of their own, so the genuine orders of a
merchant are the same rows whether or not it brushes.
"""

from dataclasses import dataclass

import numpy as np

from suixin.simulation.brushing import FAMILY, FARM, FRIENDS
from suixin.simulation.county import DESTINATIONS, TOWNSHIPS, County
from suixin.simulation.lending import grant_days
from suixin.simulation.merchants import ORDERS_EACH, OWNER, PARTIES_EACH, RING, RING_FIRST, Merchants
from suixin.simulation.people import BUYER_BASE, BUYERS, PARTY_FROM, pseudonym
from suixin.simulation.streams import Bools, Ints

_FROM = 10**14  # brushed orders are numbered from here, above every genuine one
_BURSTS = 4  # of a click farm
_HALF_YEAR, _LEAD = 170, 8  # two bursts fall into the half-year before the application, the last a week ahead
_FARMS, _DEVICES, _ADDRESSES, _WALLETS = 24, 8, 4, 8
_STRANGER, _BY_WALLET, _NEAR = 0.25, 0.3, 0.8  # parcels to strangers; farm accounts paid for; friends nearby
_FARM_KEYS, _FRIEND_KEYS = 1 << 20, 1 << 30  # keys of pseudonyms, apart from those of genuine buyers
_FARM_BUYERS = 1_000_000  # buyers a farm, far more than it has
_FRIENDS_MOST = 60
_TRACKED, _UNSCANNED = (
    0.55,
    0.75,
)  # of farm parcels: tracked in full; then collected and never scanned; then none


@dataclass(frozen=True, slots=True)
class Plan:
    """Brushed orders, one value an order: id, position of merchant and of day, and number of the kind."""

    ids: Ints
    who: Ints
    day: Ints
    kind: Ints


@dataclass(frozen=True, slots=True)
class Parties:
    """Who orders, from where, and who pays; one value an order.

    Attributes:
        buyer: pseudonym; place: index of the buyer's township.
        device, address, payer: pseudonyms of what the order was placed on, goes to, and is paid from.
    """

    buyer: Ints
    place: Ints
    device: Ints
    address: Ints
    payer: Ints


def plan(county: County, who: Merchants, each: Ints, day: Ints) -> Plan:
    """When brushed orders are placed.

    `each` is how many genuine orders a merchant has, `day` the day position of every genuine order, sorted by
    merchant. Rings keep pace with genuine trade, a click farm works in bursts.
    """
    s, first = county.streams, county.horizon.first
    spare = s.uniform("brush round", who.ids) * (who.brush > 0)
    number = np.floor(who.brush * each + spare).astype(np.int64) * (each > 0)
    seller = np.repeat(np.arange(who.ids.size, dtype=np.int64), number)
    running = np.arange(seller.size, dtype=np.int64) - np.repeat(np.cumsum(number) - number, number)
    ids = _FROM + who.ids[seller] * ORDERS_EACH + running
    low = (np.maximum(who.opened, first) - first)[seller]
    high = (np.minimum(who.closed, county.horizon.end) - first)[seller]
    before = np.cumsum(each) - each
    like = before[seller] + (s.uniform("brush day", ids) * each[seller]).astype(np.int64)
    when = day[like] + (s.uniform("brush shift", ids) * 7).astype(np.int64) - 3
    kind = who.brush_kind[seller]
    farm = np.flatnonzero(kind == FARM)
    until = np.minimum((_wanted(county, who) - first)[seller], high)
    when[farm] = _bursts(county, who.ids[seller[farm]], ids[farm], low[farm], until[farm])
    return Plan(ids, seller, np.clip(when, low, high - 1), kind)


def _wanted(county: County, who: Merchants) -> Ints:
    """The day number for which a click farm works: the application, or the end of the run.

    Who is told to brush does so for the application after the last day: earlier loans are left as they were.
    """
    end = county.horizon.end
    grant = np.minimum(grant_days(county, who.ids), end)
    return np.full(grant.size, end) if county.brushing else grant


def _bursts(county: County, merchant: Ints, ids: Ints, low: Ints, until: Ints) -> Ints:
    """Day position of each order of a click farm: four bursts of 10 to 35 days, two in the last half-year."""
    s = county.streams
    which = (s.uniform("burst", ids) * _BURSTS).astype(np.int64)
    key = merchant * _BURSTS + which
    length = 10 + (26 * s.uniform("burst length", key)).astype(np.int64)
    u = s.uniform("burst start", key)
    recent = until - _LEAD - length - (u * (_HALF_YEAR - 35)).astype(np.int64)
    some = low + (u * np.maximum(until - length - low, 1)).astype(np.int64)
    start = np.maximum(np.where(which < _BURSTS // 2, recent, some), low)
    return np.asarray(start + (s.uniform("burst day", ids) * length).astype(np.int64), dtype=np.int64)


def disguise(county: County, who: Merchants, made: Plan, parties: Parties) -> None:
    """Put who really stands behind brushed orders, the last ones of `parties`, in the place of genuine buyers."""
    first = parties.buyer.size - made.ids.size
    count = np.bincount(made.who, minlength=who.ids.size)
    for kind, behind in ((FAMILY, _family), (FARM, _farm), (FRIENDS, _friends)):
        at = np.flatnonzero(made.kind == kind)
        if at.size:
            found = behind(county, who, made.ids[at], made.who[at], count)
            for name in ("buyer", "place", "device", "address", "payer"):
                getattr(parties, name)[first + at] = getattr(found, name)


def _family(county: County, who: Merchants, ids: Ints, seller: Ints, _count: Ints) -> Parties:
    """Six relatives: three on the owner's telephone, three at its address, one paying from its account."""
    number = (county.streams.uniform("relative", ids) * RING).astype(np.int64)
    owner = who.ids[seller] * PARTIES_EACH + OWNER
    buyer = who.ids[seller] * PARTIES_EACH + RING_FIRST + number
    on_phone = number < RING // 2
    return Parties(
        buyer=buyer,
        place=who.township[seller],
        device=pseudonym("device", PARTY_FROM + np.where(on_phone, owner, buyer)),
        address=pseudonym("address", PARTY_FROM + np.where(on_phone, buyer, owner)),
        payer=pseudonym("account", PARTY_FROM + np.where(number == 0, owner, buyer)),
    )


def _farm(county: County, who: Merchants, ids: Ints, seller: Ints, count: Ints) -> Parties:
    """Fresh accounts of a farm that serves many merchants: eight devices, four addresses, some to strangers."""
    s = county.streams
    farm = (s.uniform("farm", who.ids) * _FARMS).astype(np.int64)[seller]
    fresh = np.maximum(0.7 * count[seller], 12.0)
    serial = (s.uniform("farm buyer", ids) * fresh).astype(np.int64)
    key = _FARM_KEYS + farm * _FARM_BUYERS
    u = s.uniform("farm parcel", ids)
    stranger = (u / _STRANGER * BUYERS).astype(np.int64) % BUYERS
    strange = u < _STRANGER
    home = len(TOWNSHIPS) + (s.uniform("farm home", farm) * DESTINATIONS).astype(np.int64)
    wallet = np.where((serial * 0.618) % 1 < _BY_WALLET, serial % _WALLETS, serial + _WALLETS)
    own = pseudonym("address", key + serial % _ADDRESSES)
    return Parties(
        buyer=BUYER_BASE + key + serial,
        place=np.where(strange, county.people.home[stranger], home),
        device=pseudonym("device", key + serial % _DEVICES),
        address=np.where(strange, county.people.address[stranger], own),
        payer=pseudonym("account", key + wallet),
    )


def _friends(county: County, who: Merchants, ids: Ints, seller: Ints, count: Ints) -> Parties:
    """Friends with devices, addresses and accounts of their own, most of them in the county."""
    s = county.streams
    several = np.clip(count[seller] / 12.0, 4.0, _FRIENDS_MOST)
    number = (s.uniform("friend", ids) * several).astype(np.int64)
    key = _FRIEND_KEYS + who.ids[seller] * PARTIES_EACH + number
    near = s.uniform("friend near", key) < _NEAR
    drawn = s.uniform("friend home", key)
    far = county.people.home[(drawn * BUYERS).astype(np.int64)]
    same = (drawn * 7) % 1 < 0.5
    close = np.where(same, who.township[seller], (drawn * len(TOWNSHIPS)).astype(np.int64))
    return Parties(
        buyer=BUYER_BASE + key,
        place=np.where(near, close, far),
        device=pseudonym("device", key),
        address=pseudonym("address", key),
        payer=pseudonym("account", key),
    )


def parcels(county: County, ids: Ints, kind: Ints) -> tuple[Bools, Bools]:
    """Of brushed orders, which have a parcel at all, and which parcels are scanned on the way."""
    u = county.streams.uniform("farm track", ids)
    farm = kind == FARM
    return ~farm | (u < _UNSCANNED), ~farm | (u < _TRACKED)
