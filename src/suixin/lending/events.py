"""What happens to a loan: each event has its day and its key, and the loan is the fold of its events."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from suixin.lending.prepay import Way
from suixin.lending.terms import Terms


class Source(StrEnum):
    """Where a payment comes from."""

    BORROWER = "borrower"
    SWEEP = "sweep"  # withheld from settled sales
    GUARANTOR = "guarantor"
    POOL = "pool"  # risk compensation
    RENEWAL = "renewal"  # a new contract settles this one
    INSURER = "insurer"
    SUBSIDY = "subsidy"  # interest that the government pays (财政贴息)


class Drawn(NamedTuple):
    """Principal paid out on a day, fen; the first one is what the terms begin with."""

    key: str
    on: date
    amount_fen: int


class Received(NamedTuple):
    """A payment on a day, fen.

    What is left of it once everything due is paid is held until the next date, or prepays in the way that is named.
    """

    key: str
    on: date
    amount_fen: int
    source: Source = Source.BORROWER
    ahead: Way | None = None


class Charged(NamedTuple):
    """A fee of the cost table, charged on a day, fen."""

    key: str
    on: date
    fee: str
    amount_fen: int


class Repriced(NamedTuple):
    """Another annual rate from a day on, such as after a change of the LPR."""

    key: str
    on: date
    annual_rate: Decimal


class Replanned(NamedTuple):
    """Other terms from a day on: relief, extension, restructuring.

    Terms that begin when the present ones began go on with them (a moratorium); terms that begin on the day replace
    them, for the principal that is not due yet, or with what is overdue of it taken in. `frozen_to`: up to that day,
    included, no penalty accrues and no day past due is counted; overdue principal bears the contract's rate.
    `first_overdue_on`: of the arrears that are taken in; days past due go on from it until a date ahead is paid in time.
    """

    key: str
    on: date
    terms: Terms
    frozen_to: date | None = None
    first_overdue_on: date | None = None


class Refunded(NamedTuple):
    """An overpayment given back on a day, fen."""

    key: str
    on: date
    amount_fen: int


class WrittenOff(NamedTuple):
    """The loan leaves the balance sheet; the claim lives on, and payments are recoveries from now on."""

    key: str
    on: date


Event = Drawn | Received | Charged | Repriced | Replanned | Refunded | WrittenOff
