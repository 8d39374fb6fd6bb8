"""Who stands behind genuine orders: regulars, passers-by, and now and then the merchant's own family."""

import numpy as np

from suixin.simulation.brushers import Parties
from suixin.simulation.county import TOWNSHIPS, County
from suixin.simulation.merchants import KIN, ORDERS_EACH, OWNER, PARTIES_EACH, SPOUSE, Merchants
from suixin.simulation.people import BUYER_BASE, BUYERS, PARTY_FROM, pseudonym
from suixin.simulation.streams import Ints

_FAMILY_A_DAY = 0.02  # genuine orders of a relative that likes the shop, for all but the smallest shops
_FAMILY_BUYS = 0.5  # share of families that buy in their own shop
_ELSEWHERE = 0.35  # share of orders on the second device, to the second address, from the second account
_HANDS = 8  # the most frequent regulars, among whom a merchant looks for a helper
_HELPED = 0.5  # share of merchants that hire a regular, if one lives in the county


def draw(county: County, who: Merchants, ids: Ints, merchant: Ints) -> Parties:
    """Buyer, home, device, address and account of every order, as if all were genuine."""
    s, people = county.streams, county.people
    regulars = 3.0 + 60.0 * who.level**0.8
    draw_kind, draw_which = s.uniform("regular", ids), s.uniform("which regular", ids)
    loyal = draw_kind < who.loyalty[merchant]
    rank = (draw_which**2.0 * regulars[merchant]).astype(np.int64)
    number = _numbers(county, np.where(loyal, who.ids[merchant] * ORDERS_EACH + rank, -ids))
    u = s.uniform("where from", ids)
    parties = Parties(
        buyer=BUYER_BASE + number,
        place=people.home[number],
        device=np.where(u < _ELSEWHERE, people.device_2[number], people.device[number]),
        address=np.where((u * 7) % 1 < _ELSEWHERE, people.address_2[number], people.address[number]),
        payer=np.where((u * 11) % 1 < _ELSEWHERE, people.account_2[number], people.account[number]),
    )
    # The upper end of the draw belongs to passers-by, so regulars stay as frequent as they are.
    _by_relatives(who, merchant, 1.0 - draw_kind, u, parties)
    return parties


def _numbers(county: County, person: Ints) -> Ints:
    return (county.streams.uniform("buyer", person) * BUYERS).astype(np.int64)


def _by_relatives(who: Merchants, merchant: Ints, draw: np.ndarray, u: np.ndarray, parties: Parties) -> None:
    """Orders that a relative really placed, paid for and received at the owner's address."""
    chance = _FAMILY_A_DAY / np.maximum(who.level, 1.0)
    chance = np.where((who.married | who.kin) & (who.ids * 7 % 10 < 10 * _FAMILY_BUYS), chance, 0.0)
    at = np.flatnonzero(draw < chance[merchant])
    seller = merchant[at]
    owner = who.ids[seller] * PARTIES_EACH + OWNER
    relative = who.ids[seller] * PARTIES_EACH + np.where(who.kin[seller], KIN, SPOUSE)
    parties.buyer[at] = relative
    parties.place[at] = who.township[seller]
    parties.device[at] = pseudonym("device", PARTY_FROM + relative)
    parties.address[at] = pseudonym("address", PARTY_FROM + owner)
    parties.payer[at] = pseudonym("account", PARTY_FROM + np.where(u[at] < _ELSEWHERE, owner, relative))


def helpers(county: County, who: Merchants) -> Ints:
    """The account of the villager who helps each merchant at harvest for wages.

    Half of the merchants hire one of their best customers, if one lives in the county: money then goes from an
    account of the merchant to an honest buyer's.
    """
    rank = np.arange(_HANDS, dtype=np.int64)
    number = _numbers(county, who.ids[:, None] * ORDERS_EACH + rank)
    near = county.people.home[number] < len(TOWNSHIPS)
    first = np.take_along_axis(number, near.argmax(axis=1)[:, None], axis=1)[:, 0]
    regular = near.any(axis=1) & (county.streams.uniform("hires a regular", who.ids) < _HELPED)
    stranger = pseudonym("account", PARTY_FROM + who.ids * PARTIES_EACH + PARTIES_EACH - 1)
    return np.where(regular, county.people.account[first], stranger)
