"""The business account: movements with the account at their other end, and the balance after each.

What the account shows follows from trade and the own loan alone. Hidden blows fall on the household's purse
and never pass this account, so no column here gives them away.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import aftersales, buyers, frames
from suixin.simulation.cash import Path
from suixin.simulation.county import County
from suixin.simulation.crops import CROPS
from suixin.simulation.horizon import DAY_S, NEVER
from suixin.simulation.lending import Loans
from suixin.simulation.merchants import OWNER, PARTIES_EACH, Merchants
from suixin.simulation.paybacks import Transfers
from suixin.simulation.people import PARTY_FROM, pseudonym
from suixin.simulation.streams import Floats, Ints

KINDS = ("loan_drawdown", "settlement", "supplier_payment", "wages", "loan_service", "owner", "transfer")
_HOURS = np.array([9, 10, 15, 15, 16, 20]) * 3600  # of the last day of the month; wages half an hour later
_WAGES, _OWNER, _TRANSFER = 3, 5, 6
_WAGE_SHARE = 0.12  # of the cost of goods, in months of harvest
_ONE_OFF = 10**12  # movements outside the monthly round are numbered from here
_FIRM_KEYS = 1 << 33  # keys of the accounts of platforms, lender and suppliers
_LENDER, _SUPPLIER_FROM, _SUPPLIERS, _SUPPLIERS_EACH = 90, 100, 900, 5


@dataclass(frozen=True, slots=True)
class _Moves:
    """Movements, one value each: position of the merchant, id, seconds since 1970, kind, account, fen."""

    who: Ints
    ids: Ints
    when_s: Ints
    kind: Ints
    account: Ints
    fen: Ints


def table(
    county: County,
    who: Merchants,
    loans: Loans,
    visible: Path,
    *,
    paid: Floats,
    net: Floats,
    costs: Floats,
    back: Transfers,
) -> pl.DataFrame:
    """The table cashflows.

    `visible` is the cash path without hidden blows: it decides how much the owner leaves in the account.
    `paid`, `net` and `costs` are loan service, platform pay-outs and cost of goods, yuan by merchant and month;
    `back` goes back to a payment ring.
    """
    wished = np.maximum(0.35 * visible.cash, 0.0) + 0.15 * np.maximum(net, 0.0)
    held = np.concatenate([np.zeros((who.ids.size, 1)), wished[:, :-1]], axis=1)
    held, wished = np.round(held * 100.0), np.round(wished * 100.0)
    wages = costs * _WAGE_SHARE * _harvests(county)[who.crop]
    flows = (loans.paid_out, net, wages - costs, -wages, -paid)
    moves = [np.round(x * 100.0) for x in flows]
    moves.append(wished - held - sum(moves))
    monthly = _monthly(county, who, np.stack(moves, axis=2).astype(np.int64))
    every = _join(monthly, _ring(county, who, back))
    order = np.lexsort((every.ids, every.when_s, every.who))
    return _frame(county, who, every, order)


def _harvests(county: County) -> Floats:
    """1 for each crop and month of the horizon in which it is harvested, when helpers are hired."""
    months = (county.horizon.start.month - 1 + np.arange(county.horizon.months)) % 12 + 1
    return np.array([np.isin(months, crop.harvest) for crop in CROPS], dtype=np.float64)


def _monthly(county: County, who: Merchants, fen: Ints) -> _Moves:
    """The round of the last day of each month, zero movements among them; `fen` is merchants × months × kinds."""
    seller, month, kind = (x.reshape(-1) for x in np.indices(fen.shape))
    last_s = (county.horizon.month_start[1:] - 1) * DAY_S
    ids = who.ids[seller]
    others = [
        np.full(seller.size, _LENDER),
        aftersales.platform(who)[seller],
        _SUPPLIER_FROM + (ids * 17 + month % _SUPPLIERS_EACH * 31) % _SUPPLIERS,
        np.zeros_like(seller),
        np.full(seller.size, _LENDER),
        np.zeros_like(seller),
    ]
    firm = pseudonym("account", _FIRM_KEYS + np.choose(kind, others))
    account = np.where(kind == _WAGES, buyers.helpers(county, who)[seller], firm)
    account = np.where(kind == _OWNER, _owners(who)[seller], account)
    when_s = last_s[month] + _HOURS[kind] + 1800 * (kind == _WAGES)
    return _Moves(seller, (ids * 1000 + month) * 10 + kind, when_s, kind, account, fen.reshape(-1))


def _owners(who: Merchants) -> Ints:
    return pseudonym("account", PARTY_FROM + who.ids * PARTIES_EACH + OWNER)


def _ring(county: County, who: Merchants, back: Transfers) -> _Moves:
    """Transfers to a payment ring, and what the owner pays in on the first day of the month to cover them."""
    months = county.horizon.months
    month = county.horizon.month_of(back.when_s // DAY_S)
    total = np.zeros(who.ids.size * months, dtype=np.int64)
    np.add.at(total, back.who * months + month, back.fen)
    seller, funded = np.divmod(np.flatnonzero(total), months)
    running = np.arange(back.who.size, dtype=np.int64) - np.searchsorted(back.who, back.who)
    return _Moves(
        who=np.concatenate([seller, back.who]),
        ids=np.concatenate(
            [(who.ids[seller] * 1000 + funded) * 10 + 9, _ONE_OFF + who.ids[back.who] * 1_000_000 + running]
        ),
        when_s=np.concatenate([county.horizon.month_start[funded] * DAY_S + 8 * 3600, back.when_s]),
        kind=np.repeat(np.array([_OWNER, _TRANSFER]), [seller.size, back.who.size]),
        account=np.concatenate([_owners(who)[seller], back.account]),
        fen=np.concatenate([total[total > 0], -back.fen]),
    )


def _join(one: _Moves, other: _Moves) -> _Moves:
    names = ("who", "ids", "when_s", "kind", "account", "fen")
    return _Moves(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))


def _frame(county: County, who: Merchants, every: _Moves, order: Ints) -> pl.DataFrame:
    """The movements in order with balances; what moves nothing or lies before the shop is left out."""
    seller, fen, when_s = every.who[order], every.fen[order], every.when_s[order]
    total = np.cumsum(fen)
    start = np.searchsorted(seller, np.arange(who.ids.size))
    balance = total - (total - fen)[start][seller]
    month = county.horizon.month_of(when_s // DAY_S)
    at = np.flatnonzero((fen != 0) & (county.horizon.month_start[month + 1] > who.opened[seller]))
    row = order[at]
    return pl.DataFrame(
        {
            "cashflow_id": every.ids[row],
            "merchant_id": who.ids[seller[at]],
            "occurred_at": frames.instants(when_s[at], NEVER),
            "kind": frames.codes(KINDS, every.kind[row]),
            "counterparty_id": every.account[row],
            "amount": frames.money(fen[at]),
            "balance": frames.money(balance[at]),
        }
    )
