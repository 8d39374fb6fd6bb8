"""For programs that speak to a Suixin server: a typed client of its API, and the check of its webhooks.

It needs nothing but Python and orjson: `from suixin.client import Bank, verify`.
"""

from suixin.client.answers import Money
from suixin.client.bank import Bank
from suixin.client.problems import ApiError, Fault
from suixin.client.webhooks import Event, verify

__all__ = ["ApiError", "Bank", "Event", "Fault", "Money", "verify"]
