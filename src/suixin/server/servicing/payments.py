"""How a borrower's money comes in: a port to whoever collects it, and the demonstration's, which always succeeds."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from suixin.errors import AccessError


@dataclass(frozen=True, slots=True)
class Collected:
    """Money that has come in."""

    key: str
    amount_minor: int
    on: date


class Collector(Protocol):
    """Whoever collects: a bank's own accounts, or a licensed payment institution."""

    def collect(self, amount_minor: int, on: date, key: str) -> Collected:
        """Collect, once for the key.

        Raises:
            LendingError, AccessError: the money did not come.
        """


@dataclass(frozen=True, slots=True)
class DemoCollector:
    """The demonstration's: nobody's money moves."""

    demo: bool

    def collect(self, amount_minor: int, on: date, key: str) -> Collected:
        """See `Collector`."""
        if not self.demo:
            raise AccessError(
                "no collector is connected; pay at the counter, or by a transfer that names the loan",
                zh="还没有接入收款机构；请到柜台还款，或转账时写明贷款编号",
            )
        return Collected(key, amount_minor, on)
