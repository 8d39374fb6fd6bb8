"""A market day of the demonstration: sellers of a few townships come to the village agent, and let their sales be added up."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from suixin.calendar import date_to_day
from suixin.server.demo.house import House
from suixin.server.demo.people import named
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Merchant
from suixin.server.regions.actions.answer_sales import answer_sales
from suixin.server.servicing.lists import TOWNSHIP

_TOWNSHIPS, _EACH = 3, 15
_OF = 10  # sellers stay at home for each who comes, so that there is somebody left whom nobody has enrolled


def hold(house: House, known: Collection[str], at: datetime) -> list[str]:
    """Enrol them, with no loan and none asked for, and record their answers on paper; their keys.

    Args:
        house: the bank.
        known: whom the story follows; they are left alone.
        at: when.
    """
    agent, witness = house.people["agent"], house.people["manager"]
    came = _sellers(house, known, at)
    for page, (merchant_id, region, crop) in enumerate(came, start=1):
        name, shop, telephone = named(merchant_id, crop)
        who = Enrolled(
            merchant_id,
            Merchant.Kind.FARMER,
            region[:6],
            region[:12],
            name,
            shop,
            telephone=telephone,
            crop=crop,
        )
        merchant, paper = enrol(who, by=agent, at=at), f"集市登记簿第 {page} 页"
        answer_sales(merchant, agrees=True, by=agent, at=at, signed_paper=paper, witness=witness)
    return [merchant_id for merchant_id, *_ in came]


def _sellers(house: House, known: Collection[str], at: datetime) -> list[tuple[str, str, str]]:
    """(key, village, crop) of those who go on selling, from the townships that have most of them."""
    sold = house.lake.whole("orders").filter(pl.col("ordered_day") >= date_to_day(at.date()))
    held = (
        house.lake.whole("merchants")
        .select("merchant_id", "region_code", pl.col("crop").fill_null(""))
        .join(sold.select("merchant_id").unique(), on="merchant_id", how="semi")
        .filter(~pl.col("merchant_id").is_in(list(known)))
        .with_columns(township=pl.col("region_code").str.head(TOWNSHIP))
        .with_columns(many=pl.len().over("township"))
        .sort(pl.col("many"), "township", pl.col("merchant_id").str.zfill(9), descending=[True, False, False])
        .collect()
    )
    most = held["township"].unique(maintain_order=True).head(_TOWNSHIPS)
    near = held.filter(pl.col("township").is_in(most.to_list()))
    few = near.group_by("township", maintain_order=True).head(_EACH).head(held.height // _OF)
    return list(few.select("merchant_id", "region_code", "crop").iter_rows())
