"""VAT invoices of registered businesses: sales and purchases, some void, some credit notes."""

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.county import County
from suixin.simulation.horizon import NEVER_DAY
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints

_MOST = 4  # invoices a month and direction
_TAX = np.array([0.09, 0.13, 0.03])  # produce, processed goods, small taxpayers
_MONTHS_EACH = 1000
_PARTNER_BASE = 5_000_000


def table(county: County, who: Merchants, sales: Floats, costs: Floats) -> pl.DataFrame:
    """The table invoices; `sales` and `costs` are yuan by merchant and month."""
    parts = [_side(county, who, "sales", 0, sales * 0.9), _side(county, who, "purchase", 1, costs * 0.8)]
    return pl.concat(parts)


def _side(county: County, who: Merchants, direction: str, side: int, yuan: Floats) -> pl.DataFrame:
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
    frame = _frame(who, direction, seller[row], ids, amount, issued, *_fate(county, ids, issued), county)
    return frame


def _fate(county: County, ids: Ints, issued: Ints) -> tuple[Ints, Bools]:
    """Day of voiding (4.5 % of invoices), and which invoices are later reversed in part (3 %)."""
    fate = county.streams.uniform("invoice fate", ids)
    voided = issued + (15 * county.streams.uniform("voided", ids)).astype(np.int64)
    return np.where(fate < 0.045, voided, NEVER_DAY), (fate > 0.97)


def _frame(
    who: Merchants,
    direction: str,
    seller: Ints,
    ids: Ints,
    amount: Ints,
    issued: Ints,
    voided: Ints,
    reversed_: Bools,
    county: County,
) -> pl.DataFrame:
    s, end = county.streams, county.horizon.end
    note_ids, note_day = ids[reversed_] + 5, issued[reversed_] + 20
    note = -np.maximum(frames.round_fen(amount[reversed_] * (0.2 + 0.8 * s.uniform("note", note_ids))), 1)
    all_ids = np.concatenate([ids, note_ids])
    every, day = np.concatenate([seller, seller[reversed_]]), np.concatenate([issued, note_day])
    fen = np.concatenate([amount, note])
    gone = np.concatenate([voided, np.full(note_ids.size, NEVER_DAY, dtype=np.int64)])
    keep = np.flatnonzero((day < end) & (fen != 0))
    every, fen, invoice = every[keep], fen[keep], all_ids[keep]
    tax = frames.round_fen(fen * _TAX[who.ids[every] % _TAX.size])
    partner = (s.uniform("partner", invoice) ** 2 * 14).astype(np.int64)
    return pl.DataFrame(
        {
            "invoice_id": invoice,
            "merchant_id": who.ids[every],
            "direction": pl.repeat(direction, keep.size, eager=True),
            "counterparty_id": _PARTNER_BASE + (who.ids[every] * 31 + partner * 997) % 40_000,
            "issued_on": frames.dates(day[keep]),
            "amount": frames.money(fen),
            "tax": frames.money(tax),
            "total": frames.money(fen + tax),
            "voided_on": frames.dates(gone[keep], end),
        }
    )
