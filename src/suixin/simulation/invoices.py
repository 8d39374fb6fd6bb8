"""VAT invoices of registered businesses: sales and purchases, some void, some credit notes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.county import County
from suixin.simulation.horizon import NEVER_DAY
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Floats, Ints

_MOST = 4  # invoices a month and direction
_TAX = np.array([0.09, 0.13, 0.03])  # produce, processed goods, small taxpayers
_MONTHS_EACH = 1000
_NOTE = 5  # the number of a credit note is that of its invoice plus this
_VOID, _NOTED = 0.045, 0.03
_PARTNER_BASE, _PARTNERS, _PARTNERS_EACH = 10**15, 40_000, 14


@dataclass(frozen=True, slots=True)
class _Drafts:
    """Invoices before tax: position of the seller, number, day of issue and of voiding, fen."""

    seller: Ints
    ids: Ints
    issued: Ints
    voided: Ints
    amount: Ints


def table(county: County, who: Merchants, sales: Floats, costs: Floats) -> pl.DataFrame:
    """The table invoices; `sales` and `costs` are yuan by merchant and month.

    Nine tenths of sales and eight of costs carry an invoice; buyers and villagers without a tax number get none.
    """
    sides = [("sales", sales * 0.9), ("purchase", costs * 0.8)]
    return pl.concat(
        [
            _side(county, who, direction, _drafts(county, who, n, yuan))
            for n, (direction, yuan) in enumerate(sides)
        ]
    )


def _drafts(county: County, who: Merchants, side: int, yuan: Floats) -> _Drafts:
    """One direction: each month's sum is split over up to four invoices issued early in the next month."""
    s, horizon = county.streams, county.horizon
    registered = who.form >= 2
    seller, month = np.nonzero((yuan > 30.0) & registered[:, None])
    key = (who.ids[seller] * _MONTHS_EACH + month) * 2 + side
    count = 1 + (s.uniform("invoices", key) * _MOST).astype(np.int64)
    row = np.repeat(np.arange(key.size, dtype=np.int64), count)
    number = np.arange(row.size, dtype=np.int64) - (np.cumsum(count) - count)[row]
    ids = key[row] * 10 + number
    weight = 0.2 + s.uniform("invoice share", ids)
    amount = frames.round_fen(yuan[seller, month][row] * 100.0 * weight / np.bincount(row, weight)[row])
    issued = horizon.month_start[month + 1][row] + (12 * s.uniform("issued", ids)).astype(np.int64)
    voided = issued + (15 * s.uniform("voided", ids)).astype(np.int64)
    voided = np.where(s.uniform("void", ids) < _VOID, voided, NEVER_DAY)
    return _Drafts(seller[row], ids, issued, voided, amount)


def _with_notes(county: County, drafts: _Drafts) -> _Drafts:
    """The invoices, and after them a credit note for some, twenty days later, over a part or all of the amount."""
    s = county.streams
    noted = (s.uniform("noted", drafts.ids) < _NOTED) & (drafts.voided == NEVER_DAY)
    ids = drafts.ids[noted] + _NOTE
    part = 0.2 + 0.8 * s.uniform("note", ids)
    return _Drafts(
        seller=np.concatenate([drafts.seller, drafts.seller[noted]]),
        ids=np.concatenate([drafts.ids, ids]),
        issued=np.concatenate([drafts.issued, drafts.issued[noted] + 20]),
        voided=np.concatenate([drafts.voided, np.full(ids.size, NEVER_DAY, dtype=np.int64)]),
        amount=np.concatenate([drafts.amount, -frames.round_fen(drafts.amount[noted] * part)]),
    )


def _side(county: County, who: Merchants, direction: str, drafts: _Drafts) -> pl.DataFrame:
    end = county.horizon.end
    every = _with_notes(county, drafts)
    keep = np.flatnonzero((every.issued < end) & (every.amount != 0))
    seller, ids, amount = who.ids[every.seller[keep]], every.ids[keep], every.amount[keep]
    tax = frames.round_fen(amount * _TAX[seller % _TAX.size])
    partner = (county.streams.uniform("partner", ids) ** 2 * _PARTNERS_EACH).astype(np.int64)
    return pl.DataFrame(
        {
            "invoice_id": ids,
            "merchant_id": seller,
            "direction": pl.repeat(direction, keep.size, eager=True),
            "counterparty_id": _PARTNER_BASE + (seller * 31 + partner * 997) % _PARTNERS,
            "issued_on": frames.dates(every.issued[keep]),
            "amount": frames.money(amount),
            "tax": frames.money(tax),
            "total": frames.money(amount + tax),
            "voided_on": frames.dates(every.voided[keep], end),
        }
    )
