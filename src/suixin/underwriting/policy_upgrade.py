"""Policies of earlier schema versions, read as the present one."""

from typing import Any

_SILENT = "version 1 of the policy did not ask for it"


def upgraded(document: Any) -> Any:
    """A policy document of version 1 as version 2; any other as it is.

    Version 1 lent on a share of sales, whatever they cost: the same share now stands for the room for debt service,
    and every cost is 0. It knew no cap for a connected group: the product's cap holds for it.
    """
    if not isinstance(document, dict) or document.get("schema_version") != 1:
        return document
    limit = document.get("limit")
    if not isinstance(limit, dict) or "withheld_share" not in limit or "product_cap" not in limit:
        return document  # not sound as version 1 either: the check says what is missing
    kept = {name: value for name, value in limit.items() if name != "withheld_share"}
    return {
        **document,
        "schema_version": 2,
        "limit": {**kept, "group_cap": limit["product_cap"]},
        "capacity": {**_free_of_cost(), "service_share": limit["withheld_share"]},
    }


def _free_of_cost() -> dict[str, Any]:
    names = (
        "fee_share",
        "freight_share",
        "goods_share",
        "goods_share_lowest",
        "goods_share_highest",
        "produce_loss_share",
        "doubt",
        "living_allowance",
        "members",
        "living_share",
    )
    return {name: {"value": 0, "source": _SILENT, "since": "2026-11-01"} for name in names}
