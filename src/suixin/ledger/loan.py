"""A loan as the lender keeps it: contract and events, their fold, and what the book knows beside them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from suixin.lending.account import Account
from suixin.lending.class_facts import Flag
from suixin.lending.class_rules import FiveClass
from suixin.lending.contract import Contract
from suixin.lending.events import Event
from suixin.lending.positions import Positions
from suixin.lending.stretch import Stretch, stretch

_DAY = timedelta(days=1)


class Risk(NamedTuple):
    """What the expected loss of a loan is computed from; see `lending.stages.Exposure`."""

    pd_12_months: Decimal
    pd_lifetime: Decimal
    lgd: Decimal
    pd_at_grant: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as it is kept.

    Attributes:
        contract: as signed.
        events: by day, those of one day as they came.
        account: their fold, on the open day on which it was last looked at; go on with a copy.
        stretch: its quiet days from then on.
        five_class: as of the last day that was closed.
        allowance_fen: held for it in the book.
        risk: for the expected loss; without it the allowance is what the class asks for.
        flags: known of it, for the class.
        restructurings: in a watch that is not over.
        restructured_on: every day on which it was restructured in difficulty; the watch counts from the last.
        small_retail: upgraded by its days past due alone.
        non_performing_on: the first day as of whose close it was substandard or worse for another reason than its
            days past due, which its events tell.
    """

    contract: Contract
    events: tuple[Event, ...]
    account: Account
    stretch: Stretch
    five_class: FiveClass = FiveClass.NORMAL
    allowance_fen: int = 0
    risk: Risk | None = None
    flags: frozenset[Flag] = frozenset()
    restructurings: int = 0
    restructured_on: tuple[date, ...] = ()
    small_retail: bool = True
    non_performing_on: date | None = None

    def on(self, day: date) -> Account:
        """Return its account on an open day, not before it was last looked at, to go on with."""
        account = self.account.copy()
        account.close(day - _DAY)
        return account

    @property
    def is_live(self) -> bool:
        """Whether the end of a day has anything to do with it: paid out, and something is owed, held or kept for it."""
        account = self.account
        idle = not account.drawn or (account.is_closed and not account.overpaid)
        return self.allowance_fen != 0 or not idle

    @property
    def is_watched(self) -> bool:
        """Whether its class can change on a day on which nothing else happens to it."""
        held_back = self.five_class.non_performing and not self.small_retail
        return self.restructurings > 0 or held_back

    def positions_on(self, day: date) -> Positions:
        """Return what it has put on the books up to an open day.

        Raises:
            LendingError: nights before the day have not been ended.
        """
        return self.stretch.on(day) if self.is_live else self.stretch.begins


def taken_on(contract: Contract, risk: Risk | None = None) -> Loan:
    """Return a loan that was signed and not paid out yet."""
    account = Account(contract)
    return Loan(contract, (), account, stretch(account), risk=risk)
