"""The business account: a few movements a month, with the balance after each.

What the account shows follows from trade and the own loan alone. Hidden blows fall on the household's purse
and never pass this account, so no column here gives them away.
"""

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.cash import Path
from suixin.simulation.county import County
from suixin.simulation.horizon import DAY_S, NEVER
from suixin.simulation.lending import Loans
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Floats

KINDS = ("loan_drawdown", "settlement", "supplier_payment", "loan_service", "owner")
_HOURS = (9, 10, 15, 16, 20)  # of the last day of the month, in the order of KINDS


def table(
    county: County, who: Merchants, loans: Loans, visible: Path, *, paid: Floats, net: Floats, costs: Floats
) -> pl.DataFrame:
    """The table cashflows.

    `visible` is the cash path without hidden blows: it decides how much the owner leaves in the account.
    `paid`, `net` and `costs` are loan service, platform pay-outs and cost of goods, yuan by merchant and month.
    """
    horizon = county.horizon
    wished = np.maximum(0.35 * visible.cash, 0.0) + 0.15 * np.maximum(net, 0.0)
    held = np.concatenate([np.zeros((who.ids.size, 1)), wished[:, :-1]], axis=1)
    held, wished = np.round(held * 100.0), np.round(wished * 100.0)
    moves = [np.round(x * 100.0) for x in (loans.paid_out, net, -costs, -paid)]
    moves.append(wished - held - sum(moves))
    amount = np.stack(moves, axis=2).astype(np.int64)
    balance = held.astype(np.int64)[:, :, None] + np.cumsum(amount, axis=2)
    last_s = (horizon.month_start[1:] - 1) * DAY_S
    when = last_s[None, :, None] + np.array(_HOURS) * 3600
    seller, month, kind = np.nonzero(
        (amount != 0) & (horizon.month_start[1:, None] > who.opened[:, None, None])
    )
    at = (seller, month, kind)
    return pl.DataFrame(
        {
            "cashflow_id": (who.ids[seller] * 1000 + month) * 10 + kind,
            "merchant_id": who.ids[seller],
            "occurred_at": frames.instants(when[0][month, kind], NEVER),
            "kind": frames.codes(KINDS, kind),
            "amount": frames.money(amount[at]),
            "balance": frames.money(balance[at]),
        }
    )
