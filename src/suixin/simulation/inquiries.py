"""Queries of the credit bureau: each lender looks before it lends, and now and then after."""

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.county import County
from suixin.simulation.credit import LENDERS, OWN_LENDER
from suixin.simulation.horizon import DAY_S
from suixin.simulation.household import SIDE_DEBT, Household
from suixin.simulation.lending import Loans
from suixin.simulation.merchants import Merchants
from suixin.simulation.streams import Bools, Ints

REASONS = ("loan_approval", "post_loan", "credit_card", "guarantee")
_EACH = 100  # inquiry ids a merchant
_HUNT, _HABIT, _CHANCE = 6, 8, 8  # slots: queries for a side debt, by habitual borrowers, by chance
_HUNTED, _HABITUAL = 0.6, 0.06
_AROUND = 150  # days before a side debt bites within which it is sought


def table(county: County, who: Merchants, house: Household, loans: Loans) -> pl.DataFrame:
    """The table inquiries.

    The own lender asks on the day of the application and half a year after the grant. Who runs up a debt at the
    side asked around before; so do some who never do, and everyone now and then for a card or as a guarantor.
    """
    parts = [_own(loans), _for_side_debt(county, who, house, loans), _by_chance(county, who)]
    has, day = (np.concatenate([part[n] for part in parts], axis=1) for n in (0, 1))
    first, end = np.maximum(who.opened, county.horizon.first), county.horizon.end
    seller, slot = np.nonzero(has & (day >= first[:, None]) & (day < end))
    ids = who.ids[seller] * _EACH + slot
    u = county.streams.uniform("inquiry", ids)
    other = OWN_LENDER + 1 + (u * LENDERS).astype(np.int64)
    reason = np.where(slot < 1 + 1 + _HUNT + _HABIT, slot == 1, 2 + (u * 3).astype(np.int64) // 2)
    return pl.DataFrame(
        {
            "inquiry_id": ids,
            "merchant_id": who.ids[seller],
            "lender_id": np.where(slot < 1 + 1, OWN_LENDER, other),
            "inquired_on": frames.dates(day[seller, slot]),
            "reason": frames.codes(REASONS, reason.astype(np.int64)),
        }
    )


def _own(loans: Loans) -> tuple[Bools, Ints]:
    has = np.stack([loans.asked, loans.granted], axis=1)
    return has, np.stack([loans.applied_s // DAY_S, loans.day + 182], axis=1)


def _for_side_debt(county: County, who: Merchants, house: Household, loans: Loans) -> tuple[Bools, Ints]:
    """Six of ten queries that a side debt takes reach the bureau."""
    s = county.streams
    key = who.ids[:, None] * _EACH + np.arange(_HUNT)
    onset = np.clip(loans.month + house.blow_months, 0, county.horizon.months - 1)
    day = county.horizon.month_start[onset][:, None] - (_AROUND * s.uniform("hunt day", key)).astype(np.int64)
    hunts = (house.cause == SIDE_DEBT) & loans.granted
    return hunts[:, None] & (s.uniform("hunt", key) < _HUNTED), day


def _by_chance(county: County, who: Merchants) -> tuple[Bools, Ints]:
    """Habitual borrowers ask around within some months; everyone may be asked about once in a year or two."""
    s, horizon = county.streams, county.horizon
    length = horizon.end - horizon.first
    key = who.ids[:, None] * _EACH + np.arange(_HABIT)
    starts = (length * s.uniform("habit from", who.ids)).astype(np.int64)[:, None]
    habit = horizon.first + starts + (200 * s.uniform("habit day", key)).astype(np.int64)
    habitual = (s.uniform("habitual", who.ids) < _HABITUAL)[:, None] & (s.uniform("habit", key) < _HUNTED)
    key = who.ids[:, None] * _EACH + np.arange(_CHANCE)
    rate = min(0.6 * length / 365.0 / _CHANCE, 1.0)
    chance = horizon.first + (length * s.uniform("chance day", key)).astype(np.int64)
    return (
        np.concatenate([habitual, s.uniform("chance", key) < rate], axis=1),
        np.concatenate([habit, chance], axis=1),
    )
