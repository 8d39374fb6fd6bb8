"""What a platform's program delivered to the demonstration's lake: a morning's orders, a few of which were set aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from suixin.server.demo.house import House
from suixin.server.identity.actions.add_client import NewClient, add_client
from suixin.server.identity.clients import actor_of
from suixin.server.identity.scopes import Scope
from suixin.server.origination.actions.push_table import Declared, push_table

_NAME = "穗县助农商城（演示）"
_SCOPES = frozenset({Scope.DATA_WRITE})
_DECLARED = ("own_mall", "商户入驻协议第 9 条", "信贷决定与贷后预警")
_ORDERS = 12
_SLIPS: dict[int, dict[str, Any]] = {
    3: {"amount": "-59.00"},
    7: {"merchant_id": "没有这家店"},
    10: {"ordered_at": "昨天上午"},
}
"""Which of the orders the platform got wrong, and how."""


def deliver(made: House, merchants: Sequence[str], ended: datetime, *, at: datetime) -> dict[str, Any]:
    """Push the orders of the morning before `ended`, once by the same key; what became of them.

    Args:
        made: the house; two administrators add the platform's client.
        merchants: whose orders they are.
        ended: the instant at which the demonstration's days end.
        at: when they are delivered.
    """
    admins = made.people["admin1"], made.people["admin2"]
    new = NewClient(_NAME, _SCOPES, *_DECLARED)
    client, _ = add_client(new, by=admins[0], second=admins[1], at=at)
    rows = b"".join(orjson.dumps(_order(number, merchants, ended)) + b"\n" for number in range(_ORDERS))
    return push_table(
        "orders", rows, Declared(_NAME, *_DECLARED), key="morning", by=actor_of(client, _SCOPES), at=at
    )


def _order(number: int, merchants: Sequence[str], ended: datetime) -> dict[str, Any]:
    ordered = ended - timedelta(hours=14) + timedelta(minutes=7 * number)
    return {
        "order_id": f"demo-{ordered:%Y%m%d}-{number + 1:02d}",
        "merchant_id": merchants[number % len(merchants)],
        "ordered_at": ordered.isoformat(),
        "amount": f"{39 + 10 * number}.00",
        "buyer_id": f"b_demo{number:02d}",
    } | _SLIPS.get(number, {})
