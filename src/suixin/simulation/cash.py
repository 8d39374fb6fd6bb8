"""The monthly cash of a household, and what it can pay on its loan: default is cash that ran out."""

from dataclasses import dataclass

import numpy as np

from suixin.simulation.household import FRAUD, ILLNESS, SIDE_DEBT, Household
from suixin.simulation.lending import Loans
from suixin.simulation.streams import Bools, Floats, Ints

_FLOOR = 0.60  # share of usual living that no lender gets
_SPENT = 0.55  # share of cash above the reserve that is spent at once on house, school and feasts
_ILLNESS_MONTHS = 5
UNPAID_MONTHS = 3  # an instalment that three due dates running leave unpaid is 91 days past due


@dataclass(frozen=True, slots=True)
class Path:
    """Cash of each household and what it paid, yuan.

    Attributes:
        cash: at the end of each month, merchants × months.
        paid: on the own loan in each month, merchants × months.
        defaulted_k: number (1 is the first) of the instalment whose lateness is the default; 0 for none.
    """

    cash: Floats
    paid: Floats
    defaulted_k: Ints


@dataclass(frozen=True, slots=True)
class Blow:
    """Hidden drains by merchant and month: yuan lost, and whether all cash leaves the household."""

    drain: Floats
    gone: Bools


def blow(house: Household, loans: Loans, months: int) -> Blow:
    """What the hidden causes take, by merchant and month."""
    ill, side, gone = house.cause == ILLNESS, house.cause == SIDE_DEBT, house.cause == FRAUD
    onset = np.where(ill, house.blow_months, loans.month + house.blow_months)
    since = np.arange(months) - onset[:, None]
    # Bills and lost work: two to nine months of what the household lives on, spread over five months.
    bill = ill * house.means * (2.0 + 7.0 * house.severity) / _ILLNESS_MONTHS
    drain = bill[:, None] * ((since >= 0) & (since < _ILLNESS_MONTHS))
    drain += (side * house.side_service)[:, None] * (since >= 0)
    return Blow(drain, (gone & loans.granted)[:, None] & (since >= 0))


def run(net: Floats, sales: Floats, house: Household, loans: Loans, hit: Blow) -> Path:
    """Walk every household through the months.

    `net` is platform pay-outs and `sales` goods sold, both yuan by merchant and month. Cost of goods, a living
    floor and other lenders come first, then hidden drains, then the own loan, then the rest of living; what
    lies above the wished-for reserve is partly spent.
    """
    income = net + house.other_income[:, None] + loans.paid_out * (1.0 - loans.invested)[:, None]
    # Suppliers wait about as long as the platform does: half of a month's goods are paid a month later.
    must = house.direct_cost[:, None] * 0.5 * (sales + _month_before(sales)) + house.planned_cost
    must = must + (_FLOOR * house.living + house.debts.sum(axis=1))[:, None] + hit.drain
    wished = house.reserve_months * (0.6 * house.living + 0.3 * house.usual)
    ahead = 2.0 * loans.service[:, None] * (loans.due + loans.paid_out > 0)  # two instalments, while it owes
    cash = 0.8 * wished
    paid_before, owed_before = np.zeros(cash.size), np.cumsum(loans.due, axis=1)
    cashes, pays = np.empty_like(net), np.empty_like(net)
    for t in range(net.shape[1]):
        cash = cash + income[:, t] - must[:, t]
        cash = np.where(hit.gone[:, t], np.minimum(cash, 0.0), cash)
        pays[:, t] = np.clip(cash, 0.0, owed_before[:, t] - paid_before)
        paid_before = paid_before + pays[:, t]
        cash = cash - pays[:, t]
        cash = cash - np.clip(cash, 0.0, (1.0 - _FLOOR) * house.living)
        cash = cash - _SPENT * np.maximum(cash - wished - ahead[:, t], 0.0)
        # Relatives bridge at most one month of living; beyond that the household goes without.
        cash = np.maximum(cash, -house.living)
        cashes[:, t] = cash
    return Path(cashes, pays, _default(loans, np.cumsum(pays, axis=1)))


def _month_before(values: Floats) -> Floats:
    return np.concatenate([np.zeros((values.shape[0], 1)), values[:, :-1]], axis=1)


def _default(loans: Loans, paid: Floats) -> Ints:
    """The first instalment that is still open after UNPAID_MONTHS due dates, counting its own."""
    owed = np.cumsum(loans.due, axis=1)
    months = owed.shape[1]
    wait = UNPAID_MONTHS - 1
    if months <= wait:
        return np.zeros(owed.shape[0], dtype=np.int64)
    open_still = (paid[:, wait:] < owed[:, : months - wait] - 0.01) & (loans.due[:, : months - wait] > 0)
    first = open_still.argmax(axis=1)
    return np.where(open_still.any(axis=1), first - loans.month, 0).astype(np.int64)
