"""The buyers of the whole country: where each lives, and the devices, addresses and accounts it uses.

Sharing among the innocent is made here: couples live at one address and now and then share a tablet or an
account, some people have parcels sent to a pick-up point at work that hundreds share, and some order over the
telephone of a leader of a buying group, who takes the parcels of all.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from suixin.simulation.streams import Floats, Ints, Streams, normal_quantile

BUYERS = 400_000  # genuine buyers who may buy here; they shop at many merchants
BUYER_BASE = 10**12
LOCAL = 0.1  # share of buyers who live in the county
_BASES = {"device": 2 * 10**12, "address": 4 * 10**12, "account": 6 * 10**12}
_SCATTER, _BITS = 0x1E3779B97F4A7C15, (1 << 40) - 1  # an odd factor: one-to-one on forty bits
_WORKPLACE_FROM, PARTY_FROM = 1 << 36, 1 << 34  # keys of work addresses, of parties and of those who brush
_WORKPLACES_EACH = 6  # pick-up points a place, and as many leaders of buying groups
_LED = 0.03  # share of buyers in a buying group; they are among those who use a pick-up point
_COUPLE, _TABLET, _JOINT, _AT_WORK, _SECOND_DEVICE, _SECOND_ACCOUNT = 0.12, 0.20, 0.15, 0.15, 0.25, 0.10


@dataclass(frozen=True, slots=True)
class People:
    """The genuine buyers, by number; the second device, address or account equals the first for most.

    Attributes:
        home: index of the place where each lives; the county's own townships come first.
        device, device_2, address, address_2, account, account_2: pseudonyms.
    """

    home: Ints
    device: Ints
    device_2: Ints
    address: Ints
    address_2: Ints
    account: Ints
    account_2: Ints


def pseudonym(what: Literal["device", "address", "account"], key: Ints) -> Ints:
    """The pseudonym of a device, address or account by a key below 2^40; different keys give different ones."""
    return np.asarray(_BASES[what] + ((key * _SCATTER) & _BITS), dtype=np.int64)


def build(streams: Streams, own: int, others: int) -> People:
    """The buyers, over `own` townships of the county and `others` places outside."""
    each = np.arange(BUYERS, dtype=np.int64)
    pair = streams.uniform("couple", each // 2)
    first = np.where(pair < _COUPLE, each - each % 2, each)  # of a couple, the one whose address it is
    home = homes(streams, own, others, first)
    u = streams.uniform("habits", each)
    works = home * _WORKPLACES_EACH + (streams.uniform("workplace", each) ** 2 * _WORKPLACES_EACH).astype(
        np.int64
    )
    tablet = np.where(pair < _COUPLE * _TABLET, first, each)
    joint = np.where((pair > _COUPLE * (1 - _JOINT)) & (pair < _COUPLE), first, each)
    work = pseudonym("address", _WORKPLACE_FROM + works)
    led = (u * 11) % 1 < _LED
    device_2 = pseudonym("device", 2 * tablet + ((u * 7) % 1 < _SECOND_DEVICE))
    address = pseudonym("address", first)
    return People(
        home=home,
        device=pseudonym("device", 2 * tablet),
        device_2=np.where(led, pseudonym("device", _WORKPLACE_FROM + works), device_2),
        address=address,
        address_2=np.where((u * 11) % 1 < _AT_WORK, work, address),
        account=pseudonym("account", 2 * joint),
        account_2=pseudonym("account", 2 * joint + ((u * 13) % 1 < _SECOND_ACCOUNT)),
    )


def homes(streams: Streams, own: int, others: int, person: Ints) -> Ints:
    """Where each person lives: one in ten in the county, the others in places of unequal size."""
    share = np.concatenate([np.full(own, LOCAL / own), (1.0 - LOCAL) * _town_shares(others)])
    table = np.searchsorted(np.cumsum(share)[:-1], (np.arange(4096) + 0.5) / 4096).astype(np.int64)
    return np.asarray(table[(streams.uniform("home", person) * 4096).astype(np.int64)], dtype=np.int64)


def _town_shares(others: int) -> Floats:
    size = np.exp(0.8 * normal_quantile((np.arange(others) + 0.5) / others))
    return np.asarray(size / size.sum(), dtype=np.float64)
