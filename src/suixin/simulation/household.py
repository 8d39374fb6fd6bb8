"""The household behind a merchant: what it needs, what it owes, and what may strike it unseen.

Amounts are yuan a month as float64: they steer behaviour and are rounded to fen only where a table shows them.
"""

from dataclasses import dataclass

import numpy as np

from suixin.simulation import crops
from suixin.simulation.county import County
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Floats, Ints

CAUSES = ("none", "illness", "side_debt", "fraud")
ILLNESS, SIDE_DEBT, FRAUD = 1, 2, 3
DEBTS = 3  # at most so many debts to other lenders at a time
_PLANNED, _OVERHEAD = 0.35, 0.04  # share of cost that follows the plan; overhead of a yuan planned
_LIVING_EACH = 950.0  # yuan a month and member, rural average in broad strokes
_SQRT3, _SQRT7 = 0.7320508075688772, 0.6457513110645907


@dataclass(frozen=True, slots=True)
class Household:
    """Needs, debts and hidden blows of a run of merchants; arrays over merchants unless said otherwise.

    Attributes:
        living: usual spending a month; other_income: off-platform sales and wages a month.
        direct_cost: cost of a yuan sold, with what spoils.
        planned_cost: cost of each month that is set by the sales planned for it, merchants × months.
        usual: yuan sold in an ordinary month.
        reserve_months: savings it aims at, in months of living and trade.
        debts: service a month of each debt to other lenders, merchants × DEBTS; 0 for none.
        reported: whether the bureau sees each debt, merchants × DEBTS.
        cause: index into CAUSES of the hidden blow, 0 for none.
        blow_months: months after the grant (illness: after the start) at which it falls.
        severity: standard uniform; how hard.
    """

    living: Floats
    other_income: Floats
    direct_cost: Floats
    planned_cost: Floats
    usual: Floats
    reserve_months: Floats
    debts: Floats
    reported: Bools
    cause: Ints
    blow_months: Ints
    severity: Floats

    @property
    def means(self) -> Floats:
        """What the household lives on, yuan a month: the measure of a blow."""
        return self.living + 0.2 * self.usual

    @property
    def side_service(self) -> Floats:
        """Service a month of a side debt, for those who have one."""
        return self.means * (0.25 + 0.9 * self.severity)


def draw(county: County, who: Merchants, sales: Floats) -> Household:
    """The households of these merchants; `sales` is yuan sold by merchant and month."""
    s, ids = county.streams, who.ids
    ways = np.exp(0.2 * s.normal("living", ids))
    living = np.asarray(_LIVING_EACH * who.members**0.8 * ways, dtype=np.float64)
    usual, planned = _planned_sales(county, who, sales)
    bare_cost = crops.column("cost")[who.crop] * np.exp(0.10 * s.normal("cost", ids) - 0.07 * who.quality)
    cost = np.clip(bare_cost / (1.0 - who.loss), 0.25, 0.62)
    reported, debts = _debts(county, who, living + 0.35 * usual)
    cause, blow_months = _blows(county, who)
    return Household(
        living=living,
        other_income=living * np.exp(0.06 * s.normal("other income", ids) + 0.02),
        direct_cost=(1.0 - _PLANNED) * cost,
        planned_cost=(_PLANNED * cost + _OVERHEAD)[:, None] * planned,
        usual=usual,
        reserve_months=3.3 * np.exp(0.45 * s.normal("reserve", ids) + 0.35 * who.quality),
        debts=debts,
        reported=reported,
        cause=cause,
        blow_months=blow_months,
        severity=s.uniform("severity", ids),
    )


def _planned_sales(county: County, who: Merchants, sales: Floats) -> tuple[Floats, Floats]:
    """Sales of an ordinary month, and of each month as the crop's season lets the merchant expect them.

    The level is that of the first year: who later falls below it still pays for what was planned.
    """
    first, length = county.horizon.month_start - county.horizon.first, np.diff(county.horizon.month_start)
    curve = (np.add.reduceat(county.season, first[:-1], axis=1) / length)[who.crop]
    curve = np.maximum(1.0 + who.season[:, None] * (curve - 1.0), 0.02) * (sales > 0)
    usual = sales[:, :12].sum(axis=1) / np.maximum(curve[:, :12].sum(axis=1), 0.5)
    return usual, usual[:, None] * curve


def _debts(county: County, who: Merchants, income: Floats) -> tuple[Bools, Floats]:
    s = county.streams
    slot = who.ids[:, None] * DEBTS + np.arange(DEBTS, dtype=np.int64)
    count = np.digitize(s.uniform("debts", who.ids), [0.48, 0.82, 0.95])
    owes = np.arange(DEBTS) < count[:, None]
    service = 0.055 * income[:, None] * np.exp(0.6 * s.normal("debt service", slot))
    return s.uniform("reported", slot) < 0.88, np.where(owes, service, 0.0)


def _blows(county: County, who: Merchants) -> tuple[Ints, Ints]:
    """Which hidden blow falls, and when; spread evenly over merchants so that counties hardly differ."""
    s, ids = county.streams, who.ids
    u, v = s.even("blow", ids, _SQRT3), s.even("blow when", ids, _SQRT7)
    # Illness may strike in any of ten years; side debt and fraud come with the loan.
    ill_month = (120 * u / 0.23).astype(np.int64)
    cause = np.select([u < 0.23, u < 0.251, u < 0.257], [ILLNESS, SIDE_DEBT, FRAUD], 0)
    months = np.where(cause == ILLNESS, ill_month, (v * 6).astype(np.int64) - 1)
    return cause.astype(np.int64), months
